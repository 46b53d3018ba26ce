"""``diarfix score``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from diarfix.cli import options
from diarfix.cli.options import Jobs, Json, Quiet, Verbose
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.score.recording import Options, RecordingScore
    from diarfix.score.run import Scored, Task

#: Least share of the reference that the hypothesis must speak to.
DEFAULT_COVERAGE = 0.5

REF = typer.Argument(metavar="REF", help="Reference: words, RTTM, STM, SegLST, or a folder.")
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
    self_test: SelfTest = False,
    json: Json = False,
    jobs: Jobs = 1,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Tell how good speaker labels are and where they go wrong."""
    from diarfix.score.gates import parse_condition, parse_tolerance
    from diarfix.score.recording import Options

    if self_test:
        _self_test()
        return
    if ref is None or hyp is None:
        raise UsageError("score needs REF and HYP", hint="diarfix score ref.rttm hyp.json")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance goes with --baseline")
    conditions = [parse_condition(text) for text in fail_if or []]
    allowed = parse_tolerance(tolerance)
    want = Options(collar=collar, skip_overlap=skip_overlap, cpwer=cpwer, cross_check=cross_check)
    say = options.messages(quiet=quiet, verbose=verbose)
    tasks = _tasks(ref, hyp, uem, want, say)
    _check_gates(conditions, baseline)
    results, codes = _run(tasks, jobs, say)
    _report(results, want, say, json=json, has_uem=uem is not None)
    codes += _coverage(results, min_coverage, say)
    codes += _gate(results, conditions, baseline, allowed, say)
    _exit(codes)


def _tasks(ref: str, hyp: str, uem: str | None, want: Options, say: Messages) -> list[Task]:
    from diarfix.errors import InputError
    from diarfix.io.files import read_text, show
    from diarfix.io.rttm import read_uem
    from diarfix.score.run import Task
    from diarfix.score.sides import matched, read_side

    if [ref, hyp, uem].count("-") > 1:
        raise UsageError("standard input can be one file only")
    regions = read_uem(read_text(uem), show(uem)) if uem is not None else {}
    left, right = read_side(ref), read_side(hyp)
    if not left:
        raise InputError(f"{show(ref)}: no recording in it")
    if not right:
        raise InputError(f"{show(hyp)}: no recording in it")
    pairs, note = matched(left, right)
    if note:
        say.note(note)
    found = []
    for name, a, b in pairs:
        region = regions.get(a.name, regions.get(b.name))
        if region is None and len(pairs) == len(regions) == 1:
            region = next(iter(regions.values()))
        if region is None and uem is not None:
            raise InputError(f"{show(uem)}: no regions for recording {name!r}")
        found.append(Task(name=name, ref=a, hyp=b, uem=region, options=want))
    return found


def _check_gates(conditions: list[Any], baseline: str | None) -> None:
    from diarfix.score.gates import check_names
    from diarfix.score.recording import RecordingScore

    known = [n for n in RecordingScore(name="").metrics() if n != "island_hist"]
    check_names(conditions, known)
    if baseline is not None:
        _baseline(baseline)


def _baseline(path: str) -> dict[str, Any]:
    from diarfix.errors import InputError
    from diarfix.io.files import read_text
    from diarfix.io.jsontext import parse

    tree = parse(read_text(path), path)
    overall = tree.get("overall") if isinstance(tree, dict) else None
    if not isinstance(overall, dict):
        raise InputError(f"{path}: no 'overall' in it, expected the --json of an earlier score")
    return overall


def _run(tasks: list[Task], jobs: int, say: Messages) -> tuple[list[Scored], list[int]]:
    from diarfix.cli.console import progress
    from diarfix.cli.jobs import run_ordered
    from diarfix.score.run import score_task

    results: list[Scored] = []
    codes: list[int] = []
    with progress(len(tasks), "score", say) as tick:
        for result in run_ordered(score_task, tasks, jobs):
            tick()
            if result.error is not None:
                say.error(result.error)
                codes.append(result.error.exit_code)
            results.append(result)
    return results, codes


def _scores(results: list[Scored]) -> list[RecordingScore]:
    return [r.score for r in results if r.score is not None]


def _report(
    results: list[Scored], want: Options, say: Messages, *, json: bool, has_uem: bool
) -> None:
    import dataclasses

    from diarfix.cli import console
    from diarfix.report import score_table
    from diarfix.score.recording import pooled

    scores = _scores(results)
    overall = pooled(scores)
    if json:
        settings = {**dataclasses.asdict(want), "extent": "uem" if has_uem else "union"}
        files = [
            {"id": r.name, **r.score.metrics(), "mapping": r.mapping}
            for r in results
            if r.score is not None
        ]
        errors = [{"id": r.name, "error": r.error.message} for r in results if r.error is not None]
        tree: dict[str, Any] = {"settings": settings, "files": files}
        tree["overall"] = overall.metrics()
        console.print_json(tree | ({"errors": errors} if errors else {}))
        return
    if not scores:
        return
    if len(scores) > 1:
        console.show(score_table.per_recording(scores, overall))
        console.show("")
    console.show(score_table.overview(overall))
    console.show("")
    for line in score_table.not_measured(overall):
        console.show(f"not measured: {line}")
    if overall.der is not None:
        console.show(f"{score_table.settings_line(want, has_uem=has_uem)}")
    if len(results) == 1 and results[0].mapping:
        console.show(f"mapping: {score_table.mapping_line(results[0].mapping)}")
    for result in results:
        if result.worst and (len(results) == 1 or say.level >= 1):
            console.show("")
            name = result.name if len(results) > 1 else None
            console.show(score_table.worst_stretches(result.worst, name))


def _coverage(results: list[Scored], least: float | None, say: Messages) -> list[int]:
    from diarfix.errors import EXIT_NOTHING_SCORED, NothingScored
    from diarfix.score.recording import pooled

    scores = _scores(results)
    if not scores:
        return [EXIT_NOTHING_SCORED] if not results else []
    rate = pooled(scores).metrics()["coverage"]
    limit = DEFAULT_COVERAGE if least is None else least
    if rate is None and least is not None:
        say.error(NothingScored("coverage has no value: the reference has no times"))
        return [EXIT_NOTHING_SCORED]
    if isinstance(rate, float) and rate < limit:
        say.error(
            NothingScored(
                f"coverage is {rate:.3f}, at least {limit:g} wanted",
                hint="is the reference of another recording? else lower --min-coverage",
            )
        )
        return [EXIT_NOTHING_SCORED]
    return []


def _gate(
    results: list[Scored],
    conditions: list[Any],
    baseline: str | None,
    allowed: Any,
    say: Messages,
) -> list[int]:
    from diarfix.errors import EXIT_NO, GateFailed
    from diarfix.score.gates import regressions
    from diarfix.score.recording import pooled

    metrics = pooled(_scores(results)).metrics()
    failures = [why for c in conditions if (why := c.failure(metrics[c.name])) is not None]
    if baseline is not None:
        failures += regressions(_baseline(baseline), metrics, allowed)
    for failure in failures:
        say.error(GateFailed(f"gate failed: {failure}"))
    return [EXIT_NO] if failures else []


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
    _exit([EXIT_BUG] if broken else [])


def _exit(codes: list[int]) -> None:
    from diarfix.errors import worst_exit

    if code := worst_exit(codes):
        raise typer.Exit(code)
