"""What is learnt from: words, a diarizer's turns, and who is right.

Real turns where there are some; else those of simulated diarizers, which err at random in several
manners, since one kind of diarizer in training ruins the others. Some examples are timed as another
recogniser would have, and some of them have no punctuation.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from simulate import (
    PYANNOTE_EDGES,
    RPN_EDGES,
    SimulatorSettings,
    WordSettings,
    generator,
    simulate,
    simulate_words,
)

from diarfix.core.overlap import pieces_by_speaker
from diarfix.core.words import Turns, Words

#: Marks that a recogniser without punctuation would not write.
_MARKS = '.,?!…;:"”“»«()'


@dataclass(frozen=True, eq=False, slots=True)
class Example:
    """Words, the turns that a diarizer gave them, the true turns, and how much it counts.

    name    of the recording; parts of one meeting begin alike
    weight  of each word
    """

    name: str
    kind: str
    words: Words
    turns: Turns
    truth: Turns
    weight: float


def seed_of(*parts: object) -> int:
    """A number that hangs on the parts alone."""
    return zlib.crc32("/".join(map(str, parts)).encode())


def random_diarizer(seed: int) -> SimulatorSettings:
    """The settings of a diarizer nobody has met, of one of five manners."""
    rng = generator(seed)

    def about(value: float) -> float:
        return float(value * np.exp(rng.normal(0.0, 0.4)))

    def share(value: float) -> float:
        return min(about(value), 1.0)

    manner = int(rng.integers(5))
    if manner == 0:  # one speaker at a time
        return SimulatorSettings(
            absorption_rate=share(0.45), absorption_max_duration=about(0.8),
            jitter_sigma=about(0.18), exclusive_rate=1.0, flicker_per_minute=about(0.6),
            confusion_rate=share(0.01), frame_step=0.01, pause_max_gap=about(0.25),
        )  # fmt: skip
    if manner == 1:  # overlaps at hand-overs
        return SimulatorSettings(
            absorption_rate=share(0.35), absorption_max_duration=about(0.8),
            jitter_sigma=about(0.05), edge_rate=share(0.6), edge_profile=PYANNOTE_EDGES,
            handover_rate=share(0.3), pause_max_gap=about(0.1), flicker_per_minute=about(0.1),
            confusion_rate=share(0.015), frame_step=0.016875,
        )  # fmt: skip
    if manner == 2:  # turns that are far too long
        return SimulatorSettings(
            confusion_rate=share(0.06), stretch_per_minute=about(0.2),
            absorption_rate=share(0.3), absorption_max_duration=about(0.8),
            jitter_sigma=about(0.15), edge_rate=share(0.8), edge_profile=RPN_EDGES,
            handover_rate=share(0.5), handover_duration=(0.2, 2.0), pause_max_gap=about(0.8),
            flicker_per_minute=about(0.5), frame_step=0.01,
        )  # fmt: skip
    if manner == 3:  # islands and seams of a call
        return SimulatorSettings(
            absorption_rate=share(0.2), absorption_max_duration=about(0.6),
            jitter_sigma=about(0.2), exclusive_rate=1.0, flicker_per_minute=about(1.5),
            frame_step=0.01,
        )  # fmt: skip
    return SimulatorSettings(  # everything at once
        confusion_rate=share(0.04), stretch_per_minute=about(0.4), absorption_rate=share(0.5),
        absorption_max_duration=about(1.1), jitter_sigma=about(0.3), edge_rate=share(0.3),
        handover_rate=share(0.3), exclusive_rate=share(0.5), flicker_per_minute=about(2.5),
        flicker_duration=(0.1, 0.9), frame_step=0.02,
    )  # fmt: skip


def simulated(name: str, words: Words, truth: Turns, weight: float, seed: int) -> Example:
    """An example of a simulated diarizer."""
    turns = simulate(truth, random_diarizer(seed), seed)
    return Example(name, "simulated", words, turns, truth, weight)


def altered(example: Example, seed: int, weight: float) -> Example:
    """The same words as another recogniser would time them, and two times in five without
    punctuation.
    """
    rng = generator(seed)
    manner = int(rng.integers(4))
    settings = (
        WordSettings(jitter_sigma=0.06),
        WordSettings(jitter_sigma=0.03, gap_rate=0.9, gap=(0.02, float(rng.uniform(0.05, 0.12)))),
        WordSettings(run_on_rate=0.7, run_on_max=float(rng.uniform(0.3, 1.0))),
        WordSettings(jitter_sigma=0.04, run_on_rate=0.3, run_on_max=0.5),
    )[manner]
    words = simulate_words(example.words, settings, seed)
    if rng.random() < 0.4:
        text = tuple(word.strip(_MARKS) for word in words.text)
        words = Words(text, words.start, words.end, words.speaker, words.speakers)
    return replace(example, kind=f"{example.kind}, altered", words=words, weight=weight)


def true_codes(
    words: Words, turns: Turns, truth: Turns, off: NDArray[np.int32]
) -> NDArray[np.int32]:
    """For each word (N,) the code among ``turns`` of who really speaks.

    off  (N,) who has the largest overlap

    -1 where nobody speaks or several do, where that speaker has no turns, and on long stretches in
    which none is near: nothing is to be learnt from those.
    """
    middle = (words.start + words.end) / 2
    holders = np.array([own.holds(middle) for own in pieces_by_speaker(truth)])
    alone = holders.sum(axis=0) == 1
    true = np.where(alone, holders.argmax(axis=0), -1)
    known = alone & (off >= 0)
    both = np.zeros((len(truth.speakers), len(turns.speakers)))
    np.add.at(both, (true[known], off[known]), 1)
    table = np.full(len(truth.speakers) + 1, -1)
    for row, column in zip(*linear_sum_assignment(-both), strict=True):
        if both[row, column]:
            table[row] = column
    code = table[true]
    near = np.zeros(len(words), dtype=np.bool_)
    for k, own in enumerate(pieces_by_speaker(turns)):
        near |= (code == k) & (own.overlap(words.start - 1.0, words.end + 1.0) > 0)
    lost = (code >= 0) & ~near
    edges = np.flatnonzero(np.diff(lost.astype(np.int8), prepend=0, append=0))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - first >= 12 or words.end[stop - 1] - words.start[first] > 4.0:
            code[first:stop] = -1
    return code.astype(np.int32)
