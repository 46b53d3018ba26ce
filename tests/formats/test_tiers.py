"""TextGrid and ELAN, read back by strict readers that are not ours."""

from collections import Counter

import pytest
from hypothesis import given, settings

from diarfix.formats.text.tiers import tiers_of
from tests.formats.converted import recording, talk, write
from tests.formats.odd_talk import alone, letters, spoken, talks
from tests.fuzz.reread import read_eaf, read_textgrid

TWO = [
    recording([*talk("A6"), ("later", 9.0, 9.5, "A")], part="channel 0", channel=1),
    recording([("mhm", 3.0, 3.3, "B")], part="channel 1", channel=2),
]


ONE = '''\
File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.8
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "A"
        xmin = 0
        xmax = 1.8
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 1.8
            text = """said"""
    item [2]:
        class = "IntervalTier"
        name = "A - words"
        xmin = 0
        xmax = 1.8
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 1.8
            text = """said"""
'''


def test_textgrid_as_written():
    rows = [("He", 0.5, 1.0, "A"), ('"said"', 1.0, 1.8, "A"), ("Hi!", 2.5, 2.9, 'B "x"')]
    assert write("textgrid", rows[1:2]) == ONE
    assert read_textgrid(write("textgrid", rows)) == {
        "A": [(0.5, 1.8, 'He "said"')],
        "A - words": [(0.5, 1.0, "He"), (1.0, 1.8, '"said"')],
        'B "x"': [(2.5, 2.9, "Hi!")],
        'B "x" - words': [(2.5, 2.9, "Hi!")],
    }


def test_elan_as_written():
    rows = [("a<b", 0.5, 1.0, "Ann & Co"), ("c", 1.2, 1.8, "Ann & Co")]
    assert read_eaf(write("elan", rows)) == {
        "Ann & Co": ("Ann & Co", None, [(500, 1800, "a<b c")]),
        "Ann & Co - words": ("Ann & Co", "Ann & Co", [(500, 1000, "a<b"), (1200, 1800, "c")]),
    }


def test_nothing_is_a_file_without_tiers():
    assert read_textgrid(write("textgrid", [])) == read_eaf(write("elan", [])) == {}


def words_of(rows):
    """What each speaker says: the words, by label."""
    found = {}
    for text, _, _, label in spoken(rows):
        found.setdefault(label, []).append(letters(text))
    return found


@settings(max_examples=200)
@given(talks())
def test_no_word_is_lost_and_no_two_speakers_share_a_tier(rows):
    grid, eaf = read_textgrid(write("textgrid", rows)), read_eaf(write("elan", rows))
    assert list(grid) == list(eaf)
    said = words_of(rows)
    for (label, words), turns, own in zip(
        said.items(), list(grid)[::2], list(grid)[1::2], strict=True
    ):
        assert own.startswith(f"{turns} - words"), label
        assert Counter(letters(text) for *_, text in grid[own]) == Counter(words)
        assert Counter(letters(text) for *_, text in eaf[own][2]) == Counter(words)
        assert Counter("".join(letters(text) for *_, text in grid[turns])) == Counter(
            "".join(words)
        )
        assert eaf[own][:2] == (turns, turns)


@given(talks(straight=True))
def test_words_that_do_not_overlap_stay_where_they_are(rows):
    times = [
        (word.start, word.end)
        for tier in tiers_of(alone(rows))
        for turn in tier.turns
        for word in turn.words
    ]
    assert sorted(times) == sorted(
        (round(start * 1000), round(end * 1000)) for _, start, end, _ in spoken(rows)
    )


@pytest.mark.parametrize(
    ("times", "placed"),
    [
        ([(0.0, 1.0), (0.8, 1.5)], [(0, 800), (800, 1500)]),  # ends where the next begins
        ([(0.0, 1.0), (0.0, 1.0)], [(0, 500), (500, 1000)]),  # begin together
        ([(2.0, 2.0), (2.0, 2.0), (2.5, 3.0)], [(2000, 2001), (2001, 2002), (2500, 3000)]),
        ([(5.0, 6.0), (1.0, 2.0)], [(1000, 2000), (5000, 6000)]),  # by time
        ([(0.0, 9.0), (1.0, 2.0)], [(0, 1000), (1000, 2000)]),  # one inside the other
    ],
)
def test_words_that_overlap_share_the_time(times, placed):
    (tier,) = tiers_of(alone([("w", start, end, "A") for start, end in times]))
    (turn,) = tier.turns
    assert [word[:2] for word in turn.words] == placed
    assert turn.whole.end == max(
        round(end * 1000) for _, end in [*times, (0, placed[-1][1] / 1000)]
    )


def test_channels_are_cut_at_silences_and_no_name_is_taken_twice():
    grid = read_textgrid(write("textgrid", TWO))
    assert [row[:2] for row in grid["A"]] == [(0, 1.75), (9, 9.5)]
    assert grid["B"] == [(3, 3.3, "mhm")]
    rows = [("a", 0.0, 1.0, "A"), ("b", 1.0, 2.0, "A - words"), ("c", 2.0, 3.0, 1),
            ("d", 3.0, 4.0, "1")]  # fmt: skip
    assert list(read_eaf(write("elan", rows))) == [
        "A", "A - words_2", "A - words", "A - words - words", "1_2", "1_2 - words", "1",
        "1 - words",
    ]  # fmt: skip


@settings(max_examples=30)
@given(talks().filter(lambda rows: "item [" not in str(rows)))  # by which praatio parts a file
def test_praatio_and_pympi_read_them(rows):
    praatio = pytest.importorskip("praatio.textgrid")
    pympi = pytest.importorskip("pympi")
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for to, name in (("textgrid", "a.TextGrid"), ("elan", "a.eaf")):
            pathlib.Path(folder, name).write_text(
                letters_stay(write(to, rows)), encoding="utf-8", newline="\n"
            )
        grid = praatio.openTextgrid(f"{folder}/a.TextGrid", includeEmptyIntervals=False)
        eaf = pympi.Elan.Eaf(f"{folder}/a.eaf")
    n_words = len(spoken(rows))
    names = [name for name in grid.tierNames if eaf.get_parameters_for_tier(name).get("PARENT_REF")]
    assert sum(len(grid.getTier(name).entries) for name in names) == n_words
    assert sum(len(eaf.get_annotation_data_for_tier(name)) for name in names) == n_words


def letters_stay(text):
    """As the command line writes it: controls made visible."""
    from diarfix.cli.convert import _CONTROLS

    return _CONTROLS.sub("\ufffd", text)
