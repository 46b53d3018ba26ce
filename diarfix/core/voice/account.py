"""What listening again came to: counts, reasons, and the precision to be expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What recheck did on one recording.

    candidates  words in doubt that are short enough
    embedded    candidates that have a vector
    failed      candidates that have none, by reason
    moved       words the voice moved
    estimated_precision  share of the moves that is expected to be right, None without moves
    probes      windows of known speaker that trust was measured on, by length class
    margins     by length class, the cosine by which another voice had to win (before the speakers'
                offsets); None where no margin was enough
    trusted     the voices reach the precision on some class of windows
    why         why nothing moved, "" if something did
    centroids   where they came from: "audio", "file" or "given"
    notes       what else a person should know
    """

    candidates: int = 0
    embedded: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0
    estimated_precision: float | None = None
    probes: Mapping[str, int] = field(default_factory=dict)
    margins: Mapping[str, float | None] = field(default_factory=dict)
    trusted: bool = False
    why: str = ""
    centroids: str = "audio"
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The account as summaries and benchmarks tell it."""
        precision = self.estimated_precision
        return {
            "candidates": self.candidates,
            "embedded": self.embedded,
            "failed": sum(self.failed.values()),
            "failed_reasons": dict(self.failed),
            "moved": self.moved,
            "estimated_precision": None if precision is None else round(precision, 4),
            "why_nothing_moved": self.why or None,
            "needed_margins": dict(self.margins),
            "probes": dict(self.probes),
            "centroids": self.centroids,
        }


def pool_accounts(accounts: Sequence[Account]) -> Account | None:
    """One account of several parts of a document; None of none.

    Margins are the largest in force, probes the fewest.
    """
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    failed: Counter[str] = Counter()
    margins: dict[str, float | None] = {}
    probes: dict[str, int] = {}
    for account in accounts:
        failed.update(account.failed)
        for name, margin in account.margins.items():
            old = margins.get(name)
            margins[name] = margin if old is None or margin is None else max(old, margin)
        for name, n in account.probes.items():
            probes[name] = min(n, probes.get(name, n))
    moved = sum(a.moved for a in accounts)
    right = sum(a.moved * (a.estimated_precision or 0.0) for a in accounts)
    return Account(
        candidates=sum(a.candidates for a in accounts),
        embedded=sum(a.embedded for a in accounts),
        failed=dict(failed),
        moved=moved,
        estimated_precision=right / moved if moved else None,
        probes=probes,
        margins=margins,
        trusted=any(a.trusted for a in accounts),
        why="" if moved else "; ".join(dict.fromkeys(a.why for a in accounts)),
        centroids=accounts[0].centroids,
        notes=tuple(dict.fromkeys(note for a in accounts for note in a.notes)),
    )
