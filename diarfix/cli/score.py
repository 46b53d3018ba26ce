"""``diarfix score``: pair, score, tell, gate."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from diarfix.cli import console, gates
from diarfix.cli.console import Messages
from diarfix.cli.options import ScoreOptions
from diarfix.cli.places import Read, Written, check_places, files_in
from diarfix.engine import Engine, run_ordered
from diarfix.errors import EXIT_BUG, DiarfixError, InputError, NothingScored, UsageError
from diarfix.files import STREAM, is_folder, is_web, read_text, recording_id, show, write_text
from diarfix.formats import UEM, parse, read_uem, text_format
from diarfix.metrics import (
    DEFAULT_COVERAGE,
    SCORABLE,
    MetricChange,
    Scored,
    ScoreSettings,
    ScoreTask,
    Side,
    Uem,
    changes,
    check_names,
    failures,
    gate_names,
    known_bad,
    matched,
    parse_tolerance,
    pool,
    read_sides,
    require,
    score_task,
)
from diarfix.report import changes_markdown, changes_table, score_markdown, score_screen


def score_command(options: ScoreOptions) -> None:
    """Score recordings, tell how they fare, and hold them against the gates."""
    if options.self_test:
        _self_test()
        return
    if options.ref is None or options.hyp is None:
        raise UsageError("score needs REF and HYP", hint="diarfix score ref.rttm hyp.json")
    _check_options(options)
    conditions = gates.conditions(options)
    check_names(conditions, gate_names())
    want = ScoreSettings(
        collar=options.collar,
        skip_overlap=options.skip_overlap,
        cpwer=options.cpwer,
        cross_check=options.cross_check,
        no_map=options.no_map,
    )
    say = options.messages(annotations=options.annotations)
    require(cpwer=options.cpwer, cross_check=options.cross_check)
    _check_places(options, say)
    before = {} if options.baseline is None else _baseline(options.baseline)
    tasks = _tasks(options.ref, options.hyp, options.uem, want, say)
    earlier = {} if options.html is None else _earlier(options, tasks)
    results = _score(tasks, Engine(name=options.engine, jobs=options.jobs), say)
    scores = [r.score for r in results if r.score is not None]
    overall = pool(scores).metrics()
    changed: list[MetricChange] = []
    if before and scores:
        allowed = parse_tolerance(options.tolerance)
        changed = changes(before["overall"], overall, allowed, every=options.gate_all)
    extent = "uem" if options.uem is not None else "union"
    settings = {**dataclasses.asdict(want), "extent": extent}
    try:
        _report(results, want, settings, say, changed, json=options.json)
    finally:  # also where nobody reads the figures to their end
        if options.summary is not None and scores:
            text = score_markdown(scores, pool(scores), want, has_uem=extent == "uem")
            write_text(options.summary, text + changes_markdown(changed))
        if options.html is not None:
            _write_page(options.html, options.audio, earlier, tasks, results, settings, say)
    if scores:
        _cover(results, tasks, options.min_coverage, say)
        if before:
            _same_way(before, settings, say)
        gates.check_gates(conditions, overall, changed, say)
    say.end()


def _check_options(options: ScoreOptions) -> None:
    """Raise UsageError for calls that cannot be meant."""
    if not math.isfinite(options.collar):
        raise UsageError(f"--collar {options.collar}: expected a number of seconds")
    if options.summary == STREAM:
        raise UsageError("--summary needs a file: stdout holds the figures already")
    if options.html is None and (options.audio is not None or options.before is not None):
        raise UsageError("--audio and --before go with --html")


def _check_places(options: ScoreOptions, say: Messages) -> None:
    """No page or table over what is scored, and both can be written."""
    read = [Read(f"--{name}", getattr(options, name)) for name in ("uem", "audio", "baseline")]
    sides = {"REF": options.ref, "HYP": options.hyp, "--before": options.before}
    for what, path in sides.items():
        folder = path is not None and path != STREAM and is_folder(path)
        files = files_in(str(path), SCORABLE, say) if folder else [path]
        read += [Read(what, file) for file in files]
    written = [Written("--summary", options.summary), Written("--html", options.html)]
    check_places(read, written)


def _tasks(
    ref: str, hyp: str, uem: str | None, want: ScoreSettings, say: Messages
) -> list[ScoreTask]:
    """The pairs to score; tells what has no pair."""
    if [ref, hyp, uem].count("-") > 1:
        raise UsageError("standard input can be one file only")
    (left, bad_left), (right, bad_right) = read_sides(ref), read_sides(hyp)
    errors = [*bad_left.values(), *bad_right.values()]
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
        # What the hypothesis lacks, or what of it cannot be read, is missed speech.
        rows += [(side.name, side, None) for side in pairing.only_ref]
        place = {id(side): i for i, side in enumerate(left.values())}
        rows.sort(key=lambda row: place[id(row[1])])
    regions = _regions(uem, rows, say)
    return [
        ScoreTask(name=name, ref=a, hyp=b, uem=regions.get(name), options=want)
        for name, a, b in rows
    ]


def _regions(
    path: str | None, rows: list[tuple[str, Side, Side | None]], say: Messages
) -> dict[str, Uem]:
    """The UEM's regions of each recording."""
    if path is None:
        return {}
    text = read_text(path)
    row = text_format(text)
    if row is not None and row is not UEM:
        raise InputError(f"{show(path)}: {row.what}, expected scoring regions as UEM")
    told = read_uem(text, show(path))
    if len(rows) == len(told) == 1:
        (name, ref, hyp), (other, regions) = rows[0], next(iter(told.items()))
        if other not in {name, ref.name, ref.file, hyp and hyp.file}:
            say.note(f"scoring {name!r} in the regions of {other!r}: the only ones given")
        return {name: regions}
    found = {}
    for name, ref, hyp in rows:
        key = next((k for k in (name, ref.name, ref.file, hyp and hyp.file) if k in told), None)
        if key is None:
            raise InputError(f"{show(path)}: no regions for recording {name!r}")
        found[name] = told[key]
    return found


def _baseline(path: str) -> dict[str, Any]:
    """An earlier ``--json`` document. Raises InputError if it is none."""
    tree = parse(read_text(path), path)
    if not isinstance(tree, dict) or not isinstance(tree.get("overall"), dict):
        raise InputError(f"{path}: no 'overall' in it, expected the --json of an earlier score")
    return tree


def _lost(task: ScoreTask, error: InputError) -> Scored:
    told = InputError(f"{task.name}: {error.message}", hint=error.hint)
    return Scored(name=task.name, error=told)


def _score(tasks: list[ScoreTask], engine: Engine, say: Messages) -> list[Scored]:
    """Score every recording in order; what fails is told."""
    results: list[Scored] = []
    with console.progress(len(tasks), "score", say) as tick:
        for result in run_ordered(score_task, tasks, engine, _lost):
            tick(1)
            if result.error is not None:
                say.error(result.error)
            results.append(result)
    told: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            told.setdefault(note, []).append(result.name)
    for note, names in told.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        say.note(f"{', '.join(names[:3])}{more}: {note}")
    return results


def _report(
    results: list[Scored],
    want: ScoreSettings,
    settings: dict[str, Any],
    say: Messages,
    changed: list[MetricChange],
    *,
    json: bool,
) -> None:
    """Print the table, or with ``json`` the document."""
    scored = [(r, r.score) for r in results if r.score is not None]
    overall = pool([score for _, score in scored])
    if json:
        tree: dict[str, Any] = {
            "settings": settings,
            "files": [{"id": r.name, **s.document(), "mapping": r.mapping} for r, s in scored],
            "overall": overall.document(),
        }
        errors = [{"id": r.name, "error": r.error.message} for r in results if r.error is not None]
        tree |= {"errors": errors} if errors else {}
        tree |= {"baseline": {c.name: c.document() for c in changed}} if changed else {}
        console.print_json(tree)
    elif scored:
        has_uem, every = settings["extent"] == "uem", say.level >= 1
        for item in score_screen(results, overall, want, has_uem=has_uem, every=every):
            console.print_item(item)
        if changed:
            console.print_item("")
            console.print_item(changes_table(changed))


def _cover(
    results: list[Scored], tasks: list[ScoreTask], least: float | None, say: Messages
) -> None:
    """Each recording must be covered: one that is not would hide among many."""
    limit = DEFAULT_COVERAGE if least is None else least
    for result, task in zip(results, tasks, strict=True):
        if result.score is None or result.error is not None or task.hyp is None or limit == 0:
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


def _same_way(before: dict[str, Any], now: dict[str, Any], say: Messages) -> None:
    """Say so where an earlier score was measured in another way."""
    told = before.get("settings")
    old = told if isinstance(told, dict) else {}
    ways = ("collar", "skip_overlap", "extent", "no_map")
    other = [k for k in ways if old.get(k, False) != now[k]]
    if other:
        say.note(f"the baseline was measured with another {', '.join(other)}")


def _earlier(options: ScoreOptions, tasks: Sequence[ScoreTask]) -> dict[str, Side]:
    """What the recordings of a page said before a repair, as ``--before`` tells.

    Refuses what no page could show, while nothing has been scored yet.
    """
    audio, before = options.audio, options.before
    if options.html == STREAM:
        raise UsageError("--html needs a file name: standard output holds the figures")
    if audio is not None and len(tasks) != 1:
        raise UsageError(f"--audio plays one recording, {len(tasks)} given")
    if audio is not None and not is_web(audio) and not Path(audio).is_file():
        raise InputError(f"{audio}: no such file, nor an address that a browser plays")
    if before is None:
        return {}
    sides, failed = read_sides(before)
    for error in failed.values():
        raise error
    hyps = {task.name: task.hyp for task in tasks if task.hyp is not None}
    pairing = matched(hyps, sides)
    if pairing.only_ref:
        raise InputError(f"{before}: recording {pairing.only_ref[0].name!r} is missing")
    names = {id(hyp): name for name, hyp in hyps.items()}
    return {names[id(hyp)]: side for _, hyp, side in pairing.pairs}


def _write_page(
    path: str,
    audio: str | None,
    before: Mapping[str, Side],
    tasks: Sequence[ScoreTask],
    results: Sequence[Scored],
    settings: Mapping[str, object],
    say: Messages,
) -> None:
    """Write the page of what could be scored; nothing if that is nothing, or on an error."""
    from diarfix.report.html import audio_url, compared, score_page

    scored = [task for task, result in zip(tasks, results, strict=True) if result.score is not None]
    if not scored:
        return
    try:
        shown = [compared(task, before.get(task.name)) for task in scored]
    except DiarfixError as error:
        say.error(error)
        return
    failed = [r.error.message for r in results if r.score is None and r.error is not None]
    url = audio_url(audio, path) if audio is not None and not is_web(audio) else audio
    write_text(path, score_page(shown, settings=settings, errors=failed, audio=url))
    say.say(f"written: {path}")


def _self_test() -> None:
    """Run the gates on pairs known to be bad; exit 70 if one of them passes."""
    broken = [f"BROKEN  {line}" for line in failures()]
    for line in [*known_bad(), *broken]:
        console.print_item(line)
    if broken:
        raise typer.Exit(EXIT_BUG)
