"""A plan or a run as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from diarfix.contacts.plan import Action, PlanRow
from diarfix.contacts.state import UNTAGGED
from diarfix.contacts.strays import Stray

_DONE = {
    Action.KEEP: "kept",
    Action.EMBED: "re-embedded",
    Action.CLEAR: "cleared",
    Action.RETRY: "to retry",
    Action.REFUSE: "refused",
}
_TO_DO = {
    Action.KEEP: "to keep",
    Action.EMBED: "to re-embed",
    Action.CLEAR: "to clear",
    Action.RETRY: "to retry",
    Action.REFUSE: "refused",
}


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
    words = _DONE if done else _TO_DO
    table = _counted(rows)
    parts = [f"{table[action]} {words[action]}" for action in Action if table[action]]
    n = len(rows)
    doubts = {
        "of unknown model": sum(row.untagged for row in rows),
        "unproven": sum(bool(row.unproven) for row in rows),
    }
    told = "".join(f"; {n} {what}" for what, n in doubts.items() if n)
    return f"{n} contact{'s' * (n != 1)}" + (f": {', '.join(parts)}" if parts else "") + told


def migration_facts(rows: Sequence[PlanRow], strays: Iterable[Stray]) -> dict[str, Any]:
    """Counts and all rows, for ``--json`` and ``--report``."""
    return {
        "counts": {action.value: n for action, n in _counted(rows).items()},
        "unverified": sum(row.unverified for row in rows),
        "untagged": sum(row.untagged for row in rows),
        "unproven": sum(bool(row.unproven) for row in rows),
        "strays": [{"where": _printable(s.where), "numbers": s.dim} for s in strays],
        "contacts": [
            {
                "id": _printable(row.id),
                "name": _printable(row.name),
                "action": row.action.value,
                "reason": _printable(row.reason),
                "version": row.version,
                "unverified": row.unverified,
                "untagged": row.untagged,
                "unproven": [_printable(why) for why in row.unproven],
                "samples": [
                    {"path": _printable(s.path), "outcome": s.outcome.value} for s in row.samples
                ],
            }
            for row in rows
        ],
    }


def _counted(rows: Sequence[PlanRow]) -> dict[Action, int]:
    table = dict.fromkeys(Action, 0)
    for row in rows:
        table[row.action] += 1
    return table


def _shown(who: str | int) -> str:
    """An id on a terminal: one that could move the cursor is quoted."""
    return who if isinstance(who, str) and who.isprintable() else repr(who)


def _escaped(text: str) -> str:
    """Text that may hold what stands in the store; nothing in it moves the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _printable(value: Any) -> Any:
    """Text with halves of surrogate pairs, which have no UTF-8, escaped."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
