"""diarfix: repair word-level speaker labels after diarization, and measure whether it helped.

>>> import diarfix
>>> words = diarfix.words_from_rows(
...     [(f"w{i}", i, i + 0.9, "Ben" if i == 3 else "Ann") for i in range(7)]
... )
>>> set(diarfix.smooth(words).words.labels)
{'Ann'}

Names are loaded when they are first used, so that the command line starts quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

_HOME = {
    "Assignment": "core.assign",
    "Change": "core.smoothed",
    "Document": "io.document",
    "DerCounts": "score.der",
    "DiarfixError": "errors",
    "JerCounts": "score.der",
    "LabelCounts": "score.labels",
    "RecheckKnobs": "config",
    "Repair": "pipeline",
    "RulesKnobs": "config",
    "Settings": "config",
    "Smoothed": "core.smoothed",
    "Turns": "core.words",
    "ViterbiKnobs": "config",
    "Words": "core.words",
    "assign": "core.assign",
    "best_match": "store.matching",
    "collapse_islands": "core.rules",
    "compare_embeddings": "store.matching",
    "der": "score.der",
    "finalize": "pipeline",
    "jer": "score.der",
    "load_voiceprints": "store.matching",
    "paired_bootstrap": "score.bootstrap",
    "read_document": "io.document",
    "read_rttm": "io.rttm",
    "repair": "pipeline",
    "repaired_and_broken": "score.labels",
    "score_against_turns": "score.labels",
    "score_against_words": "score.labels",
    "smooth": "core.pipeline",
    "turns_from_rows": "core.words",
    "viterbi": "core.viterbi",
    "words_from_rows": "core.words",
    "words_to_turns": "score.word_turns",
    "write_rttm": "io.rttm",
}

__all__ = [
    "Assignment",
    "Change",
    "DerCounts",
    "DiarfixError",
    "Document",
    "JerCounts",
    "LabelCounts",
    "RecheckKnobs",
    "Repair",
    "RulesKnobs",
    "Settings",
    "Smoothed",
    "Turns",
    "ViterbiKnobs",
    "Words",
    "assign",
    "best_match",
    "collapse_islands",
    "compare_embeddings",
    "der",
    "finalize",
    "jer",
    "load_voiceprints",
    "paired_bootstrap",
    "read_document",
    "read_rttm",
    "repair",
    "repaired_and_broken",
    "score_against_turns",
    "score_against_words",
    "smooth",
    "turns_from_rows",
    "viterbi",
    "words_from_rows",
    "words_to_turns",
    "write_rttm",
]

if TYPE_CHECKING:
    from diarfix.config import RecheckKnobs, RulesKnobs, Settings, ViterbiKnobs
    from diarfix.core.assign import Assignment, assign
    from diarfix.core.pipeline import smooth
    from diarfix.core.rules import collapse_islands
    from diarfix.core.smoothed import Change, Smoothed
    from diarfix.core.viterbi import viterbi
    from diarfix.core.words import Turns, Words, turns_from_rows, words_from_rows
    from diarfix.errors import DiarfixError
    from diarfix.io.document import Document, read_document
    from diarfix.io.rttm import read_rttm, write_rttm
    from diarfix.pipeline import Repair, finalize, repair
    from diarfix.score.bootstrap import paired_bootstrap
    from diarfix.score.der import DerCounts, JerCounts, der, jer
    from diarfix.score.labels import (
        LabelCounts,
        repaired_and_broken,
        score_against_turns,
        score_against_words,
    )
    from diarfix.score.word_turns import words_to_turns
    from diarfix.store.matching import best_match, compare_embeddings, load_voiceprints


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'diarfix' has no attribute {name!r}")
    return getattr(importlib.import_module(f"diarfix.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
