import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import Turns, Words, encode, runs, turns_from_rows, words_from_rows
from tests import strategies


@given(st.lists(st.sampled_from(["A", 1, "1", 1.0, None, "", 0])))
def test_encoded_labels_come_back_with_their_types(labels):
    codes, names = encode(labels)
    back = [None if c < 0 else names[c] for c in codes.tolist()]
    assert [(type(a), a) for a in back] == [(type(a), a) for a in labels]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, 1.0),
        (1.0, None),
        (np.nan, 1.0),
        (2.0, 1.0),
        (-0.5, 1.0),
        (0.0, np.inf),
        (1e300, 2e300),
    ],
)
def test_unusable_times_read_as_no_time(start, end):
    words = words_from_rows([("w", start, end, "A")])
    assert not words.timed[0]
    assert np.isnan(words.end[0])


def test_columns_cannot_be_written_and_labels_alone_can_be_replaced():
    words = words_from_rows([("w", 0.0, 1.0, "A")])
    with pytest.raises(ValueError, match="read-only"):
        words.speaker[0] = 0
    again = words.with_speaker([1], ["A", "B"])
    assert (again.text, again.labels, words.labels) == (words.text, ["B"], ["A"])


def test_columns_of_different_length_or_unknown_codes_are_refused():
    with pytest.raises(ValueError, match="shape"):
        Words(("w",), np.zeros(2), np.ones(2), np.zeros(1), ("A",))
    with pytest.raises(ValueError, match="codes"):
        Words(("w",), np.zeros(1), np.ones(1), np.array([1]), ("A",))
    with pytest.raises(ValueError, match="finite"):
        Turns(np.array([0.0]), np.array([np.nan]), np.array([0]), ("A",))
    with pytest.raises(ValueError, match="needs a speaker"):
        Turns(np.array([0.0]), np.array([1.0]), np.array([-1]), ("A",))


def test_turns_of_no_length_are_dropped_at_birth():
    assert turns_from_rows([(1.0, 1.0, "A"), (2.0, 1.0, "A"), (0.0, 1.0, "B")]).labels == ["B"]


@given(strategies.words)
def test_runs_share_out_the_labelled_words(words):
    table = runs(words)
    labels = words.labels
    whole = [table.member[a:b].tolist() for a, b in zip(table.first, table.stop, strict=True)]
    assert [i for run in whole for i in run] == [i for i, v in enumerate(labels) if v is not None]
    for r, run in enumerate(whole):
        assert {labels[i] for i in run} == {words.speakers[table.speaker[r]]}
        timed = [i for i in run if words.timed[i]]
        assert table.n_words[r] == len(timed)
        if timed:
            assert table.start[r] == min(words.start[i] for i in timed)
            assert table.end[r] == max(words.end[i] for i in timed)
        if r and whole[r - 1]:
            before = [i for i in whole[r - 1] if words.timed[i]]
            if before and timed:
                assert table.gap[r - 1] == words.start[timed[0]] - words.end[before[-1]]
            else:
                assert np.isnan(table.gap[r - 1])
            assert table.speaker[r] != table.speaker[r - 1]
