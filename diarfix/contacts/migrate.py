"""Carrying out a plan: embed what must be embedded, then replace the store in one step.

The order makes any interruption harmless. The store itself changes once, by a rename, at the very
end; until then a killed run leaves its vectors in the journal, and the next run goes on from there.
In each contact the old vector is gone before the version moves, and the file shows both or neither.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from diarfix.contacts import contacts
from diarfix.contacts.contacts import Contact, read_contact
from diarfix.contacts.embedding import Failed, make_voice
from diarfix.contacts.journal import Header, Journal, ModelTag, Voice
from diarfix.contacts.plan import (
    DECISIONS,
    TARGET_VERSION,
    VERSION_DIM,
    Action,
    Evidence,
    Plan,
    PlanRow,
    plan_store,
)
from diarfix.contacts.reading import Store, open_store
from diarfix.contacts.samples import SampleFolder
from diarfix.contacts.vectors import Form, spell_vector
from diarfix.contacts.working import back_up, exclusive, tidy, working_file, write_new, writing
from diarfix.embed import Choice
from diarfix.errors import (
    EXIT_NO,
    EXIT_OK,
    EXIT_STORE,
    InputError,
    StoreError,
    UsageError,
)
from diarfix.files.progress import Progress
from diarfix.files.whole import move, sha256
from diarfix.formats.jsonlayout import set_members

#: Where a member that a contact lacks is put: behind which other one.
_AFTER = {contacts.MODEL: contacts.VECTOR}


@dataclass(frozen=True, slots=True)
class MigrationJob:
    """One migration.

    store       the store
    samples     where samples stand, None if not given
    model       which embedder, and whether it was chosen
    out         where the result goes; None to replace the store
    backup      keep the old store beside the new one, where it is replaced
    to_version  3
    """

    store: Path
    samples: SampleFolder | None
    model: Choice
    out: Path | None = None
    backup: bool = True
    to_version: int = TARGET_VERSION

    @property
    def target(self) -> Path:
        """The file that is written; behind a symbolic link, what it points to."""
        return Path(os.path.realpath(self.out or self.store))

    @property
    def in_place(self) -> bool:
        """Whether the store itself is replaced."""
        return self.target == Path(os.path.realpath(self.store))


@dataclass(frozen=True, slots=True)
class Migration:
    """What a run did.

    rows     every contact with what became of it
    model    the model that embedded, None if nothing was embedded
    written  the file that was written, None if nothing had to change
    backup   where the old store is, None if there is no backup
    resumed  how many vectors came from the journal of an interrupted run
    """

    rows: tuple[PlanRow, ...]
    model: ModelTag | None
    written: Path | None
    backup: Path | None
    resumed: int

    @property
    def exit_code(self) -> int:
        """5 if a contact stays as it was because of a failure that may pass, else 0."""
        return EXIT_STORE if any(r.action is Action.RETRY for r in self.rows) else EXIT_OK


def plan_migration(job: MigrationJob) -> Plan:
    """Decide about every contact and write nothing; what ``--dry-run`` and ``--check`` show."""
    if job.to_version not in VERSION_DIM:
        known = ", ".join(map(str, VERSION_DIM))
        raise UsageError(f"--to-version {job.to_version} is unknown, expected {known}")
    return plan_store(
        open_store(job.store),
        folder=job.samples,
        ours=functools.cache(job.model.identify) if job.model.chosen else None,
        to_version=job.to_version,
    )


def check_exit(rows: tuple[PlanRow, ...]) -> int:
    """What ``--check`` answers: 1 if any contact is not as it should be."""
    return EXIT_NO if any(row.action is not Action.KEEP for row in rows) else EXIT_OK


def migrate_store(job: MigrationJob, *, progress: Progress | None = None) -> Migration:
    """Migrate a store; running it again after any interruption completes it.

    Raises InputError, before anything is written, if the store is malformed or the samples folder
    looks mistyped; StoreError if another run has the store, or it changed meanwhile;
    MissingDependency if the embedder cannot be loaded.
    """
    _reachable(job)
    with exclusive(job.target):
        digest = sha256(job.store)
        store = open_store(job.store)
        planned = plan_migration(job)
        if planned.refusal is not None:
            raise planned.refusal
        with contextlib.ExitStack() as stack:
            rows, journal, model = _embed(job, planned, digest, stack, progress)
            changed = any(row.action in {Action.EMBED, Action.CLEAR} for row in rows)
            written = backup = None
            if changed or not job.in_place:
                texts = _texts(store, rows, journal, model, job.to_version)
                with writing(job.target):
                    backup = _replace(job, texts, digest)
                written = job.target
            resumed = journal.resumed if journal is not None else 0
        tidy(job.target)
    return Migration(rows, model, written, backup, resumed)


def _replace(job: MigrationJob, texts: Iterator[str], digest: str) -> Path | None:
    """Put the new store in its place; return the backup of the old one."""
    new = write_new(job.target, texts, like=job.store)
    if sha256(job.store) != digest:
        raise StoreError(
            f"{job.store}: changed while it was migrated; it is left as it is now",
            hint="run the same command again",
        )
    backup = back_up(job.target) if job.in_place and job.backup else None
    move(new, job.target)
    return backup


def _reachable(job: MigrationJob) -> None:
    """Refuse early what would fail only after all the embedding."""
    if not job.store.is_file():
        reason = "not a file" if job.store.exists() else "no such file or directory"
        raise InputError(f"{job.store}: {reason}")
    if not job.target.parent.is_dir():
        raise InputError(f"{job.target.parent}: no such folder")
    if job.target.exists() and not job.target.is_file():
        raise InputError(f"{job.target}: not a regular file, expected a place for the store")


def _embed(
    job: MigrationJob,
    planned: Plan,
    digest: str,
    stack: contextlib.ExitStack,
    progress: Progress | None,
) -> tuple[tuple[PlanRow, ...], Journal | None, ModelTag | None]:
    """Embed every row that asks for it; rows that could not be embedded are decided again."""
    n_todo = planned.count(Action.EMBED)
    if not n_todo or job.samples is None:
        return planned.rows, None, None
    embedder = job.model.load(progress=progress)
    if embedder.dim != VERSION_DIM[job.to_version]:
        raise UsageError(
            f"the model {embedder.name} gives {embedder.dim} dimensions,"
            f" version {job.to_version} has {VERSION_DIM[job.to_version]}"
        )
    tag = ModelTag(embedder.name, embedder.dim, embedder.digest)
    header = Header(digest, tag, os.path.realpath(job.samples.root), job.to_version)
    with writing(job.target):
        journal = stack.enter_context(Journal(working_file(job.target, "journal"), header))
    rows = list(planned.rows)
    n_done = 0
    for index, row in enumerate(rows):
        if row.action is not Action.EMBED:
            continue
        if index not in journal:
            outcome = make_voice(embedder, job.samples, row.usable)
            if isinstance(outcome, Failed):
                rows[index] = _decide_again(row, outcome)
            else:
                with writing(job.target):
                    journal.add(index, outcome)
        n_done += 1
        if progress is not None:
            progress(n_done, n_todo, "contacts")
    return tuple(rows), journal, tag


def _decide_again(row: PlanRow, failed: Failed) -> PlanRow:
    """The row of a contact whose samples seemed usable and gave no vector."""
    evidence = Evidence.PASSING if failed.may_pass else Evidence.NONE
    action = DECISIONS[row.state][evidence]
    return replace(row, action=action, reason=f"{row.reason}; {failed.reason}")


def _texts(
    store: Store,
    rows: tuple[PlanRow, ...],
    journal: Journal | None,
    model: ModelTag | None,
    to_version: int,
) -> Iterator[str]:
    """The new store, stretch by stretch."""
    index = 0
    for piece in store.pieces():
        yield piece.lead
        if piece.fields is None:
            continue
        if index >= len(rows):
            raise StoreError(
                f"{store.path}: changed while it was migrated; it is left as it is now"
            )
        row = rows[index]
        if row.action is Action.CLEAR:
            yield _set(piece.text, _cleared(piece.fields, to_version))
        elif row.action is Action.EMBED and journal is not None and model is not None:
            contact = read_contact(piece.fields, piece.where)
            voice = journal.voice(index)
            yield _set(piece.text, _renewed(contact, voice, model, to_version))
        else:
            yield piece.text
        index += 1


def _set(text: str, values: dict[str, Any]) -> str:
    return set_members(text, values, after=_AFTER)


def _cleared(fields: dict[str, Any], to_version: int) -> dict[str, Any]:
    """No vector and no word of who made it, and only then the new version."""
    gone = {key: None for key in (contacts.VECTOR, contacts.MODEL) if fields.get(key) is not None}
    return {**gone, contacts.VERSION: to_version}


def _renewed(contact: Contact, voice: Voice, model: ModelTag, to_version: int) -> dict[str, Any]:
    form = Form.LIST if contact.vector is None else contact.vector.form
    return {
        contacts.VECTOR: spell_vector(voice.vector, form),
        contacts.MODEL: {**asdict(model), "n_samples": voice.n_samples},
        contacts.VERSION: to_version,
    }
