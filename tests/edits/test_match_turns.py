"""Which recording of a file of turns belongs to which part of a document."""

import json

import pytest

from diarfix.core.words import turns_from_rows
from diarfix.edits.repair import match_turns
from diarfix.errors import InputError
from diarfix.formats.document import read_document

TURNS = turns_from_rows([(0, 2, "A")])


def sessions(*names):
    entry = {"speaker": "A", "words": "so", "start_time": 0, "end_time": 1}
    return read_document(json.dumps([{"session_id": name, **entry} for name in names]), "day.json")


def channels():
    word = {"text": "so", "start": 0, "end": 900, "speaker": "A"}
    words = [{**word, "channel": name} for name in ("1", "2")]
    return read_document(json.dumps({"words": words, "audio_duration": 1}), "call.json")


def test_a_session_takes_the_turns_of_its_name():
    found = match_turns(sessions("s1", "s2"), {"s2": TURNS, "s1": TURNS}, alone=False)
    assert list(found) == ["s1", "s2"]


def test_one_recording_serves_all_channels_of_a_file_whatever_its_name():
    assert list(match_turns(channels(), {"x": TURNS}, alone=True)) == ["channel 1", "channel 2"]
    with pytest.raises(InputError, match="no turns for recording 'channel 1'"):
        match_turns(channels(), {"x": TURNS}, alone=False)


@pytest.mark.parametrize("names", [("s1", "s2"), ("channel 5", "channel 6")])
def test_one_recording_never_serves_two_sessions_whatever_they_are_called(names):
    with pytest.raises(InputError, match=f"no turns for recording '{names[0]}'"):
        match_turns(sessions(*names), {"x": TURNS}, alone=True)
