"""What migration does with each contact, decided before anything is written.

:data:`DECISIONS` is the whole policy. ``--dry-run`` and ``--check`` print the plan, and a run
carries out the same plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from diarfix.contacts.contacts import VECTOR, Contact, ContactId
from diarfix.contacts.reading import Store
from diarfix.contacts.samples import HELD, SampleCheck, SampleFolder, SampleOutcome, is_elsewhere
from diarfix.contacts.state import TARGET_VERSION, Finding, State, examine
from diarfix.contacts.strays import Stray, find_strays
from diarfix.errors import InputError
from diarfix.files import BOM


class Evidence(StrEnum):
    """What a contact's samples allow."""

    USABLE = "some usable sample"
    NONE = "none, or all bad for good"
    PASSING = "a transient failure, none usable"


class Action(StrEnum):
    """What happens to a contact."""

    KEEP = "keep"
    EMBED = "re-embed"
    CLEAR = "clear"
    RETRY = "retry"
    REFUSE = "refuse"


DECISIONS: dict[State, dict[Evidence, Action]] = {
    State.BELOW: {
        Evidence.USABLE: Action.EMBED,
        Evidence.NONE: Action.CLEAR,
        Evidence.PASSING: Action.RETRY,
    },
    State.VALID: {
        Evidence.USABLE: Action.KEEP,
        Evidence.NONE: Action.KEEP,
        Evidence.PASSING: Action.KEEP,
    },
    State.STALE: {
        Evidence.USABLE: Action.EMBED,
        Evidence.NONE: Action.CLEAR,
        Evidence.PASSING: Action.RETRY,
    },
    State.EMPTY: {
        Evidence.USABLE: Action.EMBED,
        Evidence.NONE: Action.KEEP,
        Evidence.PASSING: Action.RETRY,
    },
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One contact's row.

    where       file and place of the contact
    version     the version it has
    state       what it holds
    n_listed    how many samples it lists
    unverified  its vector is kept, but no sample shows whose voice it is
    untagged    its vector is kept, but nothing says which model made it
    model       name and digest of the model that made the vector that is kept, if a tag says it
    unproven    why ``--check`` cannot answer yes, whatever the action
    samples     what became of each listed sample that was looked at
    """

    where: str
    id: ContactId
    name: str | None
    version: int
    state: State
    action: Action
    reason: str
    n_listed: int
    unverified: bool = False
    untagged: bool = False
    model: tuple[str, str | None] | None = None
    unproven: tuple[str, ...] = ()
    samples: tuple[SampleCheck, ...] = ()

    @property
    def usable(self) -> tuple[str, ...]:
        """The listed paths that can be embedded."""
        return tuple(s.path for s in self.samples if s.outcome is SampleOutcome.USABLE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    rows     every contact, in the order of the store
    refusal  why nothing may be written, or None
    strays   what looks like a vector beside the contacts, as in the owner's own record
    """

    rows: tuple[PlanRow, ...]
    refusal: InputError | None
    strays: tuple[Stray, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether every vector in the store is one that the target version stands for."""
        rows = (row.action is Action.KEEP and not row.unproven for row in self.rows)
        return all(rows) and not self.strays and len(models_of(self.rows)) <= 1

    def count(self, action: Action) -> int:
        """How many rows have an action."""
        return sum(row.action is action for row in self.rows)


def models_of(rows: Iterable[PlanRow]) -> list[str]:
    """Names of the models that made vectors that are kept; of several, all but one are wrong."""
    return sorted(name for name, _ in {row.model for row in rows if row.model is not None})


def plan_store(
    store: Store,
    *,
    folder: SampleFolder | None,
    ours: tuple[str, str] | None,
    to_version: int = TARGET_VERSION,
) -> Plan:
    """Decide about every contact; reads the store and its samples, and writes nothing.

    folder  where samples stand, None if not given
    ours    name and digest of the chosen model; None if none was chosen, and then every sound
            vector of the right dimension is ours

    Raises InputError if the store is malformed, holds an id twice, a version above the target, or
    its vectors under another key.
    """
    rows = []
    listed = False  # some listed file stands in the folder
    keyed = False
    astray: Stray | None = None
    between: list[str] = []
    for contact in store.contacts(between=between):
        if contact.version > to_version:
            raise InputError(
                f"{contact.where}: version {contact.version} is from the future,"
                f" expected at most {to_version}"
            )
        keyed = keyed or contact.keyed
        astray = astray or next(iter(contact.strays), None)
        found = examine(contact, folder, ours, to_version)
        checks = _checks(contact, found.state, folder)
        listed = listed or any(check.outcome in HELD for check in checks)
        rows.append(_row(contact, found, checks, searched=folder is not None))
    if astray is not None and not keyed:
        key = astray.where.rpartition(".")[2].partition("[")[0]
        raise InputError(
            f"{astray.where}: {astray.dim} numbers, but no contact has {VECTOR!r}",
            hint=f"did you mean {key!r}? a store holds vectors under {VECTOR!r}: rename the key",
        )
    strays = _strays_beside(store, between)
    return replace(_refuse(rows, folder) if not listed else Plan(tuple(rows), None), strays=strays)


def _strays_beside(store: Store, between: list[str]) -> tuple[Stray, ...]:
    """What looks like a vector in the file, but in no contact."""
    if store.text is None:  # JSON Lines: there is white space between contacts
        return ()
    # A null for each contact leaves a document.
    document = json.loads("null".join(between).removeprefix(BOM))
    if not isinstance(document, dict):
        return ()
    return tuple(find_strays(document, f"{store.path}: "))


def _checks(contact: Contact, state: State, folder: SampleFolder | None) -> tuple[SampleCheck, ...]:
    if folder is None:  # what must be fetched is known without one
        fetched = (path for path in contact.samples if is_elsewhere(path))
        return tuple(SampleCheck(path, SampleOutcome.NOT_FETCHED) for path in fetched)
    return tuple(_until_usable(contact, folder, stop=state is State.VALID))


def _until_usable(contact: Contact, folder: SampleFolder, *, stop: bool) -> Iterator[SampleCheck]:
    for path in contact.samples:
        check = folder.check(path)
        yield check
        if stop and check.outcome is SampleOutcome.USABLE:
            return


def _evidence(checks: tuple[SampleCheck, ...]) -> Evidence:
    if any(check.outcome is SampleOutcome.USABLE for check in checks):
        return Evidence.USABLE
    if any(check.outcome.may_pass for check in checks):
        return Evidence.PASSING
    return Evidence.NONE


def _row(
    contact: Contact,
    found: Finding,
    checks: tuple[SampleCheck, ...],
    *,
    searched: bool,
) -> PlanRow:
    evidence = _evidence(checks)
    state, why = found.state, found.why
    action = DECISIONS[state][evidence]
    # Samples that nobody looked for may well exist.
    bare = evidence is Evidence.NONE and (searched or not contact.samples)
    reason = why
    if action is not Action.KEEP:
        reason = f"{why}; {_samples_in_words(contact, checks)}"
    return PlanRow(
        contact.where,
        contact.id,
        contact.name,
        contact.version,
        state,
        action,
        reason,
        len(contact.samples),
        unverified=state is State.VALID and bare,
        untagged=found.untagged,
        model=(contact.tag.name, contact.tag.digest)
        if state is State.VALID and contact.tag is not None and not found.untagged
        else None,
        unproven=(*found.unproven, *map(str, contact.strays)),
        samples=checks,
    )


def _samples_in_words(contact: Contact, checks: tuple[SampleCheck, ...]) -> str:
    if not contact.samples:
        return "no samples"
    n_usable = sum(check.outcome is SampleOutcome.USABLE for check in checks)
    n_all = len(contact.samples)
    if n_usable:
        return f"{n_usable} of {n_all} samples usable"
    counts: dict[SampleOutcome, int] = {}
    for check in checks:
        counts[check.outcome] = counts.get(check.outcome, 0) + 1
    how = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
    return f"no usable sample of {n_all}" + (f" ({how})" if how else "")


def _refuse(rows: list[PlanRow], folder: SampleFolder | None) -> Plan:
    """Refuse what would clear vectors only because the samples folder was mistyped."""
    if folder is None:
        why = "--samples-dir is not given"
    elif not folder.root.is_dir():
        why = f"{folder.root} is not a folder"
    else:
        why = f"{folder.root} holds none of the listed samples"
    at_risk = [row.action is Action.CLEAR and row.n_listed > 0 for row in rows]
    if not any(at_risk):
        return Plan(tuple(rows), None)
    first = rows[at_risk.index(True)]
    refusal = InputError(
        f"{first.where}: contact {first.id!r} lists samples, but {why}; nothing is written",
        hint="give the folder that the listed paths are relative to: --samples-dir DIR",
    )
    refused = (
        replace(row, action=Action.REFUSE, reason=f"{row.reason}; {why}") if risk else row
        for row, risk in zip(rows, at_risk, strict=True)
    )
    return Plan(tuple(refused), refusal)
