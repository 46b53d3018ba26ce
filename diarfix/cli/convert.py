"""``diarfix convert``."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from diarfix.cli import console
from diarfix.cli.options import ConvertOptions
from diarfix.cli.places import Read, Written, check_places, destinations, input_files
from diarfix.core import Words
from diarfix.edits import known_labels
from diarfix.errors import InputError, UsageError
from diarfix.files import STREAM, file_name, read_text, show, write_text
from diarfix.formats import (
    TARGETS,
    Document,
    Recording,
    WriteOptions,
    read_document,
    recordings_of,
)

#: What no text holds, and a terminal that shows it would obey; JSON has them as escapes.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def convert_command(options: ConvertOptions) -> None:
    """Write files as subtitles, text, or what another tool reads."""
    say, output = options.messages(), options.output
    to = _target(options)
    paths = input_files(options.files or [], say)
    if len(paths) > 1 and options.output_dir is None:
        raise UsageError(f"{len(paths)} files need --output-dir")
    places = destinations(
        paths,
        output=[] if output is None else [output],
        output_dir=options.output_dir,
        suffix=TARGETS[to].suffix,
    )
    what = "--output-dir" if output is None else "-o"
    check_places(
        [Read("FILE", path) for path in paths],
        [Written(what, place) for found in places for place in found],
        options.output_dir,
    )
    summaries: list[dict[str, Any]] = []
    goal = {path: next(iter(found), None) for path, found in zip(paths, places, strict=True)}
    for summary, notes in say.each(lambda path: _convert(options, to, path, goal[path]), paths):
        for note in notes:
            say.note(f"{summary['path']}: {note}")
        if not options.json and summary["output"] not in {None, STREAM}:
            say.say(f"{summary['path']} ({summary['dialect']}) -> {summary['output']}")
        summaries.append(summary)
    if options.json:
        console.print_json({"command": "convert", "to": to, "files": summaries}, say.failures)
    say.end()


def _target(options: ConvertOptions) -> str:
    """What is to be written. Raises UsageError for calls that cannot be meant."""
    if not options.files:
        example = f"diarfix convert transcript.json --to {options.to or 'srt'}"
        raise UsageError("no FILE given", hint=example)
    name = file_name(options.output or "").lower()
    fits = [form for form, row in TARGETS.items() if name.endswith(row.suffix.lower())]
    if options.to is None and not fits:
        raise UsageError(
            f"what to write is not known{f' by the suffix of {name}' if name else ''}: give --to",
            hint=f"--to is one of: {', '.join(TARGETS)}",
        )
    to: str = options.to or fits[0]
    for heeded, asked in (("times", options.times), ("every_cue", options.every_cue)):
        if asked and heeded not in TARGETS[to].heeds:
            heeding = ", ".join(form for form, row in TARGETS.items() if heeded in row.heeds)
            raise UsageError(f"--{heeded.replace('_', '-')} goes with --to {heeding}")
    if options.every_cue and not options.names:
        raise UsageError("--every-cue and --no-names exclude each other")
    if options.json and options.output in {None, STREAM} and options.output_dir is None:
        raise UsageError("--json needs -o FILE or --output-dir")
    return to


def _convert(
    options: ConvertOptions, to: str, path: str, place: str | None
) -> tuple[dict[str, Any], list[str]]:
    """What became of one file, and what there is to know about it."""
    name = show(path)
    document = read_document(
        read_text(path), name, format=options.format, time_unit=options.time_unit
    )
    chosen = WriteOptions(options.names, options.times, options.every_cue)
    made = converted(document, known_labels(document), to, chosen)
    if place is None or place == STREAM:
        console.print_result(made.text)
    else:
        write_text(place, made.text)
    summary = {
        "path": name,
        "dialect": document.dialect.name,
        "words": len(document.words),
        "recordings": made.recordings,
        "words_placed": made.placed,
        "words_without_speaker": made.silent,
        "output": place,
    }
    return summary, [*document.notes, *made.notes]


class Converted(NamedTuple):
    """A document as another format has it, and what that format could not keep.

    placed  words shown at a time that nobody measured
    silent  words without a speaker
    """

    text: str
    recordings: int
    placed: int
    silent: int
    notes: list[str]


def converted(document: Document, words: Words, to: str, chosen: WriteOptions) -> Converted:
    """Write a document, under the labels of some words, in a format that is a name of TARGETS.

    Raises InputError where the format cannot hold what the document has.
    """
    target = TARGETS[to]
    document.check_words()
    recordings = recordings_of(document, words, apart=not target.channels)
    _holdable(document, to, recordings)
    written = target.write(recordings, chosen)
    wordless = bool(document.utterances) and not len(document.words)
    said = any(map(str.strip, document.words.text))
    if (said and written == target.write([], chosen)) or (wordless and to != "rttm"):
        raise _nothing(document, to, recordings)
    placed = sum(recording.guessed for recording in recordings) if target.needs_times else 0
    silent = sum(int((recording.words.speaker < 0).sum()) for recording in recordings)
    notes = []
    if placed and target.guesses and (target.by_word or not document.utterances):
        notes.append(f"words without a time, placed between their neighbours: {placed}")
    if document.utterances and target.by_word and not target.needs_times:
        untimed = int((~document.words.timed).sum())
        notes.append(f"words without a time of their own: {untimed} (--to seglst keeps when said)")
    lost = sum(item.speaker is None for item in document.utterances)
    if lost and to == "rttm":
        notes.append(f"{document.dialect.stretches} without a speaker, left out: {lost}")
    elif silent and document.utterances:
        notes.append(f"{document.dialect.stretches} without a speaker: {lost}")
    elif silent and not target.by_word:
        notes.append(
            "no word has a speaker"
            if silent == len(document.words)
            else f"words without a speaker, standing with the words before them: {silent}"
        )
    n_recordings = len({recording.id for recording in recordings})
    text = _CONTROLS.sub("\ufffd", written)
    return Converted(text, n_recordings, placed, silent, notes)


def _nothing(document: Document, to: str, recordings: list[Recording]) -> InputError:
    """The error of a file of which a format would hold nothing."""
    if not len(document.words):
        n = len(document.utterances)
        return InputError(
            f"{document.name}: {n} turns without text, {to} needs some",
            hint="diarfix convert FILE --to rttm writes the turns",
        )
    if any((recording.words.speaker >= 0).any() for recording in recordings):
        return InputError(f"{document.name}: no word with a speaker has a time, {to} needs both")
    return InputError(
        f"{document.name}: no word has a speaker, and {to} holds nothing else",
        hint="label them first: diarfix smooth FILE --turns RTTM",
    )


def _holdable(document: Document, to: str, recordings: list[Recording]) -> None:
    """Raise InputError where a format cannot hold what a file has."""
    target = TARGETS[to]
    names = list(dict.fromkeys(recording.id for recording in recordings))
    if target.alone and len(names) > 1:
        shown = ", ".join(names[:5])
        raise InputError(
            f"{document.name}: {len(names)} recordings in one file, {to} holds one",
            hint=f"the recordings are: {shown}",
        )
    if target.needs_times and any(bool((r.start != r.start).any()) for r in recordings):
        without = [name for name, other in TARGETS.items() if not other.needs_times]
        raise InputError(
            f"{document.name}: no word has a time, {to} needs them",
            hint=" and ".join(f"--to {name}" for name in without) + " do without",
        )
