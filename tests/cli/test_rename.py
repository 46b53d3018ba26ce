"""``diarfix rename`` from outside."""

import json
from pathlib import Path

import pytest

SPEECHMATICS = "Speechmatics json-v2 (results[].alternatives[])"
DATA = Path(__file__).parents[1] / "formats" / "data"


def sample(name):
    Path(name).write_bytes((DATA / name).read_bytes())
    return name


def strings(tree):
    """Every value under every key, and every key of a table of voiceprints."""
    if isinstance(tree, dict):
        return [x for k, v in tree.items() for x in (k, *strings(v))]
    if isinstance(tree, list):
        return [x for v in tree for x in strings(v)]
    return [tree]


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("whisperx.json", "SPEAKER_00"), ("rawinfer.json", "SPEAKER_01"), ("aws.json", "spk_0"),
        ("assemblyai.json", "A"), ("pyannoteai.json", "SPEAKER_01"), ("speechmatics.json", "S1"),
        ("elevenlabs.json", "speaker_0"), ("nemo_words.json", "speaker_0"), ("seglst.json", "Ann"),
    ],
)  # fmt: skip
def test_every_copy_in_the_file_takes_the_name_and_nothing_else_does(cli, name, old):
    before = (DATA / name).read_text(encoding="utf-8")
    ran = cli("rename", sample(name), f"{old}=Zoë Q")
    assert ran.code == 0
    after = [("Zoë Q" if x == old else x) for x in strings(json.loads(before))]
    assert strings(json.loads(ran.text)) == after
    assert old not in strings(json.loads(ran.text))


@pytest.mark.parametrize("name", ["revai.json", "azure.json", "gladia.json", "deepgram.json"])
def test_numbers_become_names_or_other_numbers(cli, name):
    old = {"azure.json": "1"}.get(name, "0")
    ran = cli("rename", sample(name), f"{old}=Ann", "-o", "named.json")
    assert (ran.code, ran.out) == (0, b"")
    found = json.loads(cli("inspect", "named.json", "--json").out)["files"][0]["speakers"]
    assert {type(s["label"]) for s in found} == {str, int}
    ran = cli("rename", name, f"{old}=7", "-o", "named.json")
    found = json.loads(cli("inspect", "named.json", "--json").out)["files"][0]["speakers"]
    assert found[0]["label"] == 7


def test_deepgram_headings_take_the_name(cli):
    tree = json.loads(cli("rename", sample("deepgram.json"), "0=Ann").text)
    block = tree["results"]["channels"][0]["alternatives"][0]["paragraphs"]
    assert block["transcript"].startswith("\nSpeaker Ann: ")


def test_nlp_lines_take_the_name(cli):
    assert "Thanks|Ann|" in cli("rename", sample("talk.nlp"), "1=Ann").text
    ran = cli("rename", "talk.nlp", "1=A|B")
    assert (ran.code, ran.out) == (2, b"")


def test_all_names_change_at_once(cli):
    ran = cli("rename", sample("assemblyai.json"), "A=B", "B=A", "-o", "swapped.json")
    assert ran.code == 0
    assert "one speaker" not in ran.err
    found = json.loads(cli("inspect", "swapped.json", "--json").out)["files"][0]["speakers"]
    assert [(s["label"], s["words"]) for s in found] == [("B", 3), ("A", 2)]


def test_two_speakers_may_become_one_and_it_is_said(cli):
    ran = cli("rename", sample("assemblyai.json"), "B=A", "-q")
    assert ran.code == 0
    ran = cli("rename", "assemblyai.json", "B=A")
    assert "note: assemblyai.json: A and B are now one speaker" in ran.err
    assert {w["speaker"] for w in json.loads(ran.text)["words"]} == {"A"}


def test_again_changes_nothing(cli):
    sample("whisperx.json")
    cli("rename", "whisperx.json", "SPEAKER_00=Ann", "-i")
    once = Path("whisperx.json").read_bytes()
    ran = cli("rename", "whisperx.json", "SPEAKER_00=Ann", "-i")
    assert ran.code == 0
    assert Path("whisperx.json").read_bytes() == once
    assert cli("rename", "whisperx.json", "SPEAKER_00=Ann", "--check").code == 0
    assert cli("rename", "whisperx.json", "Ann=Eve", "--check").code == 1


def test_an_unknown_name_is_refused_with_the_nearest(cli):
    before = Path(sample("whisperx.json")).read_bytes()
    ran = cli("rename", "whisperx.json", "SPEAKER_0=Ann", "-i")
    assert ran.code == 2
    first, second = ran.err.splitlines()
    assert first == "error: whisperx.json: no speaker 'SPEAKER_0' in this file"
    assert second.startswith("hint: did you mean SPEAKER_0")
    assert Path("whisperx.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no FILE given"),
        (("A=B",), "no FILE given"),
        (("assemblyai.json",), "no name given"),
        (("assemblyai.json", "A="), "'A=': expected OLD=NEW"),
        (("assemblyai.json", "=B"), "'=B': expected OLD=NEW"),
        (("assemblyai.json", "A=X", "A=Y"), "two new names for A: X and Y"),
        (("speechmatics.json", "S1=UU"), f"'UU' means an unknown speaker in {SPEECHMATICS}"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_one_line(cli, arguments, message):
    for name in ("assemblyai.json", "diarized.json", "speechmatics.json"):
        sample(name)
    ran = cli("rename", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.splitlines()[0] == f"error: {message}"


def test_the_other_outputs(cli):
    sample("whisperx.json")
    ran = cli("rename", "whisperx.json", "SPEAKER_00=Ann", "--diff", "--rttm", "out.rttm",
              "--changes", "log.jsonl")  # fmt: skip
    assert ran.code == 0
    assert "rename: 5 words SPEAKER_00 → Ann" in ran.text
    assert " Ann " in Path("out.rttm").read_text(encoding="utf-8")
    rows = [json.loads(x) for x in Path("log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(row["from"], row["to"], row["rule"]) for row in rows} == {
        ("SPEAKER_00", "Ann", "rename")
    }
    assert ran.err.startswith("whisperx.json (whisperx): 5 words of 10 renamed")


def test_several_files_and_processes(cli, process, tmp_path):
    for n in range(3):
        (tmp_path / f"{n}.json").write_bytes((DATA / "assemblyai.json").read_bytes())
    ran = process("rename", "0.json", "1.json", "2.json", "A=Ann", "-i", "-j", "2")
    assert ran.code == 0
    assert len({(tmp_path / f"{n}.json").read_bytes() for n in range(3)}) == 1


def test_subtitles_stay_what_they_are_but_for_the_names(cli):
    times = ("00:00:00,000 --> 00:00:02,000", "00:00:02,000 --> 00:00:03,000")
    cues = f"1\n{times[0]}\nAnn:  so,\nand so\n\n2\n{times[1]}\nBo: on\n"
    Path("talk.srt").write_text(cues, encoding="utf-8")
    assert cli("rename", "talk.srt", "Ann=Zoë", "-o", "out.srt").code == 0
    assert Path("out.srt").read_text(encoding="utf-8") == cues.replace("Ann", "Zoë")
    assert cli("rename", "talk.srt", "Ann=Zoë", "-i").code == 0
    assert Path("talk.srt").read_text(encoding="utf-8") == cues.replace("Ann", "Zoë")
