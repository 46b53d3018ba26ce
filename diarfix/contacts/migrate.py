"""Carrying out a plan: embed what must be embedded, replace the store in one step, and tell of it.

The order makes any interruption harmless. The store itself changes once, by a rename, at the very
end; until then a killed run leaves its vectors in the journal, and the next run goes on from there.
In each contact the old vector is gone before the version moves, and the file shows both or neither.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from diarfix.contacts.plan import DECISIONS, UNTAGGED, Action, Evidence, Plan, PlanRow, plan_store
from diarfix.contacts.samples import Failed, SampleFolder, make_voice
from diarfix.contacts.store import (
    MODEL,
    TARGET_VERSION,
    VECTOR,
    VERSION,
    VERSION_DIM,
    Store,
    open_store,
    read_contact,
)
from diarfix.contacts.strays import Stray
from diarfix.contacts.vectors import Form, ModelTag, make_tag, spell_vector
from diarfix.contacts.working import (
    Header,
    Journal,
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
            rows, journal, resumed = _embed(job, planned, digest, stack, progress)
            written = backup = None
            if any(r.action in {Action.EMBED, Action.CLEAR} for r in rows) or not job.in_place:
                with writing(target):
                    texts = _texts(store, rows, journal, job.to_version)
                    new = write_new(target, texts, like=job.store)
                    keep = job.in_place and job.backup
                    backup = replace_store(new, target, store=job.store, digest=digest, backup=keep)
                written = target
        with writing(target):
            tidy(target)
    model = None if journal is None else journal.header.model
    return Migration(tuple(rows), model, written, backup, resumed, planned.strays)


def _reachable(job: MigrationJob, target: Path) -> None:
    """Refuse early what would fail only after all the embedding."""
    if not job.store.is_file():
        reason = "not a file" if job.store.exists() else "no such file or directory"
        raise InputError(f"{job.store}: {reason}")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent}: no such folder")
    if target.exists() and not target.is_file():
        raise InputError(f"{target}: not a regular file, expected a place for the store")


def _embed(
    job: MigrationJob,
    planned: Plan,
    digest: str,
    stack: contextlib.ExitStack,
    progress: Progress | None,
) -> tuple[list[PlanRow], Journal | None, int]:
    """Embed every row that asks for it; rows that could not be embedded are decided again.

    Returns the rows, the journal with their vectors, and how many of these an earlier run left.
    """
    rows = list(planned.rows)
    n_todo = sum(row.action is Action.EMBED for row in rows)
    if not n_todo or job.samples is None:
        return rows, None, 0
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
    n_done = resumed = 0
    for index, row in enumerate(rows):
        if row.action is not Action.EMBED:
            continue
        if index in journal and list(journal.voice(index).samples) == [
            job.samples.digest(path) for path in row.usable
        ]:
            resumed += 1
        else:
            outcome = make_voice(embedder, job.samples, row.usable)
            if isinstance(outcome, Failed):
                evidence = Evidence.PASSING if outcome.may_pass else Evidence.NONE
                reason = f"{row.reason}; {outcome.reason}"
                rows[index] = replace(row, action=DECISIONS[row.state][evidence], reason=reason)
            else:
                with writing(job.target):
                    journal.add(index, outcome)
        n_done += 1
        if progress is not None:
            progress(n_done, n_todo, "contacts")
    return rows, journal, resumed


def _texts(
    store: Store, rows: Sequence[PlanRow], journal: Journal | None, to_version: int
) -> Iterator[str]:
    """The new store, stretch by stretch."""
    for index, piece in enumerate(store.pieces()):
        yield piece.lead
        if piece.fields is None:
            continue
        if index >= len(rows):
            raise changed(store.path)
        values: dict[str, Any]
        if rows[index].action is Action.CLEAR:
            values = {key: None for key in (VECTOR, MODEL) if piece.fields.get(key) is not None}
        elif rows[index].action is Action.EMBED and journal is not None:
            old, voice = read_contact(piece.fields, piece.where).vector, journal.voice(index)
            vector = spell_vector(voice.vector, Form.LIST if old is None else old.form)
            values = {VECTOR: vector, MODEL: make_tag(journal.header.model, voice)}
        else:
            yield piece.text
            continue
        # Only then the new version: the old vector and its tag are gone before.
        yield set_members(piece.text, {**values, VERSION: to_version}, after={MODEL: VECTOR})


#: What is said of an action that is to come, and of one that is done.
_WORDS = {
    Action.KEEP: ("to keep", "kept"),
    Action.EMBED: ("to re-embed", "re-embedded"),
    Action.CLEAR: ("to clear", "cleared"),
    Action.RETRY: ("to retry", "to retry"),
    Action.REFUSE: ("refused", "refused"),
}

#: Fields of a row that programs are told.
_TOLD = ("id", "name", "action", "reason", "version", "unverified", "untagged", "unproven")


def row_lines(rows: Iterable[PlanRow], *, everything: bool = False) -> Iterator[str]:
    """One line per contact: action, id, reason; of kept ones only those that leave a doubt.

    everything  also the other ones that are kept
    """
    for row in rows:
        if everything or row.unverified or row.unproven or row.action is not Action.KEEP:
            notes = [row.reason]
            if row.unverified:
                notes.append("unverified: no sample shows whose voice it is")
            if row.untagged and UNTAGGED not in row.unproven:
                notes.append(UNTAGGED)
            notes += [f"unproven: {why}" for why in row.unproven]
            # An id that could move the cursor is quoted.
            plain = isinstance(row.id, str) and row.id.isprintable()
            who = row.id if plain else repr(row.id)
            yield f"{row.action:<8}  {who}  {_escaped('; '.join(notes))}"


def stray_lines(strays: Iterable[Stray]) -> Iterator[str]:
    """One line per vector that stands beside the contacts."""
    for stray in strays:
        yield f"unproven  {_escaped(stray.where)}  {stray.dim} numbers beside the contacts"


def count_line(rows: Sequence[PlanRow], *, done: bool) -> str:
    """How many contacts have each action, in one phrase."""
    table = Counter(row.action for row in rows)
    parts = [f"{table[action]} {_WORDS[action][done]}" for action in Action if table[action]]
    n = len(rows)
    doubts = {
        "of unknown model": sum(row.untagged for row in rows),
        "unproven": sum(bool(row.unproven) for row in rows),
    }
    told = "".join(f"; {n} {what}" for what, n in doubts.items() if n)
    return f"{n} contact{'s' * (n != 1)}" + (f": {', '.join(parts)}" if parts else "") + told


def migration_facts(rows: Sequence[PlanRow], strays: Iterable[Stray]) -> dict[str, Any]:
    """Counts and all rows, for ``--json`` and ``--report``."""
    table = Counter(row.action for row in rows)
    facts = {
        "counts": {action.value: table[action] for action in Action},
        "unverified": sum(row.unverified for row in rows),
        "untagged": sum(row.untagged for row in rows),
        "unproven": sum(bool(row.unproven) for row in rows),
        "strays": [{"where": stray.where, "numbers": stray.dim} for stray in strays],
        "contacts": [
            {**{key: getattr(row, key) for key in _TOLD}, "samples": list(map(asdict, row.samples))}
            for row in rows
        ],
    }
    printable: dict[str, Any] = _printable(facts)
    return printable


def _escaped(text: str) -> str:
    """Text that may hold what stands in the store; nothing in it moves the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _printable(value: Any) -> Any:
    """A tree for JSON, halves of surrogate pairs, which have no UTF-8, escaped."""
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
