"""Clean speech: what is cut from it, and how it is spread."""

import numpy as np
import pytest

from diarfix.core.voice.enrolment import CLASSES, enrol, length_class
from diarfix.core.words import words_from_rows

SHORT = np.array([0.4])


def talk(*stretches, word=0.5):
    """Words without a pause: ``(label, start, seconds)`` per stretch."""
    rows = [
        ("w", round(start + i * word, 3), round(start + (i + 1) * word, 3), label)
        for label, start, seconds in stretches
        for i in range(round(seconds / word))
    ]
    return words_from_rows(rows)


def enrolled(words, seconds=SHORT, unclean=()):
    clean = np.ones(len(words), dtype=bool)
    clean[list(unclean)] = False
    return enrol(words, clean, np.asarray(seconds, dtype=float))


def spans(windows):
    return [
        (round(a, 6), round(b, 6))
        for a, b in zip(windows.start.tolist(), windows.end.tolist(), strict=True)
    ]


def test_length_classes():
    """Edges belong to the longer class, rounding notwithstanding."""
    assert length_class(np.array([0.1, 0.1 + 0.2, 0.5, 0.79, 0.8, 3.0])).tolist() == [
        0, 1, 2, 2, 3, 3,
    ]  # fmt: skip
    assert CLASSES == ("below 0.3 s", "0.3-0.5 s", "0.5-0.8 s", "from 0.8 s")


# --- pieces --------------------------------------------------------------------------------------


def test_stretches_are_cut_into_equal_pieces_of_three_seconds_at_most():
    found = enrolled(talk(("A", 0, 3), ("A", 10, 3.5), ("A", 20, 9)))
    assert spans(found.pieces) == [
        (0, 3), (10, 11.75), (11.75, 13.5), (20, 23), (23, 26), (26, 29),
    ]  # fmt: skip
    assert found.pieces.piece.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("stretches", "n_pieces"),
    [
        ([(0, 3)], 0),  # one piece
        ([(0, 3.5)], 2),
        ([(0, 1.5), (10, 1.5)], 2),  # three seconds in all
        ([(0, 1.5), (10, 1)], 0),
        ([(0, 1), (10, 1), (20, 1)], 3),
        ([(0, 2), (10, 0.5), (20, 0.5)], 0),  # less than a second is no piece
    ],
)
def test_a_speaker_needs_three_seconds_in_two_pieces(stretches, n_pieces):
    found = enrolled(talk(*(("A", *stretch) for stretch in stretches), ("B", 100, 6)))
    assert (found.pieces.speaker == 0).sum() == n_pieces
    assert (found.pieces.speaker == 1).sum() == 2


def test_pieces_stand_in_order_of_time_whoever_speaks():
    found = enrolled(talk(("A", 0, 2), ("B", 10, 2), ("A", 20, 2), ("B", 30, 2)))
    assert found.pieces.speaker.tolist() == [0, 1, 0, 1]
    assert spans(found.pieces) == [(0, 2), (10, 12), (20, 22), (30, 32)]


@pytest.mark.parametrize(
    ("gap", "whole"), [(0.0, True), (0.5, True), (0.501, False), (-0.001, False)]
)
def test_a_stretch_ends_at_a_long_pause_and_where_words_overlap(gap, whole):
    found = enrolled(talk(("A", 0, 1.5), ("A", 1.5 + gap, 1.5), ("A", 50, 3)))
    first = [(0, round(3 + gap, 6))] if whole and gap == 0 else [(0, 1.75), (1.75, 3.5)]
    assert spans(found.pieces)[:-1] == (first if whole else [(0, 1.5), (1.5 + gap, 3 + gap)])


def test_a_stretch_ends_at_another_label_and_at_a_word_in_doubt():
    words = talk(("A", 0, 4), ("B", 4, 4))
    assert spans(enrolled(words).pieces) == [(0, 2), (2, 4), (4, 6), (6, 8)]
    assert spans(enrolled(words, unclean=[4]).pieces) == [(0, 2), (2.5, 4), (4, 6), (6, 8)]
    assert spans(enrolled(words, unclean=[0, 15]).pieces) == [
        (0.5, 2.25), (2.25, 4), (4, 5.75), (5.75, 7.5),
    ]  # fmt: skip


def test_twenty_pieces_of_a_speaker_are_enough_spread_over_the_recording():
    found = enrolled(talk(*(("A", 10 * i, 2) for i in range(39)), ("B", 500, 6)))
    at = (found.pieces.start[found.pieces.speaker == 0] / 10).astype(int).tolist()
    assert at == [*range(0, 39, 2)]
    assert len(enrolled(talk(*(("A", 10 * i, 2) for i in range(20)))).pieces) == 20
    assert len(enrolled(talk(*(("A", 10 * i, 2) for i in range(21)))).pieces) == 20


def test_no_words_and_no_clean_words_enrol_nobody():
    nothing = enrolled(words_from_rows([]))
    assert len(nothing.pieces) == len(nothing.probes) == 0
    unclean = enrolled(talk(("A", 0, 9)), unclean=range(18))
    assert len(unclean.pieces) == len(unclean.probes) == 0


# --- probes --------------------------------------------------------------------------------------


def test_probes_begin_with_words_and_end_inside_the_piece():
    """A word of half a second that would have to reach past the piece is no probe."""
    found = enrolled(talk(("A", 0, 3.5)), seconds=[0.6])
    assert spans(found.probes) == [
        (0.0, 0.6), (0.5, 1.1), (1.0, 1.6), (2.0, 2.6), (2.5, 3.1),
    ]  # fmt: skip
    assert found.probes.piece.tolist() == [0, 0, 0, 1, 1]
    assert found.probes.speaker.tolist() == [0] * 5


def test_the_last_word_of_a_piece_may_fill_it():
    assert spans(enrolled(talk(("A", 0, 2), ("A", 9, 2)), seconds=[0.5]).probes)[3] == (1.5, 2.0)


def test_probes_overlap_by_half_at_most():
    found = enrolled(talk(("A", 0, 1.5), ("A", 9, 1.5), word=0.1), seconds=[0.4])
    assert [a for a, _ in spans(found.probes)][:6] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    found = enrolled(talk(("A", 0, 1.5), ("A", 9, 1.5), word=0.1), seconds=[0.42])
    assert [a for a, _ in spans(found.probes)][:4] == [0.0, 0.3, 0.6, 0.9]


def test_probes_are_as_long_as_the_windows_in_doubt_long_and_short_by_turns():
    seconds = np.linspace(0.5, 0.7, 11)
    found = enrolled(talk(("A", 0, 30)), seconds=seconds)
    length = found.probes.end - found.probes.start
    assert length[:6].tolist() == pytest.approx([0.6, 0.52, 0.68, 0.56, 0.64, 0.6])


def test_every_length_class_in_doubt_has_its_probes_and_no_other_has():
    found = enrolled(talk(("A", 0, 12), ("B", 20, 12)), seconds=[0.2, 0.9, 0.25])
    length = found.probes.end - found.probes.start
    assert set(length_class(length).tolist()) == {0, 3}
    assert length[length_class(length) == 3].tolist() == pytest.approx([0.9] * 40)
    assert len(enrolled(talk(("A", 0, 12)), seconds=[]).probes) == 0


@pytest.mark.parametrize(("speakers", "each"), [("A", 200), ("AB", 100), ("ABC", 67)])
def test_two_hundred_probes_of_a_class_are_enough_shared_alike(speakers, each):
    words = talk(*((who, 100 * k, 60) for k, who in enumerate(speakers)), word=0.2)
    found = enrolled(words, seconds=[0.3]).probes
    assert np.bincount(found.speaker).tolist() == [each] * len(speakers)
    for k in range(len(speakers)):
        at = found.start[found.speaker == k] - 100 * k
        assert at.min() < 0.5
        assert at.max() > 59
        assert (np.diff(at) > 0).all()
