"""The figures of ``score`` on one screen: what they are, how they were measured, where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from diarfix.metrics.der import DerCounts
from diarfix.metrics.examples import Stretch
from diarfix.metrics.recording import Options, RecordingScore
from diarfix.metrics.run import Scored
from diarfix.report.diff import clock

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Metric -> family whose reason applies where it has no value, in the order of the table.
_ROWS = {
    "wser": "words",
    "t_wser": "t_wser",
    "islands": "words",
    "boundary_errors": "words",
    "interior_errors": "words",
    "boundary_f1": "boundary",
    "absorbed_turns": "words",
    "wder": "wder",
    "der": "der",
    "jer": "jer",
    "cpwer": "cpwer",
    "tcpwer": "tcpwer",
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

#: Longest text and longest name of a wrong stretch that are shown whole, columns.
_TEXT, _NAME = 70, 20


def percent(value: object) -> str:
    """A rate as percent with two decimals; a dash where there is none."""
    return f"{100 * value:.2f} %" if isinstance(value, float) else "-"


def _wser(score: RecordingScore) -> str:
    c = score.labels
    if c is None:
        return ""
    lost = f" ({c.n_unlabelled} unlabelled)" if c.n_unlabelled else ""
    return f"wrong speaker: {c.n_word_errors} of {c.n_scored} words{lost}"


def _t_wser(score: RecordingScore) -> str:
    c = score.labels
    return f"the same by duration: {c.t_errors:.1f} of {c.t_scored:.1f} s" if c else ""


def _islands(score: RecordingScore) -> str:
    counts = score.labels.island_hist if score.labels else (0, 0, 0)
    one, two, three = counts
    return f"inside one true speaker; of 1/2/3 words: {one}/{two}/{three}"


def _seams(score: RecordingScore) -> str:
    c = score.labels
    return (
        f"changes at the right word: P {percent(c.boundary_precision)},"
        f" R {percent(c.boundary_recall)}"
        if c
        else ""
    )


def _absorbed(score: RecordingScore) -> str:
    n = score.labels.short_turns if score.labels else 0
    return f"all words wrong, of {n} true turn{'' if n == 1 else 's'} of 1-3 words"


def _der(d: DerCounts | None) -> str:
    if d is None or d.rate is None:
        return ""
    missed, false, confused = (
        f"{100 * (rate or 0.0):.2f}"
        for rate in (d.missed_rate, d.false_alarm_rate, d.confusion_rate)
    )
    return f"missed {missed} + false alarm {false} + confusion {confused} %"


def _jer(score: RecordingScore) -> str:
    n = score.jer.speakers if score.jer else 0
    return f"Jaccard error, mean of {n} reference speakers"


def _wder(score: RecordingScore) -> str:
    c = score.wder
    return f"wrong speaker: {c.wrong} of {c.aligned} aligned words" if c else ""


def _coverage(score: RecordingScore) -> str:
    c = score.coverage
    return f"covered: {c.covered:.1f} of {c.total:.1f} s of one-speaker speech" if c else ""


_DETAILS: dict[str, Callable[[RecordingScore], str]] = {
    "wser": _wser,
    "t_wser": _t_wser,
    "islands": _islands,
    "boundary_errors": lambda _: "wrong words within two of a true change",
    "interior_errors": lambda _: "wrong words elsewhere",
    "boundary_f1": _seams,
    "absorbed_turns": _absorbed,
    "wder": _wder,
    "der": lambda score: _der(score.der),
    "jer": _jer,
    "cpwer": lambda s: f"{s.cpwer.errors} errors of {s.cpwer.length} words" if s.cpwer else "",
    "tcpwer": lambda s: f"{s.tcpwer.errors} errors, words at most 5 s apart" if s.tcpwer else "",
    "coverage": _coverage,
}


def overview(score: RecordingScore) -> RenderableType:
    """One row per metric that applies: value, and what it counts."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True, style="bold")
    table.add_column("what it counts")
    metrics = score.metrics()
    for name in _ROWS:
        value = metrics[name]
        if value is not None:
            shown = percent(value) if isinstance(value, float) else str(value)
            table.add_row(name, shown, _DETAILS[name](score))
        if name == "der" and score.cross is not None:
            table.add_row("der by pyannote", percent(score.cross.rate), _der(score.cross))
    table.add_row("speakers", f"{score.hyp_speakers}", f"the reference has {score.ref_speakers}")
    if score.labels is not None:
        c = score.labels
        table.add_row("words", f"{c.n_words}", f"{c.n_scored} scored, {c.n_excluded} excluded")
    return table


def markdown(
    scores: Sequence[RecordingScore], overall: RecordingScore, options: Options, *, has_uem: bool
) -> str:
    """The figures as Markdown: all together, then each recording where there are several."""
    metrics = overall.metrics()
    lines = ["# diarfix score", "", "| metric | value | what it counts |", "|---|---:|---|"]
    for name in _ROWS:
        value = metrics[name]
        if value is not None:
            shown = percent(value) if isinstance(value, float) else str(value)
            lines.append(f"| {name} | {shown} | {_DETAILS[name](overall)} |")
    notes = [*not_measured(overall), *in_part(scores)]
    if overall.der is not None:
        notes.append(settings_line(overall.der, options, has_uem=has_uem))
    lines += ["", *(f"- {note}" for note in notes)]
    if len(scores) > 1:
        lines += [
            "",
            "| recording | wrong words | wser | islands | der |",
            "|---|---:|---:|---:|---:|",
        ]
        for score in scores:
            m = score.metrics()
            name = score.name.replace("|", "\\|")
            wrong, islands = (("-" if m[k] is None else m[k]) for k in ("n_word_errors", "islands"))
            row = (name, wrong, percent(m["wser"]), islands, percent(m["der"]))
            lines.append("| " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines) + "\n"


def not_measured(score: RecordingScore) -> list[str]:
    """The metrics without a value, by the reason why: one line per reason."""
    metrics = score.metrics()
    by_reason: dict[str, list[str]] = {}
    for name, family in _ROWS.items():
        if metrics[name] is None:
            whole = score.why.get("words") if family in {"t_wser", "boundary"} else None
            by_reason.setdefault(whole or score.reason(family), []).append(name)
    return [f"not measured: {', '.join(names)}: {why}" for why, names in by_reason.items()]


def in_part(scores: Sequence[RecordingScore]) -> list[str]:
    """The metrics that some recordings have and others lack, hence the pooled line too."""
    table = [score.metrics() for score in scores]
    by_number: dict[int, list[str]] = {}
    for name in _ROWS:
        n = sum(metrics[name] is not None for metrics in table)
        if 0 < n < len(table):
            by_number.setdefault(n, []).append(name)
    return [
        f"{', '.join(names)}: over {n} of {len(table)} recordings" for n, names in by_number.items()
    ]


def per_recording(scores: Sequence[RecordingScore], overall: RecordingScore) -> RenderableType:
    """One line per recording, and the pooled line."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", overflow="ellipsis", no_wrap=True)
    columns: dict[str, Callable[[RecordingScore], str]] = {
        "words": lambda s: str(s.labels.n_scored) if s.labels else "-",
        "wrong": lambda s: str(s.labels.n_word_errors) if s.labels else "-",
        "wser": lambda s: percent(s.metrics()["wser"]),
        "islands": lambda s: str(s.labels.islands) if s.labels else "-",
        "wder": lambda s: percent(s.metrics()["wder"]),
        "der": lambda s: percent(s.metrics()["der"]),
        "jer": lambda s: percent(s.metrics()["jer"]),
        "coverage": lambda s: percent(s.metrics()["coverage"]),
    }
    told = {name: of for name, of in columns.items() if of(overall) != "-"}
    for name in told:
        table.add_column(name, justify="right", no_wrap=True)
    for score in (*scores, overall):
        style = "bold" if score is overall else None
        table.add_row(score.name, *(of(score) for of in told.values()), style=style)
    return table


def settings_line(scored: DerCounts, options: Options, *, has_uem: bool) -> str:
    """How DER was measured, in one line."""
    overlap = "skipped" if options.skip_overlap else "scored"
    extent = "UEM" if has_uem else "union of both sides"
    return (
        f"der: of {scored.scored:.1f} s of speech, collar ±{options.collar:g} s, overlap {overlap},"
        f" extent {extent}, speakers mapped before the collar"
    )


def mapping_line(mapping: Mapping[str, str | None]) -> str:
    """Which label stands for whom."""
    return ", ".join(f"{hyp} = {ref or '(nobody)'}" for hyp, ref in mapping.items())


def worst_stretches(found: Sequence[Stretch]) -> RenderableType:
    """The longest wrong stretches: when, what, whose, and who got them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("time", "words", "kind", "spoken by", "labelled"):
        table.add_column(column, no_wrap=True, overflow="ellipsis", max_width=_NAME)
    table.add_column("text")  # alone gives way where the window is narrow
    for s in found:
        text = Text(s.text, no_wrap=True, overflow="ellipsis")
        text.truncate(_TEXT, overflow="ellipsis")
        label = "(none)" if s.hyp is None else str(s.hyp)
        table.add_row(clock(s.start), str(s.n_words), s.kind, str(s.ref), label, text)
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


def screen(
    results: Sequence[Scored],
    overall: RecordingScore,
    options: Options,
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
    if overall.der is not None:
        notes.append(settings_line(overall.der, options, has_uem=has_uem))
    shown += [Text(note, style="dim") for note in notes]
    for result in results:
        if len(results) == 1 or every:
            name = f" of {result.name}" if len(results) > 1 else ""
            if result.mapping:
                shown.append(f"speakers{name}: {mapping_line(result.mapping)}")
            if result.worst:
                shown += _worst_of(result, named=len(results) > 1)
    return shown
