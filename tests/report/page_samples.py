"""Recordings and results made by hand for the tests of the pages."""

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import words_to_turns
from diarfix.metrics.task import ScoreSettings, ScoreTask
from diarfix.report.html import score_page

#: One word a second. Every kind of error is in it; a repair mended words 4 and 11 and broke 55.
REF = "AAAAAAAAAABBBBBBBBBBAABBBBBBBBAAAAAAAAAAAAAAABBBBBAAAAAAAAAA"
BEFORE = "111121111111222222222222222222111122222111111111111111111111"
AFTER = "111111111112222222222222222222111122222111111111111111121111"


def side(labels, names, *, texts=None, timed=True, name="talk"):
    """A word a second; a blank is a word without label."""
    rows = []
    for i, label in enumerate(labels):
        text = f"w{i}" if texts is None else texts[i]
        times = (float(i), i + 0.9) if timed else (None, None)
        rows.append((text, *times, names.get(label)))
    words = words_from_rows(rows)
    turns = words_to_turns(words)
    return Side(name, words, turns if len(turns) else None)


def reference(labels=REF, names=None, name="talk"):
    """The turns of one speaker after another."""
    book = names or {"A": "Ann", "B": "Bob"}
    rows = [(float(i), i + 1.0, book[label]) for i, label in enumerate(labels)]
    return Side(name, None, turns_from_rows(rows))


def task(ref, hyp, name="talk"):
    return ScoreTask(name=name, ref=ref, hyp=hyp, uem=None, options=ScoreSettings())


SPEAKERS = {"1": "SPEAKER_00", "2": "SPEAKER_01"}


def page_of(*recordings, **more):
    return score_page(recordings, settings={"collar": 0.0, "extent": "union"}, **more)


def figures(errors, scored=1000, **more):
    """What results.json has of one variant."""
    found = {
        "n_scored": scored, "n_word_errors": errors, "wser": errors / scored, "islands": 2,
        "absorbed_turns": 1, "boundary_f1": 0.5, "der": 0.1, "n_files": 1,
    }  # fmt: skip
    return found | more


def compared_figures(errors, base, *, significant=True, **more):
    gain = (base - errors) / 1000
    delta = {
        "mean": gain, "ci_low": gain - 0.01, "ci_high": gain + (0.01 if significant else 0.2),
        "n": 8, "unit": "recording", "significant": significant, "seed": 0, "draws": 2000,
    }  # fmt: skip
    moved = {"repaired": max(base - errors, 0) + 3, "broken": 3, "regressions": 0}
    return figures(errors, **moved, base_word_errors=base, delta=delta) | more
