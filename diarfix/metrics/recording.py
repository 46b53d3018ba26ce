"""Score a recording: every metric as counts that add, or why there is none, and where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from diarfix.core import UNKNOWN, Label, Words, join_text
from diarfix.errors import DiarfixError, InputError, NothingScored, NotMeasured
from diarfix.metrics.counts import Counts
from diarfix.metrics.der import DerCounts, pyannote_der
from diarfix.metrics.labels import ISLAND_WORDS, LabelCounts, LabelScore
from diarfix.metrics.sides import Side
from diarfix.metrics.table import METRICS, families
from diarfix.metrics.task import ScoreTask, SpeakerCounts, misfits
from diarfix.metrics.transcripts import WderCounts, normal_form

_C = TypeVar("_C", bound=Counts)

#: Wrong stretches kept per recording.
_KEEP = 5


def _nobody() -> dict[str, Counts]:
    """Of no recording nothing is known but that nobody speaks in it."""
    return {SpeakerCounts.family: SpeakerCounts()}


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
        return {name: row.of(self.counts.get(row.counts.family)) for name, row in METRICS.items()}

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

    task: ScoreTask
    score: RecordingScore
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def compare(task: ScoreTask) -> Comparison:
    """Score one recording.

    A metric that cannot be measured costs itself alone. Raises InputError where the two sides
    have nothing in common that could be compared, or cannot be of one recording, and
    MissingDependency where an option asks for a package that is not installed.
    """
    by_words = not isinstance(task.detail, str)
    notes = misfits(task)
    failed: list[str] = []
    counts: dict[str, Counts] = {}
    why: dict[str, str] = {}
    for family, kind in families().items():
        try:
            found = kind.measure(task)
        except NotMeasured as error:
            found = error.message
            failed.append(f"{family} not measured: {found}")
        if isinstance(found, str):
            why[family] = found
        else:
            counts[family] = found
    cross = None
    if task.options.cross_check and not isinstance(task.turns, str):
        try:
            cross = pyannote_der(*task.turns, **task.by_time)
        except NotMeasured as error:
            failed.append(f"no cross-check: {error.message}")
    if isinstance(task.turns, str) and not (by_words or task.given.silent or _share_words(task)):
        raise InputError(
            f"{task.name}: nothing to compare by: {task.turns} and no words are shared"
        )
    score = RecordingScore(name=task.name, counts=counts, cross=cross, why=why)
    return Comparison(task, score, tuple(notes), tuple(failed))


def _share_words(task: ScoreTask) -> bool:
    if isinstance(task.words, str):
        return False
    mine, other = ({normal_form(text) for text in words.text} for words in task.words)
    return bool((mine & other) - {""})


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


@dataclass(frozen=True, slots=True)
class WrongStretch:
    """Consecutive wrong words of one speaker given to one other.

    first, stop  positions of its words
    start        s, NaN if no word has a time
    n_words      scored words in it
    text         the words
    ref, hyp     who spoke, and the label they carry (None: no label)
    kind         "island", "absorption" (a whole reference turn of at most three words), "turn" (a
                 longer one), "seam" (next to a true change), or "confusion"
    """

    first: int
    stop: int
    start: float
    n_words: int
    text: str
    ref: Label
    hyp: Label | None
    kind: str


def wrong_stretches(words: Words, score: LabelScore) -> list[WrongStretch]:
    """The wrong stretches of a recording in document order; unscored words between are passed."""
    index = np.flatnonzero(score.ref != UNKNOWN)
    if not len(index):
        return []
    ref, hyp, wrong = score.ref[index], score.hyp[index], score.wrong[index]
    spoken, has_time = ref.tolist(), words.timed
    opens = np.append(True, (np.diff(ref) != 0) | (np.diff(hyp) != 0))
    first = np.flatnonzero(opens)
    stop = np.append(first[1:], len(index))
    found = []
    for a, b in zip(first.tolist(), stop.tolist(), strict=True):
        if wrong[a]:
            members = index[a:b].tolist()
            times = [float(words.start[i]) for i in members if has_time[i]]
            code = int(hyp[a])
            found.append(
                WrongStretch(
                    members[0],
                    members[-1] + 1,
                    min(times, default=float("nan")),
                    b - a,
                    join_text([words.text[i].strip() for i in members]),
                    score.names[ref[a]],
                    None if code == UNKNOWN else words.speakers[code],
                    _kind(score, members[0], spoken, a, b),
                )
            )
    return found


def _kind(score: LabelScore, word: int, ref: list[int], a: int, b: int) -> str:
    if score.island[word]:
        return "island"
    opens = a == 0 or ref[a - 1] != ref[a]
    closes = b == len(ref) or ref[b] != ref[b - 1]
    if opens and closes:
        return "absorption" if b - a <= ISLAND_WORDS else "turn"
    return "seam" if opens or closes else "confusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One recording's score, the map of its speakers and its longest wrong stretches.

    mapping  hypothesis label -> reference label, None for one left over
    worst    those of most words, earliest first among equals
    error    why there is no score; beside a score, that the hypothesis names nobody
    notes    what a person should know of it
    """

    name: str
    score: RecordingScore | None = None
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    worst: tuple[WrongStretch, ...] = ()
    error: DiarfixError | None = None
    notes: tuple[str, ...] = ()


def score_task(task: ScoreTask) -> Scored:
    """Score one recording; what fails becomes an error in the result."""
    try:
        return _score(task)
    except DiarfixError as error:
        return Scored(name=task.name, error=error)


def _score(task: ScoreTask) -> Scored:
    ref, hyp = task.ref, task.given
    if not ref.labelled:
        raise NothingScored(f"{task.name}: the reference {_lacks(ref)}")
    found = compare(task)
    error = None
    if task.hyp is not None and not hyp.labelled:
        error = NothingScored(
            f"{task.name}: the hypothesis {_lacks(hyp)}", hint="it counts: all speech is missed"
        )
    elif hyp.labelled and not found.score.scored:
        if found.failed:
            raise InputError(f"{task.name}: {found.failed[0]}")
        who = "no word or second of the hypothesis meets a single reference speaker"
        hint = "is the reference of another recording?"
        spoken = found.score.of(DerCounts)
        if spoken is not None and not spoken.scored and (task.options.collar or task.uem):
            who = "no reference speech is left inside the UEM and outside the collars"
            hint = "lower --collar, or look at --uem"
        raise NothingScored(f"{task.name}: nothing to score: {who}", hint=hint)
    wrong: list[WrongStretch] = []
    if hyp.words is not None and not isinstance(task.detail, str):
        wrong = wrong_stretches(hyp.words, task.detail)
    return Scored(
        name=task.name,
        score=found.score,
        mapping=_mapping(task),
        worst=tuple(sorted(wrong, key=lambda s: (-s.n_words, s.first))[:_KEEP]),
        error=error,
        notes=(*found.notes, *found.failed),
    )


def _lacks(side: Side) -> str:
    return "has no words" if side.words is not None and not len(side.words) else "names no speaker"


def _mapping(task: ScoreTask) -> dict[str, str | None]:
    """Whom each label stands for, by name."""
    hyp, detail = task.given, task.detail
    if isinstance(detail, LabelScore):
        heard, names, used = hyp.speakers, detail.names, detail.hyp
    elif task.ref.turns is not None and hyp.turns is not None:
        heard, names, used = hyp.turns.speakers, task.ref.turns.speakers, hyp.turns.speaker
    else:
        return {}
    partner = {int(h): int(task.mapped[h]) for h in np.unique(used) if h != UNKNOWN}
    return {str(heard[h]): None if r == UNKNOWN else str(names[r]) for h, r in partner.items()}
