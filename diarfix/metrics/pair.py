"""Reference and hypothesis of one recording: what can be compared, and what cannot and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from diarfix.core import I32, UNKNOWN, Label, Turns, Words
from diarfix.metrics.counts import Counts
from diarfix.metrics.der import speaker_map
from diarfix.metrics.labels import LabelScore, score_against_turns, score_against_words
from diarfix.metrics.mapping import map_by_name
from diarfix.metrics.reference import are_parallel, names_somebody
from diarfix.metrics.sides import NO_TURNS, Side
from diarfix.metrics.sweep import Uem


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


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Pair:
    """One recording as both sides tell it.

    same_words  both sides have the same words in the same order
    detail      the comparison word by word, or why there is none
    """

    name: str
    ref: Side
    hyp: Side
    uem: Uem | None
    options: ScoreSettings
    same_words: bool = field(init=False)
    detail: LabelScore | str = field(init=False)

    def __post_init__(self) -> None:
        """Compare the words, once for all that asks."""
        ref, hyp = self.ref.words, self.hyp.words
        same = ref is not None and hyp is not None and are_parallel(ref, hyp)
        object.__setattr__(self, "same_words", same)
        object.__setattr__(self, "detail", self._detail())

    def _detail(self) -> LabelScore | str:
        ref, hyp, no_map = self.ref, self.hyp, self.options.no_map
        if hyp.words is None:
            return "the hypothesis has turns, no words"
        if self.same_words and ref.words is not None:
            return score_against_words(hyp.words, ref.words, no_map=no_map)
        if ref.turns is None:
            return "the reference has other words and no times"
        if len(hyp.words) and not hyp.words.timed.any():
            return "the hypothesis' words have no times"
        return score_against_turns(hyp.words, ref.turns, no_map=no_map)

    @property
    def words(self) -> tuple[Words, Words] | str:
        """The words of both sides, or which of them has none."""
        if self.ref.words is None:
            return "the reference has no words"
        if self.hyp.words is None:
            return "the hypothesis has no words"
        return self.ref.words, self.hyp.words

    @property
    def turns(self) -> tuple[Turns, Turns] | str:
        """The turns of both sides, or which of them has no times.

        A hypothesis that names nobody is silent; only one of words without times is timeless.
        """
        if self.ref.turns is None:
            return "the reference has no times"
        words = self.hyp.words
        spoken = words is not None and len(words) > 0 and not words.timed.any()
        if self.hyp.turns is None and spoken:
            return "the hypothesis has no times"
        return self.ref.turns, self.hyp.turns or NO_TURNS

    @property
    def mapped(self) -> I32:
        """The reference code (H,) that each hypothesis label stands for, -1 for none."""
        if not isinstance(self.detail, str):
            return self.detail.mapped
        if self.options.no_map:
            return map_by_name(self.hyp.speakers, self.ref.speakers)
        if self.ref.turns is not None and self.hyp.turns is not None:
            return speaker_map(self.ref.turns, self.hyp.turns, uem=self.uem)
        return np.full(len(self.hyp.speakers), UNKNOWN, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class SpeakerCounts(Counts):
    """How many speakers each side names."""

    family = "speakers"

    ref: int = 0
    hyp: int = 0

    @classmethod
    def measure(cls, pair: Pair) -> SpeakerCounts:
        """The speakers who say something."""
        return cls(_n_speakers(pair.ref), _n_speakers(pair.hyp))


def _n_speakers(side: Side) -> int:
    names: set[tuple[type, Label]] = set()
    if side.words is not None and (side.words.speaker >= 0).any():
        names = {(type(s), s) for s in side.words.labels if s is not None}
    elif side.turns is not None:
        names = {(type(s), s) for s in side.turns.labels}
    return sum(names_somebody(s) for _, s in names)
