"""``diarfix smooth`` from outside: options, streams, exit codes, messages."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from diarfix.config import DEFAULT_METHOD, knob_specs
from diarfix.formats.detect import TARGETS
from diarfix.formats.text.rttm import read_rttm

BAD_JSON = "bad.json: line 1, column 2: bad JSON: Expecting property name enclosed in double quotes"
AN_RTTM = "this is an RTTM file (turns, no words)"
GOLDEN_DIFF = """\
--- talk.json
+++ talk.json (repaired)
@@ 0:01.5  island: 2 words B → A
-   0:00.0  A  so what brings you
-   0:01.5  B  [here today]
-   0:02.4  A  is it work?
+   0:00.0  A  so what brings you [here today] is it work?
"""
RTTM = (
    "SPEAKER talk 1 0.0 1.5 <NA> <NA> A <NA> <NA>\nSPEAKER talk 1 1.5 9.0 <NA> <NA> B <NA> <NA>\n"
)


def talk(labels="AAAABBAAA", texts="so what brings you here today is it work?"):
    """A WhisperX tree of one segment; each word lasts 0.35 s, 0.05 s between."""
    words = [
        {"word": text, "start": round(i * 0.4 - 0.1 * (i == 4), 3), "end": round(i * 0.4 + 0.35, 3)}
        | ({"speaker": label} if label != "-" else {})
        for i, (text, label) in enumerate(zip(texts.split(), labels, strict=False))
    ]
    text = " ".join(w["word"] for w in words)
    segment = {"start": 0.0, "end": words[-1]["end"], "text": text, "words": words}
    segment |= {"speaker": "A"} if set(labels) != {"-"} else {}
    return {"segments": [segment], "word_segments": words}


def save(path, tree=None):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(talk() if tree is None else tree), encoding="utf-8")
    return path.read_bytes()


def labels_of(data):
    tree = json.loads(data)
    inner = [w.get("speaker") for s in tree["segments"] for w in s["words"]]
    assert [w.get("speaker") for w in tree["word_segments"]] == inner
    return inner


ALL_A = ["A"] * 9


# --- where results go ---------------------------------------------------------------------------


def test_one_file_goes_to_stdout_and_one_line_to_stderr(cli):
    before = save("talk.json")
    ran = cli("smooth", "talk.json")
    assert (ran.code, labels_of(ran.out)) == (0, ALL_A)
    assert ran.err == "talk.json (whisperx): 2 words of 9 moved, 1 island collapsed\n"
    assert Path("talk.json").read_bytes() == before


def test_standard_input_to_standard_output(cli):
    data = json.dumps(talk()).encode()
    ran = cli("smooth", "-", stdin=data)
    assert labels_of(ran.out) == ALL_A
    assert ran.err.startswith("<stdin> (whisperx): 2 words of 9 moved")
    assert cli("smooth", "-", "-o", "-", "-q", stdin=data).out == ran.out


def test_an_unchanged_file_comes_out_byte_for_byte(cli):
    data = b"\xef\xbb\xbf" + json.dumps(talk("AAAAAABBB"), indent=3).encode() + b"\r\n"
    assert cli("smooth", "-", stdin=data).out == data


def test_output_file_is_replaced_and_says_so(cli):
    save("talk.json")
    Path("out.json").write_text("old", encoding="utf-8")
    ran = cli("smooth", "talk.json", "-o", "out.json")
    assert (ran.out, labels_of(Path("out.json").read_bytes())) == (b"", ALL_A)
    assert ran.err.endswith("1 island collapsed -> out.json\n")


def test_output_dir_is_made_and_names_are_kept(cli):
    save("a.json")
    save("b.json")
    ran = cli("smooth", "a.json", "b.json", "--output-dir", "new/dir")
    assert ran.code == 0
    assert sorted(p.name for p in Path("new/dir").iterdir()) == ["a.json", "b.json"]
    assert ran.err.splitlines()[-1] == "2 files: 4 words of 18 moved, 2 islands collapsed"


def test_in_place_with_backup_leaves_unchanged_files_untouched(cli):
    before = save("a.json")
    save("b.json", talk("AAAAAABBB"))
    os.utime("b.json", ns=(10**18, 10**18))
    Path("a.json").chmod(0o640)
    assert cli("smooth", "a.json", "b.json", "-i", "--backup", ".bak").code == 0
    assert labels_of(Path("a.json").read_bytes()) == ALL_A
    assert Path("a.json.bak").read_bytes() == before
    assert stat.S_IMODE(Path("a.json").stat().st_mode) == 0o640
    assert not Path("b.json.bak").exists()
    assert Path("b.json").stat().st_mtime_ns == 10**18
    after = Path("a.json").read_bytes()
    assert cli("smooth", "a.json", "-i", "--backup", ".bak").code == 0
    assert (Path("a.json").read_bytes(), Path("a.json.bak").read_bytes()) == (after, before)


def test_in_place_through_a_link_keeps_the_link(cli):
    save("real.json")
    Path("link.json").symlink_to("real.json")
    assert cli("smooth", "link.json", "-i").code == 0
    assert Path("link.json").is_symlink()
    assert labels_of(Path("real.json").read_bytes()) == ALL_A


def test_folders_and_patterns_are_searched_and_a_file_counts_once(cli):
    for name in ("d/a.json", "d/deep/b.json", "d/c.txt"):
        save(name)
    ran = cli("smooth", "d", "d/*.json", "d/**/b.json", "--check", "--json")
    paths = [f["path"] for f in json.loads(ran.out)["files"]]
    assert paths == ["d/a.json", "d/deep/b.json"]


def test_one_bad_file_among_many_never_stops_the_rest(cli):
    save("a.json")
    Path("bad.json").write_text("{", encoding="utf-8")
    save("c.json")
    ran = cli("smooth", "a.json", "bad.json", "missing.json", "c.json", "-i")
    assert ran.code == 2
    assert [line for line in ran.err.splitlines() if line.startswith("error:")] == [
        f"error: {BAD_JSON}",
        "error: missing.json: no such file or directory",
    ]
    assert ran.err.splitlines()[-1].endswith("2 files failed")
    assert labels_of(Path("c.json").read_bytes()) == ALL_A
    assert Path("bad.json").read_text(encoding="utf-8") == "{"


def test_the_number_of_processes_changes_no_byte(process, tmp_path):
    for name in "abcde":
        save(tmp_path / f"{name}.json", talk("AAAABBAAA" if name < "d" else "AAABBBAAA"))
    (tmp_path / "bad.json").write_text("[", encoding="utf-8")
    runs = []
    for jobs in (1, 2):
        ran = process("smooth", ".", "--output-dir", f"../out{jobs}", "-j", jobs,
                      "--changes", f"../c{jobs}", "--rttm", f"../r{jobs}")  # fmt: skip
        out = tmp_path.parent / f"out{jobs}"
        written = {p.name: p.read_bytes() for p in sorted(out.iterdir())}
        side = [(tmp_path.parent / f"{k}{jobs}").read_bytes() for k in "cr"]
        runs.append((ran.code, ran.err.replace(f"out{jobs}", "out"), written, side))
    assert runs[0] == runs[1]
    assert runs[0][0] == 2
    assert len(runs[0][2]) == 5


# --- what is shown ------------------------------------------------------------------------------


def test_diff_by_turns_with_times(cli):
    save("talk.json")
    ran = cli("smooth", "talk.json", "--diff", "--method", "rules")
    assert (ran.code, ran.text) == (0, GOLDEN_DIFF)
    assert json.loads(Path("talk.json").read_text(encoding="utf-8")) == talk()


def test_diff_writes_only_with_an_output_option_and_is_empty_for_no_change(cli):
    save("talk.json")
    ran = cli("smooth", "talk.json", "--diff", "--method", "rules", "-o", "out.json")
    assert ran.text == GOLDEN_DIFF
    assert labels_of(Path("out.json").read_bytes()) == ALL_A
    assert cli("smooth", "out.json", "--diff").out == b""


def test_diff_survives_half_a_surrogate_pair(process, tmp_path):
    texts = "so what brings you here today is it \\ud83d"
    text = json.dumps(talk(texts="so what brings you here today is it X")).replace("X", "\\ud83d")
    assert "\\ud83d" in texts
    (tmp_path / "talk.json").write_text(text, encoding="utf-8")
    for env in ({}, {"PYTHONIOENCODING": "ascii"}):
        ran = process("smooth", "talk.json", "--diff", "--changes", "c.jsonl", env=env)
        assert (ran.code, b"repaired" in ran.out) == (0, True)
        assert "Traceback" not in ran.err
    json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()[0])


def test_check_answers_by_exit_code_and_writes_nothing(cli):
    before = save("talk.json")
    ran = cli("smooth", "talk.json", "--check")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err == "talk.json (whisperx): 2 words of 9 would move, 1 island collapsed\n"
    assert Path("talk.json").read_bytes() == before
    assert cli("smooth", "talk.json", "--check", "--no-smoothing-enabled").code == 0
    save("ok.json", talk("AAAAAABBB"))
    assert cli("smooth", "ok.json", "--check").code == 0
    assert cli("smooth", "ok.json", "--check", "--segments", "split").code == 1
    Path("bad.json").write_text("{", encoding="utf-8")
    assert cli("smooth", "talk.json", "bad.json", "--check").code == 2


def test_changes_list_every_moved_word_and_why(cli):
    save("talk.json")
    cli("smooth", "talk.json", "--method", "rules", "--changes", "c.jsonl", "-o", "out.json")
    lines = [json.loads(x) for x in Path("c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {
        "file": "talk.json", "index": 4, "word": "here", "start": 1.5, "end": 1.95,
        "from": "B", "to": "A", "rule": "island",
        "evidence": {"island_words": 2, "island_s": 0.85, "flank_words": 3,
                     "gap_before_s": -0.05, "gap_after_s": 0.05},
    }  # fmt: skip
    assert [x["index"] for x in lines] == [4, 5]


def test_rttm_is_written_and_read_again_as_turns(cli):
    save("talk.json", talk("AAAABBBBB"))
    assert cli("smooth", "talk.json", "--rttm", "runs.rttm", "-o", "out.json").code == 0
    text = Path("runs.rttm").read_text(encoding="utf-8")
    assert text == (
        "SPEAKER talk 1 0.000 1.550 <NA> <NA> A <NA> <NA>\n"
        "SPEAKER talk 1 1.500 2.050 <NA> <NA> B <NA> <NA>\n"
    )
    bare = talk("---------")
    save("bare.json", bare)
    ran = cli("smooth", "bare.json", "--turns", "runs.rttm", "-o", "labelled.json")
    assert labels_of(Path("labelled.json").read_bytes()) == list("AAAABBBBB")
    assert "9 labelled from turns" in ran.err


def test_rttm_of_several_files_is_one_file(cli):
    save("a.json")
    save("b.x.json")
    assert cli("smooth", "a.json", "b.x.json", "--rttm", "all.rttm", "--output-dir", "o").code == 0
    found = read_rttm(Path("all.rttm").read_text(encoding="utf-8"), "all.rttm")
    assert list(found) == ["a", "b"]


def test_two_files_of_one_recording_are_refused_but_the_rest_is_done(cli):
    save("d/a.json")
    save("e/a.x.json")
    ran = cli("smooth", "d/a.json", "e/a.x.json", "--rttm", "all.rttm", "--output-dir", "o")
    assert ran.code == 2
    assert "a second recording 'a' for --rttm" in ran.err
    assert sorted(p.name for p in Path("o").iterdir()) == ["a.json", "a.x.json"]


def test_json_summary_has_the_stable_keys_and_nothing_else_is_on_stdout(cli):
    save("talk.json")
    Path("bad.json").write_text("{", encoding="utf-8")
    ran = cli("smooth", "talk.json", "bad.json", "--json", "--output-dir", "o")
    tree = json.loads(ran.out)
    assert (ran.code, tree["schema_version"], tree["command"]) == (2, 1, "smooth")
    assert tree["files"] == [{
        "path": "talk.json", "dialect": "whisperx", "words": 9, "changed": 2,
        "islands_collapsed": 1, "seams_moved": 0, "words_without_time": 0,
        "words_ending_before_start": 0,
        "words_without_speaker": 0, "words_assigned": 0, "words_tied": 0,
        "words_by_nearest_turn": 0, "words_keeping_label": 0, "file_changes": True,
        "output": str(Path("o/talk.json")),
    }]  # fmt: skip
    assert [e["path"] for e in tree["errors"]] == ["bad.json"]


def test_quiet_says_errors_only(cli):
    save("talk.json")
    assert cli("smooth", "talk.json", "-q").err == ""
    assert (
        cli("smooth", "missing.json", "-q").err
        == "error: missing.json: no such file or directory\n"
    )


def test_segments_modes(cli):
    save("talk.json", talk("AAAAAABBB"))
    split = json.loads(cli("smooth", "talk.json", "--segments", "split").out)["segments"]
    assert [(s["text"], s["speaker"]) for s in split] == [
        ("so what brings you here today", "A"),
        ("is it work?", "B"),
    ]
    save("cut.json", {"segments": split, "word_segments": talk("AAAAAABBB")["word_segments"]})
    rejoined = cli("smooth", "cut.json", "--segments", "merge", "--no-smoothing-enabled")
    assert len(json.loads(rejoined.out)["segments"]) == 2
    save("same.json", talk("AAAAAAAAA"))
    halves = talk("AAAAAAAAA")
    whole = halves["segments"][0]
    halves["segments"] = [
        whole | {"words": whole["words"][:4], "text": "so what brings you", "end": 1.55},
        whole | {"words": whole["words"][4:], "text": "here today is it work?", "start": 1.5},
    ]
    save("halves.json", halves)
    merged = json.loads(cli("smooth", "halves.json", "--segments", "merge").out)["segments"]
    assert [s["text"] for s in merged] == ["so what brings you here today is it work?"]


# --- settings -----------------------------------------------------------------------------------


def sources(ran):
    return {row["name"]: (row["value"], row["source"]) for row in json.loads(ran.out)["settings"]}


def test_settings_come_from_the_flag_the_environment_the_file_or_the_default(cli, monkeypatch):
    Path("pyproject.toml").write_text("[tool.diarfix]\nmax_island_words = 9\n", encoding="utf-8")
    name = "max_island_words"
    assert sources(cli("smooth", "--show-config", "--json"))[name] == (
        9, "pyproject.toml [tool.diarfix]",
    )  # fmt: skip
    Path("diarfix.toml").write_text("max-island-words = 8\nmethod = 'viterbi'\n", encoding="utf-8")
    found = sources(cli("smooth", "--show-config", "--json"))
    assert found[name] == (8, "diarfix.toml")
    assert found["method"] == ("viterbi", "diarfix.toml")
    Path("mine.toml").write_text("max_island_words = 7\n", encoding="utf-8")
    call = ("smooth", "--show-config", "--json", "--config", "mine.toml")
    assert sources(cli(*call))[name] == (7, "mine.toml")
    assert sources(cli(*call))["method"] == (DEFAULT_METHOD, "default")
    monkeypatch.setenv("ENGINE_BOUNDARY_MAX_ISLAND_WORDS", "6")
    assert sources(cli(*call))[name] == (6, "ENGINE_BOUNDARY_MAX_ISLAND_WORDS")
    monkeypatch.setenv("DIARFIX_MAX_ISLAND_WORDS", "5")
    assert sources(cli(*call))[name] == (5, "DIARFIX_MAX_ISLAND_WORDS")
    assert sources(cli(*call, "--max-island-words", "4"))[name] == (4, "--max-island-words")
    assert set(sources(cli(*call))) == {"method", *knob_specs()}


def test_show_config_as_a_table_tells_unit_and_range(cli):
    ran = cli("smooth", "--show-config")
    line = next(x for x in ran.text.splitlines() if x.startswith("max_island_duration"))
    assert line.split() == ["max_island_duration", "1.5", "s", ">", "0", "default"]


def test_a_knob_changes_the_result(cli):
    save("talk.json")
    assert (
        labels_of(cli("smooth", "talk.json", "--method", "rules", "--max-island-words", "1").out)[4]
        == "B"
    )


def test_recheck_knobs_are_ignored_with_a_note(cli, monkeypatch):
    save("talk.json")
    monkeypatch.setenv("ENGINE_BOUNDARY_ACOUSTIC_RECHECK_ENABLED", "true")
    ran = cli("smooth", "talk.json", "-o", "o.json")
    assert ran.code == 0
    assert ran.err.startswith("note: acoustic_recheck_enabled (ENGINE_BOUNDARY_ACOUSTIC")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_iland_words = 3", "unknown setting 'max_iland_words'; did you mean 'max_island"),
        ("max_island_words = 0", "max_island_words is 0, expected >= 1 words"),
        ("max_island_words = 2.5", "max_island_words is 2.5, expected a whole number"),
        ("smoothing_enabled = 'maybe'", "smoothing_enabled is 'maybe', expected true"),
        ("method = 'magic'", "unknown method 'magic', expected rules, viterbi or learned"),
        ("[rules]\nmax_island_words = 1", "'rules' is a table; settings are flat"),
        ("max_island_words = ", "cannot be read: "),
    ],
)  # fmt: skip
def test_a_bad_settings_file_is_refused_with_the_nearest_name(cli, text, message):
    save("talk.json")
    Path("diarfix.toml").write_text(text, encoding="utf-8")
    ran = cli("smooth", "talk.json", "-o", "out.json")
    assert ran.code == 2
    assert ran.err.startswith("error: diarfix.toml: " + message)
    assert not Path("out.json").exists()


def test_bad_values_of_flags_and_environment_are_refused(cli, monkeypatch):
    save("talk.json")
    ran = cli("smooth", "talk.json", "--min-silent-gap", "-1")
    assert ran.err == "error: --min-silent-gap: min_silent_gap is -1.0, expected >= 0 s\n"
    monkeypatch.setenv("DIARFIX_MIN_FLANK_WORDS", "x")
    ran = cli("smooth", "talk.json")
    assert (ran.code, ran.err) == (
        2, "error: DIARFIX_MIN_FLANK_WORDS: min_flank_words is 'x', expected a whole number\n",
    )  # fmt: skip
    monkeypatch.delenv("DIARFIX_MIN_FLANK_WORDS")
    monkeypatch.setenv("DIARFIX_UNHEARD_OF", "x")
    assert cli("smooth", "talk.json").code == 0


# --- what is refused ----------------------------------------------------------------------------


BAD = {
    "empty": (b"", "bad.json: empty file, expected JSON, RTTM or another known format"),
    "blank": (b" \n", "bad.json: empty file, expected JSON, RTTM or another known format"),
    "json": (b'{"segments": [}', "bad.json: line 1, column 15: bad JSON: Expecting value"),
    "utf8": (b'\n{"a": "\xff"}', "bad.json: line 2: byte 0xff is not UTF-8"),
    "utf16": ("[1]".encode("utf-16"), "bad.json: the file is UTF-16, expected UTF-8"),
    "shape": (b'{"a": 1}', "bad.json: no known word file: an object with keys 'a'"),
    "time": (
        b'[{"word": "a", "start": "soon", "end": 1, "speaker": "A"}]',
        "bad.json: [0].start: 'soon' is not a time: expected a number or a numeric string",
    ),
    "label": (
        b'[{"word": "a", "start": 0, "end": 1, "speaker": ["A"]}]',
        "bad.json: [0].speaker: expected a label, found a list",
    ),
    "twice": (b'{"a": 1, "a": 2}',
              "bad.json: key 'a' stands twice in one JSON object; one would be lost"),
    "deep": (b"[" * 10**5, "bad.json: JSON nested too deep to follow"),
    "rttm": (RTTM.encode(),
             f"bad.json: {AN_RTTM}, expected a file with words and labels"),
    "unlabelled": (
        b'[{"word": "a", "start": 0, "end": 1}]',
        "bad.json: no word has a speaker and no turns are known",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_error_line_exit_2_and_nothing_written(cli, kind):
    data, message = BAD[kind]
    Path("bad.json").write_bytes(data)
    for option in (("-o", "out.json"), ("-i",), ("--output-dir", "o")):
        ran = cli("smooth", "bad.json", *option)
        assert (ran.code, ran.out) == (2, b"")
        lines = ran.err.splitlines()
        assert lines[0] == "error: " + message
        assert all(line.startswith("hint: ") for line in lines[1:])
    assert Path("bad.json").read_bytes() == data
    assert not Path("out.json").exists()
    assert not list(Path("o").iterdir())


def test_a_traceback_is_shown_on_request_only(cli):
    Path("bad.json").write_bytes(b"{")
    assert "Traceback" not in cli("smooth", "bad.json", "-v").err
    ran = cli("smooth", "bad.json", "-vv")
    assert (ran.code, "Traceback" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SPEAKER talk 1 0.0\n", "t.rttm: line 1: RTTM line has 4 fields, expected at least 8: "),
        ("", "t.rttm: empty file"),
        (";; nothing\n", "t.rttm: no turn in it"),
        ('{"diarization": [{"start": 0, "end": 1}]}', "t.rttm: diarization[0].speaker: expected"),
        (RTTM.replace("talk", "x") + RTTM.replace("talk", "y"),
         "talk.json: no turns for recording 'talk'"),
        ("talk 1 0 5\n", "t.rttm: this is a UEM file (scoring regions), expected turns: RTTM"),
    ],
)  # fmt: skip
def test_bad_turns_are_refused(cli, text, message):
    save("talk.json")
    Path("t.rttm").write_text(text, encoding="utf-8")
    ran = cli("smooth", "talk.json", "--turns", "t.rttm", "-o", "out.json")
    assert (ran.code, ran.err.splitlines()[0][: 7 + len(message)]) == (2, "error: " + message)
    assert not Path("out.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("a.json", "b.json"), "2 files need --in-place, --output-dir, --check or --diff"),
        (("a.json", "b.json", "--rttm", "r"), "2 files need --in-place, --output-dir"),
        (("a.json", "b.json", "-o", "x"), "--output takes one result, 2 files given"),
        (("a.json", "-o", "x", "-i"), "--output and --in-place exclude each other"),
        (("a.json", "--backup", ".bak"), "--backup goes with --in-place"),
        (("a.json", "-i", "--backup", ""), "--backup needs a suffix such as .bak"),
        (("-", "-i"), "--in-place cannot write back to standard input"),
        (("a.json", "--json"), "--json needs -o, --output-dir, -i or --check"),
        (("a.json", "--json", "--diff"), "--json and --diff both want stdout"),
        (("a.json", "--check", "-o", "x"), "--check writes nothing: leave the output option out"),
        (("a.json", "--rttm", "-"), "only one result can go to stdout"),
        (("-", "--turns", "-"), "standard input can be FILE or --turns, not both"),
        (("a.json", "--format", "whisperz"), "unknown format 'whisperz'"),
        (("a.json", "--format", "deepgram"), "a.json: not a deepgram file, expected Deepgram"),
        (("d1/a.json", "d2/a.json", "--output-dir", "o"), "d1/a.json and d2/a.json would both"),
        (("no/*.json",), "no/*.json: no file matches"),
        (("empty",), "empty: no *.json or *.nlp in this folder"),
        (("x" * 300 + ".json",), "x" * 300 + ".json: file name too long"),
        (("a.json", "-o", "no/such/out.json"), "no/such/out.json: cannot be written: no such"),
        (("a.json", "--output-dir", "b.json/o"), "b.json/o: cannot be made a folder: "),
        (("a.json", "--turns", "none.rttm"), "none.rttm: no such file or directory"),
        (("a.json", "--config", "none.toml"), "none.toml: cannot be read: no such file"),
        ((), "no FILE given"),
    ],
)
def test_calls_that_cannot_be_meant_are_refused(cli, options, message):
    for name in ("a.json", "b.json", "d1/a.json", "d2/a.json"):
        save(name)
    Path("empty").mkdir()
    ran = cli("smooth", *options)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith("error: " + message)
    assert json.loads(Path("a.json").read_text(encoding="utf-8")) == talk()
    assert not Path("x").exists()


@pytest.mark.parametrize("options", [("--method", "magic"), ("--segments", "x"), ("--nonsense",)])
def test_unknown_options_and_choices_are_exit_2(cli, options):
    save("a.json")
    assert cli("smooth", "a.json", *options).code == 2


# --- words without time, label or company -------------------------------------------------------


def test_words_without_time_or_label_are_counted_and_kept(cli):
    tree = talk("AAAA-BAAA")
    del tree["segments"][0]["words"][8]["start"]
    save("talk.json", tree)
    ran = cli("smooth", "talk.json", "--json", "--check")
    summary = json.loads(ran.out)["files"][0]
    assert (summary["words_without_time"], summary["words_without_speaker"]) == (1, 1)


def test_no_label_and_no_turns_asks_for_turns(cli):
    save("talk.json", talk("---------"))
    ran = cli("smooth", "talk.json")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.splitlines()[1] == "hint: give --turns with the diarizer's RTTM"


@pytest.mark.parametrize(
    "text",
    ["[]", '{"words": []}', '{"segments": []}\n',
     '{"segments": [{"words": []}], "word_segments": []}', '{"raw_segments": []}',
     '{"results": {"items": []}}', '{"results": {"channels": []}}', "token|speaker|ts|endTs\n"],
)  # fmt: skip
def test_a_document_without_words_comes_out_as_it_went_in(cli, text):
    Path("t.rttm").write_text(RTTM, encoding="utf-8")
    for options in ((), ("--turns", "t.rttm"), ("--segments", "merge"), ("--method", "viterbi")):
        ran = cli("smooth", "-", *options, stdin=text.encode())
        assert (ran.code, ran.text) == (0, text)


@pytest.mark.parametrize(
    "text",
    ['{"results": {"transcripts": [{"transcript": "no words"}], "items": []}}',
     '{"results": {"channels": [{"alternatives": [{"transcript": "no words", "words": []}]}]}}',
     '{"text": "no words", "words": [], "utterances": [{"text": "no words", "speaker": "A"}]}'],
)  # fmt: skip
def test_text_without_words_is_refused_and_the_way_to_word_times_named(cli, text):
    Path("t.rttm").write_text(RTTM, encoding="utf-8")
    calls = [("smooth", "-"), ("smooth", "-", "--turns", "t.rttm")]
    calls += [("convert", "-", "--to", to) for to in TARGETS]
    for call in calls:
        ran = cli(*call, stdin=text.encode())
        assert (ran.code, ran.out) == (2, b""), call
        assert "text and no words" in ran.err
        assert re.search(r"^hint: .*(word|align)", ran.err, re.MULTILINE)


def test_turns_label_anew_and_one_recording_serves_one_file_whatever_its_name(cli):
    save("other.json")
    Path("t.rttm").write_text(RTTM, encoding="utf-8")
    ran = cli("smooth", "other.json", "--turns", "t.rttm")
    assert labels_of(ran.out) == list("AAAABBBBB")
    save("talk.json")
    ran = cli("smooth", "other.json", "talk.json", "--turns", "t.rttm", "--check")
    assert (ran.code, "no turns for recording 'other'" in ran.err) == (2, True)


def test_turns_may_come_from_standard_input(cli):
    save("talk.json")
    ran = cli("smooth", "talk.json", "--turns", "-", stdin=RTTM.encode())
    assert labels_of(ran.out) == list("AAAABBBBB")


def test_words_without_time_stay_without_label_where_turns_cannot_tell(cli):
    save("talk.json", [{"word": "a"}, {"word": "b"}])
    Path("t.rttm").write_text(RTTM, encoding="utf-8")
    before = Path("talk.json").read_bytes()
    ran = cli("smooth", "talk.json", "--turns", "t.rttm")
    assert (ran.code, ran.out) == (0, before)


# --- the surroundings fail ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["replace", "fsync"])
def test_a_failure_while_writing_leaves_the_input_and_no_trace(cli, monkeypatch, name):
    before = save("talk.json")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, fail)
    ran = cli("smooth", "talk.json", "-i")
    assert ran.code == 2
    assert ran.err == "error: talk.json: cannot be written: no space left on device\n"
    assert Path("talk.json").read_bytes() == before
    assert [p.name for p in Path().iterdir()] == ["talk.json"]


def test_an_interrupt_while_writing_leaves_the_input_and_exits_130(cli, monkeypatch):
    before = save("talk.json")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    ran = cli("smooth", "talk.json", "-i")
    assert (ran.code, ran.err) == (130, "interrupted\n")
    assert Path("talk.json").read_bytes() == before
    assert [p.name for p in Path().iterdir()] == ["talk.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("option", [(), ("--diff",), ("--json", "--check"), ("--show-config",)])
def test_a_full_disk_behind_stdout_is_an_error_not_a_bug(tmp_path, option):
    save(tmp_path / "talk.json")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "diarfix", "smooth", "talk.json", *option],
            stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1] == (
        "error: <stdout>: cannot be written: no space left on device"
    )
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("option", [(), ("--diff",)])
def test_a_reader_who_has_had_enough_gets_no_traceback(tmp_path, option):
    words = [w for _ in range(3000) for w in talk()["word_segments"]]
    tree = [dict(w, start=w["start"] + 4 * (i // 9), end=w["end"] + 4 * (i // 9))
            for i, w in enumerate(words)]  # fmt: skip
    save(tmp_path / "talk.json", tree)
    with subprocess.Popen(
        [sys.executable, "-m", "diarfix", "smooth", "talk.json", *option],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
    ) as running:  # fmt: skip
        running.stdout.read(10)
        running.stdout.close()
        err = running.stderr.read().decode()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    # Some systems take the whole write of a pipe whose reader left.
    assert running.returncode in {0, 141}


def test_a_broken_pipe_is_exit_141_and_silent(cli, monkeypatch):
    save("talk.json")

    def broken(_):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("diarfix.files.local.write_stdout", broken)
    ran = cli("smooth", "talk.json")
    assert (ran.code, ran.err) == (141, "")


def test_the_module_runs_as_a_program(process):
    ran = process("--version")
    assert (ran.code, ran.text.startswith("diarfix ")) == (0, True)
    assert process().code in {0, 2}


def turns_of(name, seam=1.5):
    line = "SPEAKER {} 1 {} {} <NA> <NA> {} <NA> <NA>\n"
    return line.format(name, 0.0, seam, "A") + line.format(name, seam, 9.0, "B")


def save_turns(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("inside", ["name", "waveform"])
def test_a_folder_of_turns_is_matched_by_recording(cli, inside):
    """By the name in the file; by the file's own where all give the same ("waveform")."""
    for name, seam in (("a", 1.5), ("b", 2.7)):
        save(f"talks/{name}.json")
        save_turns(f"turns/deep/{name}.rttm", turns_of(name if inside == "name" else inside, seam))
    ran = cli("smooth", "talks", "--turns", "turns", "--output-dir", "out", "--method", "rules")
    assert ran.code == 0, ran.err
    for name in "ab":
        one = cli("smooth", f"talks/{name}.json", "--turns", f"turns/deep/{name}.rttm",
                  "--method", "rules")  # fmt: skip
        assert Path(f"out/{name}.json").read_bytes() == one.out
    assert Path("out/a.json").read_bytes() != Path("out/b.json").read_bytes()


def test_words_and_turns_may_lie_in_one_folder(cli):
    """Files that are repaired are no turns; other JSON is passed over and told."""
    for name in "ab":
        save(f"talks/{name}.json")
        save_turns(f"talks/{name}.rttm", turns_of(name))
    Path("talks/pyannote.json").write_text(
        '{"diarization": [{"start": 0, "end": 9, "speaker": "A"}]}', encoding="utf-8"
    )
    ran = cli("smooth", "talks/a.json", "talks/b.json", "-i", "--turns", "talks")
    assert ran.code == 0, ran.err
    assert "passed over" not in ran.err
    ran = cli("smooth", "talks/a.json", "-i", "--turns", "talks")
    assert ran.code == 0
    assert "note: talks: JSON files without turns, passed over: 1\n" in ran.err


def test_one_file_of_turns_in_a_folder_is_that_file(cli):
    save("other.json")
    save_turns("turns/x.rttm", RTTM)
    ran = cli("smooth", "other.json", "--turns", "turns", "--method", "rules")
    assert (ran.code, labels_of(ran.out)) == (0, list("AAAABBBBB"))


def test_a_folder_in_which_nothing_matches_is_refused(cli):
    save("talk.json")
    Path("turns").mkdir()
    ran = cli("smooth", "talk.json", "--turns", "turns")
    assert (ran.code, ran.err) == (
        2, "error: turns: no *.rttm or *.json with turns in this folder\n",
    )  # fmt: skip
    save("turns/words.json")
    ran = cli("smooth", "talk.json", "--turns", "turns")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2, "error: turns: no turns in any file of this folder",
    )  # fmt: skip
    for name in ("a", "b"):
        save_turns(f"turns/{name}.rttm", turns_of(name))
    ran = cli("smooth", "talk.json", "--turns", "turns", "-o", "out.json")
    assert ran.code == 2
    assert ran.err.splitlines()[1:] == [
        "error: talk.json: no turns for recording 'talk'", "hint: the turns are of: a, b",
    ]  # fmt: skip
    assert not Path("out.json").exists()


def test_what_is_wrong_with_a_folder_of_turns_is_told_and_the_rest_runs(cli):
    """A bad file, and a recording that stands twice, are exit 2 at the end."""
    save("talk.json")
    save_turns("turns/talk.rttm", RTTM)
    save_turns("turns/more.rttm", turns_of("x") + turns_of("talk"))
    save_turns("turns/bad.rttm", "SPEAKER talk\n")
    ran = cli("smooth", "talk.json", "--turns", "turns", "-o", "out.json")
    assert ran.code == 2
    assert "error: turns/bad.rttm: line 1" in ran.err
    assert "error: turns/talk.rttm: recording 'talk' stands in turns/more.rttm too" in ran.err
    assert Path("out.json").exists()
    ran = cli("smooth", "talk.json", "--turns", "turns", "--rttm", "turns/more.rttm")
    assert (ran.code, "written over --turns turns/more.rttm" in ran.err) == (2, True)


def test_knobs_of_another_method_are_told_once(cli, monkeypatch):
    """On the command line alone: a settings file may hold those of every method."""
    save("talk.json")
    call = ("smooth", "talk.json", "--check", "--method")
    ran = cli(*call, "rules", "--change-cost", "3", "--pause-share", "0.1", "--min-flank-words=2")
    assert ran.code == 1
    assert [line for line in ran.err.splitlines() if line.startswith("note:")] == [
        "note: --change-cost, --pause-share: ignored, only --method viterbi goes by it"
    ]
    assert "ignored" not in cli(*call, "viterbi", "--change-cost", "3").err
    assert "only --method rules" in cli(*call, "viterbi", "--max-island-words", "3").err
    Path("diarfix.toml").write_text("change_cost = 3.0\n", encoding="utf-8")
    monkeypatch.setenv("DIARFIX_PAUSE_SHARE", "0.1")
    assert "ignored" not in cli(*call, "rules").err
