"""RTTM, CTM, STM, SegLST and word lists, read back by readers that are not ours."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.formats.document import read_document
from diarfix.formats.text.rttm import read_rttm
from tests import strategies
from tests.formats.converted import recording, talk, write

some_speech = strategies.rows(n_runs=8, times="sorted").filter(
    lambda rows: any(label is not None for *_, label in rows)
)
TWO = [
    recording(talk("A2 B1"), part="channel 0", channel=1),
    recording(talk("A1"), part="channel 1", channel=2),
]


def test_stm_as_written():
    rows = [("Hello", 0.5, 1.0, "Ann Lee"), ("1974.", None, None, None), ("Hi!", 2.5, 2.9, 7)]
    assert write("stm", rows) == (
        "talk 1 Ann_Lee 0.500 1.667 Hello 1974.\ntalk 1 7 2.500 2.900 Hi!\n"
    )


def test_ctm_as_written_by_channel_and_start():
    assert write("ctm", TWO).splitlines() == [
        "talk 1 0.000 0.250 word0",
        "talk 1 0.300 0.250 word1",
        "talk 1 0.600 0.250 word2",
        "talk 2 0.000 0.250 word0",
    ]
    late_first = [("b c", 1.0, 1.5, "A"), ("a", 0.0, 0.5, "A"), (" ", 2.0, 3.0, "A")]
    assert write("ctm", late_first) == "talk 1 0.000 0.500 a\ntalk 1 1.000 0.500 b_c\n"


def test_rttm_channels_are_recordings_of_their_own():
    assert set(read_rttm(write("rttm", TWO), "x")) == {"talk.channel0", "talk.channel1"}


def test_words_nobody_said_are_named_so():
    rows = [("so", 0.0, 0.5, None)]
    assert write("stm", rows) == "talk 1 unknown 0.000 0.500 so\n"
    assert json.loads(write("words", rows)) == [
        {"word": "so", "start": 0.0, "end": 0.5, "speaker": None}
    ]


@settings(deadline=None, max_examples=80)
@given(strategies.rows(n_runs=8, labels=[0, 1, "1", "B"]).filter(bool))
def test_a_word_list_is_read_back_label_types_and_missing_times_included(rows):
    document = read_document(write("words", rows), "x")
    again = recording(rows).words
    assert document.dialect.name == "words"
    assert document.words.text == again.text
    assert [(type(v), v) for v in document.words.labels] == [(type(v), v) for v in again.labels]
    assert document.words.start.tolist() == pytest.approx(again.start.tolist(), nan_ok=True)


@settings(deadline=None, max_examples=40)
@given(some_speech)
def test_meeteval_reads_stm_seglst_and_ctm(rows):
    meeteval = pytest.importorskip("meeteval")
    stm = meeteval.io.STM.parse(write("stm", rows))
    segments = meeteval.io.SegLST.parse(write("seglst", rows))
    ctm = meeteval.io.CTM.parse(write("ctm", rows))
    assert [line.transcript for line in stm] == [s["words"] for s in segments]
    assert [float(line.begin_time) for line in stm] == [float(s["start_time"]) for s in segments]
    assert sorted(line.word for line in ctm) == sorted(text for text, *_ in rows)
    # The same words under the same speakers: nothing to get wrong.
    assert meeteval.wer.cpwer(segments, stm)["talk"].errors == 0


@settings(deadline=None, max_examples=40)
@given(some_speech)
def test_pyannote_database_reads_the_rttm(rows):
    util = pytest.importorskip("pyannote.database.util")
    import io

    found = util.load_rttm(io.StringIO(write("rttm", rows)))
    if not found:
        assert write("rttm", rows) == ""
        return
    ours = read_rttm(write("rttm", rows), "x")["talk"]
    tracks = [(seg.start, seg.end, str(label)) for seg, _, label in
              found["talk"].itertracks(yield_label=True)]  # fmt: skip
    mine = zip(ours.start.tolist(), ours.end.tolist(), ours.labels, strict=True)
    assert [t[2] for t in sorted(tracks)] == [str(v) for *_, v in sorted(mine)]


@given(st.sampled_from(["rttm", "ctm", "stm", "seglst", "words"]))
def test_nothing_is_nothing(to):
    assert write(to, []).strip() in {"", "[]"}
