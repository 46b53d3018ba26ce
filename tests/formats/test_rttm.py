from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows
from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.text.nist import read_ctm, read_stm
from diarfix.formats.text.rttm import read_rttm, read_uem, write_rttm
from diarfix.formats.utterances import utterance_turns, utterance_words

DATA = Path(__file__).parent / "data"


def rows(turns):
    return list(zip(turns.start.tolist(), turns.end.tolist(), turns.labels, strict=True))


def test_rttm_in_the_wild():
    found = read_rttm(read_text(str(DATA / "wild.rttm")), "wild.rttm")
    assert rows(found["talk"]) == [(0.0, 7.08, "Sarah Guo"), (7.08, 9.58, "Andrej")]
    assert rows(found["other"]) == [(1.25, 2.0, "spk 2"), (2.0, 2.5, "last")]


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("A", "A"),
        ("A <NA>", "A"),
        ("A <NA> <NA>", "A"),
        ("A 0.97 <NA>", "A"),
        ("Anna Lee", "Anna Lee"),
        ("Anna  Lee <NA> <NA>", "Anna  Lee"),
        ("speaker 2 <NA> <NA>", "speaker 2"),
        ("O\u00a0Brien <NA> <NA>", "O\u00a0Brien"),
    ],
)
def test_the_speaker_is_what_stands_before_the_trailing_marks(tail, name):
    assert read_rttm(f"SPEAKER f 1 0 1 <NA> <NA> {tail}\n", "f")["f"].labels == [name]


@pytest.mark.parametrize(
    ("line", "recording", "name"),
    [
        ("SPEAKER choir take 1 0 1 <NA> <NA> A <NA> <NA>", "choir take", "A"),
        (
            "SPEAKER choir  take 2.wav 1 0 1 <NA> <NA> speaker 1 <NA>",
            "choir  take 2.wav",
            "speaker 1",
        ),
        ("SPEAKER\tchoir\t1\t0\t1\t<NA>\t<NA>\t  A*\t<NA>\t<NA>", "choir", "A*"),
        ("SPEAKER f 1 0 1 <NA> <NA> \u00a0A\u00a0 <NA> <NA>", "f", "A"),
        ("SPEAKER f 1 0 1 <NA> <NA> A 0.97", "f", "A"),
        ("SPEAKER f 1 0 1 <NA> <NA> A 2 <NA>", "f", "A 2"),
        ("SPEAKER f 1 0 1 x y A <NA> <NA>", "f", "A"),
    ],
)
def test_a_line_is_read_from_both_ends(line, recording, name):
    found = read_rttm(line + "\n", "f")
    assert {key: turns.labels for key, turns in found.items()} == {recording: [name]}


names = st.text(
    st.characters(codec="utf-8", exclude_characters=" \t\r\n\v\f"), min_size=1, max_size=6
)
spoken = (
    st.lists(names, min_size=1, max_size=3)
    .map(" ".join)
    .filter(lambda n: "<NA>" not in n and n == n.strip("\u00a0"))
)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 10**5), spoken), min_size=1, max_size=9
    )
)
def test_turns_on_the_millisecond_come_back_from_rttm(table):
    turns = turns_from_rows([(a / 1000, (a + n) / 1000, label) for a, n, label in table])
    back = read_rttm(write_rttm({"rec": turns}), "f")["rec"]
    assert back.labels == turns.labels
    np.testing.assert_allclose(back.start, turns.start, atol=1e-9)
    np.testing.assert_allclose(back.end, turns.end, atol=1e-9)


def test_neighbours_that_touch_still_touch_when_rounded():
    turns = turns_from_rows([(0.0, 1.00049, "A"), (1.00049, 2.0014, "B")])
    back = read_rttm(write_rttm({"rec": turns}), "f")["rec"]
    assert back.end[0] == back.start[1]


def test_white_space_in_names_breaks_no_line():
    turns = turns_from_rows([(0.0, 1.0, "A\nB")])
    text = write_rttm({"my talk": turns})
    assert text == "SPEAKER my_talk 1 0.000 1.000 <NA> <NA> A B <NA> <NA>\n"


def test_strange_records_end_no_file_and_are_counted():
    speaker = "SPEAKER f 1 {} 1 <NA> <NA> A <NA> <NA>"
    lines = ["SPKR-INFO f 1 <NA> <NA> <NA> unknown A <NA>", speaker.format(0), "END <NA>", "END"]
    found = read_rttm("\n".join([*lines, speaker.format(-1), speaker.format(4)]), "f")
    assert rows(found["f"]) == [(-1.0, 0.0, "A"), (0.0, 1.0, "A"), (4.0, 5.0, "A")]
    assert found.notes == [
        "lines that are no RTTM record, passed over: 2 of 'END'", "turns that begin before zero: 1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SPEAKER f 1 0.0 1.0 <NA> <NA>", "f: line 1: RTTM line has 7 fields, expected at least 8"),
        (";; x\nSPEAKER f 1 zero 1 <NA> <NA> A", "f: line 2: start 'zero' is not a number"),
        ("SPEAKER f 1 0 nan <NA> <NA> A", "f: line 1: duration 'nan' is not a number"),
        ("SPEAKER f 1 1e308 1e308 <NA> <NA> A", "f: line 1: start '1e308' is not a number"),
        ("SPEAKER f 1 5 -1 <NA> <NA> A", "f: line 1: negative duration -1"),
        ("\n\nhello world", "f: line 3: expected SPEAKER"),
    ],
)
def test_a_bad_line_is_named(text, message):
    with pytest.raises(InputError) as found:
        read_rttm(text, "f")
    assert found.value.message.startswith(message)


def test_uem_ctm_and_stm():
    uem = read_uem(read_text(str(DATA / "regions.uem")), "u")
    assert [x.tolist() for x in uem["talk"]] == [[0.0, 12.0], [9.5, 20.25]]
    ctm = read_ctm(read_text(str(DATA / "words.ctm")), "c")
    assert [(u.text, u.start, u.end) for u in ctm["talk"]] == [
        ("hello", 0.1, 0.35),
        ("world", 0.4, 0.75),
    ]
    stm = read_stm(read_text(str(DATA / "segments.stm")), "s")
    assert rows(utterance_turns(stm["talk"])) == [(0.0, 1.5, "Ann"), (1.5, 2.0, "Bo")]
    words = utterance_words(stm["talk"])
    assert (words.text, words.labels) == (("hello", "there", "yes"), ["Ann", "Ann", "Bo"])
    assert words.timed.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (read_uem, "f 1 0"),
        (read_uem, "f 1 3 2"),
        (read_uem, "f 1 x 2"),
        (read_ctm, "f 1 0 1"),
        (read_ctm, "f 1 a 1 w"),
        (read_stm, "f 1 A 0"),
        (read_stm, "f 1 A 0 x w"),
    ],
)
def test_a_bad_line_of_a_read_only_format_is_named(read, line):
    with pytest.raises(InputError, match=r"^f: line 2: "):
        read(";;\n" + line, "f")


def test_a_turn_without_a_speaker_is_passed_over_and_counted():
    text = "SPEAKER f 1 0 2 <NA> <NA> <NA> <NA> <NA>\nSPEAKER f 1 2 2 <NA> <NA> B <NA> <NA>\n"
    found = read_rttm(text, "f.rttm")
    assert found["f"].labels == ["B"]
    assert found.notes == ["turns without a speaker, passed over: 1"]
    written = write_rttm({"f": turns_from_rows([(0.0, 1.0, "<NA>")])})
    assert read_rttm(written, "f.rttm")["f"].labels == ["NA"]


def test_a_number_as_python_spells_it_is_none():
    with pytest.raises(InputError, match="start '1_0' is not a number"):
        read_rttm("SPEAKER f 1 1_0 2 <NA> <NA> B <NA> <NA>\n", "f.rttm")
