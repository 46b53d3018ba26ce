"""What is counted in seconds: diarization and Jaccard errors, coverage, DER by pyannote.

All by one event sweep with md-eval's conventions.

As NIST's md-eval-22 has it: speakers are mapped before collar and overlap are removed, a collar
lies around every reference boundary as written (touching turns of one speaker included), and a
speaker who overlaps himself counts once. Unlike md-eval the extent without a UEM is that of both
sides, so that early and late false alarms count.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from diarfix.core import I32, TIME_EPS, Turns, Words, best_map, map_by_name, merge
from diarfix.metrics.counts import Counts, outside, share
from diarfix.metrics.sweep import MAX_GAP, Uem, regions, sweep

if TYPE_CHECKING:
    from diarfix.metrics.task import ScoreTask


@dataclass(frozen=True, slots=True)
class DerCounts(Counts):
    """Seconds of speaker time; overlapped speech counts once per speaker.

    scored       what the reference speakers say in the scored regions
    missed       of it, beyond the number of hypothesis speakers at that time
    false_alarm  hypothesis speech beyond the number of reference speakers
    confusion    heard, but by a speaker that is not the mapped one
    """

    family = "der"
    parts = (("missed", "scored"), ("confusion", "scored"))

    scored: float = 0.0
    missed: float = 0.0
    false_alarm: float = 0.0
    confusion: float = 0.0

    @classmethod
    def measure(cls, task: ScoreTask) -> DerCounts | str:
        """The seconds by the turns of both sides."""
        turns = task.turns
        return turns if isinstance(turns, str) else der(*turns, **task.by_time)

    @property
    def errors(self) -> float:
        """Seconds in error."""
        return self.missed + self.false_alarm + self.confusion

    @property
    def rate(self) -> float | None:
        """DER as a fraction; None where no reference speech is scored."""
        return self._of_scored(self.errors)

    @property
    def missed_rate(self) -> float | None:
        """Missed speech as a fraction of the scored."""
        return self._of_scored(self.missed)

    @property
    def false_alarm_rate(self) -> float | None:
        """False alarm as a fraction of the scored."""
        return self._of_scored(self.false_alarm)

    @property
    def confusion_rate(self) -> float | None:
        """Confused speech as a fraction of the scored."""
        return self._of_scored(self.confusion)

    def _of_scored(self, seconds: float) -> float | None:
        return seconds / self.scored if self.scored > TIME_EPS else None


@dataclass(frozen=True, slots=True)
class JerCounts(Counts):
    """Jaccard errors, which pool over speakers, not over time.

    error     sum over reference speakers of 1 - |ref and hyp| / |ref or hyp|; 1 if unmapped
    speakers  reference speakers that talk in the scored regions
    """

    family = "jer"
    parts = (("error", "speakers"),)

    error: float = 0.0
    speakers: int = 0

    @classmethod
    def measure(cls, task: ScoreTask) -> JerCounts | str:
        """The errors by the turns of both sides."""
        if isinstance(task.turns, str):
            return task.turns
        return jer(*task.turns, uem=task.uem, no_map=task.options.no_map)

    @property
    def rate(self) -> float | None:
        """JER as a fraction; None without reference speakers."""
        return share(self.error, self.speakers)


@dataclass(frozen=True, slots=True)
class CoverageCounts(Counts):
    """How much of the reference the words speak to at all.

    covered  s of single-speaker reference speech under hypothesis words, labelled or not
    total    s of single-speaker reference speech
    """

    family = "coverage"
    parts = (("covered", "total"),)

    covered: float = 0.0
    total: float = 0.0

    @classmethod
    def measure(cls, task: ScoreTask) -> CoverageCounts | str:
        """The coverage by the words of the hypothesis, by its turns where no word has a time."""
        if isinstance(task.turns, str):
            return task.turns
        ref, hyp = task.turns
        words = task.given.words
        if words is None or not task.given.times_words:
            words = Words(("",) * len(hyp), hyp.start, hyp.end, hyp.speaker, hyp.speakers)
        return covered_speech(ref, words, uem=task.uem)

    @property
    def rate(self) -> float | None:
        """Coverage as a fraction; None without reference speech."""
        return share(self.covered, self.total)


def der(
    ref: Turns,
    hyp: Turns,
    *,
    collar: float = 0.0,
    skip_overlap: bool = False,
    uem: Uem | None = None,
    no_map: bool = False,
) -> DerCounts:
    """Count missed, false and confused speech.

    collar        s, on each side of every reference boundary (NIST's half-width) goes unscored
    skip_overlap  stretches in which two or more reference speakers talk go unscored
    uem           scored regions ``(starts, ends)``; the union of both extents if None
    no_map        speakers are who they are called, instead of whom they are mapped to

    ::

        ref     A A A A A . . .        mapped A=x: 1 s missed, 1 s confusion, 2 s false alarm
        hyp     . x x x y y y .        of 5 s scored
    """
    cut = sweep(ref, hyp, uem=uem, collar=collar)
    common = cut.together(cut.seconds)
    ref_of = map_by_name(hyp.speakers, ref.speakers) if no_map else best_map(common)
    seconds = cut.seconds
    if collar > 0 or skip_overlap:
        drop = cut.collar | (cut.ref.active > 1) if skip_overlap else cut.collar
        seconds = np.where(drop, 0.0, seconds)
        common = cut.together(seconds)
    n_ref, n_hyp = cut.ref.active, cut.hyp.active
    heard = float(seconds @ np.minimum(n_ref, n_hyp))
    return DerCounts(
        scored=float(seconds @ n_ref),
        missed=float(seconds @ np.maximum(n_ref - n_hyp, 0)),
        false_alarm=float(seconds @ np.maximum(n_hyp - n_ref, 0)),
        confusion=max(heard - common.under(ref_of), 0.0),
    )


def speaker_map(ref: Turns, hyp: Turns, *, uem: Uem | None = None) -> I32:
    """The reference code of each hypothesis speaker (H,), -1 if left over, as DER maps them."""
    cut = sweep(ref, hyp, uem=uem)
    return best_map(cut.together(cut.seconds))


def jer(ref: Turns, hyp: Turns, *, uem: Uem | None = None, no_map: bool = False) -> JerCounts:
    """Sum the Jaccard errors of the reference speakers, without collar.

    Under the one-to-one map that makes the sum smallest (Ryant et al. 2019, DIHARD II; dscore), or
    by name. A reference speaker who is silent in the scored regions is left out; a hypothesis
    speaker left over costs nothing by himself.
    """
    cut = sweep(ref, hyp, uem=uem)
    common = cut.together(cut.seconds)
    ref_seconds = cut.ref.seconds(cut.seconds)
    talks = ref_seconds > TIME_EPS
    union = cut.hyp.seconds(cut.seconds)[common.row] + ref_seconds[common.column] - common.weight
    of = talks[common.column] & (union > 0)
    shares = np.divide(common.weight, union, out=np.zeros(len(union)), where=of)
    jaccard = dataclasses.replace(common, weight=shares)
    # Rounded far below any time that matters: ties cannot change the sum.
    best = map_by_name(hyp.speakers, ref.speakers) if no_map else best_map(jaccard, quantum=1e-12)
    n = int(talks.sum())
    return JerCounts(max(n - jaccard.under(best), 0.0), n)


def covered_speech(ref: Turns, words: Words, *, uem: Uem | None = None) -> CoverageCounts:
    """Measure the single-speaker reference speech that lies under hypothesis words.

    Gaps of at most half a second between words count as covered, whoever speaks them. Outside
    ``uem``, if given, nothing counts.
    """
    timed = words.timed
    spans = merge(words.start[timed], words.end[timed], gap=MAX_GAP + TIME_EPS)
    heard = Turns(spans.start, spans.end, np.zeros(len(spans.start), dtype=np.int32), ("words",))
    cut = sweep(ref, heard, uem=uem)
    alone = np.where(cut.ref.active == 1, cut.seconds, 0.0)
    return CoverageCounts(float(alone @ (cut.hyp.active > 0)), float(alone.sum()))


def pyannote_der(
    ref: Turns,
    hyp: Turns,
    *,
    collar: float = 0.0,
    skip_overlap: bool = False,
    uem: Uem | None = None,
    no_map: bool = False,
) -> DerCounts:
    """Measure what :func:`der` does by pyannote.metrics, on the same turns and extent.

    It differs by design in two places: pyannote maps speakers after collar and overlap are removed,
    and counts a speaker who overlaps himself twice.

    Raises MissingDependency without pyannote.metrics, NotMeasured where it fails.
    """
    starts, ends = regions(ref, hyp, uem)
    with outside("--cross-check", "pyannote.metrics"):
        from pyannote.core import Annotation, Segment, Timeline
        from pyannote.metrics.diarization import DiarizationErrorRate
        from pyannote.metrics.identification import IdentificationErrorRate

        def annotation(turns: Turns) -> Any:
            result = Annotation(uri="recording")
            rows = zip(
                turns.start.tolist(), turns.end.tolist(), turns.speaker.tolist(), strict=True
            )
            for track, (start, end, code) in enumerate(rows):
                result[Segment(start, end), track] = (
                    str(turns.speakers[code]).strip() if no_map else f"S{code}"
                )
            return result

        scored = Timeline(
            [Segment(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        ).support()
        if not scored:
            return DerCounts()
        # To map nobody is what pyannote calls identification; its collar is the full width.
        kind = IdentificationErrorRate if no_map else DiarizationErrorRate
        metric = kind(collar=2 * collar, skip_overlap=skip_overlap)
        parts = metric(annotation(ref), annotation(hyp), uem=scored, detailed=True)
    return DerCounts(
        scored=float(parts["total"]),
        missed=float(parts["missed detection"]),
        false_alarm=float(parts["false alarm"]),
        confusion=float(parts["confusion"]),
    )
