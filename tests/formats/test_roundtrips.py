"""What convert writes is read back as the same words under as many speakers, whatever they hold."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.formats.detect import TARGETS, text_format
from diarfix.formats.document import read_document
from diarfix.formats.text.nist import read_ctm, read_stm
from diarfix.formats.text.rttm import read_rttm
from tests.formats.converted import recording, talk, write

#: Pieces that readers of some format take for more than text.
PIECES = [
    "a", "B", "7", " ", "\n", "\r", "\t", "\v", "\x1c", "\u0085", "\u00a0", "\u2028", "\ufeff",
    "\ud800",
    ";;", "#", "<NA>", "<", ">", "<>", "&", "-->", "00:00:01,000", "0.97", "SPEAKER", "WEBVTT",
    "inter_segment_gap", "<unk>", "{", "[", '"', "|", ":", "é", "好", "_", "unknown",
]  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
labels = st.one_of(hostile.filter(bool), st.integers(0, 2), st.just(1.5))


@st.composite
def spoken(draw, *, least=1):
    """Words in order, each a run of its own speaker or of the one before."""
    rows, at = [], 0.0
    for _ in range(draw(st.integers(least, 8))):
        rows.append((draw(hostile) or "w", round(at, 3), round(at + 0.4, 3), draw(labels)))
        at += 0.5
    return rows


def said(text):
    """A text as formats of lines and fields can hold it."""
    return " ".join(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").split())


def held(rows):
    return [(said(text), *rest) for text, *rest in rows if text.split()]


def lengths(found):
    """In which order speakers come, whatever they are called."""
    names = list(dict.fromkeys(found))
    return [names.index(name) for name in found]


def typed(label):
    return (type(label), label)


@settings(deadline=None, max_examples=300)
@given(spoken(), st.sampled_from(list(TARGETS)))
def test_all_that_is_written_is_utf8(rows, to):
    write(to, rows).encode("utf-8")


@settings(deadline=None, max_examples=300)
@given(spoken(), hostile.filter(bool))
def test_rttm_comes_back_with_its_turns_and_as_many_speakers(rows, name):
    text = write("rttm", [recording(rows, name=name)])
    (found,) = read_rttm(text, "x").values()
    runs = [row for i, row in enumerate(rows) if not i or typed(row[3]) != typed(rows[i - 1][3])]
    assert lengths(found.labels) == lengths([typed(row[3]) for row in runs])
    assert found.start.tolist() == pytest.approx([row[1] for row in runs])


@settings(deadline=None, max_examples=300)
@given(spoken(), hostile.filter(bool))
def test_stm_comes_back_with_its_words_and_as_many_speakers(rows, name):
    text = write("stm", [recording(rows, name=name)])
    if not held(rows):
        assert not text
        return
    assert text_format(text).name == "stm"
    ((_, told),) = read_stm(text, "x").items()
    assert " ".join(u.text for u in told).split() == " ".join(t for t, *_ in held(rows)).split()
    spoke = [u.speaker for u in told for _ in u.text.split()]
    wanted = [typed(label) for text, _, _, label in held(rows) for _ in text.split()]
    assert lengths(spoke) == lengths(wanted)


@settings(deadline=None, max_examples=300)
@given(spoken(), hostile.filter(bool))
def test_ctm_comes_back_with_its_words(rows, name):
    text = write("ctm", [recording(rows, name=name)])
    if not held(rows):
        assert not text
        return
    assert text_format(text).name == "ctm"
    ((_, told),) = read_ctm(text, "x").items()
    assert [u.text for u in told] == [t.replace(" ", "_") for t, *_ in held(rows)]
    assert [u.start for u in told] == pytest.approx([start for _, start, *_ in held(rows)])


@settings(deadline=None, max_examples=200)
@given(spoken())
def test_seglst_and_word_lists_come_back_with_their_words_and_as_many_speakers(rows):
    entries = json.loads(write("seglst", rows))
    spoke = [e["speaker"] for e in entries for _ in e["words"].split()]
    wanted = [typed(row[3]) for row in rows for _ in row[0].split()]
    assert " ".join(e["words"] for e in entries).split() == " ".join(r[0] for r in rows).split()
    assert lengths(spoke) == lengths(wanted)
    listed = json.loads(write("words", rows))
    assert [(e["word"], typed(e["speaker"])) for e in listed] == [
        (text.strip(), typed(label)) for text, _, _, label in rows
    ]


def cues_of(text):
    """Cues as a plain reader of SubRip and WebVTT takes them: blocks between empty lines."""
    blocks = [b for b in re.split(r"\n\n+", text) if b.strip("\n")]
    found = []
    for block in blocks:
        lines = block.rstrip("\n").split("\n")
        times = [n for n, line in enumerate(lines) if "-->" in line]
        if lines != ["WEBVTT"]:
            assert times == [1] if lines[0].isdigit() else times == [0], block
            found.append("\n".join(lines[times[0] + 1 :]))
    return found


@settings(deadline=None, max_examples=300)
@given(spoken())
def test_subtitles_come_back_with_their_words_and_no_more_cues_than_were_written(rows):
    wanted = "".join("".join(text for text, *_ in held(rows)).split())
    srt = cues_of(write("srt", rows, names=False))
    assert "".join("".join(srt).split()) == wanted
    vtt = cues_of(write("vtt", rows))
    bare = "".join(re.sub(r"^<v [^>]*>|</v>$", "", cue) for cue in vtt)
    for mark, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        bare = bare.replace(mark, char)
    assert "".join(bare.split()) == wanted
    assert len(vtt) == len(srt)


def test_text_holds_one_line_a_turn_whatever_a_word_holds():
    rows = [("so\nB: no", 0.0, 0.5, "A"), ("yes\u2028", 0.6, 0.9, "B\nA: well")]
    assert write("txt", rows) == "A: so B: no\nB A: well: yes\n"


def test_names_that_a_format_would_take_for_one_are_told_apart():
    rows = [("w", n, n + 0.5, label) for n, label in enumerate(["A", "A ", " ", 1, "1"])]
    found = read_rttm(write("rttm", rows), "x")["talk"]
    assert found.labels == ["A", "A_2", "_", "1_2", "1"]
    assert [line.split()[2] for line in write("stm", rows).splitlines()] == [
        "A", "A_", "_", "1_2", "1"]  # fmt: skip


def test_words_of_several_sessions_and_channels_are_told_apart_when_read_again():
    two = [recording(talk("A2"), name="one"), recording(talk("A1"), name="two")]
    assert [p.name for p in read_document(write("words", two), "x").parts] == ["one", "two"]
    two = [recording(talk("A2"), part="channel 0"), recording(talk("A1"), part="ch", channel=2)]
    assert [len(p.index) for p in read_document(write("words", two), "x").parts] == [2, 1]
