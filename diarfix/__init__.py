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
    "Change": "core.smooth.smoothed",
    "Document": "formats.document",
    "DerCounts": "metrics.der",
    "DiarfixError": "errors",
    "JerCounts": "metrics.der",
    "LabelCounts": "metrics.labels",
    "RecheckKnobs": "config",
    "Repair": "edits.repair",
    "RulesKnobs": "config",
    "Settings": "config",
    "Smoothed": "core.smooth.smoothed",
    "Turns": "core.words",
    "ViterbiKnobs": "config",
    "Words": "core.words",
    "assign": "core.assign",
    "best_match": "contacts.matching",
    "collapse_islands": "core.smooth.rules",
    "compare_embeddings": "contacts.matching",
    "der": "metrics.der",
    "jer": "metrics.der",
    "load_voiceprints": "contacts.matching",
    "paired_bootstrap": "metrics.bootstrap",
    "read_document": "formats.document",
    "read_rttm": "formats.text.rttm",
    "repair": "edits.repair",
    "repaired_and_broken": "metrics.labels",
    "score_against_turns": "metrics.labels",
    "score_against_words": "metrics.labels",
    "smooth": "core.smooth.method",
    "turns_from_rows": "core.words",
    "viterbi": "core.smooth.viterbi",
    "words_from_rows": "core.words",
    "words_to_turns": "metrics.word_turns",
    "write_rttm": "formats.text.rttm",
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
    from diarfix.contacts.matching import best_match, compare_embeddings, load_voiceprints
    from diarfix.core.assign import Assignment, assign
    from diarfix.core.smooth.method import smooth
    from diarfix.core.smooth.rules import collapse_islands
    from diarfix.core.smooth.smoothed import Change, Smoothed
    from diarfix.core.smooth.viterbi import viterbi
    from diarfix.core.words import Turns, Words, turns_from_rows, words_from_rows
    from diarfix.edits.repair import Repair, repair
    from diarfix.errors import DiarfixError
    from diarfix.formats.document import Document, read_document
    from diarfix.formats.text.rttm import read_rttm, write_rttm
    from diarfix.metrics.bootstrap import paired_bootstrap
    from diarfix.metrics.der import DerCounts, JerCounts, der, jer
    from diarfix.metrics.labels import (
        LabelCounts,
        repaired_and_broken,
        score_against_turns,
        score_against_words,
    )
    from diarfix.metrics.word_turns import words_to_turns


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'diarfix' has no attribute {name!r}")
    return getattr(importlib.import_module(f"diarfix.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
