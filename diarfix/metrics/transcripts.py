"""Speaker errors where reference and hypothesis heard different words: WDER.

The words are aligned by their Levenshtein distance, over the whole transcript in document order.
54,000 against 54,000 words are three thousand million cells, so the table is never made: its
columns are computed as bit vectors (Myers 1999, in the form of Hyyrö 2003) held in Python's long
integers. Only one column in sqrt(N) is kept, and the walk back computes each block between two of
them again. The alignment is exact for any two texts, in about N * M / 30 machine steps and the
memory of 2 * sqrt(N) columns of M bits. Anchors or bands would be faster, and sometimes wrong.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diarfix.core import UNKNOWN, Shared, Words, best_map, map_by_name
from diarfix.metrics.counts import Counts, share
from diarfix.metrics.labels import names_somebody

if TYPE_CHECKING:
    from diarfix.metrics.task import ScoreTask


@dataclass(frozen=True, slots=True)
class WderCounts(Counts):
    """Speaker errors among aligned words.

    wrong        aligned words whose hypothesis speaker is not the mapped one
    aligned      words of both sides that are aligned, equal (correct) or not (substituted), and
                 have a reference speaker
    unlabelled   of the wrong ones, those without a hypothesis label
    """

    family = "wder"
    parts = (("wrong", "aligned"), ("unlabelled", "wrong"))

    wrong: int = 0
    aligned: int = 0
    unlabelled: int = 0

    @classmethod
    def measure(cls, task: ScoreTask) -> WderCounts | str:
        """The errors where both sides have words, and not the same."""
        if isinstance(task.words, str):
            return task.words
        if task.same_words:
            return "both sides have the same words: see wser"
        return wder(*task.words, no_map=task.options.no_map)

    @property
    def rate(self) -> float | None:
        """WDER as a fraction; None where no word is aligned."""
        return share(self.wrong, self.aligned)


def wder(ref: Words, hyp: Words, *, no_map: bool = False) -> WderCounts:
    """Count speaker errors among the words that align, under the map that makes them fewest, or by
    name.

    Shafey, Soltau & Shafran 2019, as DiarizationLM computes it: inserted and deleted words do not
    count. Texts are compared in their :func:`normal_form`; what has none (a dash, a lone comma) is
    no word. A word whose reference label is missing or names nobody is left out.
    """
    ref_index, ref_text = _spoken(ref)
    hyp_index, hyp_text = _spoken(hyp)
    i, j = align(ref_text, hyp_text)
    ref_code, hyp_code = ref.speaker[ref_index[i]], hyp.speaker[hyp_index[j]]
    named = np.array([names_somebody(label) for label in ref.speakers] + [False])
    scored = named[ref_code]
    ref_code, hyp_code = ref_code[scored], hyp_code[scored]
    known = hyp_code != UNKNOWN
    common = Shared.of(hyp_code[known], ref_code[known], (len(hyp.speakers), len(ref.speakers)))
    best = map_by_name(hyp.speakers, ref.speakers) if no_map else best_map(common)
    mapped = np.append(best, UNKNOWN)
    right = int((mapped[hyp_code] == ref_code).sum())
    return WderCounts(len(ref_code) - right, len(ref_code), int((~known).sum()))


def _spoken(words: Words) -> tuple[NDArray[np.intp], list[str]]:
    """Positions (K,) and normal forms of the words that have one."""
    text = [normal_form(word) for word in words.text]
    index = [i for i, form in enumerate(text) if form]
    return np.array(index, dtype=np.intp), [text[i] for i in index]


class _Unpunctuated(dict[int, int | None]):
    """Deletes punctuation in ``str.translate``; each character is looked up once."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code)).startswith("P") else code
        self[code] = kept
        return kept


_UNPUNCTUATED = _Unpunctuated()


def normal_form(text: str) -> str:
    """``text`` without case, punctuation, outer white space and compatibility spellings.

    >>> normal_form(" Don't,")
    'dont'
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_UNPUNCTUATED).strip()


def align(ref: Sequence[str], hyp: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Align two texts with the fewest insertions, deletions and substitutions.

    Returns the positions (A,) in ``ref`` and in ``hyp`` of the aligned words, ascending, equal or
    substituted. Among the best alignments, from the end: an insertion goes before a deletion before
    an aligned pair, as in DiarizationLM.

    >>> [part.tolist() for part in align(["so", "we", "go"], ["we", "went"])]
    [[1, 2], [0, 1]]
    """
    i, j = len(ref), len(hyp)
    pairs: list[tuple[int, int]] = []
    for first, columns in _blocks_backwards(ref, hyp):
        while i > first and j:
            rises, _ = columns[i - first]
            rises_before, falls_before = columns[i - first - 1]
            bit = j - 1
            if rises >> bit & 1:
                j -= 1
            elif falls_before >> bit & 1 or (
                not rises_before >> bit & 1 and ref[i - 1] != hyp[j - 1]
            ):
                i -= 1
            else:
                i, j = i - 1, j - 1
                pairs.append((i, j))
    table = np.array(pairs[::-1], dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]


#: One column of the distance table D: bit j of the first number is set where D rises by one from
#: hypothesis word j to j + 1, of the second where it falls by one.
Column = tuple[int, int]


def _blocks_backwards(ref: Sequence[str], hyp: Sequence[str]) -> Iterator[tuple[int, list[Column]]]:
    """The columns of the distance table, last block first, each with the index of its first column.

    Neighbouring blocks share a column: block ``first`` holds columns ``first`` to ``first + size``.
    """
    where: dict[str, int] = {}
    for j, word in enumerate(hyp):
        where[word] = where.get(word, 0) | 1 << j
    matches = [where.get(word, 0) for word in ref]
    everywhere = (1 << len(hyp)) - 1
    size = math.isqrt(len(ref)) + 1
    column = (everywhere, 0)
    kept: list[Column] = []
    for i, match in enumerate(matches):
        if i % size == 0:
            kept.append(column)
        column = next_column(column, match, everywhere)
    for block in reversed(range(len(kept))):
        first = block * size
        columns = [kept[block]]
        for match in matches[first : first + size]:
            columns.append(next_column(columns[-1], match, everywhere))
        yield first, columns


def next_column(column: Column, match: int, everywhere: int, firsts: int = 1) -> Column:
    """The column after ``column``, for a reference word equal to the hypothesis where ``match`` is.

    Hyyrö 2003, with D[i, 0] = i; ``everywhere`` has the bits of all hypothesis words, ``firsts``
    those of the first word of each text where several lie side by side, a bit left free between.
    """
    rises, falls = column
    level = (((match & rises) + rises) ^ rises) | match | falls
    right_rises = falls | (everywhere & ~(level | rises))
    right_falls = level & rises
    right_rises = right_rises << 1 | firsts
    return (
        (right_falls << 1 | ~(level | right_rises)) & everywhere,
        level & right_rises & everywhere,
    )
