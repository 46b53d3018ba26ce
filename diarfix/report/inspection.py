"""What a file is, who speaks in it, what each command could do with it, and a table of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from diarfix.core import UNKNOWN, Label, Words, runs
from diarfix.edits import known_labels
from diarfix.formats import TARGETS, Document, Part, Recordings, document_utterances, recordings_of
from diarfix.report.diff import clock
from diarfix.report.visible import one_line

if TYPE_CHECKING:
    from rich.table import Table

#: A run of up to so many words between two runs of one other speaker looks like an island.
_SHORT = 3

#: Speakers that a table for people names: more are a fault of the file, or a crowd.
_MANY = 100


def inspect_document(document: Document) -> dict[str, Any]:
    """A word file, as the fields of ``inspect --json``."""
    words = known_labels(document)
    found = {
        "dialect": document.dialect.name,
        "what": document.dialect.what,
        "read_only": document.dialect.read_only,
        "time_unit": _unit(document),
        "words": len(words),
        "utterances": len(document.utterances),
        "words_without_time": int((~words.timed).sum()),
        "words_ending_before_start": document.inverted,
        "words_without_speaker": int((document.words.speaker < 0).sum()),
        "seconds": _last(document, words),
        "recordings": [part.name for part in document.parts] if len(document.parts) > 1 else [],
        "speakers": _told(document) if document.utterances else _speakers(document, words),
        "runs": sum(len(runs(words.take(part.index))) for part in document.parts),
        "short_runs": sum(_short_runs(words.take(part.index)) for part in document.parts),
        "containers": document.held,
        "turns": None if document.turns is None else len(document.turns),
        "centroids": {str(label): len(v) for label, v in document.centroids.items()},
        "overlap_regions": None if document.regions is None else len(document.regions[0]),
        "notes": list(document.notes),
    }
    return found | {"commands": _commands(document, words)}


def inspect_turns(dialect: str, recordings: Recordings, *, speakers: bool) -> dict[str, Any]:
    """A file of turns, likewise.

    speakers  whether its format says who speaks
    """
    talk: dict[Label, list[float]] = {}
    for turns in recordings.values():
        for label, seconds in zip(turns.labels, (turns.end - turns.start).tolist(), strict=True):
            talk.setdefault(label, []).append(seconds)
    return {
        "dialect": dialect,
        "recordings": [name for name in recordings if name],
        "turns": sum(map(len, recordings.values())),
        "speakers": [
            {"label": label, "turns": len(spans), "seconds": _round(sum(spans))}
            for label, spans in talk.items()
        ],
        "notes": recordings.notes,
        "commands": {
            "smooth": "as --turns" if dialect in {"rttm", "pyannote"} else "no",
            "score": "as REF or HYP" if speakers else "no: it names no speaker",
        },
    }


def _last(document: Document, words: Words) -> float | None:
    """Until when anybody speaks, s."""
    ends = [u.end for u in document.utterances if u.timed] or words.end[words.timed].tolist()
    return _round(max(ends)) if ends else None


def _told(document: Document) -> list[dict[str, Any]]:
    """Who speaks in a file of utterances."""
    found: dict[Label, dict[str, Any]] = {}
    for item in document_utterances(document):
        if item.speaker is not None:
            none = {"label": item.speaker, "words": 0, "seconds": 0.0, "utterances": 0}
            row = found.setdefault(item.speaker, none)
            row["words"] += len(item.words)
            row["seconds"] = _round(row["seconds"] + (item.end - item.start if item.timed else 0))
            row["utterances"] += 1
    return list(found.values())


def _unit(document: Document) -> str:
    return {1.0: "s", 1e-3: "ms"}.get(document.scale, f"{document.scale:g} s")


def _round(seconds: float) -> float:
    return round(float(seconds), 3)


def _speakers(document: Document, words: Words) -> list[dict[str, Any]]:
    # One label in two channels is two people; in two sessions it may be one.
    by_channel = document.parts[0].channel is not None
    groups = [(p,) for p in document.parts] if by_channel else [document.parts]
    return [row for group in groups for row in _talk(words, group, by_channel=by_channel)]


def _talk(words: Words, parts: Sequence[Part], *, by_channel: bool) -> Iterator[dict[str, Any]]:
    n = len(words.speakers)
    where = {"channel": parts[0].name} if by_channel else {}
    tables = [runs(words.take(part.index)).speaker for part in parts]
    index = np.concatenate([part.index for part in parts])
    index = index[words.speaker[index] != UNKNOWN]
    codes = words.speaker[index]
    lengths = np.where(words.timed, words.end - words.start, 0.0)[index]
    counts = np.bincount(codes, minlength=n).tolist()
    seconds = np.bincount(codes, weights=lengths, minlength=n).tolist()
    n_runs = sum((np.bincount(table, minlength=n) for table in tables), np.zeros(n, int)).tolist()
    for label, count, total, held in zip(words.speakers, counts, seconds, n_runs, strict=True):
        if count:
            talk = {"words": count, "seconds": _round(total), "runs": held}
            yield {"label": label, **where, **talk}


def _short_runs(words: Words) -> int:
    table = runs(words)
    if len(table) < 3:
        return 0
    inside = (table.speaker[:-2] == table.speaker[2:]) & (table.n_words[1:-1] > 0)
    return int((inside & (table.n_words[1:-1] <= _SHORT)).sum())


def _commands(document: Document, words: Words) -> dict[str, str]:
    labelled = bool((words.speaker >= 0).any()) or any(
        utterance.speaker is not None for utterance in document.utterances
    )
    repair = _repair(document, words, labelled=labelled)
    heard = repair if repair.startswith("no") else f"{repair}; needs --audio"
    recordings = recordings_of(document, words)
    timeless = any(np.isnan(recording.start).any() for recording in recordings)
    several = len({recording.id for recording in recordings}) > 1
    targets = [
        name
        for name, target in TARGETS.items()
        if not (target.needs_times and timeless) and not (target.alone and several)
    ]
    score = "as HYP; as REF for the same words" if labelled else "no: no word has a speaker"
    rename = "yes" if labelled else "no: no speaker"
    if document.utterances:
        score = "as REF or HYP" if labelled else "no: no speaker"
        if not len(words):
            targets = ["rttm"]
        if labelled:
            repair += "; its turns serve as --turns"
    return {
        "smooth": repair,
        "recheck": heard,
        "score": score,
        "convert": "to " + ", ".join(targets),
        "rename": rename,
    }


def _repair(document: Document, words: Words, *, labelled: bool) -> str:
    if document.utterances:
        return f"no: {len(document.utterances)} {document.dialect.stretches} without word times"
    if document.dialect.read_only:
        return "no: read only; convert --to words first"
    if not len(words):
        return "no: no words"
    if not words.timed.any():
        return "no: no word has a time"
    if document.turns is not None:
        return "yes, by the turns in the file"
    return "yes; more with --turns" if labelled else "with --turns"


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
        kinds = ("words", "runs", "turns", "utterances")
        counts = [
            f"{speaker[kind]} {kind if speaker[kind] != 1 else kind.removesuffix('s')}"
            for kind in kinds
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
    if found["utterances"]:
        yield "utterances", f"{found['utterances']}, and no word times"
    yield "words", ", ".join([str(found["words"]), *lacking])
    until = "" if found["seconds"] is None else f", until {clock(found['seconds'])}"
    yield "times", f"in {found['time_unit']}{until}"
    short = f", {found['short_runs']} look like islands" if found["short_runs"] else ""
    if not found["utterances"]:
        yield "runs", f"{found['runs']}{short}"
    if found["containers"]:
        yield "containers", f"{found['containers']} that name or can name a speaker"
    if found["centroids"]:
        sizes = sorted(set(found["centroids"].values()))
        yield "voiceprints", f"{len(found['centroids'])}, of {', '.join(map(str, sizes))} numbers"
    if found["overlap_regions"] is not None:
        yield "overlap regions", str(found["overlap_regions"])
