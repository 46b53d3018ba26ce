import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.segments import MAX_MERGED_SECONDS, cut_text, join_text, joins, stretches, vote

codes = st.lists(st.integers(-1, 2))


@given(codes, st.integers(-1, 3))
def test_the_vote_goes_to_the_most_words_and_a_tie_keeps_the_present(votes, present):
    winner = vote(votes, present)
    known = [c for c in votes if c >= 0]
    if not known:
        assert winner == present
        return
    most = max(map(known.count, known))
    assert known.count(winner) == most
    if known.count(present) == most:
        assert winner == present


@given(codes)
def test_stretches_hold_one_label_each_and_lose_no_word(votes):
    spans = stretches(votes)
    assert [i for a, b in spans for i in range(a, b)] == list(range(len(votes)))
    held = [{c for c in votes[a:b] if c >= 0} for a, b in spans]
    assert all(len(labels) <= 1 for labels in held)
    assert all(a != b for a, b in itertools.pairwise(held))


def test_merging_joins_one_speaker_up_to_the_longest_segment():
    start = [0.0, 10.0, 20.0, 31.0, 32.0]
    end = [9.0, 19.0, 30.0, 32.0, 33.0]
    assert joins([0, 0, 0, 0, 1], start, end) == [range(3), range(3, 4), range(4, 5)]
    assert end[2] - start[0] == MAX_MERGED_SECONDS


@given(
    st.lists(st.tuples(st.integers(-1, 1), st.integers(1, 20))),
)
def test_merging_again_merges_nothing_more(pieces):
    at, speaker, start, end = 0, [], [], []
    for code, length in pieces:
        speaker.append(code)
        start.append(float(at))
        at += length
        end.append(float(at))
    groups = joins(speaker, start, end)
    assert [i for g in groups for i in g] == list(range(len(pieces)))
    again = joins(
        [speaker[g[0]] for g in groups],
        [start[g[0]] for g in groups],
        [end[g[-1]] for g in groups],
    )
    assert all(len(g) == 1 for g in again)


@pytest.mark.parametrize(
    ("text", "words", "firsts", "pieces"),
    [
        ("Yes. No.", ["Yes.", "No."], [1], ["Yes.", "No."]),
        (" Yes. No.", [" Yes.", " No."], [1], [" Yes.", " No."]),
        ("你好。谢谢。", ["你好。", "谢谢。"], [1], ["你好。", "谢谢。"]),
        ("a — b", ["a", "b"], [1], ["a —", "b"]),
        ("so so so", ["so", "so", "so"], [1, 2], ["so", "so", "so"]),
        ("other text", ["one", "two"], [1], ["other", "text"]),
        ("He's in. Bye.", ["he's", "in", "bye"], [2], ["He's in.", "Bye."]),
        ("It costs ($20)!", ["it", "costs", "twenty", "dollars"], [2], ["It costs", "($20)!"]),
        (
            "In 1984 we won.",
            ["in", "nineteen", "eighty", "four", "we", "won"],
            [4],
            ["In 1984", "we won."],
        ),
        ("well—no", ["Well", "No"], [1], ["well—", "no"]),
        ("你好，世界", ["你", "您", "世界"], [2], ["你好，", "世界"]),
        ("", ["one", "two"], [1], ["", ""]),
    ],
)
def test_text_is_cut_from_the_original(text, words, firsts, pieces):
    assert cut_text(text, words, firsts) == pieces


TEXTS = st.text(st.sampled_from("abB .,-$é好"), max_size=30)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=8), st.data())
def test_the_pieces_of_a_text_are_the_text_letter_by_letter(text, words, data):
    firsts = sorted(data.draw(st.sets(st.integers(0, len(words) - 1))))
    pieces = cut_text(text, words, firsts)
    assert len(pieces) == len(firsts) + 1
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_unspaced_scripts_gain_no_spaces():
    assert join_text(["ありがとう", "ございます"]) == "ありがとうございます"
    assert join_text(["สวัสดี", "ครับ"]) == "สวัสดีครับ"
    assert join_text(["안녕", "하세요"]) == "안녕 하세요"
    assert join_text(["Hello", "there"]) == "Hello there"
    assert join_text(["", "x"]) == "x"
