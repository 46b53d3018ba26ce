"""``diarfix migrate-embeddings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from diarfix.cli import options
from diarfix.cli.embedding import DeviceName, EmbedderName, ModelName, Offline, bar
from diarfix.cli.options import Json, Quiet, Verbose
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.contacts.migrate import Migration, MigrationJob
    from diarfix.contacts.plan import Plan

STORE = typer.Argument(
    metavar="STORE",
    help="Contacts: a JSON list, an object with it, or JSON Lines.",
    show_default=False,
)
SamplesDir = Annotated[
    str | None,
    typer.Option("--samples-dir", metavar="DIR", help="What the listed samples are relative to."),
]
ToVersion = Annotated[
    int,
    typer.Option("--to-version", metavar="N", help="Version to migrate to: 3 (256 dimensions)."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing; print what a run would do.")
]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 unless every contact is kept.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="OUT", help="Write here and leave STORE alone."),
]
NoBackup = Annotated[
    bool, typer.Option("--no-backup", help="Keep no copy of the old store (STORE.bak).")
]
Report = Annotated[
    str | None, typer.Option("--report", metavar="JSON", help="Write every contact's outcome here.")
]


def migrate_embeddings(
    store: Annotated[str, STORE],
    samples_dir: SamplesDir = None,
    embedder: EmbedderName = None,
    model: ModelName = None,
    device: DeviceName = "auto",
    offline: Offline = False,
    to_version: ToVersion = 3,
    dry_run: DryRun = False,
    check: Check = False,
    output: Output = None,
    no_backup: NoBackup = False,
    report: Report = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Bring stored voiceprints to one model: re-embed, or clear what can no longer be compared.

    With --embedder or --model, vectors that are tagged otherwise count as another model's.
    """
    from pathlib import Path

    from diarfix.contacts.migrate import MigrationJob
    from diarfix.contacts.samples import SampleFolder
    from diarfix.embed import Choice

    if dry_run and check:
        raise UsageError("--dry-run and --check exclude each other")
    if "-" in {store, output}:
        raise UsageError("a store is a file: it is replaced, locked and resumed under its name")
    say = options.messages(quiet=quiet, verbose=verbose)
    job = MigrationJob(
        store=Path(store),
        samples=None if samples_dir is None else SampleFolder(Path(samples_dir)),
        model=Choice(embedder, model, device, offline),
        out=None if output is None else Path(output),
        backup=not no_backup,
        to_version=to_version,
    )
    _check_report(report, job)
    if dry_run or check:
        _preview(job, say, check=check, report=report, json=json)
    else:
        _run(job, say, report=report, json=json)


def _check_report(report: str | None, job: MigrationJob) -> None:
    from pathlib import Path

    if report is None:
        return
    place = Path(report).resolve()
    if place in {job.store.resolve(), job.target}:
        raise UsageError(f"--report {report} would overwrite the store")
    if str(place).startswith(f"{job.target}.bak"):
        raise UsageError(f"--report {report} could overwrite a backup of the store")


def _preview(
    job: MigrationJob, say: Messages, *, check: bool, report: str | None, json: bool
) -> None:
    from diarfix.contacts import summary
    from diarfix.contacts.migrate import check_exit, plan_migration

    planned = plan_migration(job)
    facts = {"mode": "check" if check else "dry-run", **_nothing_done()}
    _deliver(job, planned, facts, say, report=report, json=json)
    say.say(f"{job.store}: {summary.counts(planned.rows, done=False)}")
    _doubt(planned, job, say)
    if planned.refusal is not None:
        raise planned.refusal
    if check and (code := check_exit(planned)):
        raise typer.Exit(code)


def _run(job: MigrationJob, say: Messages, *, report: str | None, json: bool) -> None:
    from dataclasses import asdict

    from diarfix.contacts import summary
    from diarfix.contacts.migrate import migrate_store
    from diarfix.contacts.plan import Action
    from diarfix.contacts.samples import SampleOutcome
    from diarfix.errors import StoreError

    with bar(say) as progress:
        result = migrate_store(job, progress=progress)
    facts = {
        "mode": "run",
        "model": None if result.model is None else asdict(result.model),
        "written": None if result.written is None else str(result.written),
        "backup": None if result.backup is None else str(result.backup),
        "resumed": result.resumed,
    }
    _deliver(job, result, facts, say, report=report, json=json)
    say.say(f"{job.store}: {summary.counts(result.rows, done=True)}")
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
    from diarfix.contacts.plan import models_of

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


def _nothing_done() -> dict[str, Any]:
    return {"model": None, "written": None, "backup": None, "resumed": 0}


def _deliver(
    job: MigrationJob,
    result: Plan | Migration,
    facts: dict[str, Any],
    say: Messages,
    *,
    report: str | None,
    json: bool,
) -> None:
    from diarfix.cli import console
    from diarfix.contacts import summary

    if report is not None or json:
        tree = {
            "command": "migrate-embeddings",
            "store": str(job.store),
            "samples_dir": None if job.samples is None else str(job.samples.root),
            "to_version": job.to_version,
            **facts,
            **summary.as_json(result.rows, result.strays),
        }
        if report is not None:
            _write_report(report, tree)
        if json:
            console.print_json(tree)
            return
    console.print_lines(summary.lines(result.rows, everything=say.level > 0))
    console.print_lines(summary.stray_lines(result.strays))


def _write_report(path: str, tree: dict[str, Any]) -> None:
    from json import dumps

    from diarfix.cli.console import SCHEMA_VERSION
    from diarfix.files.local import write_text

    document = {"schema_version": SCHEMA_VERSION, **tree}
    write_text(path, dumps(document, ensure_ascii=False, indent=2) + "\n")
