"""diarfix: repair word-level speaker labels after diarization, and measure whether it helped.

>>> import diarfix
>>> words = diarfix.words_from_rows(
...     [(f"w{i}", i, i + 0.9, "Ben" if i == 3 else "Ann") for i in range(7)]
... )
>>> set(diarfix.smooth(words).words.labels)
{'Ann'}

Names are loaded when they are first used, so that the command line starts quickly.
"""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "config": ("RecheckKnobs", "RulesKnobs", "Settings", "ViterbiKnobs"),
        "contacts.matching": ("best_match", "compare_embeddings", "load_voiceprints"),
        "contacts.migrate": ("migrate_store",),
        "core.assign": ("Assignment", "assign"),
        "core.smooth.method": ("Change", "Smoothed", "smooth"),
        "core.smooth.rules": ("collapse_islands",),
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
        "metrics.sweep": ("words_to_turns",),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
