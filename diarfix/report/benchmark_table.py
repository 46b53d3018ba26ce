"""The figures of ``benchmark`` for a terminal and for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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

NOTE = (
    "wrong: words with the wrong speaker. change: against off, ~ where the interval of the gain"
    " spans zero. absorbed: true turns of 1-3 words that are all wrong."
)


def _rows(tree: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    groups = {**tree["datasets"], "overall": tree["overall"]}
    for name, group in groups.items():
        for variant in tree["variants"]:
            yield (name if variant == tree["variants"][0] else "", variant, *_cells(group[variant]))


def _cells(m: Mapping[str, Any]) -> tuple[str, ...]:
    if "skipped" in m:
        return ("0", m["skipped"], *[""] * 8)
    delta = m.get("delta")
    change = gain = ""
    if delta is not None:
        change, gain = _change(m, delta), _interval(delta)
    wser = "-" if m["wser"] is None else f"{100 * m['wser']:.2f} %"
    return (
        str(m["n_files"]),
        str(m["n_word_errors"]),
        wser,
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


def table(tree: Mapping[str, Any]) -> RenderableType:
    """The pooled figures as a table for the terminal."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        left = column in {"dataset", "variant"}
        grid.add_column(column, justify="left" if left else "right", no_wrap=True)
    for row in _rows(tree):
        grid.add_row(*row)
    return grid


def units(tree: Mapping[str, Any]) -> list[str]:
    """Where the interval is not over recordings, one line each."""
    found = []
    for name, group in {**tree["datasets"], "overall": tree["overall"]}.items():
        for variant in tree["variants"]:
            delta = group[variant].get("delta")
            if delta is not None and delta["unit"] != "recording":
                found.append(
                    f"{name}: fewer than five recordings, interval over {delta['n']} units, each a"
                    f" {delta['unit']}"
                )
                break
    return found


def harmed(tree: Mapping[str, Any]) -> list[str]:
    """The recordings a variant made worse, one line each."""
    return [
        f"{f['id']} {name}: {', '.join(m['regression_reasons'])} worse than off"
        for f in tree["files"]
        for name, m in f["variants"].items()
        if m.get("regression")
    ]


def markdown(tree: Mapping[str, Any], notes: Sequence[str]) -> str:
    """The summary as Markdown, fit for a comment on a pull request."""
    lines = ["# diarfix benchmark", ""]
    lines += [f"> {note}" for note in notes]
    lines += [""] if notes else []
    lines.append("| " + " | ".join(_COLUMNS) + " |")
    lines.append("|" + "|".join("---" if i < 2 else "---:" for i in range(len(_COLUMNS))) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in _rows(tree)]
    lines += ["", NOTE]
    lines += [f"- {line}" for line in units(tree)]
    worse = harmed(tree)
    if worse:
        lines += ["", "## Regressions", "", *(f"- {line}" for line in worse)]
    return "\n".join(lines) + "\n"
