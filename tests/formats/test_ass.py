"""Advanced SubStation Alpha, read back by readers that are not ours."""

import itertools

import pytest
from hypothesis import given, settings

from diarfix.formats.text.ass import COLOURS
from diarfix.formats.text.cues import cues_of
from tests.formats.converted import talk, write
from tests.formats.odd_talk import alone, letters, order, spoken, talks
from tests.fuzz.reread import read_ass


def test_as_written():
    rows = [("Hello", 0.5, 1.0, "Lee, Ann"), ("there.", 1.0, 1.8, "Lee, Ann"), ("Hi!", 2.5, 2.9, 7)]
    styles, events = read_ass(write("ass", rows))
    assert list(styles) == ["Default", "Lee; Ann", "7"]
    assert [styles[name]["PrimaryColour"] for name in styles] == [
        "&H00FFFFFF", "&H00FFFFFF", "&H0000FFFF"]  # fmt: skip
    assert [(e["Start"], e["End"], e["Style"], e["Name"], e["Lines"]) for e in events] == [
        (0.5, 1.8, "Lee; Ann", "Lee; Ann", ["Lee, Ann: Hello there."]),
        (2.5, 3.5, "7", "7", ["7: Hi!"]),
    ]
    plain = read_ass(write("ass", rows, names=False))[1]
    assert [(e["Style"], e["Name"], e["Lines"]) for e in plain] == [
        ("Lee; Ann", "", ["Hello there."]),
        ("7", "", ["Hi!"]),
    ]


def test_words_that_nobody_said_have_the_plain_style():
    _, (event,) = read_ass(write("ass", [("Hello", 0.5, 1.0, None)]))
    assert (event["Style"], event["Name"], event["Lines"]) == ("Default", "", ["Hello"])
    assert read_ass(write("ass", []))[1] == []


@settings(max_examples=200)
@given(talks(straight=True))
def test_the_same_cues_words_and_speakers_come_back(rows):
    styles, events = read_ass(write("ass", rows, names=False))
    assert letters(*itertools.chain(*(e["Lines"] for e in events))) == letters(
        *(text for text, *_ in rows)
    )
    assert order([e["Style"] for e in events]) == order([v for *_, v in spoken(rows)])
    assert len(styles) == 1 + len({v for *_, v in spoken(rows)})
    cues = cues_of(alone(rows), names=False)
    assert [e["Start"] for e in events] == pytest.approx([c.start for c in cues], abs=0.006)


@settings(max_examples=100)
@given(talks())
def test_whatever_the_times_it_is_read(rows):
    for options in ({}, {"names": False}, {"every_cue": True}):
        read_ass(write("ass", rows, **options))


@given(talks(straight=True))
def test_pysubs2_reads_the_same_words(rows):
    pysubs2 = pytest.importorskip("pysubs2")
    text = write("ass", rows, names=False)
    found = pysubs2.SSAFile.from_string(text.encode("utf-8", "replace").decode(), format_="ass")
    whole = "".join(e.plaintext for e in found)
    back = whole.replace("\u2060", "").replace("｛", "{").replace("｝", "}")
    assert letters(back) == letters(*(text for text, *_ in rows))


def test_the_name_stands_in_every_cue_on_request():
    rows = talk("A90 B3", texts=["word"] * 93)
    for to, cue_of in (
        ("ass", lambda e: " ".join(e["Lines"])),
        ("srt", lambda block: " ".join(block.splitlines()[2:])),
    ):
        text = {n: write(to, rows, every_cue=n) for n in (False, True)}
        cues = {
            n: [cue_of(e) for e in (read_ass(t)[1] if to == "ass" else t.strip().split("\n\n"))]
            for n, t in text.items()
        }
        named = {n: [cue.split(":")[0] for cue in found if ":" in cue] for n, found in cues.items()}
        assert named[False] == ["A", "B"]
        assert len(named[True]) == len(cues[True]) >= len(cues[False]) > 2
        assert set(named[True]) == {"A", "B"}
    assert write("vtt", rows, every_cue=True) == write("vtt", rows)
    assert write("vtt", rows).count("<v A>") == write("vtt", rows).count("-->") - 1


def _linear(byte):
    c = byte / 255
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def oklab(colour):
    """Björn Ottosson's OKLab of an sRGB colour."""
    r, g, b = (_linear(int(colour[i : i + 2], 16)) for i in (0, 2, 4))
    x = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    y = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    z = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * x + 0.7936177850 * y - 0.0040720468 * z,
        1.9779984951 * x - 2.4285922050 * y + 0.4505937099 * z,
        0.0259040371 * x + 0.7827717662 * y - 0.8086757660 * z,
    )


def test_twenty_four_speakers_can_be_told_apart_and_read():
    assert len(set(COLOURS)) == 24
    for a, b in itertools.combinations(map(oklab, COLOURS), 2):
        assert sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 > 0.1
    for colour in COLOURS:
        r, g, b = (_linear(int(colour[i : i + 2], 16)) for i in (0, 2, 4))
        assert (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) / 0.05 >= 7
    rows = [("word", n, n + 0.9, f"S{n}") for n in range(30)]
    styles, _ = read_ass(write("ass", rows))
    assert len({s["PrimaryColour"] for s in styles.values()}) == 24
