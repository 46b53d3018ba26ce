"""Formats that are read, never written."""

import pytest

from diarfix.errors import InputError
from tests.formats.samples import sample


@pytest.mark.parametrize(
    ("name", "why"), [("diarized.json", "no word times"), ("whisper_cpp.json", "read only")]
)
def test_nothing_is_written_back_not_even_unchanged(name, why):
    document = sample(name)
    with pytest.raises(InputError, match=why):
        document.render(document.words)


def test_diarized_segments_time_their_only_word_and_bound_the_others():
    document = sample("diarized.json")
    assert document.dialect.name == "diarized-json"
    assert document.words.labels == ["A"] * 5 + ["Agent"]
    assert document.words.timed.tolist() == [False] * 5 + [True]
    start, end = document.entry
    assert (start[0], end[0], start[5]) == (0.0, 1.5, 1.7)


def test_whisper_cpp_tokens_join_to_words_and_marks_are_left_out():
    document = sample("whisper_cpp.json")
    assert document.words.text == ("And", "so,", "Americans", "你", "好。")
    assert document.words.labels == ["0", "0", "0", None, None]
    assert document.words.start.tolist() == pytest.approx([0.32, 0.37, 0.74, 2.0, 2.3])
    assert document.words.end[2] == pytest.approx(1.6)
