"""What was published about the rule, shown again: on a built recording and on the real one."""

import json
from pathlib import Path

import pytest

from diarfix.core.words import runs, turns_from_rows, words_from_rows
from diarfix.edits.repairs import repair
from diarfix.edits.turns import match_turns
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.text.rttm import read_rttm
from diarfix.metrics.labels import score_against_turns

SAID = "we grew in every market this year and we will again . Thank you Ann"


def test_a_two_word_bleed_island_is_cleared_and_the_word_error_falls():
    # A speaks throughout; the diarizer hands 0.4 s in the middle to B, who speaks afterwards.
    said = SAID.split()
    rows = [(w, i * 0.3, i * 0.3 + 0.25, None) for i, w in enumerate(said)]
    last = len(said) - 3
    truth = turns_from_rows([(0.0, last * 0.3, "Ann"), (last * 0.3, 99.0, "Bo")])
    heard = turns_from_rows([
        (0.0, 1.45, "S0"), (1.45, 2.08, "S1"), (2.08, last * 0.3, "S0"), (last * 0.3, 99.0, "S1"),
    ])  # fmt: skip
    tree = [{"word": w, "start": a, "end": b} for w, a, b, _ in rows]
    document = read_document(json.dumps(tree), "built.json")
    found = repair(document, turns={"": heard}, method="rules")
    off = score_against_turns(found.off, truth).counts
    on = score_against_turns(found.words, truth).counts
    assert (off.n_word_errors, off.islands_2, off.islands) == (2, 1, 1)
    assert (on.n_word_errors, on.islands) == (0, 0)
    assert on.wser < off.wser
    assert [m.index for m in found.moved] == [5, 6]


@pytest.mark.parametrize("method", ["rules", "viterbi"])
def test_what_is_right_stays_as_it_is(method):
    rows = [(f"w{i}", i * 0.3, i * 0.3 + 0.25, "AB"[i // 8 % 2]) for i in range(48)]
    words = words_from_rows(rows)
    tree = [
        {"word": t, "start": s, "end": e, "speaker": v}
        for (t, s, e, _), v in zip(rows, words.labels, strict=True)
    ]
    assert repair(read_document(json.dumps(tree), "x"), method=method).moved == ()


def recordings(folder):
    corpus = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    return [entry for entry in corpus["files"] if entry.get("ref_rttm")]


def repaired(folder, entry, method):
    document = read_document(read_text(str(folder / entry["words"])), Path(entry["words"]).name)
    turns = None
    if entry.get("turns"):
        rttm = str(folder / entry["turns"])
        turns = match_turns(document, read_rttm(read_text(rttm), rttm), alone=True)
    return repair(document, turns=turns, method=method)


def reference(folder, entry):
    path = str(folder / entry["ref_rttm"])
    return next(iter(read_rttm(read_text(path), path).values()))


def test_the_published_counts_on_the_real_interview(data_dir):
    entry = next(e for e in recordings(data_dir) if e["id"] == "karpathy_10m")
    found = repaired(data_dir, entry, "rules")
    truth = reference(data_dir, entry)
    off = score_against_turns(found.off, truth).counts
    rules = score_against_turns(found.words, truth).counts
    assert (off.n_word_errors, off.islands) == (21, 7)
    assert (rules.n_word_errors, rules.islands) == (14, 1)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["rules", "viterbi"])
def test_no_recording_ends_with_more_islands_than_it_began_with(data_dir, method):
    more = {}
    for entry in recordings(data_dir):
        found = repaired(data_dir, entry, method)
        truth = reference(data_dir, entry)
        before, after = (score_against_turns(w, truth).counts for w in (found.off, found.words))
        if after.islands > before.islands:
            more[entry["id"]] = (before.islands, after.islands)
    assert more == {}


def test_smoothing_the_real_interview_again_moves_nothing(data_dir):
    entry = next(e for e in recordings(data_dir) if e["id"] == "karpathy_10m")
    for method in ("rules", "viterbi"):
        found = repaired(data_dir, entry, method)
        text = found.document.render(found.words)
        again = read_document(text, found.document.name)
        assert again.words.labels == found.words.labels
        assert len(runs(found.words)) < len(runs(found.off))
        assert again.render(repair(again, method=method).words) == text
