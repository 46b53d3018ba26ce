"""``diarfix benchmark``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from diarfix.benchmark.variants import DEFAULT_VARIANTS, VARIANTS
from diarfix.cli import options
from diarfix.cli.embedding import DeviceName, EmbedderName, ModelName, Offline, device_of
from diarfix.cli.options import (
    Annotations,
    Config,
    EngineName,
    Jobs,
    Json,
    Quiet,
    ShowConfig,
    Verbose,
    with_knobs,
)
from diarfix.config import METHODS
from diarfix.errors import UsageError

CorpusFile = Annotated[
    str | None, typer.Option("--corpus", metavar="JSON", help="The recordings: a corpus.json.")
]
Variants = Annotated[
    str | None,
    typer.Option(
        "--variants",
        metavar="LIST",
        show_default=False,
        help=f"Of {', '.join(VARIANTS)}. (default {','.join(DEFAULT_VARIANTS)})",
    ),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option("--sweep", metavar="KEY=V1,V2", help="Try values of a knob; several multiply."),
]
Out = Annotated[
    str | None,
    typer.Option("--out", metavar="DIR", help="Write results.json, summary.md and report.html."),
]
Dataset = Annotated[
    list[str] | None, typer.Option("--dataset", metavar="NAME", help="Only this dataset.")
]
Sample = Annotated[
    int | None, typer.Option("--sample", metavar="N", min=1, help="Only N recordings, by --seed.")
]
Bootstrap = Annotated[
    int | None,
    typer.Option(
        "--bootstrap", metavar="N", min=1, show_default=False, help="Resamples. (default 2000)"
    ),
]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, show_default=False, help="(default 0)")
]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="JSON", help="Exit 1 if worse than these results."),
]
UpdateBaseline = Annotated[
    bool, typer.Option("--update-baseline", help="Write the results to --baseline instead.")
]
ToleranceOption = Annotated[
    str | None,
    typer.Option("--tolerance", metavar="abs=X,rel=Y", help="How much worse is still the same."),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if", metavar="EXPR", help="Exit 1 if it holds, e.g. 'ami/rules.delta.ci_low<0'."
    ),
]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="An entry that cannot be run is no failure.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compute every cell anew.")]


@with_knobs("", *METHODS, "recheck")
def benchmark(
    corpus: CorpusFile = None,
    variants: Variants = None,
    sweep: Sweep = None,
    out: Out = None,
    dataset: Dataset = None,
    sample: Sample = None,
    bootstrap: Bootstrap = None,
    seed: Seed = None,
    baseline: Baseline = None,
    update_baseline: UpdateBaseline = False,
    tolerance: ToleranceOption = None,
    fail_if: FailIf = None,
    allow_missing: AllowMissing = False,
    no_cache: NoCache = False,
    embedder: EmbedderName = None,
    model: ModelName = None,
    device: DeviceName = "auto",
    offline: Offline = False,
    annotations: Annotations = False,
    json: Json = False,
    jobs: Jobs = None,
    engine: EngineName = "local",
    config: Config = None,
    show_config: ShowConfig = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
    *,
    knobs: dict[str, Any],
) -> None:
    """Compare ways of labelling over a corpus: paired, with intervals and harm counted."""
    from diarfix.benchmark.replay import recorded
    from diarfix.cli import benchmark_run as run
    from diarfix.cli import delivery
    from diarfix.cli.smooth import without_recheck
    from diarfix.engine import Engine

    resolved = options.settings(knobs, config)
    if show_config:
        delivery.show_settings(resolved, json=json)
        return
    say = options.messages(quiet=quiet, verbose=verbose, annotations=annotations)
    resolved = without_recheck(resolved, say)
    if update_baseline and baseline is None:
        raise UsageError("--update-baseline needs --baseline")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance goes with --baseline")
    old = recorded(config)
    corpus = corpus or old.corpus
    if corpus is None:
        raise UsageError("no corpus given", hint="diarfix benchmark --corpus corpus.json")
    request = run.Request(
        corpus=corpus,
        variants=run.names(variants) or old.variants or list(DEFAULT_VARIANTS),
        sweep=sweep or old.sweep or [],
        datasets=dataset or old.datasets or [],
        sample=sample or old.sample,
        draws=bootstrap or old.bootstrap or run.DEFAULT_DRAWS,
        seed=old.seed or 0 if seed is None else seed,
        resolved=resolved,
        engine=Engine(name=engine, jobs=jobs, gpus=int(device == "cuda")),
        use_cache=not no_cache,
        embedder=old.choice(embedder, model, device_of(engine, device), offline=offline),
    )
    gates = run.Gates(
        baseline=baseline,
        update=update_baseline,
        tolerance=tolerance,
        fail_if=fail_if or [],
        allow_missing=allow_missing,
    )
    run.run(request, gates, say, out=out, json=json)
