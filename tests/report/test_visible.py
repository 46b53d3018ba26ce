"""What people are shown of text from files, and that all of it passes through one place."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.cli.console import json_text
from diarfix.report.visible import cell, one_line

#: Title, screen, colours; C1; DEL; bidi; nothing to see; a line of its own.
HOSTILE = "\x1b]0;t\x07\x1b[2J\x9b31m\x7f\u202e\u2066\u200b\u200f\ufeff\u2028\nerror: none"
BAD = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@given(st.text() | st.text("ab \x1b\x9b\u202e\u200b\u200d\n\ud800é"))
def test_nothing_that_acts_or_hides_is_left(text):
    shown = one_line(text)
    for char in shown:
        assert char.isprintable() or unicodedata.category(char) == "Zs" or char in "\u200c\u200d"
    assert one_line(shown) == shown
    if text.isascii() and text.isprintable():
        assert shown == text


@pytest.mark.parametrize("text", ["می‌خواهم", "👩‍💻", "où ?\u00a0Là\u3000黄", "שלום"])
def test_what_languages_need_stays(text):
    assert one_line(text) == text


def test_joiners_between_plain_letters_hide_and_are_shown():
    assert one_line("a\u200db\u200c") == "a\\u200db\\u200c"


@given(st.text() | st.text("a|`*[]<>&\\\n\r\x1b"))
def test_a_cell_of_markdown_stays_one_cell_and_is_no_markup(text):
    made = cell(text)
    assert "\n" not in made
    assert not re.search(r"[<>]", made)
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*\[\]]", re.sub(r"\\[\\|`*\[\]]", "", made))


@given(st.recursive(st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)))
def test_json_says_the_same_and_shows_nothing_that_acts(tree):
    text = json_text(tree)
    assert json.loads(text) == tree
    assert not BAD.search(text)
    text.encode()


@pytest.fixture
def hostile(tmp_path):
    """Words, names and a recording that try what a terminal does."""
    words = [
        {"word": f"w{i}{HOSTILE}", "start": i * 0.4, "end": i * 0.4 + 0.35,
         "speaker": label + HOSTILE}
        for i, label in enumerate("AAAABBAAAA" "BBBBBBBB")
    ]  # fmt: skip
    right = [w | {"speaker": "A" if i < 10 else "B"} for i, w in enumerate(words)]
    name = "n\x1b[31m\u202e|<b>.json"
    (tmp_path / name).write_text(json.dumps(words), encoding="utf-8")
    (tmp_path / "right.json").write_text(json.dumps(right), encoding="utf-8")
    entry = {"id": f"id|`<b>{HOSTILE}", "dataset": f"set|{HOSTILE}", "role": "tune",
             "words": name, "ref_words_json": "right.json"}  # fmt: skip
    other = entry | {"id": "b", "words": "right.json"}
    corpus = json.dumps({"version": "1", "files": [entry, other]})
    (tmp_path / "corpus.json").write_text(corpus)
    for folder in ("refs", "hyps"):
        (tmp_path / folder).mkdir()
        for n in (name, f"2{name}"):
            text = (tmp_path / ("right.json" if folder == "refs" else name)).read_text()
            (tmp_path / folder / n).write_text(text)
    return name


CALLS = [
    ("smooth", "NAME", "--diff"),
    ("smooth", "NAME", "--check", "--json"),
    ("smooth", "NAME", "--check", "--changes", "-"),
    ("smooth", "NAME", "-o", "new.json", "-v"),
    ("smooth", "NAME", "--format", "x\x1b[2J"),
    ("smooth", "none\x1b[2J\u202e.json"),
    ("rename", "NAME", "A=\x1b[2JB", "--diff"),
    ("inspect", "NAME"),
    ("inspect", "NAME", "--json"),
    ("score", "right.json", "NAME", "--summary", "s.md"),
    ("score", "right.json", "NAME", "--json"),
    ("score", "refs", "hyps", "-v", "--summary", "s.md"),
    ("convert", "NAME", "--to", "txt"),
    ("convert", "NAME", "--to", "vtt"),
    ("benchmark", "--corpus", "corpus.json", "--no-cache", "--bootstrap", "20", "--out", "out"),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda c: " ".join(c[:3:2]))
@pytest.mark.parametrize("terminal", [False, True])
def test_no_command_shows_a_control_character(cli, monkeypatch, hostile, tmp_path, call, terminal):
    if terminal:
        from tests.conftest import Streams

        made = Streams.__init__

        def on_a_terminal(self, stdin):
            made(self, stdin)
            self.stdout.isatty = lambda: True

        monkeypatch.setattr(Streams, "__init__", on_a_terminal)
        monkeypatch.setenv("TERM", "dumb")
    ran = cli(*(hostile if a == "NAME" else a for a in call))
    assert ran.code in {0, 1, 2}
    shown = ran.text
    if call[0] == "convert":
        # Marks of direction are of the text, which a file may hold; so are its lines.
        shown = shown if terminal else re.sub("[\u200b-\u206f\ufeff]", "", shown)
    else:
        assert "\nerror: none" not in shown
    assert not BAD.search(shown)
    assert not BAD.search(ran.err)
    for table in tmp_path.rglob("*.md"):
        text = table.read_text(encoding="utf-8")
        assert not BAD.search(text)
        assert "<b>" not in text
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 2
