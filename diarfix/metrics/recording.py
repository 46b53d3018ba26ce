"""Every metric of one recording, as counts that add and reasons where one does not apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from diarfix.errors import InputError
from diarfix.metrics.counts import Counts, NotMeasured
from diarfix.metrics.der import DerCounts
from diarfix.metrics.external import pyannote_der
from diarfix.metrics.fit import misfits
from diarfix.metrics.labels import LabelCounts
from diarfix.metrics.pair import Pair, ScoreSettings, SpeakerCounts
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import Uem
from diarfix.metrics.table import METRICS, families
from diarfix.metrics.transcripts import WderCounts, normal_form

_C = TypeVar("_C", bound=Counts)


def _nobody() -> dict[str, Counts]:
    """Of no recording nothing is known but that nobody speaks in it."""
    return {SpeakerCounts.family: SpeakerCounts.zero()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingScore:
    """The counts of one recording, or of several together.

    counts  by family; one that does not apply is not there
    cross   DER by pyannote.metrics, where it was asked for
    why     family -> why it does not apply
    """

    name: str
    counts: Mapping[str, Counts] = field(default_factory=_nobody)
    cross: DerCounts | None = None
    why: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: type[_C]) -> _C | None:
        """The counts of one family, or None."""
        found = self.counts.get(kind.family)
        return found if isinstance(found, kind) else None

    def metrics(self) -> dict[str, object]:
        """Flat names and values, as ``score --json`` prints them."""
        of = self.counts.get
        return {
            name: None if (counts := of(row.counts.family)) is None else getattr(counts, row.value)
            for name, row in METRICS.items()
        }

    def document(self) -> dict[str, object]:
        """The metrics, and pyannote's figures beside ours where they were asked for."""
        found = self.metrics()
        if self.cross is not None:
            ours = (row for row in METRICS.values() if row.counts is DerCounts)
            theirs = {row.name: row.of(self.cross) for row in ours}
            found["cross_check"] = {"by": "pyannote.metrics", **theirs}
        return found

    def text(self, name: str) -> str:
        """The value of a metric as a table writes it."""
        row = METRICS[name]
        return row.text(row.of(self.of(row.counts)))

    def reason(self, name: str) -> str:
        """Why a metric has no value."""
        row = METRICS[name]
        return self.why.get(row.counts.family) or row.nothing

    @property
    def scored(self) -> bool:
        """Whether anything could be scored at all."""
        labels, aligned, der = self.of(LabelCounts), self.of(WderCounts), self.of(DerCounts)
        if labels is not None:
            return labels.n_scored > 0
        if aligned is not None:
            return aligned.aligned > 0
        return der is not None and der.scored > 0


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A recording's two sides, and how one scores against the other.

    notes   what a person should know of it: what seems not to fit
    failed  the metrics that could not be measured, and why
    """

    pair: Pair
    score: RecordingScore
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def compare(
    name: str, ref: Side, hyp: Side, *, uem: Uem | None = None, options: ScoreSettings | None = None
) -> Comparison:
    """Score one recording.

    A metric that cannot be measured costs itself alone. Raises InputError where the two sides
    have nothing in common that could be compared, or cannot be of one recording, and
    MissingDependency where an option asks for a package that is not installed.
    """
    pair = Pair(name=name, ref=ref, hyp=hyp, uem=uem, options=options or ScoreSettings())
    notes = misfits(pair)
    failed: list[str] = []
    counts: dict[str, Counts] = {}
    why: dict[str, str] = {}
    cross = None
    for family, kind in families().items():
        try:
            found = kind.measure(pair)
        except NotMeasured as error:
            found = error.message
            failed.append(f"{family} not measured: {found}")
        if isinstance(found, str):
            why[family] = found
        else:
            counts[family] = found
    try:
        cross = _cross(pair)
    except NotMeasured as error:
        failed.append(f"no cross-check: {error.message}")
    timeless = isinstance(pair.detail, str) and isinstance(pair.turns, str)
    if timeless and not hyp.silent and not _share_words(pair):
        raise InputError(f"{name}: nothing to compare by: {pair.turns} and no words are shared")
    score = RecordingScore(name=name, counts=counts, cross=cross, why=why)
    return Comparison(pair, score, tuple(notes), tuple(failed))


def _share_words(pair: Pair) -> bool:
    if isinstance(pair.words, str):
        return False
    mine, other = ({normal_form(text) for text in words.text} for words in pair.words)
    return bool((mine & other) - {""})


def _cross(pair: Pair) -> DerCounts | None:
    how = pair.options
    if not how.cross_check or isinstance(pair.turns, str):
        return None
    return pyannote_der(
        *pair.turns,
        collar_half_width=how.collar,
        skip_overlap=how.skip_overlap,
        uem=pair.uem,
        no_map=how.no_map,
    )


def pool(scores: Iterable[RecordingScore]) -> RecordingScore:
    """The counts of several recordings together: rates of sums, not means of rates."""
    table = list(scores)
    by_family: dict[str, list[Counts]] = {}
    for score in table:
        for family, found in score.counts.items():
            by_family.setdefault(family, []).append(found)
    crossed = [score.cross for score in table if score.cross is not None]
    return RecordingScore(
        name="overall",
        counts=_nobody() | {f: type(parts[0]).together(parts) for f, parts in by_family.items()},
        cross=DerCounts.together(crossed) if crossed else None,
        why={family: text for s in reversed(table) for family, text in s.why.items()},
    )
