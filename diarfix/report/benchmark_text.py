"""The figures of ``benchmark`` for a terminal and for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diarfix.metrics import METRICS
from diarfix.report.visible import cell, one_line

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLUMNS = (
    "dataset",
    "variant",
    "files",
    "wrong",
    "wser",
    "change",
    "wser gain [95 % CI]",
    "repaired",
    "broken",
    "islands",
    "absorbed",
    "regressions",
)

_NARROW = ("wrong", "wser", "change", "wser gain [95 % CI]", "repaired\n/ broken", "islands")

#: What a still narrower terminal goes without, in this order.
_SPARED = ("wser gain [95 % CI]", "islands", "repaired\n/ broken")

BENCHMARK_NOTE = (
    "wrong: words with the wrong speaker. change: against off, ~ where the interval of the gain"
    " spans zero. absorbed: true turns of 1-3 words that are all wrong."
)


def _rows(tree: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    groups = {**tree["datasets"], "overall": tree["overall"]}
    for name, group in groups.items():
        for variant in tree["variants"]:
            shown = one_line(name) if variant == tree["variants"][0] else ""
            yield (shown, one_line(variant), *_cells(group[variant]))


def _cells(m: Mapping[str, Any]) -> tuple[str, ...]:
    if "skipped" in m:
        return ("0", m["skipped"], *[""] * 8)
    delta = m.get("delta")
    change = gain = ""
    if delta is not None:
        change, gain = _change(m, delta), _interval(delta)
    return (
        str(m["n_files"]),
        str(m["n_word_errors"]),
        METRICS["wser"].text(m["wser"]),
        change,
        gain,
        str(m.get("repaired", "")),
        str(m.get("broken", "")),
        str(m["islands"]),
        str(m["absorbed_turns"]),
        str(m.get("regressions", "")),
    )


def _change(m: Mapping[str, Any], delta: Mapping[str, Any]) -> str:
    base = m["base_word_errors"]
    if not base:
        return "-"
    share = f"{100 * (m['n_word_errors'] - base) / base:+.1f} %"
    return share if delta["significant"] else f"~ {share}"


def _interval(delta: Mapping[str, Any]) -> str:
    if delta["mean"] is None:
        return "-"
    mean = f"{100 * delta['mean']:+.2f}"
    if delta["ci_low"] is None:
        return mean
    return f"{mean} [{100 * delta['ci_low']:+.2f}, {100 * delta['ci_high']:+.2f}]"


def benchmark_table(tree: Mapping[str, Any], columns: int | None = None) -> RenderableType:
    """The pooled figures as a table for the terminal.

    columns  width of the terminal: one that is too narrow gets a line per dataset with its variants
             below, and the figures that matter most. None, off a terminal: the whole table.
    """
    from rich.console import Console

    wide = _wide(tree)
    if columns is None or Console(width=1000).measure(wide).maximum <= columns:
        return wide
    return _narrow(tree, columns)


def _narrow(tree: Mapping[str, Any], columns: int) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    rows: list[tuple[str, str, tuple[str, ...]]] = []
    for dataset, variant, *cells in _rows(tree):
        _, wrong, wser, change, gain, repaired, broken, islands, *_ = cells
        both = f"{repaired} / {broken}" if repaired else ""
        rows.append((dataset, f"  {variant}", (wrong, wser, change, gain, both, islands)))
    width = [
        max(map(len, (*heading.split("\n"), *(figures[i] for *_, figures in rows))))
        for i, heading in enumerate(_NARROW)
    ]
    room = columns - max(len(variant) for _, variant, _ in rows)
    kept = list(range(len(_NARROW)))
    for column in _SPARED:
        if sum(width[i] + 1 for i in kept) > room:
            kept.remove(_NARROW.index(column))
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    grid.add_column("variant", overflow="fold")
    for i in kept:
        grid.add_column(_NARROW[i], justify="right", no_wrap=True)
    for dataset, variant, figures in rows:
        if dataset:
            grid.add_row(Text(dataset, style="bold"))
        grid.add_row(variant, *(figures[i] for i in kept))
    return grid


def _wide(tree: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        left = column in {"dataset", "variant"}
        grid.add_column(column, justify="left" if left else "right", no_wrap=True)
    for row in _rows(tree):
        grid.add_row(*row)
    return grid


def interval_units(tree: Mapping[str, Any]) -> list[str]:
    """Where the interval is not over recordings, in one line."""
    found: dict[str, list[str]] = {}
    for name, group in {**tree["datasets"], "overall": tree["overall"]}.items():
        for variant in tree["variants"]:
            delta = group[variant].get("delta")
            if delta is not None and delta["unit"] != "recording":
                found.setdefault(delta["unit"], []).append(f"{name} {delta['n']}")
                break
    return [
        f"fewer than five recordings, so the interval's unit is a {unit}: {', '.join(of)}"
        for unit, of in found.items()
    ]


def harmed_files(tree: Mapping[str, Any]) -> list[str]:
    """The recordings a variant made worse, one line each."""
    return [
        f"{f['id']} {name}: {', '.join(m['regression_reasons'])} worse than off"
        for f in tree["files"]
        for name, m in f["variants"].items()
        if m.get("regression")
    ]


def benchmark_markdown(tree: Mapping[str, Any], notes: Sequence[str]) -> str:
    """The summary as Markdown, fit for a comment on a pull request."""
    lines = ["# diarfix benchmark", ""]
    lines += [f"> {cell(note)}" for note in notes]
    lines += [""] if notes else []
    lines.append("| " + " | ".join(_COLUMNS) + " |")
    lines.append("|" + "|".join("---" if i < 2 else "---:" for i in range(len(_COLUMNS))) + "|")
    lines += ["| " + " | ".join((*map(cell, row[:2]), *row[2:])) + " |" for row in _rows(tree)]
    lines += ["", BENCHMARK_NOTE]
    lines += [f"- {cell(line)}" for line in interval_units(tree)]
    worse = harmed_files(tree)
    if worse:
        lines += ["", "## Regressions", "", *(f"- {cell(line)}" for line in worse)]
    return "\n".join(lines) + "\n"
