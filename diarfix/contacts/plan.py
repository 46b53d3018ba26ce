"""What migration does with each contact, decided before anything is written.

:data:`DECISIONS` is the whole policy. ``--dry-run`` and ``--check`` print the plan, and a run
carries out the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from diarfix.contacts.contacts import MODEL, Contact, ContactId
from diarfix.contacts.reading import Store
from diarfix.contacts.samples import HELD, SampleCheck, SampleFolder, SampleOutcome
from diarfix.errors import InputError

TARGET_VERSION = 3

#: Dimension of the vectors that each version stands for.
VERSION_DIM = {3: 256}


#: Gives name and digest of the chosen model.
Ours = Callable[[], tuple[str, str]]


class State(StrEnum):
    """What a contact holds."""

    BELOW = "below the target version"
    VALID = "target version, vector valid and ours or untagged"
    STALE = "target version, wrong dimension, NaN, zero, or another model's"
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
    samples: tuple[SampleCheck, ...] = ()

    @property
    def usable(self) -> tuple[str, ...]:
        """The listed paths that can be embedded."""
        return tuple(s.path for s in self.samples if s.outcome is SampleOutcome.USABLE)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, in the order of the store; ``refusal`` says why nothing may be written, or None."""

    rows: tuple[PlanRow, ...]
    refusal: InputError | None

    def count(self, action: Action) -> int:
        """How many rows have an action."""
        return sum(row.action is action for row in self.rows)


def plan_store(
    store: Store,
    *,
    folder: SampleFolder | None,
    ours: Ours | None,
    to_version: int = TARGET_VERSION,
) -> Plan:
    """Decide about every contact; reads the store and its samples, and writes nothing.

    folder  where samples stand, None if not given
    ours    gives name and digest of the chosen model, and is asked only if a tag must be compared;
            None if none was chosen, and then every sound vector of the right dimension is ours

    Raises InputError if the store is malformed, holds an id twice, or a version above the target.
    """
    rows = []
    listed = False  # some listed file stands in the folder
    for contact in store.contacts():
        if contact.version > to_version:
            raise InputError(
                f"{contact.where}: version {contact.version} is from the future,"
                f" expected at most {to_version}"
            )
        state, why = _state(contact, ours, to_version)
        checks = _checks(contact, state, folder)
        listed = listed or any(check.outcome in HELD for check in checks)
        rows.append(_row(contact, state, why, checks, searched=folder is not None))
    return _refuse(rows, folder) if not listed else Plan(tuple(rows), None)


def _state(contact: Contact, ours: Ours | None, to_version: int) -> tuple[State, str]:
    """The state of a contact and the reason, in words."""
    vector, dim = contact.vector, VERSION_DIM[to_version]
    if contact.version < to_version:
        return State.BELOW, f"version {contact.version}"
    if vector is None:
        return State.EMPTY, "no vector"
    if vector.dim != dim:
        return State.STALE, f"{vector.dim} dimensions, version {to_version} has {dim}"
    if not vector.sound:
        zero = not vector.values().any()
        return State.STALE, "zero vector" if zero else "vector is not finite"
    if contact.model is not None and ours is not None and _maker(contact.model) != ours():
        return State.STALE, f"vector of another model ({_model_name(contact.model)})"
    return State.VALID, "up to date"


def _maker(tag: Any) -> tuple[Any, Any]:
    """Name and digest in a tag as parsed."""
    return (tag.get("name"), tag.get("digest")) if isinstance(tag, dict) else (tag, None)


def _model_name(tag: Any) -> str:
    name, _ = _maker(tag)
    return name if isinstance(name, str) else f"unreadable {MODEL}"


def _checks(contact: Contact, state: State, folder: SampleFolder | None) -> tuple[SampleCheck, ...]:
    if folder is None:
        return ()
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
    state: State,
    why: str,
    checks: tuple[SampleCheck, ...],
    *,
    searched: bool,
) -> PlanRow:
    evidence = _evidence(checks)
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
