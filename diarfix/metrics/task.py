"""One recording to score: both sides, what of them can be compared, and why not the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from diarfix.core import I32, UNKNOWN, Turns, Words, map_by_name, regions_misfit, sides_misfit
from diarfix.errors import InputError
from diarfix.metrics.counts import Counts
from diarfix.metrics.der import speaker_map
from diarfix.metrics.labels import (
    LabelScore,
    are_parallel,
    names_somebody,
    score_against_turns,
    score_against_words,
)
from diarfix.metrics.sides import NO_TURNS, Side
from diarfix.metrics.sweep import Uem, with_length


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """What to measure and how.

    collar       s, NIST's half-width: this much on each side of a reference boundary
    skip_overlap leave stretches with two or more reference speakers out of DER
    cpwer        also cpWER and tcpWER, by meeteval
    cross_check  also DER by pyannote.metrics
    no_map       speakers are who they are called, instead of whom they are mapped to
    """

    collar: float = 0.0
    skip_overlap: bool = False
    cpwer: bool = False
    cross_check: bool = False
    no_map: bool = False


@dataclass(frozen=True, eq=False)
class ScoreTask:
    """One recording as both sides tell it; what is compared is computed when it is asked for.

    hyp  None where the hypothesis lacks it: all is missed
    """

    name: str
    ref: Side
    hyp: Side | None
    uem: Uem | None = None
    options: ScoreSettings = ScoreSettings()

    @cached_property
    def given(self) -> Side:
        """The hypothesis; where there is none, one in which nobody speaks."""
        if self.hyp is not None:
            return self.hyp
        words = self.ref.words
        nothing = None if words is None else words.take(np.empty(0, dtype=np.intp))
        return Side(self.ref.name, nothing, None)

    @cached_property
    def same_words(self) -> bool:
        """Whether both sides have the same words in the same order."""
        return not isinstance(self.words, str) and are_parallel(*self.words)

    @cached_property
    def detail(self) -> LabelScore | str:
        """The comparison word by word, or why there is none."""
        ref, hyp, no_map = self.ref, self.given, self.options.no_map
        if hyp.words is None:
            return "the hypothesis has turns, no words"
        if self.same_words and ref.words is not None:
            return score_against_words(hyp.words, ref.words, no_map=no_map)
        if ref.turns is None:
            return "the reference has other words and no times"
        if len(hyp.words) and not hyp.times_words:
            return "the hypothesis' words have no times"
        return score_against_turns(hyp.words, ref.turns, no_map=no_map)

    @property
    def words(self) -> tuple[Words, Words] | str:
        """The words of both sides, or which of them has none."""
        if self.ref.words is None:
            return "the reference has no words"
        if self.given.words is None:
            return "the hypothesis has no words"
        return self.ref.words, self.given.words

    @property
    def turns(self) -> tuple[Turns, Turns] | str:
        """The turns of both sides, or which of them has no times.

        A hypothesis that names nobody is silent; only one of words without times is timeless.
        """
        if self.ref.turns is None:
            return "the reference has no times"
        words = self.given.words
        spoken = words is not None and len(words) > 0 and not words.timed.any()
        if self.given.turns is None and spoken:
            return "the hypothesis has no times"
        return self.ref.turns, self.given.turns or NO_TURNS

    @property
    def by_time(self) -> dict[str, Any]:
        """How turns are compared, in the arguments of ``der``."""
        how = self.options
        return {
            "collar": how.collar, "skip_overlap": how.skip_overlap, "uem": self.uem,
            "no_map": how.no_map,
        }  # fmt: skip

    @cached_property
    def mapped(self) -> I32:
        """The reference code (H,) that each hypothesis label stands for, -1 for none."""
        if not isinstance(self.detail, str):
            return self.detail.mapped
        if self.options.no_map:
            return map_by_name(self.given.speakers, self.ref.speakers)
        if self.ref.turns is not None and self.given.turns is not None:
            return speaker_map(self.ref.turns, self.given.turns, uem=self.uem)
        return np.full(len(self.given.speakers), UNKNOWN, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class SpeakerCounts(Counts):
    """How many speakers each side names."""

    family = "speakers"

    ref: int = 0
    hyp: int = 0

    @classmethod
    def measure(cls, task: ScoreTask) -> SpeakerCounts:
        """The speakers who say something."""
        return cls(_n_speakers(task.ref), _n_speakers(task.given))


def _n_speakers(side: Side) -> int:
    named = side.words is not None and (side.words.speaker >= 0).any()
    told = side.words if named else side.turns
    if told is None:
        return 0
    codes = np.unique(told.speaker[told.speaker >= 0]).tolist()
    return sum(names_somebody(told.speakers[code]) for code in codes)


_BY_MACHINE = re.compile(r"(speaker|spkr?|s|voice|person)?[ _-]?\d+", re.IGNORECASE)


def misfits(task: ScoreTask) -> list[str]:
    """What seems not to fit between the sides and the UEM, one line each.

    Raises InputError, with what was seen, where it is beyond doubt.
    """
    told = _swapped(task.ref, task.given)
    ref, hyp = task.ref.turns, task.given.turns
    for what, turns in (("reference", ref), ("hypothesis", hyp)):
        early = 0 if turns is None else int((turns.start < 0).sum())
        if early:
            plural = "turn begins" if early == 1 else "turns begin"
            told.append(f"{early} {plural} before 0 s in the {what}")
    if ref is None or not len(ref):
        return told
    found = []
    if hyp is not None and len(hyp):
        found.append(sides_misfit(ref, hyp, same_words=task.same_words))
    if task.uem is not None:
        found.append(regions_misfit(*with_length(task.uem), ref, hyp))
    for misfit in filter(None, found):
        if misfit.certain:
            raise InputError(f"{task.name}: {misfit.what}", hint=misfit.hint)
        told.append(f"{misfit.what}: {misfit.hint}")
    return told


def _swapped(ref: Side, hyp: Side) -> list[str]:
    """Why reference and hypothesis may stand in the wrong order."""
    if not hyp.labelled:
        return []
    way = "are REF and HYP the other way round?"
    machine = all(_BY_MACHINE.fullmatch(str(label).strip()) for label in ref.speakers)
    names = map(str, hyp.speakers)
    if machine and all(len(name) > 2 and not any(map(str.isdigit, name)) for name in names):
        return [
            f"a machine named the speakers of the reference, not those of the hypothesis: {way}"
        ]
    if ref.words is not None and not ref.utterances and hyp.words is None:
        return [f"the reference has words, the hypothesis turns alone: {way}"]
    return []
