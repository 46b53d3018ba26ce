"""Which files a call reads and where its results go: none over another, or over what is read."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from diarfix.cli.console import Messages
from diarfix.errors import InputError, UsageError
from diarfix.files import (
    STREAM,
    check_writable,
    descriptor,
    file_name,
    files_inside,
    files_matching,
    is_folder,
    is_pattern,
    is_url,
    join,
    make_folder,
    place,
)

#: What a folder is searched for.
WORD_FILES = ("*.json", "*.nlp")

#: Options that name places for the results themselves.
_RESULTS = ("-o", "--output-dir")
#: What cannot be tried beforehand, or fails by itself while the other results are written.
_TRIED_LATE = ("-i", "--output-dir", "--backup", "the store")


def input_files(
    arguments: Sequence[str], say: Messages, patterns: Sequence[str] = WORD_FILES
) -> list[str]:
    """Files named by paths, patterns (also where the shell left them alone) and folders.

    Folders are searched through and through for ``patterns``; results are sorted within each
    argument, and a file named twice counts once. Pipes and devices among them are passed over, and
    told.

    Raises InputError for a path that does not exist or a pattern or folder that yields nothing.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        if argument == STREAM:
            paths = [argument]
        elif is_folder(argument):
            paths = files_in(argument, patterns, say)
            if not paths:
                raise InputError(f"{argument}: no {' or '.join(patterns)} in this folder")
        elif is_pattern(argument):
            passed_over: list[str] = []
            paths = files_matching(argument, passed_over)
            _tell_passed_over(passed_over, say)
            if not paths:
                raise InputError(f"{argument}: no file matches")
        else:
            paths = [argument]
        for path in paths:
            found.setdefault(path if is_url(path) else os.path.normpath(path), path)
    return list(found.values())


def files_in(folder: str, patterns: Sequence[str], say: Messages) -> list[str]:
    """The files of a folder, at any depth, that fit a pattern; tells what nobody will read."""
    passed_over: list[str] = []
    found = files_inside(folder, patterns, passed_over)
    _tell_passed_over(passed_over, say)
    return found


def _tell_passed_over(paths: Iterable[str], say: Messages) -> None:
    for path in paths:
        say.note(f"{path}: passed over, it is no file but a pipe, socket or device")


def destinations(
    paths: Sequence[str],
    *,
    output: Sequence[str],
    output_dir: str | None,
    in_place: bool = False,
    suffix: str | None = None,
) -> list[list[str]]:
    """The places each result is written to; none where no output option was given.

    suffix  what names in ``output_dir`` end in, in place of the input's; None keeps their names

    Raises UsageError for options that exclude each other or two results of one name.
    """
    options = {"--output": output, "--output-dir": output_dir is not None, "--in-place": in_place}
    given = [name for name, on in options.items() if on]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other")
    if in_place:
        if STREAM in paths:
            raise UsageError("--in-place cannot write back to standard input")
        return [[path] for path in paths]
    if output:
        if len(paths) > 1:
            raise UsageError(
                f"--output takes one result, {len(paths)} files given",
                hint="use --output-dir or --in-place",
            )
        return [list(output)]
    if output_dir is None:
        return [[] for _ in paths]
    targets: dict[str, str] = {}
    for path in paths:
        name = Path("stdin.json" if path == STREAM else file_name(path))
        target = join(output_dir, name.name if suffix is None else name.stem + suffix)
        if target in targets:
            raise UsageError(f"{targets[target]} and {path} would both be written to {target}")
        targets[target] = path
    return [[target] for target in targets]


def form_of(place: str, file: str) -> str | None:
    """What ``-o`` writes by the suffix of a place: a format of ``convert``; None for the document.

    file  the input: a document may end in what its own name ends in

    Raises UsageError for a suffix that fits no form.
    """
    if place == STREAM or descriptor(place) is not None:
        return None
    name = file_name(place)
    suffix = Path(name).suffix.lower() or (name.lower() if name.startswith(".") else "")
    if suffix in {"", *(pattern.removeprefix("*") for pattern in WORD_FILES)}:
        return None
    from diarfix.formats import FORMATS, TARGETS

    own = Path(file_name(file)).suffix.lower()
    if suffix == own and any(row.pattern == f"*{own}" for row in FORMATS):
        return None  # subtitles stay what they are, cue for cue
    forms = {row.suffix.lower(): name for name, row in TARGETS.items()}
    if suffix not in {own, *forms}:
        listed = ", ".join(form for form in forms if form.count(".") == 1)
        raise UsageError(
            f"-o {place}: nothing is written as {suffix}", hint=f"known are .json, {listed}"
        )
    return forms.get(suffix)


class Read(NamedTuple):
    """Something that is read: the option or argument that names it, and the name."""

    what: str
    path: str | None


class Written(NamedTuple):
    """Something that is written.

    over  the FILE that it may replace, because the call says so
    """

    what: str
    path: str | None
    over: str | None = None


def check_places(
    read: Iterable[Read], written: Sequence[Written], folder: str | None = None
) -> None:
    """Refuse a call that would write over what it reads, twice in one place, or where it cannot.

    folder  made, once nothing else speaks against the call

    Links, hard links, spellings and stores make no difference; devices and pipes take anything.
    Entries without a path count for nothing. Raises UsageError, for a place that takes nothing
    InputError; nothing is read for it.
    """
    taken: dict[Hashable, Read] = {}
    for entry in read:
        if (key := _place(entry.path, number=0)) is not None:
            taken.setdefault(key, entry)
    outputs: dict[Hashable, Written] = {}
    for result in written:
        if (key := _place(result.path, number=1)) is None:
            continue
        other = outputs.setdefault(key, result)
        if other is not result:
            raise UsageError(f"{_name(other)} and {_name(result)} would be one file")
        source = taken.get(key)
        if source is not None and (result.over is None or source.path != result.over):
            raise UsageError(
                f"{_name(result)} would be written over {_name(source)}",
                hint="-i writes over its input" if result.what in _RESULTS else None,
            )
    if folder is not None:
        make_folder(folder)
    for result in written:
        if result.path is not None and result.what not in _TRIED_LATE:
            check_writable(result.path)


def _place(path: str | None, *, number: int) -> Hashable | None:
    """What tells a place from others; ``number`` is the standard stream that "-" means."""
    if path == STREAM:  # which may have been led to a file
        return place(f"/dev/fd/{number}") if os.name == "posix" else None
    return None if path is None else place(path)


def _name(entry: Read | Written) -> str:
    return f"{entry.what} {entry.path}"
