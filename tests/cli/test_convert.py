"""``diarfix convert`` from outside."""

import json
from pathlib import Path

import pytest

from diarfix.formats.table import TARGETS

DATA = Path(__file__).parents[1] / "formats" / "data"
FLAT = [
    {"word": "Hello", "start": 0.5, "end": 1.0, "speaker": "Ann"},
    {"word": "there.", "start": 1.0, "end": 1.8, "speaker": "Ann"},
    {"word": "1974", "speaker": "Bo"},
    {"word": "Hi!", "start": 2.5, "end": 2.9, "speaker": "Bo"},
]


def save(name="talk.json", tree=FLAT):
    Path(name).write_text(json.dumps(tree), encoding="utf-8")


@pytest.mark.parametrize("to", TARGETS)
def test_one_file_goes_to_stdout(cli, to):
    save()
    ran = cli("convert", "talk.json", "--to", to)
    assert ran.code == 0
    assert "Hello" in ran.text or to == "rttm"
    assert cli("convert", "-", "--to", to, stdin=Path("talk.json").read_bytes()).code == 0
    assert list(Path().iterdir()) == [Path("talk.json")]


def test_every_sample_of_every_dialect_converts_to_everything_it_can_hold(cli):
    for path in sorted([*DATA.glob("*.json"), *DATA.glob("*.nlp")]):
        if path.name == "pyannote.json":
            continue
        for to, target in TARGETS.items():
            ran = cli("convert", str(path), "--to", to)
            refused = target.alone and path.name == "seglst.json"
            # Where nobody speaks RTTM holds nothing, and an empty file is no answer.
            refused |= to == "rttm" and "no word has a speaker" in ran.err
            assert ran.code == (2 if refused else 0), (path.name, to, ran.err)


def test_words_without_a_time_are_placed_and_told(cli):
    save()
    ran = cli("convert", "talk.json", "--to", "ctm")
    assert ran.err == "note: talk.json: words without a time, placed between their neighbours: 1\n"
    assert len(ran.text.splitlines()) == 4


def test_a_file_without_any_speaker_is_told_so(cli):
    save(tree=[{"word": "Hello", "start": 0.5, "end": 1.0}])
    ran = cli("convert", "talk.json", "--to", "srt")
    assert (ran.code, ran.err) == (0, "note: talk.json: no word has a speaker\n")


def test_several_files_go_to_a_folder_under_their_own_names(cli):
    save("a.json")
    save("b.rawinfer.json")
    ran = cli("convert", "a.json", "b.rawinfer.json", "--to", "seglst", "--output-dir", "out")
    assert ran.code == 0
    assert {p.name for p in Path("out").iterdir()} == {"a.seglst.json", "b.rawinfer.seglst.json"}
    assert "a.json (words) -> out/a.seglst.json" in ran.err


def test_a_bad_file_does_not_stop_the_rest(cli):
    Path("bad.json").write_text("{", encoding="utf-8")
    save("good.json")
    ran = cli("convert", "bad.json", "good.json", "--to", "txt", "--output-dir", "out", "--json")
    assert ran.code == 2
    assert ran.err.startswith("error: bad.json: line 1")
    tree = json.loads(ran.out)
    assert (tree["schema_version"], tree["command"], tree["to"]) == (1, "convert", "txt")
    assert [f["path"] for f in tree["files"]] == ["good.json"]
    assert [f["path"] for f in tree["errors"]] == ["bad.json"]
    assert Path("out/good.txt").read_text(encoding="utf-8") == "Ann: Hello there.\nBo: 1974 Hi!\n"


def test_choices_for_people(cli):
    save()
    text = cli("convert", "talk.json", "--to", "txt", "--times", "--no-names").text
    assert text == "[0:00] Hello there.\n[0:01] 1974 Hi!\n"


def test_turns_in_the_file_label_its_words(cli):
    ran = cli("convert", str(DATA / "rawinfer.json"), "--to", "txt")
    assert ran.text.startswith("SPEAKER_00: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no FILE given"),
        (("a.json", "b.json"), "2 files need --output-dir"),
        (("a.json", "b.json", "-o", "x"), "2 files need --output-dir"),
        (("a.json", "--json"), "--json needs -o FILE or --output-dir"),
        (("a.json", "--times"), "--times goes with --to txt"),
        (
            ("a.json", "-o", "x", "--output-dir", "y"),
            "--output and --output-dir exclude each other",
        ),
        (("sessions.json",), "sessions.json: 2 recordings in one file, srt holds one"),
        (("timeless.json",), "timeless.json: no word has a time, srt needs them"),
        (("none.json",), "none.json: no such file or directory"),
        (("a.json", "-o", "./a.json"), "a.json: would be overwritten by its own srt"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(cli, arguments, message):
    save("a.json")
    save("b.json")
    save("timeless.json", [{"word": "a", "speaker": "A"}])
    save("sessions.json", [
        {"session_id": s, "speaker": "A", "words": "a", "start_time": 0, "end_time": 1}
        for s in ("s1", "s2")
    ])  # fmt: skip
    ran = cli("convert", *arguments, "--to", "srt")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.splitlines()[0] == f"error: {message}"
    assert Path("a.json").read_bytes().startswith(b"[")


def test_an_unknown_target_is_a_usage_error(cli):
    save()
    assert cli("convert", "talk.json", "--to", "docx").code == 2
    assert cli("convert", "talk.json").code == 2


def test_a_document_without_words_makes_an_empty_file(cli):
    save(tree={"words": []})
    assert cli("convert", "talk.json", "--to", "vtt").text == "WEBVTT\n"
