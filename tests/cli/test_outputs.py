"""Outputs for people and annotation tools, from outside."""

import json
from pathlib import Path

import pytest

from diarfix.formats.detect import TARGETS
from tests.fuzz.reread import read_ass, read_eaf, read_html, read_markdown, read_textgrid

TALK = [
    {"word": "Well, <b>", "start": 0.5, "end": 1.0, "speaker": "Ann"},
    {"word": "*this*", "start": 1.0, "end": 1.8, "speaker": "Ann"},
    {"word": "{\\an8}No", "start": 2.5, "end": 2.9, "speaker": "Lee, Bo\x00"},
    {"word": "1974", "speaker": "Lee, Bo\x00"},
]
READERS = {
    "ass": read_ass,
    "md": read_markdown,
    "html": read_html,
    "textgrid": read_textgrid,
    "elan": read_eaf,
}


@pytest.fixture(autouse=True)
def _talk(cli):
    Path("talk.json").write_text(json.dumps(TALK), encoding="utf-8")


@pytest.mark.parametrize("to", READERS)
def test_what_is_printed_is_read_back(cli, to):
    text = cli("convert", "talk.json", "--to", to).text
    READERS[to](text)
    assert all(part in text for part in ("Well, ", "this", "No", "1974", "Lee", "Bo\ufffd"))


@pytest.mark.parametrize("to", READERS)
def test_a_suffix_says_what_smooth_writes(cli, to):
    suffix = TARGETS[to].suffix
    names = [f"a{suffix}", f"b{suffix.upper()}"]
    ran = cli("smooth", "talk.json", "-o", names[0], "-o", names[1])
    assert ran.code == 0
    texts = [Path(name).read_text(encoding="utf-8") for name in names]
    READERS[to](texts[0])
    assert texts[0] == texts[1]
    ran = cli("convert", "talk.json", "--to", to, "--output-dir", "out")
    assert Path("out", f"talk{suffix}").read_text(encoding="utf-8") == texts[0]


def test_names_in_every_cue(cli):
    words = [{"word": "word", "start": n, "end": n + 0.9, "speaker": "Ann"} for n in range(20)]
    Path("long.json").write_text(json.dumps(words), encoding="utf-8")
    for to in ("srt", "ass"):
        once, always = (
            cli("convert", "long.json", "--to", to, *more).text.count("Ann: ")
            for more in ((), ("--every-cue",))
        )
        assert (once, always) == (1, 3)
    assert cli("convert", "long.json", "--to", "vtt", "--every-cue").text.count("<v Ann>") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "txt", "--every-cue"), "--every-cue goes with --to srt, vtt, ass"),
        (("--to", "srt", "--every-cue", "--no-names"),
         "--every-cue and --no-names exclude each other"),
        (("--to", "elan", "--times"), "--times goes with --to txt, md, html"),
    ],
)  # fmt: skip
def test_choices_that_change_nothing_are_refused(cli, arguments, message):
    ran = cli("convert", "talk.json", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.splitlines()[0] == f"error: {message}"


def test_standard_input_has_a_title(cli):
    text = cli("convert", "-", "--to", "html", stdin=Path("talk.json").read_bytes()).text
    assert read_html(text).title == "transcript"
    assert cli("convert", "talk.json", "--to", "md").text.startswith("# talk\n")


def test_without_times_there_is_prose(cli):
    Path("bare.json").write_text('[{"word": "so", "speaker": "A"}]', encoding="utf-8")
    ran = cli("convert", "bare.json", "--to", "textgrid")
    assert ran.code == 2
    assert "--to md" in ran.err
    assert cli("convert", "bare.json", "--to", "md").text == "# bare\n\n**A:** so\n"
