"""``diarfix score``."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diarfix.cli import options
from diarfix.cli.options import EngineName, Jobs, Json, Quiet, Verbose
from diarfix.errors import GateFailed, InputError, NothingScored, UsageError, worst_exit

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.cli.score_page import ScorePage
    from diarfix.engine import Engine
    from diarfix.score.gates import Condition, Tolerance
    from diarfix.score.recording import Options, RecordingScore
    from diarfix.score.run import Scored, Task
    from diarfix.score.sides import Side
    from diarfix.score.sweep import Uem

#: Least share of the reference that the hypothesis must speak to.
DEFAULT_COVERAGE = 0.5

REF = typer.Argument(
    metavar="REF", help="Reference: words, RTTM, STM, SegLST, or a folder; - is stdin."
)
HYP = typer.Argument(metavar="HYP", help="Hypothesis: likewise.")
Collar = Annotated[
    float,
    typer.Option(
        "--collar",
        metavar="S",
        min=0.0,
        help="Leave this much on each side of a reference boundary out of DER (NIST half-width).",
    ),
]
UemFile = Annotated[
    str | None, typer.Option("--uem", metavar="FILE", help="Score DER inside these regions only.")
]
SkipOverlap = Annotated[
    bool, typer.Option("--skip-overlap", help="Leave overlapped reference speech out of DER.")
]
CrossCheck = Annotated[
    bool, typer.Option("--cross-check", help="Also DER by pyannote.metrics, side by side.")
]
CpWer = Annotated[bool, typer.Option("--cpwer", help="Also cpWER and tcpWER, by meeteval.")]
FailIf = Annotated[
    list[str] | None,
    typer.Option("--fail-if", metavar="EXPR", help="Exit 1 if it holds, e.g. 'wser>0.05'."),
]
MinCoverage = Annotated[
    float | None,
    typer.Option(
        "--min-coverage",
        metavar="X",
        min=0.0,
        max=1.0,
        show_default=False,
        help=f"Exit 3 below this coverage. (default {DEFAULT_COVERAGE})",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="JSON", help="Exit 1 if worse than this earlier --json."),
]
ToleranceOption = Annotated[
    str | None,
    typer.Option("--tolerance", metavar="abs=X,rel=Y", help="How much worse is still the same."),
]
Html = Annotated[
    str | None,
    typer.Option("--html", metavar="FILE", help="Write a page: figures, timeline, transcript."),
]
Audio = Annotated[
    str | None, typer.Option("--audio", metavar="FILE", help="What the --html page plays.")
]
Before = Annotated[
    str | None,
    typer.Option("--before", metavar="HYP", help="HYP before a repair, for the --html page."),
]
SelfTest = Annotated[
    bool, typer.Option("--self-test", help="Prove on a known-bad pair that the gates can fail.")
]


def score(
    ref: Annotated[str | None, REF] = None,
    hyp: Annotated[str | None, HYP] = None,
    collar: Collar = 0.0,
    uem: UemFile = None,
    skip_overlap: SkipOverlap = False,
    cross_check: CrossCheck = False,
    cpwer: CpWer = False,
    fail_if: FailIf = None,
    min_coverage: MinCoverage = None,
    baseline: Baseline = None,
    tolerance: ToleranceOption = None,
    html: Html = None,
    audio: Audio = None,
    before: Before = None,
    self_test: SelfTest = False,
    json: Json = False,
    jobs: Jobs = None,
    engine: EngineName = "local",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Tell how good speaker labels are and where they go wrong."""
    from diarfix.engine import Engine
    from diarfix.score.external import require
    from diarfix.score.gates import check_names, parse_condition, parse_tolerance
    from diarfix.score.recording import Options, RecordingScore

    if self_test:
        _self_test()
        return
    if ref is None or hyp is None:
        raise UsageError("score needs REF and HYP", hint="diarfix score ref.rttm hyp.json")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance goes with --baseline")
    if not math.isfinite(collar):
        raise UsageError(f"--collar {collar}: expected a number of seconds")
    conditions = [parse_condition(text) for text in fail_if or []]
    check_names(conditions, [n for n in RecordingScore(name="").metrics() if n != "island_hist"])
    allowed = parse_tolerance(tolerance)
    want = Options(collar=collar, skip_overlap=skip_overlap, cpwer=cpwer, cross_check=cross_check)
    say = options.messages(quiet=quiet, verbose=verbose)
    require(cpwer=cpwer, cross_check=cross_check)
    old = _baseline(baseline) if baseline is not None else None
    tasks, codes = _tasks(ref, hyp, uem, want, say)
    page = _page(tasks, html, audio, before)
    results = _run(tasks, Engine(name=engine, jobs=jobs), say, codes)
    extent = "uem" if uem is not None else "union"
    _report(results, want, say, json=json, extent=extent)
    if page is not None:
        page.write(tasks, results, _settings(want, extent), say, codes)
    if any(r.score is not None for r in results):
        _coverage(results, tasks, min_coverage, say, codes)
        _gate(results, conditions, old, allowed, (want, extent), say, codes)
    if code := worst_exit(codes):
        raise typer.Exit(code)


def _page(
    tasks: list[Task], html: str | None, audio: str | None, before: str | None
) -> ScorePage | None:
    from diarfix.cli.score_page import prepare

    if html is not None:
        return prepare(html, tasks, audio, before)
    if audio is not None or before is not None:
        raise UsageError("--audio and --before go with --html")
    return None


def _tasks(
    ref: str, hyp: str, uem: str | None, want: Options, say: Messages
) -> tuple[list[Task], list[int]]:
    """The pairs to score, and the exit codes of what has no pair."""
    from diarfix.io.files import show
    from diarfix.io.paths import recording_id
    from diarfix.score.run import Task
    from diarfix.score.sides import matched, read_sides

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
        Task(name=name, ref=a, hyp=b, uem=regions.get(name), options=want) for name, a, b in rows
    ]
    return tasks, [error.exit_code for error in errors]


def _regions(path: str | None, rows: list[tuple[str, Side, Side | None]]) -> dict[str, Uem]:
    """The UEM's regions of each recording."""
    from diarfix.io.files import read_text, show
    from diarfix.io.rttm import read_uem

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


def _baseline(path: str) -> dict[str, Any]:
    from diarfix.io.files import read_text
    from diarfix.io.jsontext import parse

    tree = parse(read_text(path), path)
    if not isinstance(tree, dict) or not isinstance(tree.get("overall"), dict):
        raise InputError(f"{path}: no 'overall' in it, expected the --json of an earlier score")
    return tree


def _run(tasks: list[Task], engine: Engine, say: Messages, codes: list[int]) -> list[Scored]:
    from diarfix.cli.console import progress
    from diarfix.engine import run_ordered
    from diarfix.score.run import score_task

    results: list[Scored] = []
    with progress(len(tasks), "score", say) as tick:
        for result in run_ordered(score_task, tasks, engine):
            tick()
            if result.error is not None:
                say.error(result.error)
                codes.append(result.error.exit_code)
            results.append(result)
    return results


def _scores(results: list[Scored]) -> list[RecordingScore]:
    return [r.score for r in results if r.score is not None]


def _settings(want: Options, extent: str) -> dict[str, Any]:
    return {**dataclasses.asdict(want), "extent": extent}


def _report(
    results: list[Scored], want: Options, say: Messages, *, json: bool, extent: str
) -> None:
    from diarfix.cli import console
    from diarfix.score.recording import pooled

    scores = _scores(results)
    overall = pooled(scores)
    if json:
        errors = [{"id": r.name, "error": r.error.message} for r in results if r.error is not None]
        tree: dict[str, Any] = {
            "settings": _settings(want, extent),
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
    from diarfix.report import score_table

    every = say.level >= 1
    items = score_table.screen(results, overall, want, has_uem=extent == "uem", every=every)
    for item in items:
        console.show(item)


def _coverage(
    results: list[Scored],
    tasks: list[Task],
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


def _gate(
    results: list[Scored],
    conditions: list[Condition],
    before: dict[str, Any] | None,
    allowed: Tolerance,
    how: tuple[Options, str],
    say: Messages,
    codes: list[int],
) -> None:
    from diarfix.score.gates import regressions
    from diarfix.score.recording import pooled

    metrics = pooled(_scores(results)).metrics()
    failures = [why for c in conditions if (why := c.failure(metrics[c.name])) is not None]
    if before is not None:
        settings = _settings(*how)
        told = before.get("settings")
        old = told if isinstance(told, dict) else {}
        other = [k for k in ("collar", "skip_overlap", "extent") if old.get(k) != settings[k]]
        if other:
            say.note(f"the baseline was measured with another {', '.join(other)}")
        failures += regressions(before["overall"], metrics, allowed)
    for failure in failures:
        say.error(GateFailed(f"gate failed: {failure}"))
        codes.append(GateFailed.exit_code)


def _self_test() -> None:
    from diarfix.cli import console
    from diarfix.errors import EXIT_BUG
    from diarfix.score.self_test import failures, known_bad

    shown = known_bad()
    for line in shown:
        console.show(line)
    broken = failures()
    for line in broken:
        console.show(f"BROKEN  {line}")
    if broken:
        raise typer.Exit(EXIT_BUG)
