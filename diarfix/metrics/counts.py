"""What is counted of a recording, so that several can be counted together."""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from diarfix.errors import InputError

if TYPE_CHECKING:
    from diarfix.metrics.pair import Pair

#: By how much sums of seconds may miss what they add up to, s and as a share.
_ROUNDING = 1e-6


class NotMeasured(InputError):
    """One metric cannot be measured, which costs no other: a package failed, or it would take days.

    Its message is why.
    """


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that add: a metric of several recordings is taken from their sum.

    Each subclass is a frozen dataclass of numbers that are 0 by default.

    family  its name in cells, and in the reasons why a recording has none
    parts   pairs of fields: what the first counts is a part of what the second does

    Raises ValueError for a count that is negative or not finite, and for a part that is larger than
    its whole.
    """

    family: ClassVar[str]
    parts: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __post_init__(self) -> None:
        """Check what must hold of any counts."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not 0 <= value < math.inf:
                msg = f"{field.name} is {value}, which is no count"
                raise ValueError(msg)
        for part, whole in self.parts:
            a, b = getattr(self, part), getattr(self, whole)
            if a > b + _ROUNDING * (1 + b):
                msg = f"{part} is {a}, more than {whole}, which is {b}"
                raise ValueError(msg)

    def __add__(self, other: Self) -> Self:
        """The counts of both together."""
        return self.together((self, other))

    @classmethod
    def together(cls, several: Sequence[Self]) -> Self:
        """The counts of all together, added in their order."""
        names = (field.name for field in dataclasses.fields(cls))
        return cls(**{name: _added([getattr(c, name) for c in several]) for name in names})

    @classmethod
    def zero(cls) -> Self:
        """The counts of nothing."""
        return cls()

    @classmethod
    def measure(cls, pair: Pair) -> Self | str:
        """The counts of one recording, or why it has none."""
        raise NotImplementedError


def _added(column: list[float]) -> float:
    # Not by sum(), which rounds otherwise from Python 3.12 on.
    return functools.reduce(operator.add, column, 0)


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None where the whole is nothing."""
    return part / whole if whole else None
