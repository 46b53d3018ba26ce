"""Text by turns, and Markdown and HTML, read back by parsers that are not ours."""

import itertools

import pytest
from hypothesis import given, settings

from tests.formats.converted import recording, talk, write
from tests.formats.odd_talk import letters, order, spoken, talks, texts
from tests.fuzz.reread import read_html, read_markdown

READERS = {"md": read_markdown, "html": read_html}
both = pytest.mark.parametrize("to", READERS)


def test_text_is_one_line_per_turn_with_names_and_times_on_request():
    rows = talk("A2 B1")
    assert write("txt", rows) == "A: word0 word1\nB: word2\n"
    assert write("txt", rows, names=False, times=True) == "[0:00] word0 word1\n[0:00] word2\n"


def test_text_of_unspaced_scripts_gains_no_spaces():
    assert write("txt", [("你", 0, 1, "甲"), ("好。", 1, 2, "甲")]) == "甲: 你好。\n"


def test_words_without_any_time_still_make_text():
    assert write("txt", [("so", None, None, "A")], times=True) == "[-:--] A: so\n"


def test_recordings_in_text_are_parted_by_an_empty_line():
    two = [recording(talk("A1")), recording(talk("B1"), name="other")]
    assert write("txt", two) == "A: word0\n\nB: word0\n"


def test_markdown_as_written():
    rows = talk("A2 B1")
    assert write("md", rows) == "# talk\n\n**A:** word0 word1\n\n**B:** word2\n"
    assert write("md", rows, times=True).splitlines()[2] == "**A** (0:00): word0 word1"
    assert write("md", rows, times=True, names=False).splitlines()[2] == "(0:00) word0 word1"
    assert write("md", rows, names=False).splitlines()[2:] == ["word0 word1", "", "word2"]


def test_html_as_written():
    text = write("html", talk("A2 B1"), times=True)
    assert text.splitlines()[-5:] == [
        '<h1 dir="auto">talk</h1>',
        '<p dir="auto"><b><bdi>A</bdi></b> (0:00): word0 word1</p>',
        '<p dir="auto"><b><bdi>B</bdi></b> (0:00): word2</p>',
        "</body>",
        "</html>",
    ]
    assert "script" not in text
    assert "charset=utf-8" in text


@both
@settings(max_examples=200)
@given(rows=talks(straight=True), name=texts)
def test_the_same_words_of_the_same_speakers_and_nothing_is_markup(to, rows, name):
    found = READERS[to](write(to, [recording(rows, name=name)]))
    assert letters(found.title) == letters(*found.headings) == (letters(name) or "_")
    assert letters(*(text for _, text in found.paragraphs)) == letters(*(row[0] for row in rows))
    assert order(found.speakers()) == order([v for *_, v in spoken(rows)])


@both
@settings(max_examples=100)
@given(rows=talks())
def test_names_and_times_change_nothing_else(to, rows):
    spelled = {
        (names, times): READERS[to](write(to, rows, names=names, times=times)).paragraphs
        for names in (False, True)
        for times in (False, True)
    }
    bare = [letters(text) for _, text in spelled[False, False]]
    assert [letters(text) for _, text in spelled[True, False]] == bare
    for names in (False, True):
        timed = [letters(text) for _, text in spelled[names, True]]
        whose = [name for name, _ in spelled[names, True]]
        parts = [
            text.split("):" if who else ")", 1) for text, who in zip(timed, whose, strict=True)
        ]
        assert [text for _, text in parts] == bare
    assert not any(name for name, _ in spelled[False, False])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("snake_case", "snake_case"),
        ("_this_", r"\_this\_"),
        ("R&D", "R&D"),
        ("&amp;", r"\&amp;"),
        ("1. First", r"1\. First"),
        ("1974. Then", r"1974\. Then"),
        ("3.5", r"3\.5"),
        ("- so", r"\- so"),
        ("well - so", "well - so"),
        ("What? Yes!", "What? Yes!"),
        ("C:\\>", r"C:\\\>"),
        ("*cough*", r"\*cough\*"),
    ],
)
def test_no_more_is_escaped_than_has_to_be(text, written):
    rows = [(word, n, n + 1, "A") for n, word in enumerate(text.split())]
    assert write("md", rows, names=False).splitlines()[2] == written
    assert read_markdown(write("md", rows, names=False)).paragraphs == [("", text)]


def monologue(n, *, sentence=12, pace=0.4):
    """Words of one speaker, a full stop every so many."""
    texts = [f"w{i}." if sentence and i % sentence == sentence - 1 else f"w{i}" for i in range(n)]
    return [(text, i * pace, i * pace + pace * 0.9, "A") for i, text in enumerate(texts)]


def sizes(rows, to="md"):
    return [len(text.split()) for _, text in READERS[to](write(to, rows)).paragraphs]


@both
def test_a_monologue_is_cut_after_sentences(to):
    found = READERS[to](write(to, monologue(1000)))
    assert [name for name, _ in found.paragraphs] == ["A"] + [""] * (len(found.paragraphs) - 1)
    assert all(text.endswith(".") for _, text in found.paragraphs[:-1])
    assert all(120 <= size <= 200 for size in sizes(monologue(1000), to)[:-1])


def test_slow_speech_is_cut_by_time_and_short_turns_stay_whole():
    slow = write("md", monologue(400, pace=1.0), times=True)
    times = [line.split("(")[1].split(")")[0] for line in slow.splitlines()[2::2]]
    assert times == ["0:00", "1:12", "2:24", "3:36", "4:48", "6:00"]
    assert sizes(monologue(129)) == [129]
    assert sizes(monologue(135)) == [135]  # a rest of three words is no paragraph


def test_without_sentences_a_silence_ends_a_paragraph():
    rows = monologue(400, sentence=0, pace=0.3)
    rows[160] = ("w160", *rows[160][1:])
    rows = [
        (t, a + 0.8 * (i >= 160), b + 0.8 * (i >= 160), v) for i, (t, a, b, v) in enumerate(rows)
    ]
    assert sizes(rows)[0] == 160
    assert sizes([(text, None, None, "A") for text, *_ in monologue(400, sentence=0)])[0] <= 200


def test_what_has_no_time_is_read_too():
    rows = [(text, None, None, label) for text, *_, label in talk("A2 B1")]
    assert (
        write("md", rows, times=True)
        == "# talk\n\n**A** (-:--): word0 word1\n\n**B** (-:--): word2\n"
    )


def test_channels_are_one_conversation_and_recordings_are_chapters():
    ask = [("Ready?", 0.0, 0.5, "A"), ("Good.", 4.0, 4.4, "A")]
    answer = [("Almost.", 1.0, 1.5, "B"), ("Now.", 2.9, 3.2, "B")]
    heard = [
        recording(ask, part="channel 0", channel=1),
        recording(answer, part="channel 1", channel=2),
    ]
    assert write("md", heard) == "# talk\n\n**A:** Ready?\n\n**B:** Almost. Now.\n\n**A:** Good.\n"
    for to, read in READERS.items():
        names = [f"part {n}" for n in range(5)]
        found = read(write(to, [recording(talk("A1"), name=name) for name in names]))
        assert found.headings == names
        assert len(found.paragraphs) == 5
    assert (
        read_html(write("html", [recording(talk("A1"), name=n) for n in "abcd"])).title
        == "a, b, c, …"
    )


def test_a_name_that_two_labels_share_gets_a_number():
    rows = [("a", 0.0, 1.0, 1), ("b", 1.0, 2.0, "1"), ("c", 2.0, 3.0, " 1")]
    names = [name for name, _ in read_html(write("html", rows)).paragraphs]
    assert len(set(names)) == 3
    assert [*itertools.islice(names, 2)] == ["1_2", "1"]
