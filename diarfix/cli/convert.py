"""``diarfix convert``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import typer

from diarfix.cli.options import ConvertOptions
from diarfix.errors import InputError, UsageError, worst_exit
from diarfix.formats import TARGETS

if TYPE_CHECKING:
    from diarfix.core import Words
    from diarfix.formats import Document, Recording, WriteOptions


#: What no text holds, and a terminal that shows it would obey; JSON has them as escapes.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def convert_command(options: ConvertOptions) -> None:
    """Write files as subtitles, text, or what another tool reads."""
    from diarfix.cli import console
    from diarfix.cli.inputs import Each, destinations, input_files
    from diarfix.cli.places import Read, Written, check_outputs, check_places
    from diarfix.files import make_folder
    from diarfix.formats import WriteOptions

    say, json = options.messages(), options.json
    to, files, output, output_dir = options.to, options.files, options.output, options.output_dir
    _check_options(to, files, output, output_dir, json=json)
    _check_heeded(options)
    paths = input_files(files or [], say)
    if len(paths) > 1 and output_dir is None:
        raise UsageError(f"{len(paths)} files need --output-dir")
    places = destinations(
        paths,
        output=[] if output is None else [output],
        output_dir=output_dir,
        in_place=False,
        suffix=TARGETS[to].suffix,
    )
    what = "--output-dir" if output is None else "-o"
    check_places(
        [Read("FILE", path) for path in paths],
        [Written(what, place) for found in places for place in found],
    )
    check_outputs([output])
    if output_dir is not None:
        make_folder(output_dir)
    each = Each(say)
    chosen = WriteOptions(options.names, options.times, options.every_cue)

    def work(task: tuple[str, list[str]]) -> dict[str, Any]:
        path, places = task
        document = _read(path, options.format, options.time_unit)
        return _convert(document, to, chosen, path, next(iter(places), None))

    summaries = []
    for summary in each.run(work, paths, list(zip(paths, places, strict=True))):
        for note in summary.pop("notes"):
            say.note(f"{summary['path']}: {note}")
        if not json and summary["output"] not in {None, "-"}:
            say.say(f"{summary['path']} ({summary['dialect']}) -> {summary['output']}")
        summaries.append(summary)
    if json:
        console.print_json({"command": "convert", "to": to, "files": summaries} | each.failed())
    if code := worst_exit(each.codes):
        raise typer.Exit(code)


def _check_options(
    to: str,
    files: list[str] | None,
    output: str | None,
    output_dir: str | None,
    *,
    json: bool,
) -> None:
    """Raise UsageError for calls that cannot be meant."""
    if not files:
        raise UsageError("no FILE given", hint=f"diarfix convert transcript.json --to {to}")
    if json and output in {None, "-"} and output_dir is None:
        raise UsageError("--json needs -o FILE or --output-dir")


def _check_heeded(options: ConvertOptions) -> None:
    """Raise UsageError for a choice that makes no difference to what is written."""
    for name, asked in (("times", options.times), ("every_cue", options.every_cue)):
        if asked and name not in TARGETS[options.to].heeds:
            heeding = ", ".join(to for to, row in TARGETS.items() if name in row.heeds)
            raise UsageError(f"--{name.replace('_', '-')} goes with --to {heeding}")
    if options.every_cue and not options.names:
        raise UsageError("--every-cue and --no-names exclude each other")


def _read(path: str, format_: str | None, time_unit: Literal["auto", "s", "ms"]) -> Document:
    from diarfix.files import read_text, show
    from diarfix.formats import read_document

    return read_document(read_text(path), show(path), format=format_, time_unit=time_unit)


def _convert(
    document: Document, to: str, chosen: WriteOptions, path: str, place: str | None
) -> dict[str, Any]:
    from diarfix.cli import console
    from diarfix.edits import known_labels
    from diarfix.files import STREAM, show, write_text

    made = converted(document, known_labels(document), to, chosen)
    if place in {None, STREAM}:
        console.print_result(made.text)
    else:
        write_text(str(place), made.text)
    return {
        "path": show(path),
        "dialect": document.dialect.name,
        "words": len(document.words),
        "recordings": made.recordings,
        "words_placed": made.placed,
        "words_without_speaker": made.silent,
        "output": place,
        "notes": [*document.notes, *made.notes],
    }


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
    from diarfix.formats import recordings_of

    target = TARGETS[to]
    document.check_words()
    recordings = recordings_of(document, words, apart=not target.channels)
    _holdable(document, to, recordings)
    written = target.write(recordings, chosen)
    if written == target.write([], chosen) and any(map(str.strip, document.words.text)):
        raise _nothing(document, to, recordings)
    placed = sum(recording.guessed for recording in recordings) if target.needs_times else 0
    silent = sum(int((recording.words.speaker < 0).sum()) for recording in recordings)
    notes = []
    if placed and target.guesses:
        notes.append(f"words without a time, placed between their neighbours: {placed}")
    if silent and not target.by_word:
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
    if target.needs_times and any(_timeless(recording) for recording in recordings):
        without = [name for name, other in TARGETS.items() if not other.needs_times]
        raise InputError(
            f"{document.name}: no word has a time, {to} needs them",
            hint=" and ".join(f"--to {name}" for name in without) + " do without",
        )


def _timeless(recording: Recording) -> bool:
    return bool((recording.start != recording.start).any())
