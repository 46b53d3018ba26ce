"""``diarfix score``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from diarfix.cli import options
from diarfix.cli.options import Annotations, EngineName, Jobs, Json, Quiet, Verbose
from diarfix.errors import UsageError, worst_exit
from diarfix.metrics.gates import DEFAULT_COVERAGE

if TYPE_CHECKING:
    from diarfix.cli.score_page import ScorePage
    from diarfix.metrics.run import ScoreTask

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
Summary = Annotated[
    str | None,
    typer.Option("--summary", metavar="FILE", help="Also write the figures as Markdown."),
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
    summary: Summary = None,
    annotations: Annotations = False,
    self_test: SelfTest = False,
    json: Json = False,
    jobs: Jobs = None,
    engine: EngineName = "local",
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Tell how good speaker labels are and where they go wrong."""
    from diarfix.cli import score_run as run
    from diarfix.engine import Engine
    from diarfix.metrics.external import require
    from diarfix.metrics.gates import check_names, parse_condition, parse_tolerance
    from diarfix.metrics.pair import ScoreOptions
    from diarfix.metrics.table import gate_names

    if self_test:
        run.self_test()
        return
    if ref is None or hyp is None:
        raise UsageError("score needs REF and HYP", hint="diarfix score ref.rttm hyp.json")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance goes with --baseline")
    if not math.isfinite(collar):
        raise UsageError(f"--collar {collar}: expected a number of seconds")
    if summary == "-":
        raise UsageError("--summary needs a file: stdout holds the figures already")
    conditions = [parse_condition(text) for text in fail_if or []]
    check_names(conditions, gate_names())
    allowed = parse_tolerance(tolerance)
    want = ScoreOptions(
        collar=collar, skip_overlap=skip_overlap, cpwer=cpwer, cross_check=cross_check
    )
    say = options.messages(quiet=quiet, verbose=verbose, annotations=annotations)
    require(cpwer=cpwer, cross_check=cross_check)
    old = run.baseline(baseline) if baseline is not None else None
    tasks, codes = run.tasks(ref, hyp, uem, want, say)
    page = _page(tasks, html, audio, before)
    results = run.run(tasks, Engine(name=engine, jobs=jobs), say, codes)
    extent = "uem" if uem is not None else "union"
    run.report(results, want, say, json=json, extent=extent)
    if summary is not None:
        run.summary(summary, results, want, extent)
    if page is not None:
        page.write(tasks, results, run.settings(want, extent), say, codes)
    if any(r.score is not None for r in results):
        run.coverage(results, tasks, min_coverage, say, codes)
        run.gate(results, conditions, old, allowed, (want, extent), say, codes)
    if code := worst_exit(codes):
        raise typer.Exit(code)


def _page(
    tasks: list[ScoreTask], html: str | None, audio: str | None, before: str | None
) -> ScorePage | None:
    from diarfix.cli.score_page import prepare

    if html is not None:
        return prepare(html, tasks, audio, before)
    if audio is not None or before is not None:
        raise UsageError("--audio and --before go with --html")
    return None
