"""A simulator of diarizer and recogniser errors, for tests and benchmarks with known truth.

Every function takes true turns (or words) and returns erring ones; the truth is never changed.
Rates of 0 return the input itself, and a seed gives the same result everywhere::

    from simulate import PRESETS, simulate

    erring = simulate(true_turns, PRESETS["overlap-aware"], seed=3)
"""

from simulate.draws import Range, Seed, generator
from simulate.edges import (
    PYANNOTE_EDGES,
    RPN_EDGES,
    EdgeProfile,
    jitter,
    overlap_handovers,
    quantise,
    shift_edges,
)
from simulate.settings import (
    PRESETS,
    SimulatorSettings,
    WordSettings,
    simulate,
    simulate_words,
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

__all__ = [
    "PRESETS",
    "PYANNOTE_EDGES",
    "RPN_EDGES",
    "EdgeProfile",
    "Range",
    "Seed",
    "SimulatorSettings",
    "WordSettings",
    "absorb",
    "confuse",
    "confuse_stretches",
    "drop_overlap",
    "flicker",
    "gap_words",
    "generator",
    "jitter",
    "jitter_words",
    "lose_times",
    "merge_pauses",
    "overlap_handovers",
    "quantise",
    "run_on",
    "shift_edges",
    "simulate",
    "simulate_words",
]
