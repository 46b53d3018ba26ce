"""SRT and VTT, read back by readers that are not ours."""

import itertools

import pytest
from hypothesis import given, settings

from tests import strategies
from tests.formats.converted import talk, write

EVIL = [("<script>&", 0.0, 1.0, "Ann <b>"), ("-->", 1.0, 2.0, "Ann <b>"), ("x", 2.0, 3.0, "B & C")]


def test_srt_as_written():
    rows = [("Hello", 0.5, 1.0, "Ann"), ("there.", 1.0, 1.8, "Ann"), ("Hi!", 2.5, 2.9, 7)]
    assert write("srt", rows) == (
        "1\n00:00:00,500 --> 00:00:01,800\nAnn: Hello there.\n"
        "\n2\n00:00:02,500 --> 00:00:03,500\n7: Hi!\n"
    )
    assert "Ann" not in write("srt", rows, names=False)


def test_vtt_as_written():
    rows = [("Hello", 3599.9, 3600.4, "Ann"), ("Hi!", 3601.0, 3602.4, None)]
    assert write("vtt", rows) == ("WEBVTT\n\n00:59:59.900 --> 01:00:02.400\n<v Ann>Hello Hi!</v>\n")


def test_vtt_escapes_what_would_be_a_tag():
    text = write("vtt", EVIL)
    assert "<v Ann &lt;b&gt;>&lt;script&gt;&amp; --&gt;</v>" in text
    assert text.count("<") == 2 * text.count("<v ")


def test_no_words_make_no_cues():
    assert (write("srt", []), write("vtt", [])) == ("", "WEBVTT\n")


@settings(deadline=None, max_examples=60)
@given(strategies.rows(n_runs=10, times="sorted"))
def test_pysubs2_reads_the_srt(rows):
    pysubs2 = pytest.importorskip("pysubs2")
    text = write("srt", rows, names=False)
    found = pysubs2.SSAFile.from_string(text, format_="srt") if text else []
    assert [e.text.count("\\N") <= 1 for e in found] == [True] * len(found)
    spoken = " ".join(e.plaintext.replace("\n", " ") for e in found)
    assert "".join(spoken.split()) == "".join("".join(r[0] for r in rows).split())
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(e.end > e.start for e in found)


@settings(deadline=None, max_examples=60)
@given(strategies.rows(n_runs=10, times="sorted", labels=["Ann", "B & C"]))
def test_webvtt_py_reads_voices_and_text(rows):
    webvtt = pytest.importorskip("webvtt")
    found = list(webvtt.from_string(write("vtt", rows)))
    spoken = " ".join(c.text.replace("\n", " ") for c in found)
    assert "".join(spoken.split()) == "".join("".join(r[0] for r in rows).split())
    names = {str(r[3]).replace("&", "&amp;") for r in rows if r[3] is not None}
    assert {c.voice for c in found} - {None} <= names
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_pysubs2_reads_the_vtt():
    pysubs2 = pytest.importorskip("pysubs2")
    found = pysubs2.SSAFile.from_string(write("vtt", talk("A3 B2 A4")), format_="vtt")
    assert [e.plaintext for e in found] == ["word0 word1 word2", "word3 word4",
                                            "word5 word6 word7 word8"]  # fmt: skip
