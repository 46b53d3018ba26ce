"""One call of a command that edits files: what it reads, and how its results are handed over."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.cli.job import FileJob, FileOutcome, Output, write_results
from diarfix.cli.options import FileEditOptions
from diarfix.cli.places import Read, Written, check_places, destinations, form_of, input_files
from diarfix.cli.record import Record, recording
from diarfix.core import Segments, Turns
from diarfix.engine import Engine, run_ordered
from diarfix.errors import EXIT_NO, DiarfixError, InputError, UsageError
from diarfix.files import STDOUT, STREAM, descriptor, is_url, place, show, write_text
from diarfix.report import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one call reads and where its results go, its options checked against each other."""

    command: str
    options: FileEditOptions
    engine: Engine
    say: Messages

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

    def paths(self, arguments: Sequence[str]) -> list[str]:
        """The input files. Raises UsageError for calls that cannot be meant."""
        if not arguments:
            raise UsageError("no FILE given", hint=f"diarfix {self.command} transcript.json")
        self._check_options()
        paths = input_files(arguments, self.say)
        if self.options.in_place:
            paths = self._once(paths)
        if len(paths) > 1 and not (self.has_target or self.options.check or self.options.diff):
            raise UsageError(f"{len(paths)} files need --in-place, --output-dir, --check or --diff")
        if STREAM in paths and self.engine.name == "ray":
            raise UsageError("standard input cannot be read by --engine ray")
        if STREAM in paths and self.engine.apart and len(paths) > 1:
            raise UsageError("standard input cannot be read by --jobs")
        return paths

    def _check_options(self) -> None:
        chosen, backup = self.options, self.options.backup
        streams = [*self.outputs, chosen.rttm, chosen.changes].count(STREAM)
        plain = not (self.has_target or chosen.diff or chosen.json or chosen.check)
        crowded = streams + chosen.diff + chosen.json + (plain and streams > 0) > 1
        for wrong, why in (
            (backup is not None and not chosen.in_place, "--backup goes with --in-place"),
            (
                backup is not None and (not backup or "/" in backup),
                "--backup needs a suffix such as .bak",
            ),
            (chosen.json and chosen.diff, "--json and --diff both want stdout"),
            (
                chosen.json and not (self.has_target or chosen.check),
                "--json needs -o, --output-dir, -i or --check",
            ),
            (
                chosen.check and self.has_target,
                "--check writes nothing: leave the output option out",
            ),
            (crowded, "only one result can go to stdout"),
        ):
            if wrong:
                raise UsageError(why)

    def _once(self, paths: Sequence[str]) -> list[str]:
        """Files that are to be written in place, each under one of its names."""
        found: dict[Hashable, str] = {}
        for path in paths:
            key = None if path == STREAM else place(path)
            first = found.setdefault(path if key is None else key, path)
            if first != path:
                self.say.note(f"{path}: passed over, it is the same file as {first}")
        return list(found.values())

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
        what = "--output-dir" if chosen.output_dir is not None else "-o" if chosen.output else "-i"
        written = [Written("--rttm", chosen.rttm), Written("--changes", chosen.changes)]
        jobs = []
        for path, places in zip(paths, targets, strict=True):
            forms = [form_of(name, path) if what == "-o" else None for name in places]
            outputs = [Output(*pair) for pair in zip(places, forms, strict=True)]
            for name, form in outputs:
                same = what != "--output-dir" and form is None
                written.append(Written(what, name, path if same else None))
            if chosen.backup is not None and not is_url(path):
                copy = path + chosen.backup
                # One that is there is left alone: the backup gets a number.
                written.append(Written("--backup", None if os.path.lexists(copy) else copy))
            if not outputs and self.writes:
                outputs = [Output(None)]
            job = FileJob(
                path=path,
                format=chosen.format,
                time_unit=chosen.time_unit,
                segments=segments,
                outputs=tuple(outputs),
                backup=chosen.backup,
                skip_unknown=skip_unknown,
                want_hunks=chosen.diff,
                want_changes=chosen.changes is not None,
                want_turns=chosen.rttm is not None,
            )
            jobs.append(self._handed_back(job, paths))
        if self.writes and not self.has_target:
            written.append(Written("stdout", STREAM))
        check_places([*read, *(Read("FILE", path) for path in paths)], written, chosen.output_dir)
        return jobs

    def _handed_back(self, job: FileJob, paths: Sequence[str]) -> FileJob:
        """A job whose results come back before they are written, where that must be.

        With ``--changes`` the record is to be on disk first. And where a task may run twice, none
        may write where one reads, or to its own stdout: what was repaired in place by a worker that
        then got lost would be repaired once more, and told as a file in which nothing moved.
        """
        if not job.want_changes and self.engine.repeats:
            read = {_real(path) for path in paths}
            named = [o.place for o in job.outputs if o.place is not None]
            mine = (p == STREAM or descriptor(p) is not None or _real(p) in read for p in named)
            return replace(job, hand_back=any(mine))
        return replace(job, hand_back=job.want_changes)

    def run(self, jobs: Sequence[FileJob], work: Callable[[FileJob], FileOutcome]) -> None:
        """Process every file in order; one that fails is told and the rest goes on.

        Ends by ``typer.Exit`` with the code that the table of exit codes gives.
        """
        chosen, say = self.options, self.say
        summaries: list[dict[str, Any]] = []
        passed_over: list[str] = []
        turns: dict[str, Turns] = {}
        with (
            recording(chosen.changes) as record,
            console.progress(len(jobs), self.command, say) as tick,
        ):
            for job, done in zip(jobs, run_ordered(work, jobs, self.engine, _lost), strict=True):
                tick(1)
                if done.passed_over is not None:
                    say.note(f"passed over: {done.passed_over}")
                    passed_over.append(done.path)
                    continue
                outcome = _written(job, done, record)
                if outcome.error is not None:
                    say.fail(outcome.path, outcome.error)
                    continue
                self._tell(outcome)
                summaries.append(outcome.summary)
                for name in sorted(turns.keys() & outcome.turns.keys()):
                    why = f"{outcome.path}: a second recording {name!r} for --rttm"
                    say.error(UsageError(why))
                turns |= outcome.turns
        if chosen.rttm is not None:
            from diarfix.formats import write_rttm

            write_text(chosen.rttm, write_rttm(turns))
        if chosen.check and any(s["file_changes"] for s in summaries):
            say.codes.append(EXIT_NO)
        if chosen.json:
            tree: dict[str, Any] = {"command": self.command, "files": summaries}
            tree |= {"passed_over": passed_over} if passed_over else {}
            console.print_json(tree, say.failures)
        elif len(jobs) > 1:
            self._total(summaries, len(say.failures))
        say.end()

    def _tell(self, outcome: FileOutcome) -> None:
        for note in outcome.notes:
            self.say.note(f"{outcome.path}: {note}")
        for _, text in outcome.results:
            console.print_result(text)
        if self.options.diff:
            from diarfix.report import draw

            drawn = draw(one_line(outcome.path), outcome.hunks, console.terminal_width())
            console.print_wrapped(drawn)
        if not self.options.json:
            self.say.say(self._line(outcome.summary))

    def _line(self, s: dict[str, Any]) -> str:
        parts = [f"{_count(s['changed'], 'word')} of {s['words']} {self.verb}"]
        for key, what, how in (
            ("islands_collapsed", "island", "collapsed"),
            ("seams_moved", "seam", "moved"),
        ):
            if s[key]:
                parts.append(f"{_count(s[key], what)} {how}")
        if "candidates" in s:
            failed = f", {s['failed']} failed" if s["failed"] else ""
            share = s["estimated_precision"]
            precision = "" if share is None else f", precision estimated {share:.2f}"
            parts.append(
                f"{s['moved']} by voice ({s['embedded']} of {s['candidates']} in doubt heard"
                f"{failed}{precision})"
            )
        for key, what in (
            ("words_assigned", "labelled from turns"),
            ("words_without_time", "without time"),
            ("words_without_speaker", "without speaker"),
        ):
            if s[key]:
                parts.append(f"{s[key]} {what}")
        named = [place for place in s.get("outputs", [s["output"]]) if place not in {None, STREAM}]
        where = f" -> {', '.join(named)}" if self.writes and named else ""
        return f"{s['path']} ({s['dialect']}): {', '.join(parts)}{where}"

    def _total(self, summaries: list[dict[str, Any]], n_failed: int) -> None:
        changed, words, islands = (
            sum(s[key] for s in summaries) for key in ("changed", "words", "islands_collapsed")
        )
        failed = f", {_count(n_failed, 'file')} failed" if n_failed else ""
        self.say.say(
            f"{_count(len(summaries), 'file')}: {_count(changed, 'word')} of {words} {self.verb},"
            f" {_count(islands, 'island')} collapsed{failed}"
        )


def _written(job: FileJob, outcome: FileOutcome, record: Record) -> FileOutcome:
    """What became of a file once its results are where they belong, and its changes on record."""
    if outcome.error is not None or not job.hand_back:
        return outcome
    record.add(outcome.changes)
    try:
        outcome = write_results(job, outcome)
    except DiarfixError as error:
        outcome = replace(outcome, error=error)
    record.settle(done=outcome.error is None)
    return outcome


def _real(path: str) -> str:
    return path if is_url(path) else os.path.realpath(path)


def _lost(job: FileJob, error: InputError) -> FileOutcome:
    told = InputError(f"{show(job.path)}: {error.message}", hint=error.hint)
    return FileOutcome(path=job.path, error=told)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
