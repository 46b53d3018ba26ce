"""The table of formats: every row is told from all others, and reads what it writes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.detect import FORMATS, TARGETS, text_format, wordless_format
from diarfix.formats.document import read_document
from diarfix.formats.layout import Dialect
from tests.formats.converted import talk, write

DATA = Path(__file__).parent / "data"
ROWS = {row.name: row for row in FORMATS}
OF_LINES = [row for row in FORMATS if row.fits is not None and not row.parsed]


def recognised(text):
    """The name of the format that a text is taken for."""
    row = wordless_format(text)
    return row.name if row is not None else read_document(text, "x").dialect.name


def test_no_two_rows_have_one_name_and_no_two_targets_one_suffix():
    assert len(ROWS) == len(FORMATS)
    assert len({target.suffix for target in TARGETS.values()}) == len(TARGETS)


@pytest.mark.parametrize("to", [name for name in TARGETS if ROWS[name].fits is not None])
def test_what_a_row_writes_is_recognised_as_its_own(to):
    assert recognised(write(to, talk("A2 B1"))) == to


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("wild.rttm", "rttm"),
        ("regions.uem", "uem"),
        ("words.ctm", "ctm"),
        ("segments.stm", "stm"),
        ("pyannote.json", "pyannote"),
    ],
)
def test_files_without_labelled_words_are_known_by_what_stands_in_them(file, name):
    assert wordless_format(read_text(str(DATA / file))) is ROWS[name]


@pytest.mark.parametrize(
    "file", [p.name for p in sorted(DATA.glob("*.json")) if p.name != "pyannote.json"]
)
def test_a_word_file_is_no_other_format(file):
    text = read_text(str(DATA / file))
    assert wordless_format(text) is None
    assert isinstance(ROWS[read_document(text, file).dialect.name], Dialect)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("SPEAKER f 1 0 1 <NA> <NA> A", "rttm"),
        (";; by hand\n\nSPKR-INFO f 1", "rttm"),
        ("f 1 0 9.5", "uem"),
        ("f 1 0.5 0.25 hello", "ctm"),
        ("f 1 0.5 0.25 hello 0.97", "ctm"),
        ("f 1 Ann 0.5 2 hello there", "stm"),
        ("f 1 7 0.5 2 hello", "stm"),
        ("hello world", None),
        ("f 1 x y", None),
        ('{"words": []}', None),
        (" ", None),
    ],
)
def test_lines_are_told_apart_by_their_fields(line, name):
    found = text_format(line)
    assert (None if found is None else found.name) == name


fields = st.sampled_from(["SPEAKER", "f", "1", "0.5", "Ann", "<NA>", "EDIT"])


@given(st.lists(fields, max_size=9).map(" ".join))
def test_no_line_fits_two_rows(line):
    fitting = [row.name for row in OF_LINES if row.fits(line)]
    assert len(fitting) <= 1 or fitting[0] == "rttm"


def test_an_unknown_name_is_answered_with_the_names_of_word_files():
    with pytest.raises(InputError) as found:
        read_document("[]", "x", format="rttm")
    named = found.value.hint.removeprefix("one of: ").split(", ")
    assert named == [row.name for row in FORMATS if isinstance(row, Dialect)]
