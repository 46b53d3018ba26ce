"""Files that nobody should write: read, or refused with one line, and never a traceback."""

import copy
import json
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarfix.core.segments import SEGMENT_MODES
from diarfix.core.words import turns_from_rows
from diarfix.edits.repairs import repair
from diarfix.errors import InputError
from diarfix.formats.document import read_document
from diarfix.formats.recordings import turns_of_text
from diarfix.report.diff import hunks

DATA = Path(__file__).parent / "data"
TREES = {p.name: json.loads(p.read_text(encoding="utf-8-sig")) for p in sorted(DATA.glob("*.json"))}
ODD = [
    None, True, 0, -1, 5, 2.5, float("nan"), float("inf"), 1e308, 10**400, "", "x", "1.5", "1_0",
    "\ud800", "a\nb", "\x00", "|", [], {}, [None], [[1]], [{}], {"a": 1}, {"words": None},
    {"word": 7, "start": "nan", "end": [], "speaker": True},
]  # fmt: skip


def places(tree, at=()):
    """Every path into a tree."""
    yield at
    items = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, value in items:
        yield from places(value, (*at, key))


def put(tree, at, value):
    """``tree`` with ``value`` at a path; the word DROP takes the place away."""
    if not at:
        return value
    holder = tree
    for key in at[:-1]:
        if not isinstance(holder, (dict, list)):
            return tree
        holder = holder[key]
    if not isinstance(holder, (dict, list)):
        return tree
    if isinstance(value, str) and value == "DROP":
        del holder[at[-1]]
    else:
        holder[at[-1]] = value
    return tree


def one_line(error):
    assert "\n" not in error.message


def survives(text, *, turns=None, method="rules", segments="keep"):
    """Whole run; True if the file was accepted."""
    try:
        document = read_document(text, "f")
        given_ = None if turns is None else {p.name: turns for p in document.parts}
        result = repair(document, turns=given_, method=method)
        out = document.render(result.words, segments=segments)
    except InputError as error:
        one_line(error)
        return False
    hunks(result)
    again = read_document(out, "f")
    assert [str(v) for v in again.words.labels] == [str(v) for v in result.words.labels]
    assert len(again.words) == len(document.words)
    return True


TURNS = turns_from_rows([(0.0, 1.0, "A"), (1.0, 2.0, 7), (1.5, 9.0, "A")])


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["rules", "viterbi"]), st.sampled_from(SEGMENT_MODES))
def test_any_value_anywhere_is_read_or_refused_in_one_line(data, method, segments):
    name = data.draw(st.sampled_from(list(TREES)))
    tree = copy.deepcopy(TREES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.sampled_from(list(places(tree))))
        value = data.draw(st.sampled_from(["DROP", *ODD]))
        tree = put(tree, at, copy.deepcopy(value))
    text = json.dumps(tree, ensure_ascii=data.draw(st.booleans()))
    turns = data.draw(st.sampled_from([None, TURNS]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        survives(text, turns=turns, method=method, segments=segments)


@given(st.sampled_from(sorted(p.name for p in DATA.iterdir())), st.data())
def test_a_file_cut_off_or_with_a_wrong_byte_is_read_or_refused_in_one_line(name, data):
    text = (DATA / name).read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text)))
    broken = data.draw(st.sampled_from([text[:at], text[:at] + "\x00" + text[at + 1 :]]))
    survives(broken, turns=TURNS)


@given(st.text(max_size=60))
def test_any_text_as_turns_is_read_or_refused_in_one_line(text):
    try:
        turns_of_text(text, "f")
    except InputError as error:
        one_line(error)


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("key", ["start", "end", "speaker"])
def test_any_value_in_a_turn_is_read_or_refused(key, value):
    turn = {"start": 0.0, "end": 1.0, "speaker": "A"} | {key: value}
    text = json.dumps({"diarization": [{"start": 0, "end": 2, "speaker": "B"}, turn]})
    try:
        found = turns_of_text(text, "f")[""].labels
    except InputError:
        return
    assert "B" in found


def word(**fields):
    return {"word": "w", "start": 0.0, "end": 1.0, "speaker": "A"} | fields


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([word(start="soon")], "f: [0].start: 'soon' is not a time"),
        ([word(), word(end=True)], "f: [1].end: True is not a time"),
        ([word(start=[1])], "f: [0].start: a list is not a time"),
        ([word(start="1_0")], "f: [0].start: '1_0' is not a time"),
        ([word(start=10**400)], "f: [0].start: 1000"),
        ([word(speaker=True)], "f: [0].speaker: expected a label, found true or false"),
        ([word(speaker={"name": "A"})], "f: [0].speaker: expected a label, found an object"),
        ([word(word=None), {"start": 1}], "f: [1]: expected a key 'word'"),
        ({"segments": [{"words": 5}]}, "f: segments[0].words: expected a list, found a number"),
        ({"segments": [{"words": [{"start": 1}]}]}, "f: segments[0].words[0]: expected a key"),
        ({"segments": None}, "f: no known word file: an object with keys 'segments'"),
        ({"words": None}, "f: no known word file: an object with keys 'words'"),
        ([1, 2], "f: no known word file: a list of numbers"),
        ("hello", "f: no known word file: a string"),
        ({}, "f: no known word file: an empty object"),
    ],
)
def test_a_refusal_names_the_place_and_what_was_found(tree, message):
    with pytest.raises(InputError) as found:
        read_document(json.dumps(tree), "f")
    assert found.value.message.startswith(message)


@pytest.mark.parametrize(
    "times",
    [
        {"start": None}, {"end": float("nan")}, {"start": -1.0}, {"start": 2.0}, {"end": 1e300},
        {"start": "nan"}, {"end": float("inf")},
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_read_as_no_time(times):
    document = read_document(json.dumps([word(**times), word()]), "f")
    assert document.words.timed.tolist() == [False, True]


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_labels_that_name_nobody_are_read_as_none(label):
    document = read_document(json.dumps([word(speaker=label)]), "f")
    assert document.words.labels == [None]
    assert document.keyed[0]


@pytest.mark.parametrize("indent", [None, 1])
def test_deep_nesting_is_kept_or_refused(indent):
    for depth in (50, 300, 700, 3000):
        nest = "[" * depth + "]" * depth
        rows = [word(start=i, end=i + 1.0, speaker="AAABAAA"[i]) for i in range(7)]
        text = json.dumps({"words": rows, "more": 0}, indent=indent).replace("0}", nest + "}")
        text = text.replace('"more": 0', '"more": ' + nest)
        survives(text)


def test_a_number_beyond_all_numbers_stays_as_it_is_written():
    rows = [word(start=i, end=i + 1.0, speaker="AAABAAA"[i]) for i in range(7)]
    text = json.dumps({"words": rows, "more": 0}).replace('"more": 0', '"more": 1e999')
    document = read_document(text, "f")
    assert document.render(repair(document, method="rules").words) == text.replace('"B"', '"A"')


def test_whole_numbers_beyond_any_clock_are_no_milliseconds():
    with pytest.raises(InputError, match="not a time"):
        read_document(json.dumps([word(start=0, end=10**400)]), "f")


def test_an_nlp_token_may_hold_any_line_separator_of_unicode():
    text = "token|speaker|ts|endTs|punctuation\na\u2028b|1|0.0|1.0|.\n\nc\x85|2|1.0|2.0|\n\n"
    document = read_document(text, "f")
    assert document.words.text == ("a\u2028b.", "c\x85")
    other = document.words.with_speaker([1, 1])
    assert document.render(other) == text.replace("|1|0.0", "|2|0.0")


@pytest.mark.parametrize("label", ["a|b", "a\nb"])
def test_a_label_that_would_break_an_nlp_line_is_refused(label):
    document = read_document("token|speaker|ts|endTs\na|1|0.0|1.0\n", "f")
    with pytest.raises(InputError, match="cannot stand in"):
        document.render(document.words.with_speaker([0], [label]))


def test_an_nlp_file_takes_whole_number_labels_of_turns():
    text = "token|speaker|ts|endTs\na||0.0|1.0\n"
    document = read_document(text, "f")
    result = repair(document, turns={"": turns_from_rows([(0.0, 1.0, 7)])})
    assert document.render(result.words) == text.replace("a||", "a|7|")
