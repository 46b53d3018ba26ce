"""Where words stand that nobody timed."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import words_from_rows
from diarfix.formats.document import read_document
from diarfix.formats.recordings import placed, recordings_of
from tests import strategies
from tests.formats.converted import recording, talk

DATA = Path(__file__).parents[1] / "formats" / "data"


@given(strategies.words)
def test_measured_times_stay_and_all_others_are_found_if_one_is(words):
    start, end = placed(words)
    np.testing.assert_array_equal(start[words.timed], words.start[words.timed])
    np.testing.assert_array_equal(end[words.timed], words.end[words.timed])
    assert not np.isnan(start).any() or not words.timed.any()
    assert not (end < start).any()


def test_words_share_the_silence_between_their_neighbours_by_length():
    words = words_from_rows([
        ("a", 0.0, 1.0, "A"), ("xx", None, None, "A"), ("xxxx", None, None, "A"),
        ("b", 1.3, 2.0, "A"),
    ])  # fmt: skip
    start, end = placed(words)
    assert start.tolist() == pytest.approx([0.0, 1.0, 1.1, 1.3])
    assert end.tolist() == pytest.approx([1.0, 1.1, 1.3, 2.0])


def test_words_share_out_the_entry_they_stand_in():
    text = (DATA / "diarized.json").read_text(encoding="utf-8")
    (one,) = recordings_of(read_document(text, "diarized.json"))
    assert (one.start[0], one.end[4]) == (0.0, 1.5)
    assert one.guessed == 5


def test_sessions_are_recordings_and_channels_are_parts_of_one():
    def names(file):
        text = (DATA / file).read_text(encoding="utf-8")
        return [(r.id, r.part, r.channel) for r in recordings_of(read_document(text, file))]

    assert names("seglst.json") == [("s1", "", 1), ("s2", "", 1)]
    assert names("deepgram_multichannel.json") == [
        ("deepgram_multichannel", "channel 0", 1), ("deepgram_multichannel", "channel 1", 2),
    ]  # fmt: skip


def test_a_session_may_bear_the_name_of_a_channel():
    entries = [
        {"session_id": s, "speaker": "A", "words": "so", "start_time": 0, "end_time": 1}
        for s in ("channel 5", "talk")
    ]
    document = read_document(json.dumps(entries), "day.json")
    assert [(r.id, r.part, r.channel) for r in recordings_of(document)] == [
        ("channel 5", "", 1), ("talk", "", 1),
    ]  # fmt: skip


def test_turns_hold_every_word_once():
    turns = recording([*talk("A3 B2"), ("so", None, None, None)]).turns()
    assert [(t.label, t.text) for t in turns] == [
        ("A", "word0 word1 word2"),
        ("B", "word3 word4 so"),
    ]


@given(st.sampled_from(["interview", "x.y"]))
def test_a_recording_is_named_by_its_file_up_to_the_first_dot(name):
    document = read_document(json.dumps([{"word": "a", "start": 0, "end": 1}]), f"/d/{name}.json")
    assert recordings_of(document)[0].id == name.split(".")[0]
