"""Gates for CI: conditions on metrics, and comparison with an earlier result."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from diarfix.errors import UsageError
from diarfix.metrics.table import direction

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
        if not isinstance(value, (int, float)) or isinstance(value, bool):
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


def regressions(
    old: Mapping[str, object],
    new: Mapping[str, object],
    tolerance: Tolerance,
    *,
    prefix: str = "",
) -> list[str]:
    """What got worse by more than the tolerance, or vanished, one line each.

    Compared are the numbers both documents hold under one name; a metric without value in ``old``
    is new and passes.
    """
    found = []
    for name, before in old.items():
        if not isinstance(before, (int, float)) or isinstance(before, bool):
            continue
        after = new.get(name)
        if not isinstance(after, (int, float)) or isinstance(after, bool):
            found.append(f"{prefix}{name} was {before:.6g} and has no value now")
        elif (better := direction(name)) is not None:
            worse = before - after if better == "up" else after - before
            # Sums of seconds differ in the last bits between machines.
            if worse > tolerance.of(before) + 1e-9:
                found.append(f"{prefix}{name} was {before:.6g}, is {after:.6g}")
    return found
