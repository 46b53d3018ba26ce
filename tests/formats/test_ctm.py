"""CTM whose lines name speakers: read, and written back in the field that names them."""

import pytest

from diarfix.core.words import encode
from diarfix.errors import InputError
from diarfix.formats.document import read_document
from diarfix.formats.recordings import turns_of_text

CHANNEL = """;; by hand
talk  ann 0.10 0.25 left 0
talk  ann 0.40 0.35 turn 0
talk  ben 1.00 0.30 why 0
"""
EIGHTH = "\ufefftalk 1 0.1 0.2 left NA lex ann\r\ntalk 1 0.4 0.3 (hm) NA noise unknown\r\n"


def relabelled(document, labels):
    codes, speakers = encode(labels)
    return document.render(document.words.with_speaker(codes, speakers))


@pytest.mark.parametrize(
    ("text", "labels", "new"),
    [(CHANNEL, ["ann", "ann", "ben"], ["ben", "ann", "zoe"]), (EIGHTH, ["ann", None], ["b", "b"])],
)
def test_labels_are_read_and_written_in_their_field_alone(text, labels, new):
    document = read_document(text, "x")
    assert document.words.labels == labels
    assert document.words.start[1] == pytest.approx(0.4)
    if new != ["b", "b"]:
        out = relabelled(document, new)
        assert out == text.replace("ann 0.10", "ben 0.10").replace("ben 1.00", "zoe 1.00")
    assert document.render(document.words) == text


def test_what_cannot_be_a_speakers_field_is_refused():
    document = read_document(CHANNEL, "x")
    for label in ("Ann B", "1", "A"):
        with pytest.raises(InputError, match="cannot stand in a CTM file"):
            relabelled(document, [label, "ann", "ben"])


def test_channels_and_segments_under_names_of_their_own_are_no_speakers():
    for text in (
        "talk 1 0.1 0.2 hm\n", "talk A 0.1 0.2 hm\ntalk B 0.4 0.2 oh\n",
        "talk ch1 0.1 0.2 hm\ntalk ch1 0.4 0.2 oh\n",
        "c1 seg1 0 3.5 spk1 0.9\nc1 seg2 3.5 8 spk2 0.8\n",
    ):  # fmt: skip
        with pytest.raises(InputError, match="a CTM file"):
            read_document(text, "x")


def test_its_runs_are_turns_and_a_bad_line_is_named():
    assert turns_of_text(CHANNEL, "x.ctm")["x"].labels == ["ann", "ben"]
    with pytest.raises(InputError, match="line 81: 3 fields"):
        read_document(CHANNEL * 20 + "talk ann 3\n", "x")
