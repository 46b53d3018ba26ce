"""What is counted of a recording, so that several can be counted together, and its metrics."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from diarfix.errors import DiarfixError, MissingDependency, NotMeasured

if TYPE_CHECKING:
    from diarfix.metrics.task import ScoreTask

#: Where a metric should go.
Direction = Literal["up", "down"]

#: By how much sums of seconds may miss what they add up to, s and as a share.
_ROUNDING = 1e-6


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
    def measure(cls, task: ScoreTask) -> Self | str:
        """The counts of one recording, or why it has none."""
        raise NotImplementedError


def _added(column: list[float]) -> float:
    # Not by sum(), which rounds otherwise from Python 3.12 on.
    return functools.reduce(operator.add, column, 0)


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None where the whole is nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    name      in ``--json``, gates, baselines and tables
    counts    what it is taken from, and what measures these
    value     the field or property of the counts that is its value; by default that of its name
    better    where it should go; None: it says what was measured, not how good that is
    shown     how its value is written: as percent or as it is; None: it is no single number
    headline  whether a baseline gates on it unless told otherwise
    frozen    whether a benchmark's baseline keeps it
    nothing   why it has no value where there are counts

    Only what has a title is shown to people, by these:

    place     in tables and on pages, lowest first
    counted   the counts behind the value, in the words of a table
    brief     the same for a page, which has title and sentence beside it; "" if these say it all
    title     name for people
    sentence  what it means, for a person who meets it for the first time
    """

    name: str
    counts: type[Counts]
    value: str = ""
    better: Direction | None = "down"
    shown: Literal["rate", "count"] | None = "count"
    headline: bool = False
    frozen: bool = False
    nothing: str = "nothing to score"
    place: tuple[int, int] = (0, 0)
    counted: Callable[[Any], str] = lambda _: ""
    brief: Callable[[Any], str] = lambda _: ""
    title: str = ""
    sentence: str = ""

    def __post_init__(self) -> None:
        """A metric that says nothing else is the field of its name."""
        object.__setattr__(self, "value", self.value or self.name)

    def of(self, counts: Counts | None) -> Any:
        """The value; None without counts, and where they have nothing to divide by."""
        return None if counts is None else getattr(counts, self.value)

    def text(self, value: object) -> str:
        """A value as a table writes it; a dash where there is none."""
        if value is None:
            return "-"
        return f"{100 * value:.2f} %" if self.shown == "rate" else str(value)  # type: ignore[operator]


@contextlib.contextmanager
def outside(what: str, package: str) -> Iterator[None]:
    """Turn what a package of the extra ``metrics`` raises in the block into an error of ours.

    MissingDependency where it is not installed, else NotMeasured.
    """
    try:
        yield
    except DiarfixError:
        raise
    except ImportError as reason:
        hint = "pip install 'diarfix[metrics]'"
        raise MissingDependency(f"{what} needs {package} ({reason})", hint=hint) from reason
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise NotMeasured(f"{package} failed: {said}") from error


def require(*, cpwer: bool, cross_check: bool) -> None:
    """Raise MissingDependency if a package that these options need cannot be imported."""
    wanted = {"--cpwer": (cpwer, "meeteval"), "--cross-check": (cross_check, "pyannote.metrics")}
    for option, (asked, package) in wanted.items():
        if asked:
            with outside(option, package):
                importlib.import_module(package)
