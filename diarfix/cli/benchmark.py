"""``diarfix benchmark``: run, report, gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from diarfix.benchmark import (
    SKIPPED,
    Corpus,
    Draws,
    Entry,
    Measured,
    MeasureTask,
    Setup,
    Variant,
    baseline_part,
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
from diarfix.cli import console, gates
from diarfix.cli.console import SCHEMA_VERSION, Messages
from diarfix.cli.options import BenchmarkOptions
from diarfix.cli.places import Read, Written, check_places
from diarfix.cli.smooth import resolved_settings, tell_unused, without_recheck
from diarfix.config import BASE, DEFAULT_VARIANTS
from diarfix.embed import Choice, cache_dir
from diarfix.engine import Engine, run_ordered
from diarfix.errors import (
    EXIT_INPUT,
    EXIT_MISSING,
    DiarfixError,
    InputError,
    MissingDependency,
    NothingScored,
    UsageError,
)
from diarfix.files import file_name, join, read_text, write_text
from diarfix.formats import parse
from diarfix.metrics import (
    COMPARISONS,
    Condition,
    MetricChange,
    changes,
    check_names,
    gate_names,
    parse_tolerance,
)
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
#: What nobody needs to give.
_DEFAULTS = Setup(
    variants=list(DEFAULT_VARIANTS), sweep=[], datasets=[], bootstrap=Draws().draws, seed=0
)


def benchmark_command(options: BenchmarkOptions) -> None:
    """Compare ways of labelling over a corpus: run, report, write, gate."""
    say = options.messages(annotations=options.annotations)
    resolved = without_recheck(resolved_settings(options, say, json=options.json), say)
    conditions = gates.conditions(options)
    setup = _setup(options)
    device = options.device_on(options.engine)
    choice = Choice(setup.embedder, setup.model, device, options.offline)
    corpus = read_corpus(str(setup.corpus))
    _check_places(options, corpus)
    names, draws = setup.variants or [], Draws(setup.bootstrap or 0, setup.seed or 0)
    entries = select_entries(corpus, setup.datasets or [], setup.sample, draws.seed)
    most = max((len(entry.turns) for entry in entries), default=1)
    variants = expand_variants(names, parse_sweep(setup.sweep or []), resolved, max(most, 1))
    _check_variants(conditions, variants)
    tell_unused(resolved, {v.method for v in variants if v.kind.groups}, say)
    notes = _notes(setup, corpus, entries)
    for note in notes:
        say.note(note)
    old = None
    if options.baseline is not None and not options.update_baseline:
        old = _baseline(options.baseline, corpus, entries, say)
    measured = _measure(options, entries, variants, choice, say)
    chosen = asdict(setup)
    heard = any(variant.kind.hears for variant in variants)
    model = {"embedder": choice.kind, "model": choice.model} if heard else {}
    tree = {
        "settings": {
            "diarfix": version("diarfix"),
            "corpus": corpus.path,
            "corpus_version": corpus.version,
            **{name: chosen[name] for name in ("variants", "sweep", "datasets", "sample")},
            "sampled": [e.id for e in entries] if setup.sample is not None else None,
            **{name: chosen[name] for name in ("bootstrap", "seed")},
            **model,
            "knobs": resolved.flat(),
        },
        **tabulated(measured, variants, draws),
    }
    if failed := {m.entry.id: m.error.message for m in measured if m.error is not None}:
        tree["errors"] = [{"id": name, "error": message} for name, message in failed.items()]
    asked = [v for v in variants if v.name != BASE or BASE in names]
    if all(SKIPPED in tree["overall"][v.name] for v in asked):
        lacks = ", ".join(f"{v.absent} for {v.name}" for v in asked)
        why = f": {lacks}" if tree["files"] else ""
        say.error(NothingScored(f"no entry could be scored{why}"))
    if not tree["files"]:
        say.end()
    metrics = gate_metrics(tree)
    check_names(conditions, metrics)
    if options.json:
        console.print_json(dict(tree))
    else:
        _show(tree)
    if options.out is not None:
        _write(options.out, tree, notes, say)
    lost, changed = _compared(options, tree, old)
    gates.check_gates(conditions, metrics, changed, say, failures=lost)
    if options.update_baseline and options.baseline is not None:
        document = {"schema_version": SCHEMA_VERSION, **frozen(tree)}
        write_text(options.baseline, _dumps(document))
        say.say(f"baseline written: {options.baseline}")
    say.end()


def _setup(options: BenchmarkOptions) -> Setup:
    """What to run: the command line, then an earlier run, then the defaults.

    Raises UsageError for calls that cannot be meant.
    """
    if options.update_baseline and options.baseline is None:
        raise UsageError("--update-baseline needs --baseline")
    names = [name.strip() for name in (options.variants or "").split(",")]
    given = Setup(
        corpus=options.corpus,
        variants=[name for name in names if name],
        sweep=options.sweep,
        datasets=options.dataset,
        sample=options.sample,
        bootstrap=options.bootstrap,
        seed=options.seed,
        embedder=options.embedder,
        model=options.model,
    )
    found = given.over(recorded(options.config).over(_DEFAULTS))
    if found.corpus is None:
        raise UsageError("no corpus given", hint="diarfix benchmark --corpus corpus.json")
    return found


def _check_places(options: BenchmarkOptions, corpus: Corpus) -> None:
    """No result over another, or over what is read; all can be written."""
    new = options.update_baseline
    read = [Read("the settings in", options.settings_file()), Read("--model", options.model)]
    read += [Read("--corpus", corpus.path), Read("--baseline", None if new else options.baseline)]
    for entry in corpus.entries:
        paths = [*(path for _, path in entry.files), entry.audio]
        read += [Read(f"{entry.id}:", path) for path in paths]
    written = [Written("--baseline", options.baseline if new else None)]
    if options.out is not None:
        written += [Written("--out", join(options.out, name)) for name in _WRITTEN]
    check_places(read, written, options.out)


def _notes(setup: Setup, corpus: Corpus, entries: Sequence[Entry]) -> list[str]:
    return [*_left_out(setup, corpus, entries), *_diarizers(entries)]


def _diarizers(entries: Sequence[Entry]) -> list[str]:
    """Which diarizer is which number, by what the names of their files have in common."""
    told = []
    for n in range(max((len(entry.turns) for entry in entries), default=0)):
        files = [file_name(entry.turns[n]) for entry in entries if len(entry.turns) > n]
        names = {name.partition(".")[2] or name for name in files}
        told.append(f"{n + 1} {names.pop() if len(names) == 1 else f'one of {len(names)}'}")
    return [f"diarizers: {', '.join(told)}"] if len(told) > 1 else []


def _left_out(setup: Setup, corpus: Corpus, entries: Sequence[Entry]) -> list[str]:
    if len(entries) == len(corpus.entries):
        return []
    why = [f"dataset {', '.join(setup.datasets)}"] if setup.datasets else []
    why += [f"a sample of {setup.sample} by seed {setup.seed}"] if setup.sample else []
    return [f"{len(entries)} of {len(corpus.entries)} recordings: {' and '.join(why)}"]


def _lost(task: MeasureTask, error: InputError) -> Measured:
    told = InputError(f"{task.entry.id}: {error.message}", hint=error.hint)
    return Measured(task.entry, {}, error=told)


def _measure(
    options: BenchmarkOptions,
    entries: Sequence[Entry],
    variants: tuple[Variant, ...],
    choice: Choice,
    say: Messages,
) -> list[Measured]:
    """Run every entry and tell what failed."""
    engine = Engine(name=options.engine, jobs=options.jobs, gpus=int(options.device == "cuda"))
    cache = None if options.no_cache else cache_dir()
    cells, voices = (cache / "cells", cache / "embeddings") if cache else (None, None)
    tasks = [MeasureTask(entry, variants, cells, voices, choice) for entry in entries]
    found: list[Measured] = []
    with console.progress(len(tasks), "benchmark", say) as tick:
        for result in run_ordered(measure, tasks, engine, _lost):
            tick(1)
            if result.error is not None:
                _tell_failed(result.error, options, say)
            for line in result.damaged:
                say.detail(line)
            if result.nobody:
                say.error(NothingScored(f"{result.entry.id}: the words name no speaker"))
            found.append(result)
    cached = sum(m.n_cached for m in found)
    say.detail(f"{cached} of {len(tasks) * len(variants)} cells were cached")
    return found


def _tell_failed(error: DiarfixError, options: BenchmarkOptions, say: Messages) -> None:
    codes = [*say.codes]
    say.error(error)
    # A missing entry may be allowed; a missing package would be told of every entry alike.
    codes += [] if options.allow_missing else [EXIT_INPUT]
    codes += [EXIT_MISSING] if isinstance(error, MissingDependency) else []
    say.codes[:] = codes


def _show(tree: Mapping[str, Any]) -> None:
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


def _check_variants(conditions: Sequence[Condition], variants: Sequence[Variant]) -> None:
    """Raise UsageError for a gate on a metric of no variant, before there is work to lose."""
    plain = {*gate_names(), *COMPARISONS, "regressions"}
    for condition in conditions:
        where, slash, metric = condition.name.rpartition("/")
        if metric in plain or metric.startswith("delta."):
            raise UsageError(
                f"--fail-if: {condition.name!r} is of no variant",
                hint=f"did you mean '{where}{slash}{variants[-1].name}.{metric}'?",
            )


def _baseline(
    path: str, corpus: Corpus, entries: Sequence[Entry], say: Messages
) -> dict[str, object]:
    """The figures of a baseline, of the recordings that were asked for; says what is left out."""
    tree = parse(read_text(path), path)
    datasets = {entry.id: entry.dataset for entry in corpus.entries}
    left_out = datasets.keys() - {entry.id for entry in entries}
    try:
        part, gone = baseline_part(tree, left_out, datasets)
        n_all, n = len(tree["files"]), len(part["files"])
        if n < n_all:
            why = f"; not comparable: {'; '.join(gone)}" if gone else ""
            say.note(f"{n_all - n} of {n_all} recordings of the baseline are left out{why}")
        return flat_baseline(part)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a baseline: expected results.json of a benchmark") from error


def _compared(
    options: BenchmarkOptions, tree: Mapping[str, Any], old: Mapping[str, object] | None
) -> tuple[list[str], list[MetricChange]]:
    """Which variants of a baseline were not run, and what became of the figures of the others."""
    if old is None:
        return [], []
    now = flat_baseline(tree)
    lost = sorted({_variant(k) for k in old} - {_variant(k) for k in now})
    changed = changes(
        {_named(k): v for k, v in old.items() if _variant(k) not in lost},
        {_named(k): v for k, v in now.items()},
        parse_tolerance(options.tolerance),
        every=options.gate_all,
    )
    if changed and not options.json:
        pooled = [c for c in changed if c.name.startswith("overall: ") or c.failure is not None]
        console.print_item("")
        console.print_item(changes_table(pooled))
    return [f"variant {name} of the baseline was not run" for name in lost], changed


def _variant(key: str) -> str:
    """``rules`` of ``one rules.wser``; names of recordings may hold spaces and dots."""
    return key.rpartition(" ")[2].rpartition(".")[0]


def _named(key: str) -> str:
    where, _, metric = key.rpartition(" ")
    return f"{where.removesuffix('/')}: {metric}"
