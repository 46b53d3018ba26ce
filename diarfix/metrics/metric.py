"""What a row of the table of metrics says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from diarfix.metrics.counts import Counts

#: Where a metric should go.
Direction = Literal["up", "down"]


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
