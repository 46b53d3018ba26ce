"""The figures of ``score`` on one screen: what they are, how they were measured, where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from diarfix.report.diff import clock
from diarfix.score.examples import Stretch
from diarfix.score.recording import Options, RecordingScore

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Metric -> (what it says, family whose reason applies where it is None).
_ROWS: dict[str, tuple[str, str]] = {
    "wser": ("words with the wrong speaker / scored words", "words"),
    "t_wser": ("the same, weighted by duration", "words"),
    "islands": ("wrong runs of 1-3 words inside one speaker's words", "words"),
    "boundary_errors": ("wrong words within two of a true change", "words"),
    "interior_errors": ("wrong words elsewhere", "words"),
    "boundary_f1": ("label changes at the right word (precision, recall)", "words"),
    "absorbed_turns": ("true turns of 1-3 words, all wrong", "words"),
    "wder": ("speaker errors among aligned words", "wder"),
    "der": ("missed + false alarm + confusion / reference speech", "der"),
    "jer": ("Jaccard error per reference speaker", "jer"),
    "cpwer": ("word errors under the best speaker permutation", "cpwer"),
    "tcpwer": ("the same, words no further apart than 5 s", "tcpwer"),
    "coverage": ("single-speaker reference speech under the hypothesis", "coverage"),
}


def percent(value: object) -> str:
    """A rate as percent with two decimals; a dash where there is none."""
    return f"{100 * value:.2f} %" if isinstance(value, float) else "-"


def _detail(score: RecordingScore, name: str) -> str:
    c, d = score.labels, score.der
    if name == "wser" and c:
        lost = f", {c.n_unlabelled} without label" if c.n_unlabelled else ""
        return f"{c.n_word_errors} of {c.n_scored} words{lost}; {c.n_excluded} not scored"
    if name == "t_wser" and c:
        return f"{c.t_errors:.1f} of {c.t_scored:.1f} s"
    if name == "islands" and c:
        one, two, three = c.island_hist
        return f"{one} of one word, {two} of two, {three} of three"
    if name == "boundary_f1" and c:
        return f"P {percent(c.boundary_precision)}, R {percent(c.boundary_recall)}"
    if name == "absorbed_turns" and c:
        return f"of {c.short_turns} short turns"
    if name == "wder" and score.wder:
        return f"{score.wder.wrong} of {score.wder.aligned} aligned words"
    if name == "der" and d:
        return (
            f"missed {percent(d.missed_rate)}, false alarm {percent(d.false_alarm_rate)},"
            f" confusion {percent(d.confusion_rate)}; {d.scored:.1f} s"
        )
    if name == "coverage" and score.coverage:
        return f"{score.coverage.covered:.1f} of {score.coverage.total:.1f} s"
    return ""


def overview(score: RecordingScore) -> RenderableType:
    """One row per metric that applies: value, counts, meaning."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("detail")
    table.add_column("meaning", style="dim")
    metrics = score.metrics()
    for name, (meaning, _) in _ROWS.items():
        value = metrics[name]
        if value is not None:
            shown = percent(value) if isinstance(value, float) else str(value)
            table.add_row(name, shown, _detail(score, name), meaning)
    table.add_row("speakers", f"{score.hyp_speakers}", f"reference {score.ref_speakers}", "")
    if score.cross is not None:
        d = score.cross
        table.add_row(
            "der (pyannote)",
            percent(d.rate),
            f"missed {percent(d.missed_rate)}, false alarm {percent(d.false_alarm_rate)},"
            f" confusion {percent(d.confusion_rate)}; {d.scored:.1f} s",
            "pyannote.metrics on the same turns (maps speakers after the collar)",
        )
    return table


def not_measured(score: RecordingScore) -> list[str]:
    """The metrics without a value, by the reason why: one line per reason."""
    metrics = score.metrics()
    by_reason: dict[str, list[str]] = {}
    for name, (_, family) in _ROWS.items():
        if metrics[name] is None:
            by_reason.setdefault(score.why.get(family, "nothing to score"), []).append(name)
    return [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()]


def per_recording(scores: Sequence[RecordingScore], overall: RecordingScore) -> RenderableType:
    """One line per recording, and the pooled line."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", no_wrap=True)
    for name in ("words", "wrong", "wser", "islands", "boundary f1", "der", "jer", "coverage"):
        table.add_column(name, justify="right", no_wrap=True)
    for score in (*scores, overall):
        c = score.labels
        m = score.metrics()
        table.add_row(
            score.name,
            str(c.n_scored) if c else "-",
            str(c.n_word_errors) if c else "-",
            percent(m["wser"]),
            str(c.islands) if c else "-",
            percent(m["boundary_f1"]),
            percent(m["der"]),
            percent(m["jer"]),
            percent(m["coverage"]),
            style="bold" if score is overall else None,
        )
    return table


def settings_line(options: Options, *, has_uem: bool) -> str:
    """How DER was measured, in one line."""
    overlap = "skipped" if options.skip_overlap else "scored"
    extent = "UEM" if has_uem else "union of reference and hypothesis"
    return (
        f"collar ±{options.collar:g} s around each reference boundary (NIST half-width),"
        f" overlap {overlap}, extent: {extent}, mapping before collar"
    )


def mapping_line(mapping: Mapping[str, str]) -> str:
    """Which label stands for whom."""
    return ", ".join(f"{hyp} = {ref}" for hyp, ref in mapping.items())


def worst_stretches(found: Sequence[Stretch], name: str | None = None) -> RenderableType:
    """The longest wrong stretches: when, what, whose, and who got them."""
    from rich.table import Table

    title = "longest wrong stretches" + (f" of {name}" if name else "")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in ("time", "words", "kind", "spoken by", "labelled", "text"):
        table.add_column(column, no_wrap=column != "text", justify="left")
    for s in found:
        text = s.text if len(s.text) <= 70 else s.text[:67] + "..."
        label = "(none)" if s.hyp is None else str(s.hyp)
        table.add_row(clock(s.start), str(s.n_words), s.kind, str(s.ref), label, text)
    return table
