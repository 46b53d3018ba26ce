"""What migration does with each contact, decided before anything is written.

:data:`DECISIONS` is the whole policy. ``--dry-run`` and ``--check`` print the plan, and a run
carries out the same plan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from diarfix.contacts.samples import HELD, SampleCheck, SampleFolder, SampleOutcome, is_elsewhere
from diarfix.contacts.store import (
    MODEL,
    TARGET_VERSION,
    VECTOR,
    VERSION_DIM,
    Contact,
    ContactId,
    Store,
)
from diarfix.contacts.strays import Stray, find_strays
from diarfix.errors import InputError
from diarfix.files import BOM

#: What is said of a vector that no tag stands for.
UNTAGGED = "untagged: model unknown"


class State(StrEnum):
    """What a contact holds."""

    BELOW = "below the target version"
    VALID = "target version, vector valid and ours or untagged"
    STALE = "target version, wrong dimension, NaN, zero, another model's or other samples'"
    EMPTY = "target version, null"


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
    state: dict(zip(Evidence, actions, strict=True))
    for state, actions in {
        State.BELOW: (Action.EMBED, Action.CLEAR, Action.RETRY),
        State.VALID: (Action.KEEP, Action.KEEP, Action.KEEP),
        State.STALE: (Action.EMBED, Action.CLEAR, Action.RETRY),
        State.EMPTY: (Action.EMBED, Action.KEEP, Action.RETRY),
    }.items()
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
    keyed, astray, between = False, None, list[str]()
    for contact in store.contacts(between=between):
        if contact.version > to_version:
            raise InputError(
                f"{contact.where}: version {contact.version} is from the future,"
                f" expected at most {to_version}"
            )
        keyed = keyed or contact.keyed
        astray = astray or next(iter(contact.strays), None)
        rows.append(_row(contact, folder, ours, to_version))
    if astray is not None and not keyed:
        key = astray.where.rpartition(".")[2].partition("[")[0]
        raise InputError(
            f"{astray.where}: {astray.dim} numbers, but no contact has {VECTOR!r}",
            hint=f"did you mean {key!r}? a store holds vectors under {VECTOR!r}: rename the key",
        )
    planned = Plan(tuple(rows), None, _strays_beside(store, between))
    if any(check.outcome in HELD for row in rows for check in row.samples):
        return planned
    return _refuse(planned, folder)


def _strays_beside(store: Store, between: list[str]) -> tuple[Stray, ...]:
    """What looks like a vector in the file, but in no contact."""
    if store.text is None:  # JSON Lines: there is white space between contacts
        return ()
    # A null for each contact leaves a document.
    document = json.loads("null".join(between).removeprefix(BOM))
    if not isinstance(document, dict):
        return ()
    return tuple(find_strays(document, f"{store.path}: "))


def _row(
    contact: Contact,
    folder: SampleFolder | None,
    ours: tuple[str, str] | None,
    to_version: int,
) -> PlanRow:
    state, why, tagged, unproven = _examine(contact, folder, ours, to_version)
    checks = _look(contact, state, folder)
    outcomes = {check.outcome for check in checks}
    if SampleOutcome.USABLE in outcomes:
        evidence = Evidence.USABLE
    else:
        passing = any(outcome.may_pass for outcome in outcomes)
        evidence = Evidence.PASSING if passing else Evidence.NONE
    action = DECISIONS[state][evidence]
    if action is not Action.KEEP:
        why = f"{why}; {_samples_in_words(contact, checks)}"
    valid = state is State.VALID
    # Samples that nobody looked for may well exist.
    bare = evidence is Evidence.NONE and (folder is not None or not contact.samples)
    tag = contact.tag if valid and tagged else None
    return PlanRow(
        contact.where,
        contact.id,
        contact.name,
        contact.version,
        state,
        action,
        why,
        len(contact.samples),
        unverified=valid and bare,
        untagged=valid and not tagged,
        model=None if tag is None else (tag.name, tag.digest),
        unproven=(*unproven, *map(str, contact.strays)),
        samples=checks,
    )


def _examine(
    contact: Contact,
    folder: SampleFolder | None,
    ours: tuple[str, str] | None,
    to_version: int,
) -> tuple[State, str, bool, tuple[str, ...]]:
    """What a contact holds, why, whether a tag says whose a valid vector is, what is unproven."""
    vector, tag, dim = contact.vector, contact.tag, VERSION_DIM[to_version]
    why = ""
    if contact.version < to_version:
        return State.BELOW, f"version {contact.version}", False, ()
    if vector is None:
        return State.EMPTY, "no vector", False, ()
    if vector.dim != dim:
        why = f"{vector.dim} dimensions, version {to_version} has {dim}"
    elif vector.fault:
        why = vector.fault
    elif tag is not None and ours is not None and (tag.name, tag.digest) != ours:
        why = f"vector of another model ({tag.name or f'unreadable {MODEL}'})"
    if why:
        return State.STALE, why, False, ()
    if tag is None or not contact.is_tagged():
        other = f", but its {MODEL} is of another vector" if tag is not None and tag.name else ""
        unproven = () if ours is None else (UNTAGGED,)
        return State.VALID, f"up to date{other}", False, unproven
    n_gone = contact.count_gone(folder)
    if n_gone:
        why = f"vector made of {tag.n_made_of} samples, {n_gone} of them no longer listed"
        if contact.samples:
            return State.STALE, why, True, ()
        # Nothing can take its place: it stays, inert in matching.
    return State.VALID, "up to date", True, (why,) * bool(n_gone)


def _look(contact: Contact, state: State, folder: SampleFolder | None) -> tuple[SampleCheck, ...]:
    if folder is None:  # what must be fetched is known without one
        fetched = (path for path in contact.samples if is_elsewhere(path))
        return tuple(SampleCheck(path, SampleOutcome.NOT_FETCHED) for path in fetched)
    checks = []
    for path in contact.samples:
        checks.append(folder.check(path))
        if state is State.VALID and checks[-1].outcome is SampleOutcome.USABLE:
            break
    return tuple(checks)


def _samples_in_words(contact: Contact, checks: tuple[SampleCheck, ...]) -> str:
    if not contact.samples:
        return "no samples"
    counts = Counter(check.outcome for check in checks)
    n_all, n_usable = len(contact.samples), counts[SampleOutcome.USABLE]
    if n_usable:
        return f"{n_usable} of {n_all} samples usable"
    how = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
    return f"no usable sample of {n_all}" + (f" ({how})" if how else "")


def _refuse(planned: Plan, folder: SampleFolder | None) -> Plan:
    """Refuse what would clear vectors only because the samples folder was mistyped."""
    if folder is None:
        why = "--samples-dir is not given"
    elif not folder.root.is_dir():
        why = f"{folder.root} is not a folder"
    else:
        why = f"{folder.root} holds none of the listed samples"

    def at_risk(row: PlanRow) -> bool:
        return row.action is Action.CLEAR and row.n_listed > 0

    first = next(filter(at_risk, planned.rows), None)
    if first is None:
        return planned
    refusal = InputError(
        f"{first.where}: contact {first.id!r} lists samples, but {why}; nothing is written",
        hint="give the folder that the listed paths are relative to: --samples-dir DIR",
    )
    refused = (
        replace(row, action=Action.REFUSE, reason=f"{row.reason}; {why}") if at_risk(row) else row
        for row in planned.rows
    )
    return replace(planned, rows=tuple(refused), refusal=refusal)
