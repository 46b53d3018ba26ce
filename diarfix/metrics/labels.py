"""Word-label metrics: who is said to have spoken each word, against who did.

Everything is counted over one word inventory: the hypothesis' words, each with a reference label
from the reference turn at its midpoint or from a parallel reference file. Formulas:
docs/metrics.md. WSER and bleed islands follow OpenTranscribe's boundary study.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diarfix.core import (
    I32,
    UNKNOWN,
    Bool,
    Label,
    Shared,
    Turns,
    Words,
    best_map,
    map_by_name,
)
from diarfix.metrics.counts import Counts, share
from diarfix.metrics.sweep import merged_turns

if TYPE_CHECKING:
    from diarfix.metrics.task import ScoreTask

#: Longest hypothesis run that can be an island; part of the definition, not a knob.
ISLAND_WORDS = 3


#: Why a word is not scored, by its number in :class:`LabelScore`; 0 is scored.
LEFT_OUT = ("", "timeless", "nobody", "several", "unnamed")
_TIMELESS, _NOBODY, _SEVERAL, _UNNAMED = range(1, len(LEFT_OUT))

#: Reference labels that name nobody. OVERLAP stands for two or more speakers at once.
UNSCORED = {"?": _UNNAMED, "": _UNNAMED, "OVERLAP": _SEVERAL}


def names_somebody(label: Label) -> bool:
    """Whether a reference label is one speaker's, hence can be scored.

    >>> [names_somebody(label) for label in ("Ann", 0, "?", " ", "OVERLAP")]
    [True, True, False, False, False]
    """
    return str(label).strip() not in UNSCORED


def labels_at_midpoints(words: Words, turns: Turns) -> tuple[I32, I32]:
    """The speaker (N,) whose turn ``[start, end)`` holds each word's midpoint, and why none (N,).

    Codes into ``turns.speakers``, -1 for none; numbers of LEFT_OUT.
    """
    middle = (words.start + words.end) / 2
    at = np.nan_to_num(middle, nan=-np.inf)
    start, end, code = merged_turns(turns)
    begun, over = np.argsort(start, kind="stable"), np.argsort(end, kind="stable")
    # Who has begun and is not over: how many, and the sum of their codes, which of one is his.
    n_begun = np.searchsorted(start[begun], at, side="right")
    n_over = np.searchsorted(end[over], at, side="right")
    codes = (np.append(0, np.cumsum(code[order], dtype=np.int64)) for order in (begun, over))
    among_begun, among_over = codes
    speaking = n_begun - n_over
    found = np.where(speaking == 1, among_begun[n_begun] - among_over[n_over], UNKNOWN)
    why = np.select(
        [np.isnan(middle), speaking > 1, speaking == 0], [_TIMELESS, _SEVERAL, _NOBODY], 0
    )
    return _only_named(found, turns.speakers, why)


def _only_named(
    codes: NDArray[np.integer], names: tuple[Label, ...], why: NDArray[np.integer]
) -> tuple[I32, I32]:
    """Codes (N,) that are -1 where the label names nobody, and why they are."""
    kind = np.array([UNSCORED.get(str(name).strip(), 0) for name in names] + [0])[codes]
    ref, left_out = np.where(kind, UNKNOWN, codes), np.where(kind, kind, why)
    return ref.astype(np.int32), left_out.astype(np.int32)


def are_parallel(ref: Words, hyp: Words) -> bool:
    """Whether two word lists are the same words in the same order, spaces around them aside."""
    return len(ref) == len(hyp) and all(
        a == b or a.strip() == b.strip() for a, b in zip(ref.text, hyp.text, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCounts(Counts):
    """Words by their label; rates are None where nothing was counted.

    n_words           hypothesis words
    n_scored          words with one reference speaker
    n_excluded        words without one, or without time
    n_unlabelled      scored words without a hypothesis label; they are errors
    n_word_errors     scored words whose speaker is not the mapped one
    t_scored, t_errors  the same two in seconds of words
    islands_1, islands_2, islands_3  islands of so many words
    boundary_errors   errors among the two scored words on each side of a reference change
    interior_errors   all other errors
    ref_changes, hyp_changes, shared_changes  label changes between consecutive scored words
    short_turns       reference runs of at most three scored words
    absorbed_turns    those of them no word of which is right
    """

    family = "words"
    parts = (
        ("n_scored", "n_words"),
        ("n_excluded", "n_words"),
        ("n_word_errors", "n_scored"),
        ("n_unlabelled", "n_word_errors"),
        ("boundary_errors", "n_word_errors"),
        ("interior_errors", "n_word_errors"),
        ("t_errors", "t_scored"),
        ("shared_changes", "ref_changes"),
        ("shared_changes", "hyp_changes"),
        ("absorbed_turns", "short_turns"),
    )

    n_words: int = 0
    n_scored: int = 0
    n_excluded: int = 0
    n_unlabelled: int = 0
    n_word_errors: int = 0
    t_scored: float = 0.0
    t_errors: float = 0.0
    islands_1: int = 0
    islands_2: int = 0
    islands_3: int = 0
    boundary_errors: int = 0
    interior_errors: int = 0
    ref_changes: int = 0
    hyp_changes: int = 0
    shared_changes: int = 0
    short_turns: int = 0
    absorbed_turns: int = 0

    @classmethod
    def measure(cls, task: ScoreTask) -> LabelCounts | str:
        """The counts of the comparison word by word."""
        return task.detail if isinstance(task.detail, str) else task.detail.counts

    @property
    def islands(self) -> int:
        """Bleed islands of any length."""
        return self.islands_1 + self.islands_2 + self.islands_3

    @property
    def island_hist(self) -> dict[str, int]:
        """Islands by their length in words."""
        return {"1": self.islands_1, "2": self.islands_2, "3": self.islands_3}

    @property
    def wser(self) -> float | None:
        """Word speaker error rate: wrong words / scored words."""
        return share(self.n_word_errors, self.n_scored)

    @property
    def t_wser(self) -> float | None:
        """The same weighted by the words' durations."""
        return share(self.t_errors, self.t_scored)

    @property
    def boundary_precision(self) -> float | None:
        """Hypothesis changes that are reference changes / hypothesis changes."""
        return share(self.shared_changes, self.hyp_changes)

    @property
    def boundary_recall(self) -> float | None:
        """Reference changes that the hypothesis has / reference changes."""
        return share(self.shared_changes, self.ref_changes)

    @property
    def boundary_f1(self) -> float | None:
        """Harmonic mean of both."""
        return share(2 * self.shared_changes, self.ref_changes + self.hyp_changes)


@dataclass(frozen=True, eq=False, slots=True)
class LabelScore:
    """The comparison of one recording, word by word.

    counts   what adds up
    ref      (N,)  int32, reference code of each word, -1 where it is not scored
    left_out (N,)  int32, number in LEFT_OUT of why it is not, else 0
    hyp      (N,)  int32, hypothesis code of each word, -1 where it has no label
    mapped   (H,)  int32, the reference code each hypothesis code stands for, -1 for none
    wrong    (N,)  bool, scored and not the mapped speaker
    island   (N,)  bool, part of an island
    names    the reference labels that ``ref`` and ``mapped`` name
    """

    counts: LabelCounts
    ref: I32
    left_out: I32
    hyp: I32
    mapped: I32
    wrong: Bool
    island: Bool
    names: tuple[Label, ...]


def score_against_turns(words: Words, turns: Turns, *, no_map: bool = False) -> LabelScore:
    """Score the labels of ``words`` against reference turns.

    no_map  speakers are who they are called, instead of whom they are mapped to
    """
    return _score(words, *labels_at_midpoints(words, turns), turns.speakers, no_map=no_map)


def score_against_words(words: Words, ref: Words, *, no_map: bool = False) -> LabelScore:
    """Score the labels of ``words`` against parallel reference words: same texts, same order.

    A word without time is scored too, with no duration. Raises ValueError if the words differ.
    """
    if not are_parallel(ref, words):
        msg = "the reference words are not those of the hypothesis"
        raise ValueError(msg)
    why = np.where(ref.speaker == UNKNOWN, _UNNAMED, 0)
    named = _only_named(ref.speaker, ref.speakers, why)
    return _score(words, *named, ref.speakers, no_map=no_map)


def _score(
    words: Words, ref: I32, left_out: I32, names: tuple[Label, ...], *, no_map: bool
) -> LabelScore:
    hyp = words.speaker
    scored = ref != UNKNOWN
    both = scored & (hyp != UNKNOWN)
    common = Shared.of(hyp[both], ref[both], (len(words.speakers), len(names)))
    mapped = map_by_name(words.speakers, names) if no_map else best_map(common)
    heard = np.append(mapped, UNKNOWN)[hyp]
    wrong = scored & (heard != ref)
    seconds = np.nan_to_num(words.end - words.start, nan=0.0)
    island, hist = _islands(hyp, ref, heard)
    r, h, bad = ref[scored], hyp[scored], wrong[scored]
    ref_change, hyp_change = r[1:] != r[:-1], h[1:] != h[:-1]
    near = _near_changes(ref_change, len(r))
    short, absorbed = _short_turns(r, bad, ref_change)
    n_errors = int(wrong.sum())
    boundary = int((bad & near).sum())
    counts = LabelCounts(
        n_words=len(words),
        n_scored=int(scored.sum()),
        n_excluded=int((~scored).sum()),
        n_unlabelled=int((scored & (hyp == UNKNOWN)).sum()),
        n_word_errors=n_errors,
        t_scored=float(seconds[scored].sum()),
        t_errors=float(seconds[wrong].sum()),
        islands_1=hist[0],
        islands_2=hist[1],
        islands_3=hist[2],
        boundary_errors=boundary,
        interior_errors=n_errors - boundary,
        ref_changes=int(ref_change.sum()),
        hyp_changes=int(hyp_change.sum()),
        shared_changes=int((ref_change & hyp_change).sum()),
        short_turns=short,
        absorbed_turns=absorbed,
    )
    return LabelScore(counts, ref, left_out, hyp, mapped, wrong, island, names)


def _islands(hyp: I32, ref: I32, heard: I32) -> tuple[Bool, list[int]]:
    """Hypothesis runs of at most three words between two runs of one speaker A, where the reference
    says that the run and both flank words are A.
    """
    n = len(hyp)
    inside = np.zeros(n, dtype=np.bool_)
    hist = [0, 0, 0]
    if n == 0:
        return inside, hist
    # A word without a label is a run of its own, so that it never lengthens or joins one.
    opens = np.append(True, (hyp[1:] != hyp[:-1]) | (hyp[1:] == UNKNOWN))
    first = np.flatnonzero(opens)
    stop = np.append(first[1:], n)
    for a, b in zip(first[1:-1].tolist(), stop[1:-1].tolist(), strict=True):
        left, right = hyp[a - 1], hyp[b] if b < n else UNKNOWN
        if b - a > ISLAND_WORDS or left != right or UNKNOWN in {int(left), int(hyp[a])}:
            continue
        truth = heard[a - 1]
        if truth != UNKNOWN and (ref[a - 1 : b + 1] == truth).all():
            inside[a:b] = True
            hist[b - a - 1] += 1
    return inside, hist


def _near_changes(change: Bool, n: int) -> Bool:
    """(n,) bool: among the two words on each side of a change between words i and i + 1."""
    near = np.zeros(n, dtype=np.bool_)
    at = np.flatnonzero(change)
    for offset in (-1, 0, 1, 2):
        place = at + offset
        near[place[(place >= 0) & (place < n)]] = True
    return near


def _short_turns(ref: I32, wrong: Bool, change: Bool) -> tuple[int, int]:
    if not len(ref):
        return 0, 0
    first = np.append(0, np.flatnonzero(change) + 1)
    length = np.diff(np.append(first, len(ref)))
    lost = np.add.reduceat(wrong.astype(np.int64), first) == length
    short = length <= ISLAND_WORDS
    return int(short.sum()), int((short & lost).sum())


@dataclass(frozen=True, slots=True)
class MovedCounts(Counts):
    """Words that one system has wrong and another right."""

    family = "moved"

    repaired: int = 0
    broken: int = 0

    @classmethod
    def between(cls, base: Bool, variant: Bool) -> MovedCounts:
        """By the words (N,) that each has wrong, under its own best map."""
        return cls(int((base & ~variant).sum()), int((~base & variant).sum()))


def repaired_and_broken(base: LabelScore, variant: LabelScore) -> tuple[int, int]:
    """Words that went from wrong to right, and from right to wrong, each under its own best map."""
    moved = MovedCounts.between(base.wrong, variant.wrong)
    return moved.repaired, moved.broken
