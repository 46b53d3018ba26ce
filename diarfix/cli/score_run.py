"""What ``diarfix score`` does once its options are read: pair, score, tell, gate."""

from __future__ import annotations

import dataclasses
from typing import Any

import typer

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.engine import Engine, run_ordered
from diarfix.errors import EXIT_BUG, GateFailed, InputError, NothingScored, UsageError
from diarfix.files.local import read_text, show, write_text
from diarfix.files.paths import recording_id
from diarfix.formats.jsontext import parse
from diarfix.formats.text.rttm import read_uem
from diarfix.metrics.gates import DEFAULT_COVERAGE, Condition, Tolerance, regressions
from diarfix.metrics.pair import ScoreOptions
from diarfix.metrics.recording import RecordingScore, pool
from diarfix.metrics.run import Scored, ScoreTask, score_task
from diarfix.metrics.sides import Side, matched, read_sides
from diarfix.metrics.sweep import Uem
from diarfix.report import score_table


def tasks(
    ref: str, hyp: str, uem: str | None, want: ScoreOptions, say: Messages
) -> tuple[list[ScoreTask], list[int]]:
    """The pairs to score, and the exit codes of what has no pair."""
    if [ref, hyp, uem].count("-") > 1:
        raise UsageError("standard input can be one file only")
    (left, bad_left), (right, bad_right) = read_sides(ref), read_sides(hyp)
    errors = [*bad_left.values(), *bad_right.values()]
    for path, sides, bad in ((ref, left, bad_left), (hyp, right, bad_right)):
        if not sides and not bad:
            raise InputError(f"{show(path)}: no recording in it")
    pairing = matched(left, right)
    for note in pairing.notes:
        say.note(note)
    unread = {recording_id(file) for file in (*bad_left, *bad_right)}
    lone_ref = [s for s in pairing.only_ref if not unread & {s.name, s.file}]
    lone_hyp = [s for s in pairing.only_hyp if not unread & {s.name, s.file}]
    for lone, side in ((lone_ref, "hypothesis"), (lone_hyp, "reference")):
        if lone:
            more = f" and {len(lone) - 3} more" if len(lone) > 3 else ""
            names = ", ".join(repr(s.name) for s in lone[:3]) + more
            errors.append(InputError(f"missing from the {side}: recording {names}"))
    for error in errors:
        say.error(error)
    rows: list[tuple[str, Side, Side | None]] = [*pairing.pairs]
    if rows:
        # What the hypothesis lacks is missed speech, in DER and in the exit code.
        rows += [(side.name, side, None) for side in lone_ref]
    regions = _regions(uem, rows)
    tasks = [
        ScoreTask(name=name, ref=a, hyp=b, uem=regions.get(name), options=want)
        for name, a, b in rows
    ]
    return tasks, [error.exit_code for error in errors]


def _regions(path: str | None, rows: list[tuple[str, Side, Side | None]]) -> dict[str, Uem]:
    """The UEM's regions of each recording."""
    if path is None:
        return {}
    told = read_uem(read_text(path), show(path))
    if len(rows) == len(told) == 1:
        return {rows[0][0]: next(iter(told.values()))}
    found = {}
    for name, ref, hyp in rows:
        key = next((k for k in (name, ref.name, ref.file, hyp and hyp.file) if k in told), None)
        if key is None:
            raise InputError(f"{show(path)}: no regions for recording {name!r}")
        found[name] = told[key]
    return found


def baseline(path: str) -> dict[str, Any]:
    """An earlier ``--json`` document. Raises InputError if it is none."""
    tree = parse(read_text(path), path)
    if not isinstance(tree, dict) or not isinstance(tree.get("overall"), dict):
        raise InputError(f"{path}: no 'overall' in it, expected the --json of an earlier score")
    return tree


def _lost(task: ScoreTask, error: InputError) -> Scored:
    told = InputError(f"{task.name}: {error.message}", hint=error.hint)
    return Scored(name=task.name, error=told)


def run(tasks: list[ScoreTask], engine: Engine, say: Messages, codes: list[int]) -> list[Scored]:
    """Score every recording in order; what fails is told and its exit code noted."""
    results: list[Scored] = []
    with console.progress(len(tasks), "score", say) as tick:
        for result in run_ordered(score_task, tasks, engine, _lost):
            tick()
            if result.error is not None:
                say.error(result.error)
                codes.append(result.error.exit_code)
            results.append(result)
    return results


def scores_of(results: list[Scored]) -> list[RecordingScore]:
    """The scores of the recordings that have one."""
    return [r.score for r in results if r.score is not None]


def settings(want: ScoreOptions, extent: str) -> dict[str, Any]:
    """How it was measured, for the JSON document."""
    return {**dataclasses.asdict(want), "extent": extent}


def report(
    results: list[Scored], want: ScoreOptions, say: Messages, *, json: bool, extent: str
) -> None:
    """Print the table, or with ``json`` the document."""
    scores = scores_of(results)
    overall = pool(scores)
    if json:
        errors = [{"id": r.name, "error": r.error.message} for r in results if r.error is not None]
        tree: dict[str, Any] = {
            "settings": settings(want, extent),
            "files": [
                {"id": r.name, **r.score.document(), "mapping": r.mapping}
                for r in results
                if r.score is not None
            ],
            "overall": overall.document(),
        }
        console.print_json(tree | ({"errors": errors} if errors else {}))
    if json or not scores:
        return

    every = say.level >= 1
    items = score_table.screen(results, overall, want, has_uem=extent == "uem", every=every)
    for item in items:
        console.show(item)


def coverage(
    results: list[Scored],
    tasks: list[ScoreTask],
    least: float | None,
    say: Messages,
    codes: list[int],
) -> None:
    """Each recording must be covered: one that is not would hide among many."""
    limit = DEFAULT_COVERAGE if least is None else least
    for result, task in zip(results, tasks, strict=True):
        if result.score is None or task.hyp is None or limit == 0:
            continue
        rate = result.score.metrics()["coverage"]
        if isinstance(rate, float) and rate < limit:
            error = NothingScored(
                f"{result.name}: coverage is {rate:.3f}, at least {limit:g} wanted",
                hint="is the reference of another recording? else lower --min-coverage",
            )
        elif rate is None and least is not None:
            why = result.score.reason("coverage")
            error = NothingScored(f"{result.name}: coverage has no value: {why}")
        else:
            continue
        say.error(error)
        codes.append(error.exit_code)


def gate(
    results: list[Scored],
    conditions: list[Condition],
    before: dict[str, Any] | None,
    allowed: Tolerance,
    how: tuple[ScoreOptions, str],
    say: Messages,
    codes: list[int],
) -> None:
    """Tell every gate that fails: the conditions, and what is worse than the baseline."""
    metrics = pool(scores_of(results)).metrics()
    failures = [why for c in conditions if (why := c.failure(metrics[c.name])) is not None]
    if before is not None:
        now = settings(*how)
        told = before.get("settings")
        old = told if isinstance(told, dict) else {}
        other = [k for k in ("collar", "skip_overlap", "extent") if old.get(k) != now[k]]
        if other:
            say.note(f"the baseline was measured with another {', '.join(other)}")
        failures += regressions(before["overall"], metrics, allowed)
    for failure in failures:
        say.error(GateFailed(f"gate failed: {failure}"))
        codes.append(GateFailed.exit_code)


def self_test() -> None:
    """Run the gates on pairs known to be bad; exit 70 if one of them passes."""
    from diarfix.metrics.self_test import failures, known_bad

    shown = known_bad()
    for line in shown:
        console.show(line)
    broken = failures()
    for line in broken:
        console.show(f"BROKEN  {line}")
    if broken:
        raise typer.Exit(EXIT_BUG)


def summary(path: str, results: list[Scored], want: ScoreOptions, extent: str) -> None:
    """Write the figures as Markdown, fit for a comment on a pull request."""
    scores = scores_of(results)
    if scores:
        text = score_table.score_markdown(scores, pool(scores), want, has_uem=extent == "uem")
        write_text(path, text)
