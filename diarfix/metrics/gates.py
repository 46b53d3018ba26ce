"""Gates for CI: conditions on metrics, and comparison with an earlier result."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

from diarfix.errors import UsageError
from diarfix.metrics.table import direction, is_headline

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"\s*(?P<name>[^\s<>=!]+)\s*(?P<op>>=|<=|==|!=|>|<)\s*(?P<limit>\S+)\s*")

#: Least share of the reference that a hypothesis must speak to, unless told otherwise.
DEFAULT_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class Condition:
    """``NAME OP NUMBER``: the gate fails when it holds, or when the metric has no value."""

    name: str
    op: str
    limit: float

    def __str__(self) -> str:
        return f"{self.name}{self.op}{self.limit:g}"

    def failure(self, value: object) -> str | None:
        """Why the gate fails, or None if it passes."""
        if not _is_number(value):
            return f"{self.name} has no value, gate {self}"
        if _OPERATORS[self.op](value, self.limit):
            return f"{self.name} is {value:.6g}, gate {self}"
        return None


def parse_condition(text: str) -> Condition:
    """Parse ``wser>0.05``. Raises UsageError for anything else."""
    match = _CONDITION.fullmatch(text)
    try:
        limit = float(match["limit"]) if match else float("nan")
    except ValueError:
        limit = float("nan")
    if match is None or limit != limit:  # noqa: PLR0124 - NaN
        raise UsageError(
            f"--fail-if {text!r}: expected NAME OP NUMBER, such as 'wser>0.05'",
            hint="OP is one of > >= < <= == !=",
        )
    return Condition(match["name"], match["op"], limit)


def check_names(conditions: Iterable[Condition], known: Iterable[str]) -> None:
    """Raise UsageError if a condition names a metric that does not exist."""
    names = list(known)
    for condition in conditions:
        if condition.name not in names:
            near = difflib.get_close_matches(condition.name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(names[:12])}, …"
            raise UsageError(f"--fail-if: unknown metric {condition.name!r}", hint=hint)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much worse than before is still the same: ``max(abs, rel * |old|)``."""

    abs: float = 0.0
    rel: float = 0.0

    def of(self, old: float) -> float:
        """The allowance for one old value."""
        return max(self.abs, self.rel * abs(old))


def parse_tolerance(text: str | None) -> Tolerance:
    """Parse ``abs=0.01,rel=0.2``. Raises UsageError for anything else."""
    values: dict[str, float] = {}
    for part in text.split(",") if text is not None else []:
        key, _, number = part.strip().partition("=")
        try:
            values[key] = float(number)
        except ValueError:
            key = ""
        if key not in {"abs", "rel"} or not values[key] >= 0:
            raise UsageError(f"--tolerance {text!r}: expected abs=NUMBER,rel=NUMBER")
    return Tolerance(**values)


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A figure then and now.

    verdict  "same": within the tolerance; "better", "worse"; "gone": it has no value any more;
             "other": it says how much was measured, hence is neither
    gated    whether getting worse fails; what is gone always does
    """

    name: str
    old: float
    new: float | None
    verdict: Literal["same", "better", "worse", "gone", "other"]
    gated: bool

    @property
    def failure(self) -> str | None:
        """Why the gate fails, or None if it passes."""
        if self.new is None:
            return f"{self.name} was {self.old:.6g} and has no value now"
        if self.verdict == "worse" and self.gated:
            return f"{self.name} was {self.old:.6g}, is {self.new:.6g}"
        return None

    def document(self) -> dict[str, object]:
        """The same as ``--json`` tells it."""
        return {
            "old": self.old,
            "new": self.new,
            "change": None if self.new is None else self.new - self.old,
            "verdict": self.verdict,
            "fails": self.failure is not None,
        }


def changes(
    old: Mapping[str, object],
    new: Mapping[str, object],
    tolerance: Tolerance,
    *,
    every: bool = False,
) -> list[MetricChange]:
    """What became of each figure that ``old`` holds; one without value there is new.

    every  whatever is worse fails, not the headline metrics alone: a better WSER may well cost
           0.01 % of missed speech
    """
    found = []
    for name, before in old.items():
        if not _is_number(before):
            continue
        after = new.get(name)
        found.append(
            MetricChange(
                name,
                before,
                after if _is_number(after) else None,
                _verdict(name, before, after, tolerance),
                gated=every or is_headline(name),
            )
        )
    return found


def _verdict(
    name: str, before: float, after: object, tolerance: Tolerance
) -> Literal["same", "better", "worse", "gone", "other"]:
    better = direction(name)
    if not _is_number(after):
        return "gone"
    # Sums of seconds differ in the last bits between machines.
    if abs(after - before) <= tolerance.of(before) + 1e-9:
        return "same"
    if better is None:
        return "other"
    return "better" if (after > before) == (better == "up") else "worse"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def regressions(
    old: Mapping[str, object],
    new: Mapping[str, object],
    tolerance: Tolerance,
    *,
    every: bool = False,
) -> list[str]:
    """What fails of :func:`changes`, one line each."""
    found = changes(old, new, tolerance, every=every)
    return [why for change in found if (why := change.failure) is not None]
