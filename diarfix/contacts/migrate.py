"""Carrying out a plan: embed what must be embedded, then replace the store in one step.

The order makes any interruption harmless. The store itself changes once, by a rename, at the very
end; until then a killed run leaves its vectors in the journal, and the next run goes on from there.
In each contact the old vector is gone before the version moves, and the file shows both or neither.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from diarfix.contacts import contacts
from diarfix.contacts.contacts import Contact, read_contact
from diarfix.contacts.embedding import Failed, make_voice
from diarfix.contacts.journal import Header, Journal
from diarfix.contacts.plan import (
    DECISIONS,
    Action,
    Evidence,
    Plan,
    PlanRow,
    plan_store,
)
from diarfix.contacts.reading import Store, open_store
from diarfix.contacts.samples import SampleFolder
from diarfix.contacts.state import TARGET_VERSION, VERSION_DIM
from diarfix.contacts.strays import Stray
from diarfix.contacts.tag import ModelTag, Voice, make_tag
from diarfix.contacts.vectors import Form, spell_vector
from diarfix.contacts.working import (
    changed,
    exclusive,
    replace_store,
    tidy,
    working_file,
    write_new,
    writing,
)
from diarfix.embed import Choice
from diarfix.errors import EXIT_NO, EXIT_OK, EXIT_STORE, InputError, UsageError
from diarfix.files import Progress, sha256
from diarfix.formats import set_members

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
    strays   what looks like a vector beside the contacts, which no migration touches
    """

    rows: tuple[PlanRow, ...]
    model: ModelTag | None
    written: Path | None
    backup: Path | None
    resumed: int
    strays: tuple[Stray, ...]

    @property
    def exit_code(self) -> int:
        """5 if a contact stays as it was because of a failure that may pass, else 0."""
        return EXIT_STORE if any(r.action is Action.RETRY for r in self.rows) else EXIT_OK


def plan_migration(job: MigrationJob) -> Plan:
    """Decide about every contact and write nothing; what ``--dry-run`` and ``--check`` show.

    Raises as :func:`migrate_store`; a chosen model is identified, so one that is not there is an
    error whether or not a vector is compared with it.
    """
    return _plan(job, open_store(job.store))


def _plan(job: MigrationJob, store: Store, progress: Progress | None = None) -> Plan:
    if job.to_version not in VERSION_DIM:
        known = ", ".join(map(str, VERSION_DIM))
        raise UsageError(f"--to-version {job.to_version} is unknown, expected {known}")
    return plan_store(
        store,
        folder=job.samples,
        ours=job.model.identify(progress=progress) if job.model.chosen else None,
        to_version=job.to_version,
    )


def check_exit(planned: Plan) -> int:
    """What ``--check`` answers: 1 if any contact is not as it should be, or not shown to be."""
    return EXIT_OK if planned.proven else EXIT_NO


def migrate_store(job: MigrationJob, *, progress: Progress | None = None) -> Migration:
    """Migrate a store; running it again after any interruption completes it.

    Raises InputError, before anything is written, if the store is malformed or the samples folder
    looks mistyped; StoreError if another run has the store, or it changed meanwhile;
    MissingDependency if the embedder cannot be loaded.
    """
    target = job.target
    _reachable(job, target)
    with exclusive(target):
        digest = sha256(job.store)
        store = open_store(job.store)
        planned = _plan(job, store, progress)
        if planned.refusal is not None:
            raise planned.refusal
        with contextlib.ExitStack() as stack:
            done = _embed(job, planned, digest, target, stack, progress)
            written = backup = None
            if any(r.action in {Action.EMBED, Action.CLEAR} for r in done.rows) or not job.in_place:
                with writing(target):
                    new = write_new(target, _texts(store, done, job.to_version), like=job.store)
                    keep = job.in_place and job.backup
                    backup = replace_store(new, target, store=job.store, digest=digest, backup=keep)
                written = target
        with writing(target):
            tidy(target)
    return Migration(done.rows, done.model, written, backup, done.resumed, planned.strays)


def _reachable(job: MigrationJob, target: Path) -> None:
    """Refuse early what would fail only after all the embedding."""
    if not job.store.is_file():
        reason = "not a file" if job.store.exists() else "no such file or directory"
        raise InputError(f"{job.store}: {reason}")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent}: no such folder")
    if target.exists() and not target.is_file():
        raise InputError(f"{target}: not a regular file, expected a place for the store")


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of each row, and where the vectors of those that were embedded are.

    resumed  how many of them an earlier run left
    """

    rows: tuple[PlanRow, ...]
    journal: Journal | None = None
    model: ModelTag | None = None
    resumed: int = 0


def _embed(
    job: MigrationJob,
    planned: Plan,
    digest: str,
    target: Path,
    stack: contextlib.ExitStack,
    progress: Progress | None,
) -> _Done:
    """Embed every row that asks for it; rows that could not be embedded are decided again."""
    n_todo = planned.count(Action.EMBED)
    if not n_todo or job.samples is None:
        return _Done(planned.rows)
    embedder = job.model.load(progress=progress)
    if embedder.dim != VERSION_DIM[job.to_version]:
        raise UsageError(
            f"the model {embedder.name} gives {embedder.dim} dimensions,"
            f" version {job.to_version} has {VERSION_DIM[job.to_version]}"
        )
    tag = ModelTag(embedder.name, embedder.dim, embedder.digest)
    header = Header(digest, tag, os.path.realpath(job.samples.root), job.to_version)
    with writing(target):
        journal = stack.enter_context(Journal(working_file(target, "journal"), header))
    rows = list(planned.rows)
    n_done = resumed = 0
    for index, row in enumerate(rows):
        if row.action is not Action.EMBED:
            continue
        if index in journal and _is_of(journal.voice(index), row, job.samples):
            resumed += 1
        else:
            outcome = make_voice(embedder, job.samples, row.usable)
            if isinstance(outcome, Failed):
                rows[index] = _decide_again(row, outcome)
            else:
                with writing(target):
                    journal.add(index, outcome)
        n_done += 1
        if progress is not None:
            progress(n_done, n_todo, "contacts")
    return _Done(tuple(rows), journal, tag, resumed)


def _is_of(voice: Voice, row: PlanRow, folder: SampleFolder) -> bool:
    """Whether a recorded voice is of the very samples that would be embedded now."""
    return list(voice.samples) == [folder.digest(path) for path in row.usable]


def _decide_again(row: PlanRow, failed: Failed) -> PlanRow:
    """The row of a contact whose samples seemed usable and gave no vector."""
    evidence = Evidence.PASSING if failed.may_pass else Evidence.NONE
    action = DECISIONS[row.state][evidence]
    return replace(row, action=action, reason=f"{row.reason}; {failed.reason}")


def _texts(store: Store, done: _Done, to_version: int) -> Iterator[str]:
    """The new store, stretch by stretch."""
    index = 0
    for piece in store.pieces():
        yield piece.lead
        if piece.fields is None:
            continue
        if index >= len(done.rows):
            raise changed(store.path)
        row = done.rows[index]
        if row.action is Action.CLEAR:
            yield _set(piece.text, _cleared(piece.fields, to_version))
        elif row.action is Action.EMBED and done.journal is not None and done.model is not None:
            contact = read_contact(piece.fields, piece.where)
            voice = done.journal.voice(index)
            yield _set(piece.text, _renewed(contact, voice, done.model, to_version))
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
        contacts.MODEL: make_tag(model, voice),
        contacts.VERSION: to_version,
    }
