"""What a file says about a recording, whatever its format, and which files belong together."""

from __future__ import annotations

import json

import pytest

from diarfix.core.words import turns_from_rows
from diarfix.errors import InputError
from diarfix.metrics.sides import Side, matched, read_side, read_sides

RTTM = (
    "SPEAKER one 1 0.0 2.0 <NA> <NA> Ann Lee <NA> <NA>\nSPEAKER one 1 2.0 2.0 <NA> <NA> Ben <NA>\n"
)


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def words(*labels, first=0):
    return [
        {"word": f"w{i}", "start": i, "end": i + 0.9, "speaker": label}
        for i, label in enumerate(labels, start=first)
    ]


def rows(turns):
    return list(zip(turns.start.tolist(), turns.end.tolist(), turns.labels, strict=True))


def only(path):
    (side,) = read_side(path).values()
    return side


def test_rttm_holds_turns_of_several_recordings(tmp_path):
    text = RTTM + RTTM.replace(" one ", " two ")
    sides = read_side(write(tmp_path / "all.rttm", text))
    assert list(sides) == ["one", "two"]
    assert sides["one"].words is None
    assert rows(sides["one"].turns) == [(0.0, 2.0, "Ann Lee"), (2.0, 4.0, "Ben")]
    assert sides["one"].file == ""


def test_words_become_turns_over_gaps_of_half_a_second(tmp_path):
    side = only(write(tmp_path / "call.v2.json", {"words": words("A", "A", "B", None)}))
    assert (side.name, side.file) == ("call", "call")
    assert rows(side.turns) == [(0.0, 1.9, "A"), (2.0, 2.9, "B")]


def test_raw_inference_is_labelled_by_its_own_turns(tmp_path):
    tree = {
        "raw_segments": [
            {"words": [{"word": "so", "start": 0.0, "end": 1.0}]},
            {"words": [{"word": "we", "start": 2.0, "end": 3.0}]},
        ],
        "diarize_records": [
            {"start": 0.0, "end": 1.5, "speaker": "S0"},
            {"start": 1.5, "end": 4.0, "speaker": "S1"},
        ],
    }  # fmt: skip
    side = only(write(tmp_path / "a.rawinfer.json", tree))
    assert side.words.labels == ["S0", "S1"]


def test_stm_has_words_without_times_and_turns_in_time_order(tmp_path):
    text = "one 1 Ben 5.0 7.0 <o,f0> you go\none 1 Ann 0.0 3.0 so we\n"
    side = only(write(tmp_path / "x.stm", text))
    assert side.words.text == ("so", "we", "you", "go")
    assert not side.words.timed.any()
    assert rows(side.turns) == [(0.0, 3.0, "Ann"), (5.0, 7.0, "Ben")]


def test_ctm_names_nobody(tmp_path):
    side = only(write(tmp_path / "x.ctm", "one 1 0.0 0.5 so\none 1 0.5 0.5 we\n"))
    assert side.words.timed.all()
    assert not side.labelled
    assert side.turns is None


def test_seglst_of_single_words_has_word_times_and_sessions(tmp_path):
    tree = [
        {"session_id": s, "speaker": "A", "words": "so", "start_time": 0, "end_time": 1}
        for s in ("one", "two")
    ]
    sides = read_side(write(tmp_path / "x.json", tree))
    assert list(sides) == ["one", "two"]
    assert all(side.words.timed.all() and len(side.words) == 1 for side in sides.values())


def test_a_session_that_is_called_as_channels_are_is_a_recording(tmp_path):
    tree = [
        {"session_id": s, "speaker": "A", "words": "so", "start_time": 0, "end_time": 1}
        for s in ("channel 5", "channel 6")
    ]
    assert list(read_side(write(tmp_path / "x.json", tree))) == ["channel 5", "channel 6"]


def test_channels_are_one_recording_named_by_their_file(tmp_path):
    channels = [
        {"alternatives": [{"words": words(speaker, first=first)}]}
        for first, speaker in enumerate((0, 1))
    ]
    path = write(tmp_path / "call.json", {"results": {"channels": channels}})
    assert list(read_side(path)) == ["call"]


def test_seglst_of_several_words_has_turns_by_entry(tmp_path):
    tree = [
        {"session_id": "one", "speaker": "A", "words": "so we", "start_time": 0, "end_time": 2},
        {"session_id": "one", "speaker": "B", "words": "yes", "start_time": "1.5", "end_time": 3},
    ]
    side = only(write(tmp_path / "x.json", tree))
    assert rows(side.turns) == [(0.0, 2.0, "A"), (1.5, 3.0, "B")]
    assert side.words.timed.tolist() == [False, False, True]


@pytest.mark.parametrize("start", [None, float("nan"), float("inf"), -1, 9])
def test_seglst_times_that_are_none_make_no_turn(tmp_path, start):
    tree = [
        {"session_id": "one", "speaker": "A", "words": "so we", "start_time": start, "end_time": 2},
        {"session_id": "one", "speaker": "", "words": "yes no"},
    ]
    side = only(write(tmp_path / "x.json", tree))
    assert side.turns is None
    assert side.words.labels == ["A", "A", None, None]


def test_seglst_times_that_are_no_numbers_are_refused(tmp_path):
    tree = [
        {"session_id": "one", "speaker": "A", "words": "so we", "start_time": "x", "end_time": 2}
    ]
    with pytest.raises(InputError, match=r"\[0\]\.start(_time)?: 'x' is not a time"):
        read_side(write(tmp_path / "x.json", tree))


def test_seglst_without_session_is_the_recording_of_its_file(tmp_path):
    tree = [{"speaker": "A", "words": "so we", "start_time": 0, "end_time": 2}]
    assert list(read_side(write(tmp_path / "call.seg.json", tree))) == ["call"]


def test_pyannote_json_holds_turns(tmp_path):
    tree = {"diarization": [{"start": 0.0, "end": 1.0, "speaker": "S0"}]}
    side = only(write(tmp_path / "call.json", tree))
    assert (side.name, side.words, rows(side.turns)) == ("call", None, [(0.0, 1.0, "S0")])


def test_rev_nlp_without_times_has_words_and_labels(tmp_path):
    text = "token|speaker|ts|endTs|punctuation\nso|1|||,\nwe|2|||.\n"
    side = only(write(tmp_path / "call.nlp", text))
    assert side.words.text == ("so,", "we.")
    assert side.labelled
    assert side.turns is None


def test_a_uem_is_no_side(tmp_path):
    with pytest.raises(InputError, match="give it as --uem"):
        read_side(write(tmp_path / "x.uem", "one 1 0 10\n"))


@pytest.mark.parametrize(
    "content",
    [
        '{"words": [',
        "SPEAKER one 1\n",
        "[1, 2]",
        '{"a": 1}',
        "SPEAKER one 1 0 x <NA> <NA> A\n",
        " ",
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path, content):
    path = write(tmp_path / "bad.json", content)
    with pytest.raises(InputError, match=r"bad\.json"):
        read_side(path)


def test_an_rttm_may_open_with_any_record_type(tmp_path):
    head = ";; made by hand\nNOSCORE one 1 0 1 <NA> <NA> <NA> <NA>\n"
    assert list(read_side(write(tmp_path / "x.rttm", head + RTTM))) == ["one"]


# --- folders -------------------------------------------------------------------------------------


def test_one_bad_file_of_a_folder_does_not_stop_the_rest(tmp_path):
    write(tmp_path / "good.json", {"words": words("A")})
    bad = write(tmp_path / "worse.json", "{")
    again = write(tmp_path / "good.second.json", {"words": words("A")})
    found, failed = read_sides(str(tmp_path))
    assert list(found) == ["good"]
    assert set(failed) == {bad, again}
    assert "stands in" in failed[again].message


def test_a_folder_of_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="in this folder"):
        read_sides(str(tmp_path))


# --- pairs ---------------------------------------------------------------------------------------


def sides(*names, files=None):
    turns = turns_from_rows([(0, 1, "A")])
    of = files or [""] * len(names)
    return {n: Side(n, None, turns, file=f) for n, f in zip(names, of, strict=True)}


def test_one_recording_on_each_side_is_a_pair_whatever_the_names():
    pairing = matched(sides("a"), sides("b"))
    assert [(name, ref.name, hyp.name) for name, ref, hyp in pairing.pairs] == [("b", "a", "b")]
    assert len(pairing.notes) == 1
    assert matched(sides("a"), sides("a")).notes == ()


def test_several_are_paired_by_name_in_the_order_of_the_reference():
    pairing = matched(sides("b", "a"), sides("a", "b", "c"))
    assert [name for name, _, _ in pairing.pairs] == ["b", "a"]
    assert ([s.name for s in pairing.only_ref], [s.name for s in pairing.only_hyp]) == ([], ["c"])


def test_a_name_on_one_side_only_is_told():
    pairing = matched(sides("a", "b"), sides("b", "z"))
    assert [s.name for s in pairing.only_ref] == ["a"]
    assert [s.name for s in pairing.only_hyp] == ["z"]


def test_files_of_one_name_are_a_pair_where_the_names_inside_differ():
    pairing = matched(sides("file_1", "x", files=["call", "x"]), sides("call", "x"))
    assert [(name, ref.name) for name, ref, _ in pairing.pairs] == [("call", "file_1"), ("x", "x")]
    assert len(pairing.notes) == 1
    assert not pairing.only_ref
    assert not pairing.only_hyp
