"""``diarfix inspect`` from outside."""

import json
import re
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "formats" / "data"
SAMPLES = sorted(p for p in DATA.iterdir() if p.suffix in {".json", ".nlp"})


def facts(cli, *paths):
    ran = cli("inspect", *map(str, paths), "--json")
    assert ran.code == 0, ran.err
    tree = json.loads(ran.out)
    assert (tree["schema_version"], tree["command"]) == (1, "inspect")
    return tree["files"]


def flat(labels, **more):
    return [
        {"word": f"w{i}", "start": i * 0.5, "end": i * 0.5 + 0.4, "speaker": label} | more
        for i, label in enumerate(labels)
    ]


def test_it_counts_words_speakers_and_short_runs(cli):
    words = flat("AAABAAAABB")
    del words[9]["start"], words[8]["speaker"]
    Path("talk.json").write_text(json.dumps(words), encoding="utf-8")
    (found,) = facts(cli, "talk.json")
    assert found["dialect"] == "words"
    assert (found["words"], found["words_without_time"], found["words_without_speaker"]) == (
        10,
        1,
        1,
    )
    assert found["speakers"] == [
        {"label": "A", "words": 7, "seconds": 2.8, "runs": 2},
        {"label": "B", "words": 2, "seconds": 0.4, "runs": 2},
    ]
    assert (found["runs"], found["short_runs"], found["time_unit"]) == (4, 1, "s")
    assert found["commands"]["smooth"] == "yes; more with --turns"


def test_a_raw_inference_file_tells_turns_voiceprints_and_overlap(cli):
    (found,) = facts(cli, DATA / "rawinfer.json")
    assert found["turns"] == 2
    assert found["overlap_regions"] == 1
    assert set(found["centroids"]) == {"SPEAKER_00", "SPEAKER_01"}
    assert found["commands"]["smooth"] == "yes, by the turns in the file"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_every_sample_is_told_to_people_and_programs(cli, path):
    (found,) = facts(cli, path)
    shown = cli("inspect", str(path))
    assert shown.code == 0
    assert found["dialect"] in shown.text
    assert set(found["commands"]) <= {"smooth", "recheck", "score", "convert", "rename"}


def test_what_it_says_of_convert_is_what_convert_does(cli):
    for path in SAMPLES:
        (found,) = facts(cli, path)
        can = found["commands"].get("convert", "to ").removeprefix("to ").split(", ")
        for to in ("srt", "stm", "words"):
            assert (cli("convert", str(path), "--to", to).code == 0) == (to in can), (path, to)


def test_files_of_turns_are_known_too(cli):
    found = facts(cli, DATA / "wild.rttm", DATA / "pyannote.json", DATA / "segments.stm")
    assert [f["dialect"] for f in found] == ["rttm", "pyannote", "stm"]
    assert all(f["speakers"] for f in found)
    assert cli("inspect", str(DATA / "wild.rttm")).code == 0


def test_a_file_without_words_and_labels_in_brackets(cli):
    Path("empty.json").write_text('{"words": []}', encoding="utf-8")
    Path("odd.json").write_text(json.dumps(flat(["[red]"])), encoding="utf-8")
    ran = cli("inspect", "empty.json", "odd.json")
    assert ran.code == 0
    assert "[red]" in ran.text


def test_a_bad_file_does_not_stop_the_rest(cli):
    Path("bad.json").write_text("[1]", encoding="utf-8")
    ran = cli("inspect", "bad.json", str(DATA / "flat.json"), "--json")
    assert ran.code == 2
    tree = json.loads(ran.out)
    assert (len(tree["files"]), len(tree["errors"])) == (1, 1)
    assert ran.err.startswith("error: bad.json: ")
    assert cli("inspect").code == 2


def test_speakers_of_one_name_in_two_channels_are_two(cli):
    words = [
        {"word": "so", "start": n, "end": n + 0.5, "speaker": 0, "channel": n % 2} for n in range(5)
    ]
    Path("talk.json").write_text(json.dumps(words), encoding="utf-8")
    (found,) = facts(cli, "talk.json")
    assert [(s["label"], s["channel"], s["words"]) for s in found["speakers"]] == [
        (0, "channel 0", 3), (0, "channel 1", 2)]  # fmt: skip
    assert "speaker 0 (channel 1)" in cli("inspect", "talk.json").text


def test_a_file_of_turns_tells_how_it_was_read(cli):
    lines = [
        "JUNK x <NA>", "SPEAKER my talk.wav 1 -0.5 1 <NA> <NA> Ann Lee <NA> <NA>", "END <NA>",
        "SPEAKER my talk.wav 1 2 1 <NA> <NA> Bo <NA>", "SPEAKER my talk.wav 1 3 0 <NA> <NA> C",
    ]  # fmt: skip
    Path("t.rttm").write_text("\n".join(lines), encoding="utf-8")
    (found,) = facts(cli, "t.rttm")
    assert found["recordings"] == ["my talk.wav"]
    assert [s["label"] for s in found["speakers"] if s["turns"]] == ["Ann Lee", "Bo"]
    assert found["notes"] == [
        "lines that are no RTTM record, passed over: 1 of 'JUNK', 1 of 'END'",
        "turns that begin before zero: 1",
    ]
    Path("talk.json").write_text(json.dumps(flat("AB")), encoding="utf-8")
    assert "begin before zero: 1" in cli("smooth", "talk.json", "--turns", "t.rttm").err


def test_a_transcript_without_speakers_is_told(cli):
    Path("t.ctm").write_text(";; by hand\n\nrec 1 0 0.4 hello 0.9\nrec 1 1 0.4 42\n")
    (found,) = facts(cli, "t.ctm")
    assert (found["dialect"], found["notes"]) == ("ctm", ["2 lines of transcript"])
    assert found["commands"]["score"] == "no: it names no speaker"


def test_a_folder_is_searched_for_all_that_can_be_inspected(cli):
    Path("in/deep").mkdir(parents=True)
    Path("in/talk.json").write_text(json.dumps(flat("AB")), encoding="utf-8")
    for name in ("wild.rttm", "segments.stm"):
        Path("in/deep", name).write_bytes((DATA / name).read_bytes())
    assert {f["dialect"] for f in facts(cli, "in")} == {"words", "rttm", "stm"}
    Path("empty").mkdir()
    ran = cli("inspect", "empty")
    assert (ran.code, ran.err.startswith("error: empty: no *.srt or ")) == (2, True)


def test_words_that_turns_in_the_file_label_are_not_without_speaker(cli):
    tree = json.loads((DATA / "rawinfer.json").read_text(encoding="utf-8"))
    shown = cli("inspect", str(DATA / "rawinfer.json")).text
    assert re.search(r"^words +4, 4 labelled by the turns in the file *$", shown, re.MULTILINE)
    assert re.search(r"^speaker SPEAKER_01 .* 1 word, 1 run *$", shown, re.MULTILINE)
    tree["raw_segments"][0]["words"][0]["speaker"] = "SPEAKER_00"
    Path("part.rawinfer.json").write_text(json.dumps(tree), encoding="utf-8")
    assert "4, 3 labelled by the turns" in cli("inspect", "part.rawinfer.json").text
