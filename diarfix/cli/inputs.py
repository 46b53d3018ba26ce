"""Which files a command reads, one after another, and where each result goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from diarfix.cli.console import Messages
from diarfix.errors import DiarfixError, InputError, UsageError
from diarfix.files.paths import (
    STREAM,
    file_name,
    files_inside,
    files_matching,
    is_folder,
    is_pattern,
    join,
    make_folder,
)

_T = TypeVar("_T")
_R = TypeVar("_R")

#: What a folder is searched for.
WORD_FILES = ("*.json", "*.nlp")


def input_files(arguments: Sequence[str], patterns: Iterable[str] = WORD_FILES) -> list[str]:
    """Files named by paths, patterns (also where the shell left them alone) and folders.

    Folders are searched through and through for ``patterns``; results are sorted within each
    argument, and a file named twice counts once.

    Raises InputError for a path that does not exist or a pattern or folder that yields nothing.
    """
    found: dict[str, None] = {}
    for argument in arguments:
        for path in _expand_one(argument, tuple(patterns)):
            found.setdefault(path)
    return list(found)


def _expand_one(argument: str, patterns: tuple[str, ...]) -> list[str]:
    if argument == STREAM:
        return [argument]
    if is_folder(argument):
        inside = files_inside(argument, patterns)
        if not inside:
            raise InputError(f"{argument}: no {' or '.join(patterns)} in this folder")
        return inside
    if is_pattern(argument):
        matches = files_matching(argument)
        if not matches:
            raise InputError(f"{argument}: no file matches")
        return matches
    return [argument]


def destinations(
    paths: Sequence[str],
    *,
    output: str | None,
    output_dir: str | None,
    in_place: bool,
    suffix: str | None = None,
) -> list[str | None]:
    """The place each result is written to; None where no output option was given.

    suffix  what names in ``output_dir`` end in, in place of the input's; None keeps their names

    Raises UsageError for options that exclude each other or two results of one name.
    """
    given = [
        name
        for name, on in (
            ("--output", output is not None),
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
        return list(paths)
    if output is not None:
        if len(paths) > 1:
            raise UsageError(
                f"--output takes one result, {len(paths)} files given",
                hint="use --output-dir or --in-place",
            )
        return [output]
    if output_dir is not None:
        return [*_into(output_dir, paths, suffix)]
    return [None] * len(paths)


def _into(folder: str, paths: Sequence[str], suffix: str | None) -> list[str]:
    targets: dict[str, str] = {}
    for path in paths:
        name = Path("stdin.json" if path == STREAM else file_name(path))
        target = join(folder, name.name if suffix is None else name.stem + suffix)
        if target in targets:
            raise UsageError(f"{targets[target]} and {path} would both be written to {target}")
        targets[target] = path
    make_folder(folder)
    return list(targets)


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
