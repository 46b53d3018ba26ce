"""One simulated diarizer, one simulated recogniser: all errors at once, from one seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from diarfix.core.words import Turns, Words
from simulate.draws import Range
from simulate.edges import (
    PYANNOTE_EDGES,
    EdgeProfile,
    jitter,
    overlap_handovers,
    quantise,
    shift_edges,
)
from simulate.turns import (
    absorb,
    confuse,
    confuse_stretches,
    drop_overlap,
    flicker,
    merge_pauses,
)
from simulate.words import gap_words, jitter_words, lose_times, run_on


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """How a simulated diarizer errs. The defaults are a perfect one.

    confusion_rate           share of the turns given to another speaker
    confusion_max_duration   longest such turn, s
    stretch_per_minute       stretches of a wrong speaker, per minute
    stretch_duration         their shortest and longest, s
    absorption_rate          share of the short turns that a neighbour swallows
    absorption_max_duration  longest such turn, s
    pause_max_gap            pauses of one speaker up to this are closed, s
    jitter_sigma             standard deviation of every edge, s
    edge_rate                share of the edges that lean as in ``edge_profile``
    edge_profile             where they lean
    handover_rate            share of the hand-overs that run into each other
    handover_duration        shortest and longest such overlap, s
    exclusive_rate           share of the overlaps of which one speaker is left
    flicker_per_minute       short turns of a wrong speaker, per minute
    flicker_duration         their shortest and longest, s
    frame_step               grid of the edges, s
    """

    confusion_rate: float = 0.0
    confusion_max_duration: float = 3.0
    stretch_per_minute: float = 0.0
    stretch_duration: Range = (1.0, 4.0)
    absorption_rate: float = 0.0
    absorption_max_duration: float = 1.0
    pause_max_gap: float = 0.0
    jitter_sigma: float = 0.0
    edge_rate: float = 0.0
    edge_profile: EdgeProfile = PYANNOTE_EDGES
    handover_rate: float = 0.0
    handover_duration: Range = (0.1, 0.8)
    exclusive_rate: float = 0.0
    flicker_per_minute: float = 0.0
    flicker_duration: Range = (0.15, 0.6)
    frame_step: float = 0.0


#: Diarizers by manner. The rates are chosen by hand so that the kinds of error stand in about the
#: proportion that real output shows; they are not fitted, and no substitute for real output.
PRESETS: Mapping[str, SimulatorSettings] = MappingProxyType(
    {
        # One speaker at a time, edges right on average, short turns swallowed, some islands.
        "vbx-like": SimulatorSettings(
            absorption_rate=0.4,
            absorption_max_duration=0.8,
            jitter_sigma=0.2,
            exclusive_rate=1.0,
            flicker_per_minute=0.6,
            confusion_rate=0.01,
            frame_step=0.01,
        ),
        # Turns lean outwards and overlap at hand-overs; few islands.
        "overlap-aware": SimulatorSettings(
            absorption_rate=0.3,
            absorption_max_duration=0.8,
            jitter_sigma=0.05,
            edge_rate=0.6,
            handover_rate=0.3,
            pause_max_gap=0.1,
            flicker_per_minute=0.1,
            frame_step=0.016875,
        ),
        # A clean two-speaker recording: seams off by a word or two, and islands.
        "flickering": SimulatorSettings(
            absorption_rate=0.15,
            absorption_max_duration=0.6,
            jitter_sigma=0.22,
            exclusive_rate=1.0,
            flicker_per_minute=2.0,
            frame_step=0.01,
        ),
        # Everything at once.
        "harsh": SimulatorSettings(
            confusion_rate=0.04,
            stretch_per_minute=0.5,
            absorption_rate=0.6,
            absorption_max_duration=1.2,
            jitter_sigma=0.35,
            edge_rate=0.3,
            handover_rate=0.3,
            exclusive_rate=0.5,
            flicker_per_minute=4.0,
            flicker_duration=(0.1, 0.9),
            frame_step=0.02,
        ),
    }
)


def simulate(turns: Turns, settings: SimulatorSettings, seed: int) -> Turns:
    """Return what a diarizer that errs like ``settings`` would make of the true ``turns``.

    Speakers are confused first, then turns are swallowed and joined, then edges move, then overlap
    is dropped, then flickers are put in, last everything falls on the frame grid. Every step has
    its own stream of draws, so changing one rate leaves the draws of the others as they were.

    >>> from diarfix.core.words import turns_from_rows
    >>> true = turns_from_rows([(0.0, 9.0, "A"), (9.1, 9.5, "B"), (9.6, 20.0, "A")])
    >>> simulate(true, SimulatorSettings(absorption_rate=1.0), seed=7).end.tolist()
    [20.0]
    """
    s = settings
    stream = iter(_streams(seed, 8))
    turns = confuse(
        turns, next(stream), rate=s.confusion_rate, max_duration=s.confusion_max_duration
    )
    turns = confuse_stretches(
        turns, next(stream), per_minute=s.stretch_per_minute, duration=s.stretch_duration
    )
    turns = absorb(
        turns, next(stream), rate=s.absorption_rate, max_duration=s.absorption_max_duration
    )
    turns = merge_pauses(turns, max_gap=s.pause_max_gap)
    turns = jitter(turns, next(stream), sigma=s.jitter_sigma)
    turns = shift_edges(turns, next(stream), rate=s.edge_rate, profile=s.edge_profile)
    turns = overlap_handovers(
        turns, next(stream), rate=s.handover_rate, duration=s.handover_duration
    )
    turns = drop_overlap(turns, next(stream), rate=s.exclusive_rate)
    turns = flicker(
        turns, next(stream), per_minute=s.flicker_per_minute, duration=s.flicker_duration
    )
    return quantise(turns, step=s.frame_step)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSettings:
    """How a simulated recogniser times its words. The defaults are a perfect one.

    jitter_sigma      standard deviation of every word border, s
    gap_rate          share of the words with a small hole behind them
    gap               its shortest and longest, s
    run_on_rate       share of the words before a silence whose end runs into it
    run_on_max        longest such addition, s
    untimed_rate      share of the words that lose their times
    """

    jitter_sigma: float = 0.0
    gap_rate: float = 0.0
    gap: Range = (0.02, 0.08)
    run_on_rate: float = 0.0
    run_on_max: float = 2.0
    untimed_rate: float = 0.0


def simulate_words(words: Words, settings: WordSettings, seed: int) -> Words:
    """Return the true ``words`` as a recogniser with these ``settings`` would time them."""
    s = settings
    stream = iter(_streams(seed, 4))
    words = jitter_words(words, next(stream), sigma=s.jitter_sigma)
    words = gap_words(words, next(stream), rate=s.gap_rate, gap=s.gap)
    words = run_on(words, next(stream), rate=s.run_on_rate, max_extension=s.run_on_max)
    return lose_times(words, next(stream), rate=s.untimed_rate)


def _streams(seed: int, n: int) -> list[np.random.Generator]:
    children = np.random.SeedSequence(seed).spawn(n)
    return [np.random.Generator(np.random.PCG64(child)) for child in children]
