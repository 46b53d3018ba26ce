"""``diarfix benchmark``: run, report, gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import typer

from diarfix.benchmark import (
    Corpus,
    Draws,
    Entry,
    Measured,
    MeasureTask,
    Variant,
    expand_variants,
    flat_baseline,
    frozen,
    gate_metrics,
    measure,
    parse_sweep,
    read_corpus,
    recorded,
    select_entries,
    tabulated,
)
from diarfix.cli import console
from diarfix.cli.console import SCHEMA_VERSION, Messages
from diarfix.cli.delivery import show_settings
from diarfix.cli.embedding import device_of
from diarfix.cli.options import BenchmarkOptions
from diarfix.cli.places import Read, Written, check_outputs, check_places
from diarfix.cli.smooth import without_recheck
from diarfix.config import DEFAULT_VARIANTS, VARIANTS, Resolved
from diarfix.embed import Choice, cache_dir
from diarfix.engine import Engine, run_ordered
from diarfix.errors import (
    EXIT_INPUT,
    EXIT_MISSING,
    EXIT_NO,
    EXIT_NOTHING_SCORED,
    GateFailed,
    InputError,
    MissingDependency,
    NothingScored,
    UsageError,
    worst_exit,
)
from diarfix.files import join, make_folder, read_text, write_text
from diarfix.formats import parse
from diarfix.metrics import MetricChange, changes, check_names, parse_condition, parse_tolerance
from diarfix.report import (
    BENCHMARK_NOTE,
    benchmark_markdown,
    benchmark_table,
    changes_table,
    harmed_files,
    interval_units,
)
from diarfix.report.html import benchmark_page

#: What ``--out`` holds in the end.
_WRITTEN = ("results.json", "summary.md", "report.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run."""

    corpus: str
    variants: list[str]
    sweep: list[str]
    datasets: list[str]
    sample: int | None
    draws: int
    seed: int
    resolved: Resolved
    engine: Engine
    use_cache: bool
    embedder: Choice

    def settings(self, corpus: Corpus, entries: tuple[Entry, ...]) -> dict[str, Any]:
        """The whole configuration, as ``results.json`` records it and ``--config`` replays it."""
        return {
            "diarfix": version("diarfix"),
            "corpus": self.corpus,
            "corpus_version": corpus.version,
            "variants": self.variants,
            "sweep": self.sweep,
            "datasets": self.datasets,
            "sample": self.sample,
            "sampled": [e.id for e in entries] if self.sample is not None else None,
            "bootstrap": self.draws,
            "seed": self.seed,
            **self._embedder(),
            "knobs": self.resolved.flat(),
        }

    def _embedder(self) -> dict[str, Any]:
        if not any(VARIANTS[name].hears for name in self.variants):
            return {}
        return {"embedder": self.embedder.kind, "model": self.embedder.model}


def benchmark_command(options: BenchmarkOptions) -> None:
    """Compare ways of labelling over a corpus."""
    resolved = options.resolved()
    if options.show_config:
        show_settings(resolved, json=options.json)
        return
    say = options.messages(annotations=options.annotations)
    resolved = without_recheck(resolved, say)
    if options.update_baseline and options.baseline is None:
        raise UsageError("--update-baseline needs --baseline")
    if options.tolerance is not None and options.baseline is None:
        raise UsageError("--tolerance goes with --baseline")
    if options.gate_all and options.baseline is None:
        raise UsageError("--gate-all goes with --baseline")
    old = recorded(options.config)
    corpus = options.corpus or old.corpus
    if corpus is None:
        raise UsageError("no corpus given", hint="diarfix benchmark --corpus corpus.json")
    device = device_of(options.engine, options.device)
    request = Request(
        corpus=corpus,
        variants=_names(options.variants) or old.variants or list(DEFAULT_VARIANTS),
        sweep=options.sweep or old.sweep or [],
        datasets=options.dataset or old.datasets or [],
        sample=options.sample or old.sample,
        draws=options.bootstrap or old.bootstrap or Draws().draws,
        seed=old.seed or 0 if options.seed is None else options.seed,
        resolved=resolved,
        engine=Engine(name=options.engine, jobs=options.jobs, gpus=int(options.device == "cuda")),
        use_cache=not options.no_cache,
        embedder=old.choice(options.embedder, options.model, device, offline=options.offline),
    )
    _run(options, request, say)


def _names(text: str | None) -> list[str]:
    """A comma-separated list."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _run(options: BenchmarkOptions, request: Request, say: Messages) -> None:
    """Run, report, write, gate; ends by ``typer.Exit`` with the code that follows."""
    corpus = read_corpus(request.corpus)
    _check_places(options, corpus)
    entries = select_entries(corpus, request.datasets, request.sample, request.seed)
    variants = expand_variants(request.variants, parse_sweep(request.sweep), request.resolved)
    conditions = [parse_condition(text) for text in options.fail_if or []]
    tolerance = parse_tolerance(options.tolerance)
    kept = options.baseline if not options.update_baseline else None
    old = None if kept is None else _baseline(kept)
    notes = _notes(request, corpus, entries)
    for note in notes:
        say.note(note)
    measured = _measure(request, entries, variants, say)
    failed = [m for m in measured if m.error is not None]
    codes: list[int] = [EXIT_INPUT] if failed and not options.allow_missing else []
    # A missing entry may be allowed; a missing package would be told of every entry alike.
    codes += [EXIT_MISSING] if any(isinstance(m.error, MissingDependency) for m in failed) else []
    codes += [EXIT_NOTHING_SCORED] if any(m.nobody for m in measured) else []
    tree = {
        "settings": request.settings(corpus, entries),
        **tabulated(measured, variants, Draws(request.draws, request.seed)),
    }
    if failed:
        tree["errors"] = [
            {"id": m.entry.id, "error": m.error.message} for m in failed if m.error is not None
        ]
    if not tree["files"]:
        say.error(NothingScored("no entry could be scored"))
        raise typer.Exit(worst_exit([*codes, EXIT_NOTHING_SCORED]))
    check_names(conditions, gate_metrics(tree))
    _show(tree, json=options.json)
    if options.out is not None:
        _write(options.out, tree, notes, say)
    failures, changed = _failures(tree, conditions, old, tolerance, every=options.gate_all)
    if not options.json and changed:
        pooled = [c for c in changed if c.name.startswith("overall: ") or c.failure is not None]
        console.print_item("")
        console.print_item(changes_table(pooled))
    for failure in failures:
        say.error(GateFailed(f"gate failed: {failure}"))
    codes += [EXIT_NO] if failures else []
    if options.update_baseline and options.baseline is not None:
        document = {"schema_version": SCHEMA_VERSION, **frozen(tree)}
        write_text(options.baseline, _dumps(document))
        say.say(f"baseline written: {options.baseline}")
    if code := worst_exit(codes):
        raise typer.Exit(code)


def _check_places(options: BenchmarkOptions, corpus: Corpus) -> None:
    """No result over another, or over what is read; all can be written."""
    new = options.update_baseline
    read = [Read("the settings in", options.settings_file()), Read("--model", options.model)]
    read += [Read("--corpus", corpus.path), Read("--baseline", None if new else options.baseline)]
    for entry in corpus.entries:
        read += [Read(f"{entry.id}:", path) for path in (*entry.files, entry.audio)]
    written = [Written("--baseline", options.baseline if new else None)]
    if options.out is not None:
        written += [Written("--out", join(options.out, name)) for name in _WRITTEN]
    check_places(read, written)
    if options.out is not None:
        make_folder(options.out)
    check_outputs(result.path for result in written)


def _notes(request: Request, corpus: Corpus, entries: tuple[Entry, ...]) -> list[str]:
    if len(entries) == len(corpus.entries):
        return []
    why = [f"dataset {', '.join(request.datasets)}"] if request.datasets else []
    why += [f"a sample of {request.sample} by seed {request.seed}"] if request.sample else []
    return [f"{len(entries)} of {len(corpus.entries)} recordings: {' and '.join(why)}"]


def _lost(task: MeasureTask, error: InputError) -> Measured:
    told = InputError(f"{task.entry.id}: {error.message}", hint=error.hint)
    return Measured(task.entry, {}, error=told)


def _measure(
    request: Request, entries: tuple[Entry, ...], variants: tuple[Variant, ...], say: Messages
) -> list[Measured]:
    cache = cache_dir() / "cells" if request.use_cache else None
    voices = cache_dir() / "embeddings" if request.use_cache else None
    tasks = [MeasureTask(entry, variants, cache, voices, request.embedder) for entry in entries]
    found: list[Measured] = []
    with console.progress(len(tasks), "benchmark", say) as tick:
        for result in run_ordered(measure, tasks, request.engine, _lost):
            tick()
            if result.error is not None:
                say.error(result.error)
            for line in result.damaged:
                say.detail(line)
            if result.nobody:
                say.error(NothingScored(f"{result.entry.id}: the words name no speaker"))
            found.append(result)
    cached = sum(m.n_cached for m in found)
    say.detail(f"{cached} of {len(tasks) * len(variants)} cells were cached")
    return found


def _show(tree: Mapping[str, Any], *, json: bool) -> None:
    if json:
        console.print_json(dict(tree))
        return
    console.print_wide(benchmark_table(tree, console.terminal_width()))
    console.print_item("")
    console.print_item(BENCHMARK_NOTE)
    for line in [*interval_units(tree), *harmed_files(tree)]:
        console.print_item(line)


def _write(out: str, tree: Mapping[str, Any], notes: list[str], say: Messages) -> None:
    results, summary, page = (join(out, name) for name in _WRITTEN)
    write_text(results, _dumps({"schema_version": SCHEMA_VERSION, **tree}))
    write_text(summary, benchmark_markdown(tree, notes))
    write_text(page, benchmark_page(tree, notes))
    say.say(f"written: {', '.join((results, *_WRITTEN[1:]))}")


def _dumps(tree: Mapping[str, Any]) -> str:
    return console.json_text(tree, indent=1, allow_nan=False) + "\n"


def _baseline(path: str) -> dict[str, object]:
    tree = parse(read_text(path), path)
    try:
        return flat_baseline(tree)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a baseline: expected results.json of a benchmark") from error


def _failures(
    tree: Mapping[str, Any],
    conditions: list[Any],
    old: Mapping[str, object] | None,
    tolerance: Any,
    *,
    every: bool,
) -> tuple[list[str], list[MetricChange]]:
    metrics = gate_metrics(tree)
    failures = [why for c in conditions if (why := c.failure(metrics[c.name])) is not None]
    if old is None:
        return failures, []
    now = flat_baseline(tree)
    lost = sorted({_variant(k) for k in old} - {_variant(k) for k in now})
    failures += [f"variant {name} of the baseline was not run" for name in lost]
    found = changes(
        {_named(k): v for k, v in old.items() if _variant(k) not in lost},
        {_named(k): v for k, v in now.items()},
        tolerance,
        every=every,
    )
    return failures + [why for change in found if (why := change.failure) is not None], found


def _variant(key: str) -> str:
    """``rules`` of ``one rules.wser``; names of recordings may hold spaces and dots."""
    return key.rpartition(" ")[2].rpartition(".")[0]


def _named(key: str) -> str:
    where, _, metric = key.rpartition(" ")
    return f"{where.removesuffix('/')}: {metric}"
