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

#: The public names, by the module that defines them; ``make docs`` writes ``__init__.pyi`` from it.
_HOME = {
    "config": ("RecheckKnobs", "RulesKnobs", "Settings", "ViterbiKnobs"),
    "contacts.matching": ("best_match", "compare_embeddings", "load_voiceprints"),
    "contacts.migrate": ("migrate_store",),
    "core.assign": ("Assignment", "assign"),
    "core.smooth.method": ("smooth",),
    "core.smooth.rules": ("collapse_islands",),
    "core.smooth.smoothed": ("Change", "Smoothed"),
    "core.smooth.viterbi": ("viterbi",),
    "core.words": ("Turns", "Words", "turns_from_rows", "words_from_rows"),
    "edits.rechecks": ("recheck",),
    "edits.repairs": ("Repair", "repair"),
    "embed": ("load_embedder", "open_audio"),
    "errors": ("DiarfixError",),
    "formats.document": ("Document", "read_document"),
    "formats.text.rttm": ("read_rttm", "write_rttm"),
    "metrics.bootstrap": ("paired_bootstrap",),
    "metrics.der": ("DerCounts", "JerCounts", "der", "jer"),
    "metrics.labels": (
        "LabelCounts",
        "repaired_and_broken",
        "score_against_turns",
        "score_against_words",
    ),
    "metrics.word_turns": ("words_to_turns",),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = [name for names in _HOME.values() for name in names]


def __getattr__(name: str) -> object:
    if name not in _MODULE:
        raise AttributeError(f"module 'diarfix' has no attribute {name!r}")
    return getattr(importlib.import_module(f"diarfix.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULE)
