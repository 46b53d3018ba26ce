"""A plan or a run as people and programs read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from diarfix.contacts.plan import UNTAGGED, Action, PlanRow
from diarfix.contacts.strays import Stray

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
            yield f"{row.action:<8}  {_shown(row.id)}  {_escaped('; '.join(notes))}"


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


def _shown(who: str | int) -> str:
    """An id on a terminal: one that could move the cursor is quoted."""
    return who if isinstance(who, str) and who.isprintable() else repr(who)


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
