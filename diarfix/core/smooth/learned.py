"""The label path with learned terms: what trees have learned beside what turns and gaps say.

The evidence and costs of :mod:`~diarfix.core.smooth.viterbi` stay; four sums of trees add to them:
on how far a word is a speaker's, how dear a change before it is, and how far a speaker begins, or
ends, there. Of what the trees say of words only a part counts (``learned_weight``): they say it of
word after word from the same turns, and it adds up. How they were grown, on what, and what they are
worth: docs/learned.md.

Nothing the trees look at is a label, so a second run changes nothing, as with viterbi. Where no
turns are known it is viterbi. Of several diarizers what was learned of each is added by its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from diarfix.config import LearnedKnobs, Settings, ViterbiKnobs, learned_table
from diarfix.core.smooth.evidence import TurnEvidence, turn_evidence
from diarfix.core.smooth.features import EDGE_COLUMNS, GAP_COLUMNS, WORD_COLUMNS, features
from diarfix.core.smooth.forest import Forest, Tree
from diarfix.core.smooth.handover import best_handover
from diarfix.core.smooth.method import Smoothed, opinions_of
from diarfix.core.smooth.path import Rows, Terms
from diarfix.core.smooth.viterbi import along_path, plain_path
from diarfix.core.words import I32, I64, Bool, Turns, Words
from diarfix.errors import InputError

#: The forests of a table, in order, and the columns that each looks at.
FORESTS = {
    "word": WORD_COLUMNS,
    "gap": GAP_COLUMNS,
    "enter": EDGE_COLUMNS,
    "leave": EDGE_COLUMNS,
}

#: The first line of a table that this reads.
TABLE_FORM = "diarfix learned table 1"


@dataclass(frozen=True, eq=False, slots=True)
class Corrections:
    """What one diarizer's turns say on N words, and what was learned beside it, in micro-nats.

    told          what the turns say by themselves
    word, speaker (E,)  int64, int32, whom the rows are about; in any order, no pair twice
    gain          (E,)  int64, what is to be added to the evidence
    enter, leave  (E,)  int64, what is saved where the speaker begins with the word; ends before it
    gap           (N,)  int64, what is saved by any change before the word
    """

    told: TurnEvidence
    word: I64
    speaker: I32
    gain: I64
    enter: I64
    leave: I64
    gap: I64

    def terms(self, cost: I64) -> Terms:
        """All of it as terms of a path; cost  (N,) micro-nats, of a change by itself."""
        plain = Terms.plain(self.told.rows, np.maximum(cost - self.gap, 0))
        return plain.plus(self.word, self.speaker, self.gain, self.enter, self.leave)


def corrections(
    words: Words, index: I64, turns: Turns, cost: I64, knobs: LearnedKnobs, costs: ViterbiKnobs
) -> Corrections:
    """What is known of the timed words ``index`` (N,), ascending, by one diarizer's turns.

    cost   (N,) micro-nats, of a change before each
    costs  the knobs of what turns say by themselves
    """
    told = turn_evidence(words.start[index], words.end[index], turns, costs)
    found = features(words, index, turns, told.rows, cost, costs)
    forests = shipped_forests()
    columns = {"word": found.words, "gap": found.gaps, "enter": found.edges, "leave": found.edges}
    gain, gap, enter, leave = (
        np.rint(weight * forests[name].total(columns[name])).astype(np.int64)
        for name, weight in zip(
            FORESTS, (knobs.learned_weight, *[knobs.learned_change_weight] * 3), strict=True
        )
    )
    return Corrections(told, found.word, found.speaker, gain, enter, leave, gap)


def learned(
    words: Words,
    turns: Turns | Sequence[Turns] | None,
    knobs: LearnedKnobs,
    settings: Settings,
    *,
    pinned: Bool | None = None,
    heard: Rows | None = None,
) -> Smoothed:
    """Relabel ``words`` along the best path, by what turns say and what was learned of them.

    words, pinned, heard  as :func:`~diarfix.core.smooth.viterbi.viterbi` takes them
    turns     the diarizer's turns, those of several, or None to go by the labels alone
    settings  those of the path it builds on, too

    Raises ValueError if the words' speakers do not begin with the turns'.
    """
    costs = settings.viterbi

    def tell(words: Words, index: I64, cost: I64, turns: Turns) -> tuple[TurnEvidence, Terms]:
        found = corrections(words, index, turns, cost, knobs, costs)
        return found.told, found.terms(cost)

    decode = best_handover if any(map(len, opinions_of(turns))) else plain_path
    return along_path(
        words, turns, costs, tell, decode, pinned=pinned, heard=heard,
        edge_weight=knobs.opinion_edge_weight, beyond="learned_nats",
    )  # fmt: skip


@cache
def shipped_forests() -> dict[str, Forest]:
    """The forests of the table that comes with the package."""
    return {name: Forest(trees) for name, trees in read_trees(learned_table()).items()}


def read_trees(lines: Sequence[str]) -> dict[str, list[Tree]]:
    """The trees of a learned table, by forest.

    Raises InputError if it is of another form, or about other columns.
    """
    if not lines or lines[0] != TABLE_FORM:
        raise InputError("the learned table is of another version of diarfix")
    trees: dict[str, list[Tree]] = {name: [] for name in FORESTS}
    for line in lines[1:]:
        kind, _, rest = line.partition(" ")
        if kind == "columns":
            name, *columns = rest.split()
            if name not in FORESTS or tuple(columns) != FORESTS[name]:
                raise InputError(f"the learned table has other columns for {name}")
        elif kind in trees:
            trees[kind].append(_tree([int(number) for number in rest.split()]))
    return trees


def write_trees(trees: dict[str, list[Tree]]) -> list[str]:
    """The lines of a learned table, of which :func:`read_trees` makes the same trees."""
    lines = [f"columns {name} {' '.join(columns)}" for name, columns in FORESTS.items()]
    for name, grown in trees.items():
        for tree in grown:
            parts = (tree.column, tree.threshold, tree.left, tree.right, tree.value)
            lines.append(f"{name} {' '.join(str(n) for part in parts for n in part)}")
    return lines


def _tree(numbers: list[int]) -> Tree:
    """A tree of B splits as 5 B + 1 numbers: its columns, one after the other."""
    n = len(numbers) // 5
    cuts = [numbers[i * n : (i + 1) * n] for i in range(4)]
    return Tree(cuts[0], cuts[1], cuts[2], cuts[3], numbers[4 * n :])
