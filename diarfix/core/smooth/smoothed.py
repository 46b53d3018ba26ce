"""What a smoother returns: new labels, and for each changed word why."""

from __future__ import annotations

from dataclasses import dataclass, field

from diarfix.core.words import Words


@dataclass(frozen=True, slots=True)
class Change:
    """One word that moved.

    index     position of the word in its document
    before    speaker code it carried, -1 for none
    after     speaker code it carries now
    rule      short name of what decided: "island", "seam", "tie", ...
    evidence  numbers that decided, by name, each with its unit in the name's suffix (``_s``,
              ``_words``, ``_nats``), ready for ``--changes``
    """

    index: int
    before: int
    after: int
    rule: str
    evidence: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Labels after smoothing.

    words              the words under their new labels
    changes            one entry per moved word, ascending by index
    islands_collapsed  runs that were swallowed by both flanks
    seams_moved        changes of speaker that now stand elsewhere
    """

    words: Words
    changes: tuple[Change, ...] = ()
    islands_collapsed: int = 0
    seams_moved: int = 0
