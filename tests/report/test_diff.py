import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from diarfix.edits.repairs import repair
from diarfix.formats.document import read_document
from diarfix.report.diff import clock, draw, hunks
from tests import strategies


def repaired(rows, **options):
    tree = [{"word": t, "start": s, "end": e, "speaker": v} for t, s, e, v in rows]
    return repair(read_document(json.dumps(tree), "talk.json"), **options)


def rows_of(spec):
    rows, at = [], 0.0
    for run in spec.split():
        for _ in range(int(run[1:])):
            rows.append((f"w{len(rows)}", at, at + 0.25, run[0]))
            at += 0.3
    return rows


@given(
    strategies.rows(n_runs=14).filter(lambda t: any(v is not None for *_, v in t)),
    st.sampled_from(["rules", "viterbi"]),
)
def test_every_moved_word_is_shown_once_marked_and_under_both_speakers(rows, method):
    found = repaired(rows, method=method)
    shown = hunks(found)
    for turns, side in (("before", "before"), ("after", "after")):
        marked = [
            (text, turn.label)
            for hunk in shown
            for turn in getattr(hunk, turns)
            for text, moved in turn.pieces
            if moved
        ]
        n_words = len(found.moved)
        labels = {getattr(m, side) for m in found.moved}
        assert {label for _, label in marked} == labels
        assert len(marked) <= n_words


def test_changes_far_apart_are_hunks_of_their_own():
    found = repaired(rows_of("A9 B1 A30 B2 A9"), method="rules")
    first, second = hunks(found)
    assert first.what == "island: 1 word B → A"
    assert second.what == "island: 2 words B → A"
    assert (first.before[0].cut_left, first.after[-1].cut_right) == (True, True)
    assert first.start == pytest.approx(2.7)


def test_nothing_moved_draws_nothing():
    assert hunks(repaired(rows_of("A5 B5"), method="rules")) == []
    assert not draw("f", [])


def test_brackets_in_words_and_labels_are_not_markup():
    rows = [(f"[b]{w}", s, e, f"[red]{v}") for w, s, e, v in rows_of("A4 B1 A4")]
    text = draw("f", hunks(repaired(rows, method="rules"))).plain
    assert "[[b]w4]" in text
    assert "[red]B" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3599.99, "1:00:00.0"),
     (float("nan"), "--:--.-")],
)  # fmt: skip
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_a_word_without_a_label_stands_inside_the_turn_around_it():
    rows = rows_of("A5 B1 A5")
    rows[6] = (*rows[6][:3], None)
    rows[8] = ("1974,", None, None, None)
    plain = draw("f", hunks(repaired(rows, method="rules"))).plain
    assert "None" not in plain
    assert "w6 w7 1974, w9" in plain
    assert plain.count("\n") == 3 + 3 + 1


def test_off_a_terminal_a_turn_is_one_line_and_nothing_is_inserted():
    rows = [("שלום" * 3, s, e, v) for _, s, e, v in rows_of("A9 B1 A9")]
    plain = draw("f", hunks(repaired(rows, method="rules"))).plain
    assert "\u2068" not in plain
    assert sum(line.startswith("+ ") for line in plain.splitlines()) == 1


def test_on_a_terminal_turns_wrap_under_their_first_word():
    rows = [("日本語", s, e, {"A": "山田", "B": "Bo"}[v]) for _, s, e, v in rows_of("A9 B1 A9")]
    lines = draw("f", hunks(repaired(rows, method="rules")), columns=60).plain.splitlines()[3:]
    assert len(lines) > 4
    assert all(cell_len(line) <= 60 for line in lines)
    # Names of two columns and of four: the text of every line begins in the same one.
    starts = {cell_len(line[: re.search(r"[日…\[本語]", line).start()]) for line in lines}
    assert starts == {18}


def test_right_to_left_text_is_isolated_line_by_line_on_a_terminal():
    rows = [("שלום", s, e, {"A": "דן", "B": "Bo"}[v]) for _, s, e, v in rows_of("A9 B1 A9")]
    lines = draw("f", hunks(repaired(rows, method="rules")), columns=50).plain.splitlines()[3:]
    spoken = [line for line in lines if "ל" in line]
    assert len(spoken) > 3
    for line in spoken:
        assert line.count("\u2068") == line.count("\u2069") > 0


def test_a_speaker_keeps_a_colour_in_every_hunk():
    turns = [
        turn
        for hunk in hunks(repaired(rows_of("B9 A1 B30 A9 B1 A9"), method="rules"))
        for turn in (*hunk.before, *hunk.after)
    ]
    assert {(turn.label, turn.voice) for turn in turns} == {("A", 0), ("B", 1)}
