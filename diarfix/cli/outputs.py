"""What one call of a command that edits files reads, and where its results go."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from diarfix.cli.console import Messages
from diarfix.cli.inputs import destinations, form_of, input_files
from diarfix.cli.job import FileJob, Output
from diarfix.cli.places import Read, Written, check_outputs, check_places
from diarfix.cli.sets import FileEditOptions
from diarfix.core import Segments
from diarfix.engine import Engine
from diarfix.errors import UsageError
from diarfix.files import STDOUT, STREAM, descriptor, is_url, make_folder, place


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlan:
    """What one call reads and where its results go, its options checked against each other."""

    command: str
    options: FileEditOptions
    engine: Engine

    @property
    def has_target(self) -> bool:
        """Whether an option names a place for the results."""
        chosen = self.options
        return bool(chosen.output) or chosen.output_dir is not None or chosen.in_place

    @property
    def outputs(self) -> list[str]:
        """What ``-o`` names, standard output under one name."""
        named = self.options.output or []
        return [STREAM if descriptor(place) == STDOUT else place for place in named]

    @property
    def writes(self) -> bool:
        """Whether results leave the program: not with --check, nor with --diff alone."""
        chosen = self.options
        return not chosen.check and (self.has_target or not (chosen.diff or chosen.json))

    @property
    def verb(self) -> str:
        """What happens to words, for messages."""
        if self.command == "rename":
            return "would be renamed" if self.options.check else "renamed"
        return "would move" if self.options.check else "moved"

    def paths(self, arguments: Sequence[str], say: Messages) -> list[str]:
        """The input files. Raises UsageError for calls that cannot be meant."""
        if not arguments:
            raise UsageError("no FILE given", hint=f"diarfix {self.command} transcript.json")
        self._check_options()
        paths = input_files(arguments, say)
        if self.options.in_place:
            paths = _once(paths, say)
        if len(paths) > 1 and not (self.has_target or self.options.check or self.options.diff):
            raise UsageError(f"{len(paths)} files need --in-place, --output-dir, --check or --diff")
        if STREAM in paths and self.engine.name == "ray":
            raise UsageError("standard input cannot be read by --engine ray")
        if STREAM in paths and self.engine.apart and len(paths) > 1:
            raise UsageError("standard input cannot be read by --jobs")
        return paths

    def _check_options(self) -> None:
        chosen = self.options
        if chosen.backup is not None and not chosen.in_place:
            raise UsageError("--backup goes with --in-place")
        if chosen.backup is not None and (not chosen.backup or "/" in chosen.backup):
            raise UsageError("--backup needs a suffix such as .bak")
        if chosen.json and chosen.diff:
            raise UsageError("--json and --diff both want stdout")
        if chosen.json and not (self.has_target or chosen.check):
            raise UsageError("--json needs -o, --output-dir, -i or --check")
        if chosen.check and self.has_target:
            raise UsageError("--check writes nothing: leave the output option out")
        streams = [*self.outputs, chosen.rttm, chosen.changes].count(STREAM)
        plain = not (self.has_target or chosen.diff or chosen.json or chosen.check)
        if streams + chosen.diff + chosen.json + (plain and streams > 0) > 1:
            raise UsageError("only one result can go to stdout")

    def jobs(
        self,
        paths: Sequence[str],
        segments: Segments = "keep",
        *,
        read: Iterable[Read] = (),
        skip_unknown: bool = False,
    ) -> list[FileJob]:
        """One job per file. Raises UsageError for results that would be written over each other.

        read  what else is read, which no result may be written over either
        """
        chosen = self.options
        targets = destinations(
            paths, output=self.outputs, output_dir=chosen.output_dir, in_place=chosen.in_place
        )
        self._check_places(paths, targets, read)
        jobs = [
            FileJob(
                path=path,
                format=chosen.format,
                time_unit=chosen.time_unit,
                segments=segments,
                outputs=self._outputs(path, places),
                backup=chosen.backup,
                skip_unknown=skip_unknown,
                want_hunks=chosen.diff,
                want_changes=chosen.changes is not None,
                want_turns=chosen.rttm is not None,
            )
            for path, places in zip(paths, targets, strict=True)
        ]
        if chosen.output_dir is not None:
            make_folder(chosen.output_dir)
        check_outputs([*self.outputs, chosen.rttm, chosen.changes])
        return jobs

    def _outputs(self, path: str, places: Sequence[str]) -> tuple[Output, ...]:
        if not places:
            return (Output(None),) if self.writes else ()
        if not self.options.output:
            return tuple(map(Output, places))
        return tuple(Output(name, form_of(name, path)) for name in places)

    def _check_places(
        self, paths: Sequence[str], targets: Sequence[Sequence[str]], read: Iterable[Read]
    ) -> None:
        chosen = self.options
        what = "--output-dir" if chosen.output_dir is not None else "-o" if chosen.output else "-i"
        written = [Written("--rttm", chosen.rttm), Written("--changes", chosen.changes)]
        for path, places in zip(paths, targets, strict=True):
            for name in places:
                over = (
                    path if what == "-i" or (what == "-o" and form_of(name, path) is None) else None
                )
                written.append(Written(what, name, over))
            if chosen.backup is not None and not is_url(path):
                copy = path + chosen.backup
                # One that is there is left alone: the backup gets a number.
                written.append(Written("--backup", None if os.path.lexists(copy) else copy))
        if self.writes and not self.has_target:
            written.append(Written("stdout", STREAM))
        check_places([*read, *(Read("FILE", path) for path in paths)], written)


def _once(paths: Sequence[str], say: Messages) -> list[str]:
    """Files that are to be written in place, each under one of its names."""
    found: dict[Hashable, str] = {}
    for path in paths:
        key = None if path == STREAM else place(path)
        first = found.setdefault(path if key is None else key, path)
        if first != path:
            say.note(f"{path}: passed over, it is the same file as {first}")
    return list(found.values())
