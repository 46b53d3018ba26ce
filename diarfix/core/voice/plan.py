"""What has to be heard of a recording, decided before anything is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.config.knobs import RecheckKnobs
from diarfix.core.overlap import Pieces
from diarfix.core.voice.doubt import Doubt, doubt, windows
from diarfix.core.voice.enrolment import Enrolment, enrol
from diarfix.core.words import F64, I64, Words


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What has to be heard for one recording.

    words       N words under their labels before recheck
    doubts      which of them are candidates
    at          (C,) int64, the candidates, ascending
    start, end  (W,) float64, s: C windows of candidates, then the probes, then the pieces
    enrolment   pieces and probes
    """

    words: Words
    doubts: Doubt
    at: I64
    start: F64
    end: F64
    enrolment: Enrolment

    def split(self, vectors: F64) -> tuple[F64, F64, F64]:
        """The rows (W, D) of candidates, probes and pieces."""
        a = len(self.at)
        b = a + len(self.enrolment.probes)
        return vectors[:a], vectors[a:b], vectors[b:]


def plan(words: Words, margin: F64 | None, overlapped: Pieces | None, knobs: RecheckKnobs) -> Plan:
    """Choose candidates and windows; arguments: :func:`~diarfix.core.voice.doubt.doubt`."""
    doubts = doubt(words, margin, overlapped, knobs)
    at = np.flatnonzero(doubts.candidate).astype(np.int64)
    start, end = windows(words, doubts, at, knobs.acoustic_pad)
    enrolment = enrol(words, doubts, end - start)
    probes, pieces = enrolment.probes, enrolment.pieces
    return Plan(
        words,
        doubts,
        at,
        np.concatenate((start, probes.start, pieces.start)),
        np.concatenate((end, probes.end, pieces.end)),
        enrolment,
    )
