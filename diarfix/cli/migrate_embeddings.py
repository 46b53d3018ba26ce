"""``diarfix migrate-embeddings``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from diarfix.cli import console
from diarfix.cli.console import SCHEMA_VERSION, Messages, bars
from diarfix.cli.options import MigrateEmbeddingsOptions
from diarfix.cli.places import Read, Written, check_places
from diarfix.contacts import (
    Action,
    Migration,
    MigrationJob,
    Plan,
    SampleFolder,
    SampleOutcome,
    check_exit,
    count_line,
    migrate_store,
    migration_facts,
    models_of,
    plan_migration,
    row_lines,
    stray_lines,
)
from diarfix.embed import Choice
from diarfix.errors import StoreError, UsageError
from diarfix.files import write_text


def migrate_embeddings_command(options: MigrateEmbeddingsOptions) -> None:
    """Bring the voiceprints of a store to one model."""
    if options.dry_run and options.check:
        raise UsageError("--dry-run and --check exclude each other")
    if "-" in {options.store, options.output}:
        raise UsageError("a store is a file: it is replaced, locked and resumed under its name")
    samples = options.samples_dir
    job = MigrationJob(
        store=Path(options.store),
        samples=None if samples is None else SampleFolder(Path(samples)),
        model=Choice(options.embedder, options.model, options.device, options.offline),
        out=None if options.output is None else Path(options.output),
        backup=not options.no_backup,
        to_version=options.to_version,
    )
    _check_report(options.report, job)
    act = _preview if options.dry_run or options.check else _run
    act(job, options, options.messages())


def _check_report(report: str | None, job: MigrationJob) -> None:
    store = str(job.store)
    if report is not None and str(Path(report).resolve()).startswith(f"{job.target}.bak"):
        raise UsageError(f"--report {report} could overwrite a backup of the store")
    samples = job.samples
    for name, place in (("--report", report), ("-o", None if job.in_place else str(job.target))):
        if place is None or samples is None or not Path(place).exists():
            continue
        if Path(place).resolve().is_relative_to(samples.root.resolve()):
            raise UsageError(f"{name} {place} would be written over a file of --samples-dir")
    read = [Read("--model", job.model.model), Read("STORE", store)]
    written = [Written("the store", str(job.target), over=store), Written("--report", report)]
    check_places(read, written)


def _preview(job: MigrationJob, options: MigrateEmbeddingsOptions, say: Messages) -> None:
    planned = plan_migration(job)
    mode = "check" if options.check else "dry-run"
    facts = {"mode": mode, "model": None, "written": None, "backup": None, "resumed": 0}
    _deliver(job, planned, facts, options, say)
    say.say(f"{job.store}: {count_line(planned.rows, done=False)}")
    _doubt(planned, job, say)
    if planned.refusal is not None:
        raise planned.refusal
    if options.check and (code := check_exit(planned)):
        raise typer.Exit(code)


def _run(job: MigrationJob, options: MigrateEmbeddingsOptions, say: Messages) -> None:
    with bars(say) as progress:
        result = migrate_store(job, progress=progress)
    facts = {
        "mode": "run",
        "model": None if result.model is None else asdict(result.model),
        "written": None if result.written is None else str(result.written),
        "backup": None if result.backup is None else str(result.backup),
        "resumed": result.resumed,
    }
    _deliver(job, result, facts, options, say)
    say.say(f"{job.store}: {count_line(result.rows, done=True)}")
    _doubt(result, job, say)
    if result.resumed:
        say.note(f"{result.resumed} vectors came from an interrupted run")
    if result.backup is not None:
        say.detail(f"the old store is {result.backup}")
    if result.exit_code:
        waiting = [row for row in result.rows if row.action is Action.RETRY]
        n = len(waiting)
        away = any(s.outcome is SampleOutcome.NOT_FETCHED for row in waiting for s in row.samples)
        raise StoreError(
            f"{job.store}: {n} contact{'s' * (n != 1)} could not be embedded for now and stay as"
            " they were",
            hint="fetch samples that are URLs into --samples-dir, and list their paths"
            if away
            else "run the same command again when their samples can be read",
        )


def _doubt(result: Plan | Migration, job: MigrationJob, say: Messages) -> None:
    """Tell what no migration touches, and what it takes to prove the rest."""
    models = models_of(result.rows)
    if len(models) > 1:
        say.note(
            f"vectors of {len(models)} models are kept ({', '.join(models)}), which cannot be"
            " compared; name yours with --model"
        )
    n = len(result.strays)
    if n:
        say.note(
            f"{n} vector{'s' * (n != 1)} beside the contacts stay{'s' * (n == 1)} as found;"
            " --check fails while one is there"
        )
    if job.model.chosen and any(row.untagged for row in result.rows):
        say.note(
            "a vector of unknown model is kept and proves nothing; to have it made anew from its"
            " samples, set its contact's speech_samples_version to 2"
        )


def _deliver(
    job: MigrationJob,
    result: Plan | Migration,
    facts: dict[str, Any],
    options: MigrateEmbeddingsOptions,
    say: Messages,
) -> None:
    """Show what became of the contacts, or with ``--json`` and ``--report`` tell programs."""
    tree = {
        "command": "migrate-embeddings",
        "store": str(job.store),
        "samples_dir": None if job.samples is None else str(job.samples.root),
        "to_version": job.to_version,
        **facts,
        **migration_facts(result.rows, result.strays),
    }
    if options.report is not None:
        document = {"schema_version": SCHEMA_VERSION, **tree}
        write_text(options.report, console.json_text(document, indent=2) + "\n")
    if options.json:
        console.print_json(tree)
        return
    console.print_lines(row_lines(result.rows, everything=say.level > 0))
    console.print_lines(stray_lines(result.strays))
