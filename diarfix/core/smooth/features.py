"""What the trees look at, as columns of small whole numbers: ms, thousandths, counts.

Three tables: one row for each word and speaker near it (is it theirs?), one for each gap before a
word (does the speaker change?), one for each gap and speaker near the word after it (do they begin,
or end, there?). The order of the columns is part of a shipped table of trees: its digest tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.evidence import breaks
from diarfix.core.smooth.path import MICRO, Rows
from diarfix.core.smooth.surroundings import (
    I16,
    Near,
    between,
    milliseconds,
    signed_distance,
    stretches_around,
    turns_near,
)
from diarfix.core.words import F64, I32, I64, Turns, Words

#: A pause longer than this (s) parts two phrases.
_PHRASE = 0.2

#: Turns that begin or end this near (s) to a gap are counted there.
_BESIDE = 0.3

_COMMAS = frozenset(",;:،、，；：—–-")
_QUESTIONS = frozenset("?？؟")
_CLOSERS = " \t\n\r\"'”’»›)]"

_Scalar = TypeVar("_Scalar", bound=np.generic)

#: The names of the columns, in order.
WORD_COLUMNS = (
    "length", "covered", "share", "depth", "since", "left", "turn", "last", "next", "near", "wide",
    "n_touching", "rival_covered", "rival_depth", "rival_turn", "covered_more", "depth_more",
    "turn_more", "since_more", "left_more", "first", "phrase", "phrase_rival", "phrase_more",
    "sentence", "sentence_more", "phrase_length", "phrase_place", "phrase_words", "share_before",
    "share_after", "near_more", "wide_more", "evidence", "evidence_more",
)  # fmt: skip
GAP_COLUMNS = (
    "silence", "pause", "silence_before", "silence_after", "sentence_end", "comma", "question",
    "length_before", "length_after", "sentence_before", "sentence_after", "sentence_words_before",
    "sentence_words_after", "phrase_before", "phrase_after", "phrase_words_before",
    "phrase_words_after", "starts", "ends", "to_start", "to_end", "changes", "to_change",
    "n_before", "n_after", "agree", "cost",
)  # fmt: skip
EDGE_COLUMNS = (
    "begun", "ended", "since", "left", "turn", "last", "next", "silence", "pause", "sentence_end",
    "question", "share_before", "share", "share_after", "rival_before", "rival", "first_before",
    "first", "to_start", "to_end", "phrase_before", "phrase", "sentence_before", "sentence",
    "phrase_words_before", "phrase_words_after", "cost",
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """The columns of the three tables.

    word, speaker  (E,)  int64, int32, what the rows of the first and the third are about
    words, edges   (E,) int16 columns
    gaps           (N,) int16 columns
    """

    word: I64
    speaker: I32
    words: Sequence[I16]
    gaps: Sequence[I16]
    edges: Sequence[I16]


def features(
    words: Words, index: I64, turns: Turns, evidence: Rows, cost: I64, knobs: ViterbiKnobs
) -> Features:
    """Tell of the timed words ``index`` (N,), ascending, what stands around them.

    evidence, cost  what turns and gaps say by themselves, micro-nats
    """
    start, end = words.start[index], words.end[index]
    gap, pause, after_sentence = breaks(words, index, knobs)
    sentences = stretches_around(start, end, after_sentence)
    phrases = stretches_around(start, end, after_sentence | (pause > _PHRASE))
    near = turns_near(start, end, turns, phrases, sentences)
    length = end - start
    phrase_length = phrases.end - phrases.start
    sentence_length = sentences.end - sentences.start
    touched = np.bincount(near.word[near.covered > 0], minlength=len(start))
    at = near.word
    told = np.append(evidence.gain, 0)[evidence.find(at, near.speaker)] / MICRO
    turn = near.since + near.left

    def other(column: F64, none: float = 0.0) -> F64:
        return np.append(column, none)[near.rival]

    def earlier(column: F64, none: float = 0.0) -> F64:
        return np.append(column, none)[near.before]

    share = _share(near.covered, length[at], near.depth)
    phrase = _share(near.phrase, phrase_length[at], near.depth)
    sentence = _share(near.sentence, sentence_length[at], near.depth)
    rival_depth, rival_turn = other(near.depth, -3.0), other(turn)
    word_columns = (
        milliseconds(length)[at],
        *map(milliseconds, (near.covered, share, near.depth, near.since, near.left, turn)),
        *map(milliseconds, (near.last, near.next, near.near, near.wide)),
        _count(touched)[at],
        *map(milliseconds, (other(near.covered), rival_depth, rival_turn)),
        milliseconds(near.covered - other(near.covered)),
        milliseconds(near.depth - rival_depth),
        milliseconds(turn - rival_turn),
        milliseconds(near.since - other(near.since, 30.0)),
        milliseconds(near.left - other(near.left, 30.0)),
        near.first.astype(np.int16),
        milliseconds(phrase),
        milliseconds(other(phrase)),
        milliseconds(phrase - other(phrase)),
        milliseconds(sentence),
        milliseconds(sentence - other(sentence)),
        milliseconds(phrase_length)[at],
        _count(phrases.place)[at],
        _count(phrases.n_words)[at],
        milliseconds(earlier(share)),
        milliseconds(np.append(share, 0.0)[near.after]),
        milliseconds(near.near - other(near.near)),
        milliseconds(near.wide - other(near.wide)),
        milliseconds(told),
        milliseconds(told - other(told)),
    )
    off = _leaders(near, len(start))
    commas, questions = _marks(words, index)
    to_start = milliseconds(signed_distance(between(start, end), np.sort(turns.start)))
    to_end = milliseconds(signed_distance(between(start, end), np.sort(turns.end)))
    silence, rest = milliseconds(gap), milliseconds(pause)
    price = milliseconds(cost / MICRO)
    gap_columns = (
        silence,
        rest,
        _before(silence),
        _after(silence),
        after_sentence.astype(np.int16),
        commas,
        questions,
        _before(milliseconds(length)),
        milliseconds(length),
        _before(milliseconds(sentence_length)),
        milliseconds(sentence_length),
        _before(_count(sentences.n_words)),
        _count(sentences.n_words),
        _before(milliseconds(phrase_length)),
        milliseconds(phrase_length),
        _before(_count(phrases.n_words)),
        _count(phrases.n_words),
        *(_beside(between(start, end), marks) for marks in (turns.start, turns.end)),
        to_start,
        to_end,
        *_changes(off, between(start, end)),
        _before(_count(touched)),
        _count(touched),
        (_before(off) == off).astype(np.int16),
        price,
    )
    edge_columns = (
        *map(milliseconds, (near.begun, near.ended, near.since, near.left, turn)),
        *map(milliseconds, (near.last, near.next)),
        *(column[at] for column in (silence, rest, gap_columns[4], questions)),
        *map(milliseconds, (earlier(share), share, np.append(share, 0.0)[near.after])),
        *map(milliseconds, (earlier(other(share)), other(share))),
        np.append(near.first, False)[near.before].astype(np.int16),
        near.first.astype(np.int16),
        to_start[at],
        to_end[at],
        *map(milliseconds, (earlier(phrase), phrase, earlier(sentence), sentence)),
        gap_columns[15][at],
        gap_columns[16][at],
        price[at],
    )
    return Features(at, near.speaker, word_columns, gap_columns, edge_columns)


def _share(part: F64, whole: F64, depth: F64) -> F64:
    """Which share (E,) of a stretch is covered; an instant is covered whole or not at all."""
    instant = whole < 1e-6
    share: F64 = np.where(instant, depth > 0, part / np.where(instant, 1.0, whole))
    return share


def _count(number: I64) -> I16:
    return np.minimum(number, 1000).astype(np.int16)


def _before(column: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """The column of the word before; of the first its own."""
    return np.append(column[:1], column[:-1])


def _after(column: NDArray[_Scalar]) -> NDArray[_Scalar]:
    return np.append(column[1:], column[-1:])


def _leaders(near: Near, n: int) -> I32:
    """Who covers most of each word (N,), or is nearest; -1 where nobody is near."""
    off = np.full(n, -1, dtype=np.int32)
    off[near.word[near.first]] = near.speaker[near.first]
    return off


def _marks(words: Words, index: I64) -> tuple[I16, I16]:
    """Whether the word before each (N,) ends in a comma, and whether it ends a question."""
    last = {word: word.rstrip(_CLOSERS)[-1:] for word in {*words.text}}
    marks = ["", *(last[words.text[i]] for i in index.tolist())][: len(index)]
    commas, questions = (
        np.array([mark in those for mark in marks], dtype=np.int16)
        for those in (_COMMAS, _QUESTIONS)
    )
    return commas, questions


def _beside(at: F64, marks: F64) -> I16:
    """How many of the marks stand beside each time."""
    marks = np.sort(marks)
    low, high = (np.searchsorted(marks, at + by) for by in (-_BESIDE, _BESIDE))
    return _count(high - low)


def _changes(off: I32, at: F64) -> tuple[I16, I16]:
    """Whether the speaker of largest overlap changes before each word, and s to where it does."""
    changes = _before(off) != off
    return changes.astype(np.int16), milliseconds(signed_distance(at, np.sort(at[changes])))
