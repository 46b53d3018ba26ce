"""The figures of ``score`` on one screen: what they are, how they were measured, where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from diarfix.metrics import (
    DerCounts,
    LabelCounts,
    MetricChange,
    RecordingScore,
    Scored,
    ScoreSettings,
    SpeakerCounts,
    WrongStretch,
    in_tables,
    row_of,
)
from diarfix.report.diff import clock
from diarfix.report.visible import cell, one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Metric -> heading of its column, in the table with a line per recording.
_COLUMNS = {
    "n_scored": "words",
    "n_word_errors": "wrong",
    "wser": "wser",
    "islands": "islands",
    "wder": "wder",
    "der": "der",
    "jer": "jer",
    "coverage": "coverage",
}

#: What a kind of wrong stretch is, for the legend.
_KINDS = {
    "island": "inside one speaker's words",
    "seam": "beside a true speaker change",
    "absorption": "a whole turn of 1-3 words",
    "turn": "a whole longer turn",
    "confusion": "within a turn",
}

#: Speakers whose map is shown.
_MAPPED = 30

#: The columns of what became of a baseline.
_CHANGES = ("metric", "old", "new", "change", "")

#: Longest text and longest name of a wrong stretch that are shown whole, columns.
_TEXT, _NAME = 70, 20


def overview(score: RecordingScore) -> RenderableType:
    """One row per metric that applies: value, and what it counts."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True, style="bold")
    table.add_column("what it counts")
    for row in in_tables():
        counts = score.of(row.counts)
        if row.of(counts) is not None:
            table.add_row(row.name, row.text(row.of(counts)), row.counted(counts))
        if row.counts is DerCounts and score.cross is not None:
            value = row.text(row.of(score.cross))
            table.add_row(f"{row.name} by pyannote", value, row.counted(score.cross))
    speakers, words = score.of(SpeakerCounts), score.of(LabelCounts)
    if speakers is not None:
        table.add_row("speakers", f"{speakers.hyp}", f"the reference has {speakers.ref}")
    if words is not None:
        told = f"{words.n_scored} scored, {words.n_excluded} excluded"
        table.add_row("words", f"{words.n_words}", told)
    return table


def score_markdown(
    scores: Sequence[RecordingScore],
    overall: RecordingScore,
    options: ScoreSettings,
    *,
    has_uem: bool,
) -> str:
    """The figures as Markdown: all together, then each recording where there are several."""
    lines = ["# diarfix score", "", "| metric | value | what it counts |", "|---|---:|---|"]
    for row in in_tables():
        counts = overall.of(row.counts)
        if row.of(counts) is not None:
            lines.append(f"| {row.name} | {row.text(row.of(counts))} | {row.counted(counts)} |")
    notes = [*not_measured(overall), *in_part(scores)]
    notes += settings_line(overall, options, has_uem=has_uem)
    lines += ["", *(f"- {cell(note)}" for note in notes)]
    if len(scores) > 1:
        lines += [
            "",
            "| recording | wrong words | wser | islands | der |",
            "|---|---:|---:|---:|---:|",
        ]
        for score in scores:
            cells = (score.text(name) for name in ("n_word_errors", "wser", "islands", "der"))
            lines.append("| " + " | ".join((cell(score.name), *cells)) + " |")
    return "\n".join(lines) + "\n"


def not_measured(score: RecordingScore) -> list[str]:
    """The metrics without a value, by the reason why: one line per reason."""
    metrics = score.metrics()
    by_reason: dict[str, list[str]] = {}
    for row in in_tables():
        if metrics[row.name] is None:
            by_reason.setdefault(score.reason(row.name), []).append(row.name)
    return [f"not measured: {', '.join(names)}: {why}" for why, names in by_reason.items()]


def in_part(scores: Sequence[RecordingScore]) -> list[str]:
    """The metrics that some recordings have and others lack, hence the pooled line too."""
    table = [score.metrics() for score in scores]
    by_number: dict[int, list[str]] = {}
    for row in in_tables():
        n = sum(metrics[row.name] is not None for metrics in table)
        if 0 < n < len(table):
            by_number.setdefault(n, []).append(row.name)
    return [
        f"{', '.join(names)}: over {n} of {len(table)} recordings" for n, names in by_number.items()
    ]


def changes_table(changed: Sequence[MetricChange]) -> RenderableType:
    """What became of the figures of a baseline: then, now, and the change between."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _CHANGES:
        table.add_column(column, justify="left" if column in {"metric", ""} else "right")
    for cells in _change_rows(changed):
        table.add_row(*cells)
    return table


def changes_markdown(changed: Sequence[MetricChange]) -> str:
    """The same as Markdown; nothing without a baseline."""
    rows = [_CHANGES, ("---", "---:", "---:", "---:", "---"), *_change_rows(changed)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n" + "\n".join(lines) + "\n" if changed else ""


def _change_rows(changed: Sequence[MetricChange]) -> list[tuple[str, ...]]:
    """Those that people are shown, and whatever fails; ``~`` where it is within the tolerance."""
    found: list[tuple[str, ...]] = []
    for c in changed:
        row = row_of(c.name)
        if row is None or not (row.title or c.failure):
            continue
        delta = 0.0 if c.new is None else c.new - c.old
        size = f"{100 * delta:+.2f} points" if row.shown == "rate" else f"{delta:+g}"
        seen = any(digit in "123456789" for digit in size)
        change = {"gone": "", "same": f"~{size}" if seen else "~"}.get(c.verdict, size)
        told = "" if c.verdict in {"same", "other"} else c.verdict
        fails = f"{told}, fails" if c.failure else told
        found.append((c.name, row.text(c.old), row.text(c.new), change, fails))
    return found


def per_recording(scores: Sequence[RecordingScore], overall: RecordingScore) -> RenderableType:
    """One line per recording, and the pooled line."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", overflow="ellipsis", no_wrap=True)
    names = [name for name in _COLUMNS if overall.metrics()[name] is not None]
    for name in names:
        table.add_column(_COLUMNS[name], justify="right", no_wrap=True)
    for score in (*scores, overall):
        style = "bold" if score is overall else None
        table.add_row(one_line(score.name), *map(score.text, names), style=style)
    return table


def settings_line(score: RecordingScore, options: ScoreSettings, *, has_uem: bool) -> list[str]:
    """How DER was measured, in one line; none where it was not."""
    counts = score.of(DerCounts)
    if counts is None:
        return []
    overlap = "skipped" if options.skip_overlap else "scored"
    extent = "UEM" if has_uem else "union of both sides"
    who = "speakers by name" if options.no_map else "speakers mapped before the collar"
    line = (
        f"der: of {counts.scored:.1f} s of speech, collar ±{options.collar:g} s, overlap {overlap},"
        f" extent {extent}, {who}"
    )
    return [line]


def mapping_line(mapping: Mapping[str, str | None]) -> str:
    """Which label stands for whom."""
    shown = [f"{hyp} = {ref or '(nobody)'}" for hyp, ref in mapping.items()]
    more = [f"and {len(shown) - _MAPPED} more"] if len(shown) > _MAPPED else []
    return ", ".join([*shown[:_MAPPED], *more])


def worst_stretches(found: Sequence[WrongStretch]) -> RenderableType:
    """The longest wrong stretches: when, what, whose, and who got them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("time", "words", "kind", "spoken by", "labelled"):
        table.add_column(column, no_wrap=True, overflow="ellipsis", max_width=_NAME)
    table.add_column("text")  # alone gives way where the window is narrow
    for s in found:
        text = Text(one_line(s.text), no_wrap=True, overflow="ellipsis")
        text.truncate(_TEXT, overflow="ellipsis")
        label = "(none)" if s.hyp is None else str(s.hyp)
        speakers = (one_line(str(s.ref)), one_line(label))
        table.add_row(clock(s.start), str(s.n_words), s.kind, *speakers, text)
    return table


def _worst_of(result: Scored, *, named: bool) -> list[RenderableType]:
    from rich.text import Text

    of = f" of {result.name}" if named else ""
    kinds = [kind for kind in _KINDS if any(s.kind == kind for s in result.worst)]
    legend = "; ".join(f"{kind}: {_KINDS[kind]}" for kind in kinds)
    return [
        "",
        Text(f"longest wrong stretches{of}", style="bold"),
        worst_stretches(result.worst),
        Text(f"({legend})", style="dim"),
    ]


def score_screen(
    results: Sequence[Scored],
    overall: RecordingScore,
    options: ScoreSettings,
    *,
    has_uem: bool,
    every: bool,
) -> list[RenderableType]:
    """All that a person is shown: the recordings, all together, how it was measured, examples.

    every  mapping and examples of each recording, not only where there is but one
    """
    from rich.text import Text

    scores = [r.score for r in results if r.score is not None]
    shown: list[RenderableType] = []
    if len(scores) > 1:
        shown += [per_recording(scores, overall), ""]
    shown += [overview(overall), ""]
    notes = [*not_measured(overall), *in_part(scores)]
    notes += settings_line(overall, options, has_uem=has_uem)
    shown += [Text(note, style="dim") for note in notes]
    for result in results:
        if len(results) == 1 or every:
            name = f" of {result.name}" if len(results) > 1 else ""
            if result.mapping:
                shown.append(f"speakers{name}: {mapping_line(result.mapping)}")
            if result.worst:
                shown += _worst_of(result, named=len(results) > 1)
    return shown
