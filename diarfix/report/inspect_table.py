"""What ``inspect`` shows to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from diarfix.report.diff import clock
from diarfix.report.visible import one_line

if TYPE_CHECKING:
    from rich.table import Table

#: Speakers that a table for people names: more are a fault of the file, or a crowd.
_MANY = 100


def facts(found: dict[str, Any]) -> Table:
    """One file as a table of names and values."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, title_justify="left")
    table.title = one_line(found["path"])
    table.title_style = "bold"
    table.add_column("name", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in _rows(found):
        table.add_row(one_line(name), one_line(value))
    return table


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    what = found.get("what")
    yield "dialect", f"{found['dialect']}: {what}" if what else found["dialect"]
    if "words" in found:
        yield from _word_rows(found)
    if found["recordings"]:
        yield "recordings", f"{len(found['recordings'])}: {', '.join(found['recordings'][:8])}"
    if found["turns"] is not None:
        yield "turns", str(found["turns"])
    for speaker in found["speakers"][:_MANY]:
        counts = [
            f"{speaker[kind]} {kind if speaker[kind] != 1 else kind.removesuffix('s')}"
            for kind in ("words", "runs", "turns")
            if kind in speaker
        ]
        where = f" ({speaker['channel']})" if "channel" in speaker else ""
        name = f"speaker {speaker['label']}{where}"
        yield name, f"{clock(speaker['seconds'])}  {', '.join(counts)}"
    if len(found["speakers"]) > _MANY:
        yield "speakers", f"{len(found['speakers'])} in all; --json names every one"
    for note in found.get("notes", []):
        yield "note", note
    for command, how in found["commands"].items():
        yield f"diarfix {command}", how


def _word_rows(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    silent = found["words_without_speaker"]
    if found["turns"] is not None:  # they label what carries no label
        silent = found["words"] - sum(speaker["words"] for speaker in found["speakers"])
    counts = {
        "without time": found["words_without_time"],
        "labelled by the turns in the file": found["words_without_speaker"] - silent,
        "without speaker": silent,
    }
    lacking = [f"{n} {what}" for what, n in counts.items() if n]
    yield "words", ", ".join([str(found["words"]), *lacking])
    until = "" if found["seconds"] is None else f", until {clock(found['seconds'])}"
    yield "times", f"in {found['time_unit']}{until}"
    short = f", {found['short_runs']} look like islands" if found["short_runs"] else ""
    yield "runs", f"{found['runs']}{short}"
    if found["containers"]:
        yield "containers", f"{found['containers']} that name or can name a speaker"
    if found["centroids"]:
        sizes = sorted(set(found["centroids"].values()))
        yield "voiceprints", f"{len(found['centroids'])}, of {', '.join(map(str, sizes))} numbers"
    if found["overlap_regions"] is not None:
        yield "overlap regions", str(found["overlap_regions"])
