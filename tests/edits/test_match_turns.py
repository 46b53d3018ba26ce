"""Which recording of a file of turns belongs to which part of a document."""

import json

import pytest

from diarfix.core.words import turns_from_rows
from diarfix.edits.repairs import repair
from diarfix.edits.turns import doubtful_turns, match_turns
from diarfix.errors import InputError, UsageError
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


def long_talk(n=20):
    words = [
        {"word": f"w{i}", "start": i * 0.4, "end": i * 0.4 + 0.3, "speaker": "A"} for i in range(n)
    ]
    return read_document(json.dumps(words), "talk.json")


@pytest.mark.parametrize(
    "rows", [[(0, 2000, "A"), (2000, 8000, "B")], [(900.0, 930.5, "A"), (931.0, 960.2, "B")]]
)
def test_turns_that_cannot_be_of_these_words_are_refused_with_numbers_and_the_way_out(rows):
    with pytest.raises(InputError, match=r"talk\.json: .*words until 7\.9 s") as found:
        match_turns(long_talk(), {"x": turns_from_rows(rows)}, alone=True)
    assert "in seconds" in found.value.hint


def test_turns_that_may_be_of_another_recording_are_told():
    document, few = long_talk(4), {"": turns_from_rows([(900.0, 930.5, "A")])}
    (told,) = doubtful_turns(document, few)
    assert told.startswith("do the turns fit? 0 of 4 words lie in a turn")
    assert doubtful_turns(document, {"": TURNS}) == []


def test_opinions_may_be_named_or_in_order_and_must_be_of_a_part():
    document, other = sessions("s1"), turns_from_rows([(0, 1.5, "B")])
    named = repair(document, turns={"s1": {"a": TURNS, "b": other}})
    order = repair(document, turns={"s1": [TURNS, other]})
    assert named.words.labels == order.words.labels
    assert (list(named.trust["s1"]), list(order.trust["s1"])) == (["a", "b"], ["1", "2"])
    with pytest.raises(UsageError, match="no turns for part 's1'"):
        repair(document, turns={"a": TURNS})
