"""``diarfix convert`` from outside."""

import json
from pathlib import Path

import pytest

from diarfix.formats.detect import TARGETS

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
            refused = target.alone and path.name in {"seglst.json", "google_batch.json"}
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
        (("a.json", "--times"), "--times goes with --to txt, md, html"),
        (
            ("a.json", "-o", "x", "--output-dir", "y"),
            "--output and --output-dir exclude each other",
        ),
        (("sessions.json",), "sessions.json: 2 recordings in one file, srt holds one"),
        (("timeless.json",), "timeless.json: no word has a time, srt needs them"),
        (("none.json",), "none.json: no such file or directory"),
        (("a.json", "-o", "./a.json"), "-o ./a.json would be written over FILE a.json"),
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


def aws_channels(*, labelled):
    """An AWS file of two channels whose items interleave in time, one label per channel or none."""
    said = [("ch_0", "how", 3.0), ("ch_1", "mhm", 3.1), ("ch_0", "are", 3.2), ("ch_0", "?", None)]
    items = [
        {"type": "punctuation", "alternatives": [{"content": text}], "channel_label": name}
        if start is None
        else {
            "type": "pronunciation", "alternatives": [{"content": text}], "channel_label": name,
            "start_time": str(start), "end_time": str(start + 0.1),
        } | ({"speaker_label": "spk_0"} if labelled else {})
        for name, text, start in said
    ]  # fmt: skip
    return {"results": {"transcripts": [{"transcript": "how are? mhm"}], "items": items}}


@pytest.mark.parametrize("labelled", [False, True])
def test_channels_are_told_apart_in_all_that_is_written(cli, labelled):
    Path("talk.json").write_text(json.dumps(aws_channels(labelled=labelled)), encoding="utf-8")
    names = ["ch_0_spk_0", "ch_1_spk_0"] if labelled else ["ch_0", "ch_1"]

    def written(to):
        ran = cli("convert", "talk.json", "--to", to)
        assert ran.code == 0, ran.err
        return ran.text

    assert written("txt") == f"{names[0]}: how are?\n\n{names[1]}: mhm\n"
    assert [line.split()[1:3] for line in written("stm").splitlines()] == [
        ["1", names[0]], ["2", names[1]]]  # fmt: skip
    assert [line.split()[1] for line in written("ctm").splitlines()] == ["1", "1", "2"]
    assert [e["speaker"] for e in json.loads(written("seglst"))] == names
    assert {w["speaker"] for w in json.loads(written("words"))} == set(names)
    rttm = [line.split() for line in written("rttm").splitlines()]
    assert {f[1] for f in rttm} == {"talk.ch_0", "talk.ch_1"}
    assert {f[7] for f in rttm} == ({"spk_0"} if labelled else set(names))
    for to in ("srt", "vtt"):
        assert all(name in written(to) for name in names)


def test_a_label_of_one_channel_alone_stays_as_it_is(cli):
    ran = cli("convert", str(DATA / "deepgram_multichannel.json"), "--to", "words")
    assert {w["speaker"] for w in json.loads(ran.out)} == {0, 1}


def test_lone_surrogates_are_written_as_what_each_format_can_hold(cli):
    words = [{"word": "half\ud800", "start": 0, "end": 0.5, "speaker": "A\udfff"}]
    Path("talk.json").write_text(json.dumps(words), encoding="utf-8")
    for to in TARGETS:
        text = cli("convert", "talk.json", "--to", to).out.decode("utf-8")
        assert "half\ufffd" in text or "half\\ud800" in text or to == "rttm"


def test_words_that_end_before_they_start_are_counted_and_told(cli):
    words = [{"word": "a", "start": 0.0, "end": 0.4, "speaker": "A"},
             {"word": "b", "start": 0.9, "end": 0.5, "speaker": "A"}]  # fmt: skip
    Path("talk.json").write_text(json.dumps(words), encoding="utf-8")
    note = "words that end before they start, read without a time: 1"
    for call in (("convert", "talk.json", "--to", "srt"), ("smooth", "talk.json")):
        assert note in cli(*call).err
    ran = cli("smooth", "talk.json", "--check", "--json")
    assert json.loads(ran.out)["files"][0]["words_ending_before_start"] == 1
    assert note in cli("inspect", "talk.json").text


@pytest.mark.parametrize(
    ("output", "to"),
    [("ep.vtt", "vtt"), ("EP.SRT", "srt"), ("ep.v2.txt", "txt"), ("ep.seglst.json", "seglst")],
)
def test_the_suffix_of_the_output_says_what_to_write(cli, output, to):
    save(tree=[word | {"start": i, "end": i + 1} for i, word in enumerate(FLAT)])
    assert cli("convert", "talk.json", "-o", output).code == 0
    text = cli("convert", "talk.json", "--to", to).text
    assert Path(output).read_text(encoding="utf-8") == text
    assert cli("convert", "talk.json", "-o", output, "--to", "rttm").code == 0
    assert Path(output).read_text(encoding="utf-8").startswith("SPEAKER ")


@pytest.mark.parametrize("arguments", [(), ("-o", "ep.doc"), ("-o", "ep.json"), ("-o", "-"),
                                       ("--output-dir", "out")])  # fmt: skip
def test_where_nothing_says_what_to_write_the_option_is_named(cli, tmp_path, arguments):
    save()
    ran = cli("convert", "talk.json", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert "give --to" in ran.err.splitlines()[0]
    assert "srt" in ran.err.splitlines()[1]
    assert [p.name for p in tmp_path.iterdir() if p.name != "diarfix-cache"] == ["talk.json"]


def test_turns_without_text_become_rttm_and_nothing_empty(cli):
    turns = [{"speaker": who, "start": n, "end": n + 1, "text": ""} for n, who in enumerate("AB")]
    save("turns.json", turns)
    for to in TARGETS:
        ran = cli("convert", "turns.json", "--to", to)
        assert ran.code == (0 if to == "rttm" else 2), to
        assert to == "rttm" or "2 turns without text" in ran.err
