"""Gates for CI: conditions on metrics, comparison with an earlier result, proof that both fail."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

from diarfix.core import turns_from_rows, words_from_rows
from diarfix.errors import UsageError
from diarfix.metrics.counts import Direction
from diarfix.metrics.recording import compare, score_task
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import words_to_turns
from diarfix.metrics.table import row_of
from diarfix.metrics.task import ScoreTask

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"\s*(?P<name>[^\s<>=!]+)\s*(?P<op>>=|<=|==|!=|>|<)\s*(?P<limit>\S+)\s*")

#: What became of a figure.
Outcome = Literal["same", "better", "worse", "gone", "other"]

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
    verdict: Outcome
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
        now = new.get(name)
        after = now if _is_number(now) else None
        row = row_of(name)
        verdict = _verdict(before, after, tolerance, None if row is None else row.better)
        gated = every or (row is not None and row.headline)
        found.append(MetricChange(name, before, after, verdict, gated=gated))
    return found


def _verdict(
    before: float, after: float | None, tolerance: Tolerance, better: Direction | None
) -> Outcome:
    if after is None:
        return "gone"
    # Sums of seconds differ in the last bits between machines.
    if abs(after - before) <= max(tolerance.abs, tolerance.rel * abs(before)) + 1e-9:
        return "same"
    if better is None:
        return "other"
    return "better" if (after > before) == (better == "up") else "worse"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_REF = Side(
    "bad", None, turns_from_rows([(0.0, 10.0, "Ann"), (10.0, 20.0, "Ben"), (20.0, 30.0, "Ann")])
)
_GOOD = "A" * 10 + "B" * 10 + "A" * 10
_BAD = "A" * 4 + "B" + "A" * 8 + "B" * 4 + "A" * 10 + "B" * 3


def _task(labels: str) -> ScoreTask:
    """One word a second, labelled by the letters of ``labels``; a space is a word without label."""
    rows = [
        (f"w{i}", float(i), i + 0.9, None if label == " " else label)
        for i, label in enumerate(labels)
    ]
    words = words_from_rows(rows)
    return ScoreTask("bad", _REF, Side("bad", words, words_to_turns(words)))


def _metrics(labels: str) -> dict[str, object]:
    return compare(_task(labels)).score.metrics()


def _gate_fails(gate: str, labels: str) -> bool:
    condition = parse_condition(gate)
    return condition.failure(_metrics(labels)[condition.name]) is not None


def _baseline_fails(
    old: Mapping[str, object], new: Mapping[str, object], allowed: float = 0.0
) -> bool:
    return any(change.failure for change in changes(old, new, Tolerance(allowed, allowed)))


def _vanished_fails() -> bool:
    good = _metrics(_GOOD)
    return _baseline_fails(good, {**good, "wser": None}, 1.0)


def _better_was_fails() -> bool:
    good, bad = _metrics(_GOOD), _metrics(_BAD)
    return _baseline_fails(good, bad) and not _baseline_fails(bad, good)


#: Pairs known to be bad, and whether each gate says no to them.
_CASES: dict[str, Callable[[], bool]] = {
    "wser>0.05 on 13 wrong words of 30": lambda: _gate_fails("wser>0.05", _BAD),
    "a perfect pair passes it": lambda: not _gate_fails("wser>0.05", _GOOD),
    "islands>0 on a planted island": lambda: _gate_fails("islands>0", _BAD),
    "der>0.1 on the same pair": lambda: _gate_fails("der>0.1", _BAD),
    "cpwer>1 when cpWER was not measured": lambda: _gate_fails("cpwer>1", _GOOD),
    "an empty hypothesis": lambda: score_task(_task("")).error is not None,
    "a hypothesis without labels": lambda: score_task(_task(" " * 30)).error is not None,
    "a baseline that was better": _better_was_fails,
    "a baseline metric that vanished": _vanished_fails,
}


def known_bad() -> list[str]:
    """One line per case that behaves as it must."""
    return [f"ok      {what}" for what, fails in _CASES.items() if fails()]


def failures() -> list[str]:
    """The cases in which a gate does not say no; empty unless diarfix is broken."""
    return [what for what, fails in _CASES.items() if not fails()]
