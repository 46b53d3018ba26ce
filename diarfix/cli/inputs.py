"""Which files a command reads, one after another, and where each result goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from diarfix.cli.console import Messages
from diarfix.errors import DiarfixError, InputError, UsageError
from diarfix.files import (
    STREAM,
    descriptor,
    file_name,
    files_inside,
    files_matching,
    is_folder,
    is_pattern,
    is_url,
    join,
)

_T = TypeVar("_T")
_R = TypeVar("_R")

#: What a folder is searched for.
WORD_FILES = ("*.json", "*.nlp")


def input_files(
    arguments: Sequence[str], say: Messages, patterns: Iterable[str] = WORD_FILES
) -> list[str]:
    """Files named by paths, patterns (also where the shell left them alone) and folders.

    Folders are searched through and through for ``patterns``; results are sorted within each
    argument, and a file named twice counts once. Pipes and devices among them are passed over, and
    told.

    Raises InputError for a path that does not exist or a pattern or folder that yields nothing.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        for path in _expand_one(argument, tuple(patterns), say):
            found.setdefault(path if is_url(path) else os.path.normpath(path), path)
    return list(found.values())


def _expand_one(argument: str, patterns: tuple[str, ...], say: Messages) -> list[str]:
    if argument == STREAM:
        return [argument]
    passed_over: list[str] = []
    if is_folder(argument):
        found = files_inside(argument, patterns, passed_over)
        lacks = f"no {' or '.join(patterns)} in this folder"
    elif is_pattern(argument):
        found, lacks = files_matching(argument, passed_over), "no file matches"
    else:
        return [argument]
    tell_passed_over(passed_over, say)
    if not found:
        raise InputError(f"{argument}: {lacks}")
    return found


def tell_passed_over(paths: Iterable[str], say: Messages) -> None:
    """Tell what a search found and nobody will read."""
    for path in paths:
        say.note(f"{path}: passed over, it is no file but a pipe, socket or device")


def destinations(
    paths: Sequence[str],
    *,
    output: Sequence[str],
    output_dir: str | None,
    in_place: bool,
    suffix: str | None = None,
) -> list[list[str]]:
    """The places each result is written to; none where no output option was given.

    suffix  what names in ``output_dir`` end in, in place of the input's; None keeps their names

    Raises UsageError for options that exclude each other or two results of one name.
    """
    given = [
        name
        for name, on in (
            ("--output", output),
            ("--output-dir", output_dir is not None),
            ("--in-place", in_place),
        )
        if on
    ]
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
    if output_dir is not None:
        return [[place] for place in _into(output_dir, paths, suffix)]
    return [[] for _ in paths]


def _into(folder: str, paths: Sequence[str], suffix: str | None) -> list[str]:
    targets: dict[str, str] = {}
    for path in paths:
        name = Path("stdin.json" if path == STREAM else file_name(path))
        target = join(folder, name.name if suffix is None else name.stem + suffix)
        if target in targets:
            raise UsageError(f"{targets[target]} and {path} would both be written to {target}")
        targets[target] = path
    return list(targets)


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
    from diarfix.formats import TARGETS

    forms = {row.suffix.lower(): name for name, row in TARGETS.items()}
    if suffix not in forms and suffix != Path(file_name(file)).suffix.lower():
        listed = ", ".join(form for form in forms if form.count(".") == 1)
        raise UsageError(
            f"-o {place}: nothing is written as {suffix}", hint=f"known are .json, {listed}"
        )
    return forms.get(suffix)


@dataclass(slots=True)
class Each:
    """Results of a function over files; what failed is told, counted, and does not stop the rest.

    codes   exit codes of the files that failed
    errors  the same for ``--json``
    """

    say: Messages
    codes: list[int] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def run(
        self, work: Callable[[_T], _R], paths: Sequence[str], tasks: Sequence[_T]
    ) -> Iterator[_R]:
        """Yield ``work(task)`` where it succeeds, in order."""
        for path, task in zip(paths, tasks, strict=True):
            try:
                yield work(task)
            except DiarfixError as error:
                self.say.error(error)
                self.codes.append(error.exit_code)
                self.errors.append({"path": path, "error": error.message})

    def failed(self) -> dict[str, Any]:
        """What ``--json`` adds if something failed."""
        return {"errors": self.errors} if self.errors else {}
