"""Every metric of one recording, as counts that add and reasons where one does not apply."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from diarfix.core.words import Label, Turns, Words
from diarfix.errors import InputError
from diarfix.metrics.der import DerCounts, JerCounts, der, jer
from diarfix.metrics.external import Row, WerCounts, cpwer, pyannote_der, tcpwer
from diarfix.metrics.labels import (
    LabelCounts,
    LabelScore,
    are_parallel,
    names_somebody,
    score_against_turns,
    score_against_words,
)
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import Uem
from diarfix.metrics.transcripts import WderCounts, normal_form, wder
from diarfix.metrics.word_turns import CoverageCounts, coverage

#: How far a hypothesis word may lie from the reference word for tcpWER, s.
TCP_COLLAR = 5.0

_SILENCE = Turns(np.empty(0), np.empty(0), np.empty(0, dtype=np.int32), ())

#: Why a metric that applies has no value: there was nothing to divide by.
_NOTHING = {
    "t_wser": "the words have no durations",
    "boundary": "no label changes",
    "wder": "no words align",
    "der": "no reference speech in the scored regions",
    "jer": "no reference speech in the scored regions",
    "coverage": "no single-speaker reference speech in the scored regions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure and how.

    collar       s, NIST's half-width: this much on each side of a reference boundary
    skip_overlap leave stretches with two or more reference speakers out of DER
    cpwer        also cpWER and tcpWER, by meeteval
    cross_check  also DER by pyannote.metrics
    """

    collar: float = 0.0
    skip_overlap: bool = False
    cpwer: bool = False
    cross_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingScore:
    """The counts of one recording, or of several together; None where a metric does not apply.

    why  metric family -> why it does not apply
    """

    name: str
    labels: LabelCounts | None = None
    coverage: CoverageCounts | None = None
    der: DerCounts | None = None
    jer: JerCounts | None = None
    cpwer: WerCounts | None = None
    tcpwer: WerCounts | None = None
    wder: WderCounts | None = None
    cross: DerCounts | None = None
    ref_speakers: int = 0
    hyp_speakers: int = 0
    why: Mapping[str, str] = field(default_factory=dict)

    def metrics(self) -> dict[str, object]:
        """Flat names and values, as ``score --json`` prints them."""
        return {**_label_metrics(self), **_turn_metrics(self)}

    def document(self) -> dict[str, object]:
        """The metrics, and pyannote's figures beside ours where they were asked for."""
        found = self.metrics()
        if self.cross is not None:
            found["cross_check"] = {"by": "pyannote.metrics", **_der_metrics(self.cross)}
        return found

    def reason(self, family: str) -> str:
        """Why the metrics of a family have no value."""
        return self.why.get(family) or _NOTHING.get(family, "nothing to score")

    @property
    def scored(self) -> bool:
        """Whether anything could be scored at all."""
        if self.labels is not None:
            return self.labels.n_scored > 0
        if self.wder is not None:
            return self.wder.aligned > 0
        return self.der is not None and self.der.scored > 0


def _label_metrics(score: RecordingScore) -> dict[str, object]:
    c = score.labels
    names = ("n_words", "n_scored", "n_excluded", "n_unlabelled", "n_word_errors", "wser", "t_wser")
    seams = ("boundary_errors", "interior_errors")
    rates = ("boundary_precision", "boundary_recall", "boundary_f1")
    found: dict[str, object] = {n: getattr(c, n, None) for n in (*names, "islands")}
    found["island_hist"] = (
        None if c is None else {str(n): k for n, k in enumerate(c.island_hist, start=1)}
    )
    found |= {n: getattr(c, n, None) for n in (*seams, *rates)}
    found |= {n: getattr(c, n, None) for n in ("short_turns", "absorbed_turns")}
    found |= {"ref_speakers": score.ref_speakers, "hyp_speakers": score.hyp_speakers}
    return found


def _turn_metrics(score: RecordingScore) -> dict[str, object]:
    return {
        "coverage": score.coverage.rate if score.coverage else None,
        **_der_metrics(score.der),
        "jer": score.jer.rate if score.jer else None,
        "cpwer": score.cpwer.rate if score.cpwer else None,
        "tcpwer": score.tcpwer.rate if score.tcpwer else None,
        "wder": score.wder.rate if score.wder else None,
    }


def _der_metrics(d: DerCounts | None) -> dict[str, float | None]:
    return {
        "der": d.rate if d else None,
        "der_missed": d.missed_rate if d else None,
        "der_false_alarm": d.false_alarm_rate if d else None,
        "der_confusion": d.confusion_rate if d else None,
        "der_scored_seconds": d.scored if d else None,
    }


def compare(
    name: str, ref: Side, hyp: Side, *, uem: Uem | None = None, options: Options | None = None
) -> tuple[RecordingScore, LabelScore | None]:
    """Score one recording; the second value is the word-by-word comparison, where there is one.

    Raises InputError where the two sides have nothing in common that could be compared, and
    MissingDependency where an option asks for a package that is not installed.
    """
    want = options or Options()
    why: dict[str, str] = {}
    detail = _labels(ref, hyp, why)
    score = RecordingScore(
        name=name,
        labels=detail.counts if detail else None,
        ref_speakers=_n_speakers(ref),
        hyp_speakers=_n_speakers(hyp),
    )
    timeless = _without_times(ref, hyp)
    if timeless is not None or ref.turns is None:
        why |= dict.fromkeys(("der", "jer", "coverage"), f"the {timeless} has no times")
    else:
        turns = hyp.turns or _SILENCE
        score = replace(
            score,
            der=der(ref.turns, turns, collar=want.collar, skip_overlap=want.skip_overlap, uem=uem),
            jer=jer(ref.turns, turns, uem=uem),
            coverage=coverage(ref.turns, _covering(hyp), uem=uem),
            cross=_cross(ref.turns, turns, uem, want),
        )
    score = _transcript_metrics(score, ref, hyp, want, why)
    if detail is None and score.der is None and not _share_words(ref, hyp):
        raise InputError(
            f"{name}: nothing to compare by: the {timeless} has no times and no words are shared"
        )
    return replace(score, why=why), detail


def _without_times(ref: Side, hyp: Side) -> str | None:
    """Which side has no times; None if both have. An empty hypothesis is silent, not timeless."""
    if ref.turns is None:
        return "reference"
    words = hyp.words
    spoken = words is not None and len(words) > 0 and not words.timed.any()
    return "hypothesis" if hyp.turns is None and spoken else None


def _share_words(ref: Side, hyp: Side) -> bool:
    if ref.words is None or hyp.words is None:
        return False
    mine, other = ({normal_form(text) for text in words.text} for words in (ref.words, hyp.words))
    return bool((mine & other) - {""})


def _labels(ref: Side, hyp: Side, why: dict[str, str]) -> LabelScore | None:
    if hyp.words is None:
        why["words"] = "the hypothesis has turns, no words"
    elif ref.words is not None and are_parallel(ref.words, hyp.words):
        return score_against_words(hyp.words, ref.words)
    elif ref.turns is not None:
        if hyp.words.timed.any() or not len(hyp.words):
            return score_against_turns(hyp.words, ref.turns)
        why["words"] = "the hypothesis' words have no times"
    else:
        why["words"] = "the reference has other words and no times"
    return None


def _covering(hyp: Side) -> Words:
    """The stretches of the hypothesis that speak to the reference: its words, else its turns."""
    if hyp.words is not None and hyp.words.timed.any():
        return hyp.words
    turns = hyp.turns or _SILENCE
    return Words(("",) * len(turns), turns.start, turns.end, turns.speaker, turns.speakers)


def _n_speakers(side: Side) -> int:
    names: set[tuple[type, Label]] = set()
    if side.words is not None and (side.words.speaker >= 0).any():
        names = {(type(s), s) for s in side.words.labels if s is not None}
    elif side.turns is not None:
        names = {(type(s), s) for s in side.turns.labels}
    return sum(names_somebody(s) for _, s in names)


def _cross(ref: Turns, hyp: Turns, uem: Uem | None, want: Options) -> DerCounts | None:
    if not want.cross_check:
        return None
    return pyannote_der(
        ref, hyp, collar_half_width=want.collar, skip_overlap=want.skip_overlap, uem=uem
    )


def _transcript_metrics(
    score: RecordingScore, ref: Side, hyp: Side, want: Options, why: dict[str, str]
) -> RecordingScore:
    if ref.words is None or hyp.words is None:
        side = "reference" if ref.words is None else "hypothesis"
        why |= dict.fromkeys(("wder", "cpwer", "tcpwer"), f"the {side} has no words")
        return score
    if are_parallel(ref.words, hyp.words):
        why["wder"] = "both sides have the same words: see wser"
    else:
        score = replace(score, wder=wder(ref.words, hyp.words))
    if not want.cpwer:
        why |= dict.fromkeys(("cpwer", "tcpwer"), "asked for by --cpwer")
        return score
    rows = _rows(score.name, ref), _rows(score.name, hyp)
    score = replace(score, cpwer=cpwer(*rows))
    if ref.turns is None or hyp.turns is None:
        why["tcpwer"] = "needs times on both sides"
        return score
    return replace(score, tcpwer=tcpwer(*rows, collar=TCP_COLLAR))


def _rows(name: str, side: Side) -> list[Row]:
    """A recording for meeteval: by utterance where only these have times, else by word."""
    if side.utterances:
        return [
            (name, _stream(u.speaker), _known(u.start), _known(u.end), form)
            for u in side.utterances
            if (form := " ".join(filter(None, map(normal_form, u.text.split()))))
        ]
    words = side.words
    if words is None:
        return []
    table = zip(words.text, words.start.tolist(), words.end.tolist(), words.labels, strict=True)
    return [
        (name, _stream(label), _known(start), _known(end), form)
        for text, start, end, label in table
        if (form := normal_form(text))
    ]


def _stream(label: Label | None) -> str:
    """What meeteval is told a speaker is called; words without label are one more speaker."""
    return "" if label is None else str(label)


def _known(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def pooled(scores: Iterable[RecordingScore]) -> RecordingScore:
    """The counts of several recordings together: rates of sums, not means of rates."""
    table = list(scores)
    families = ("labels", "coverage", "der", "jer", "cpwer", "tcpwer", "wder", "cross")
    sums = {}
    for family in families:
        parts = [part for s in table if (part := getattr(s, family)) is not None]
        sums[family] = sum(parts[1:], start=parts[0]) if parts else None
    return RecordingScore(
        name="overall",
        ref_speakers=sum(s.ref_speakers for s in table),
        hyp_speakers=sum(s.hyp_speakers for s in table),
        why={family: text for s in reversed(table) for family, text in s.why.items()},
        **sums,
    )
