"""What turns say: coverage everywhere, depth, talk time and brevity only where they overlap."""

from __future__ import annotations

import numpy as np
import pytest

from diarfix.config.knobs import ViterbiKnobs
from diarfix.core.smooth.evidence import label_rows, turn_evidence
from diarfix.core.smooth.path import MICRO
from diarfix.core.words import turns_from_rows

KNOBS = ViterbiKnobs()


def _gains(words, rows, knobs=KNOBS):
    start = np.array([word[0] for word in words], dtype=float)
    end = np.array([word[1] for word in words], dtype=float)
    found = turn_evidence(start, end, turns_from_rows(rows), knobs).rows
    table = zip(found.word.tolist(), found.speaker.tolist(), found.gain.tolist(), strict=True)
    return {(word, speaker): gain / MICRO for word, speaker, gain in table}


def test_only_touching_speakers_have_rows_and_untouched_words_have_none():
    gains = _gains([(0, 1), (5, 6)], [(0, 2, "A"), (3, 4, "B")])
    assert list(gains) == [(0, 0)]


def test_full_coverage_is_worth_the_log_of_its_odds_against_none():
    floor = KNOBS.coverage_floor
    gains = _gains([(0, 0.5), (0.5, 1.0)], [(0, 0.75, "A")])
    assert gains[0, 0] == pytest.approx(np.log((1 + floor) / floor), abs=1e-6)
    assert gains[1, 0] == pytest.approx(np.log((0.5 + floor) / floor), abs=1e-6)


def test_short_words_weigh_less_in_proportion_and_long_ones_no_more():
    gains = _gains([(0, 0.25), (1, 1.5), (2, 4)], [(0, 9, "A")])
    assert gains[0, 0] == pytest.approx(gains[1, 0] / 2, abs=1e-6)
    assert gains[2, 0] == gains[1, 0]


def test_overlapping_turns_of_one_speaker_count_once_and_dispute_nothing():
    one = _gains([(1, 2)], [(0, 5, "A")])
    assert _gains([(1, 2)], [(0, 3, "A"), (1, 5, "A")]) == one


def test_where_two_turns_cover_a_word_the_deeper_one_is_worth_more():
    knobs = ViterbiKnobs(talk_weight=0, brevity_weight=0)
    gains = _gains([(1.6, 2.0)], [(0, 2.0, "A"), (1, 9, "B")], knobs)
    # B's turn began 0.8 s before the word's middle, A's ends 0.2 s after it.
    deep, shallow = 1.0, 0.2 / knobs.depth_scale
    assert gains[0, 1] - gains[0, 0] == pytest.approx(
        knobs.depth_weight * (deep - shallow), abs=1e-6
    )


def test_depth_saturates_and_its_worth_does_not_shrink_with_the_word():
    knobs = ViterbiKnobs(talk_weight=0, brevity_weight=0)
    rows = [(0, 10, "A"), (4.9, 20, "B")]
    both = _gains([(6, 6.01)], rows, knobs)
    assert both[0, 0] == both[0, 1]
    assert both[0, 0] > knobs.depth_weight


def test_where_turns_overlap_the_shorter_turn_and_the_greater_talker_gain():
    brief = ViterbiKnobs(talk_weight=0, depth_weight=0)
    rows = [(0, 30, "A"), (10, 14, "B"), (40, 80, "B")]
    gains = _gains([(12, 12.5)], rows, brief)
    assert gains[0, 1] > gains[0, 0]
    talk = ViterbiKnobs(brevity_weight=0, depth_weight=0)
    gains = _gains([(12, 12.5)], [(0, 30, "A"), (10, 14, "B")], talk)
    assert gains[0, 0] > gains[0, 1]


def test_a_flicker_gains_nothing_from_being_shorter_than_the_shortest_turn():
    knobs = ViterbiKnobs(talk_weight=0, depth_weight=0)
    flicker = _gains([(10.1, 10.4)], [(0, 30, "A"), (10, 10.5, "B")], knobs)
    short = _gains([(10.1, 10.4)], [(0, 30, "A"), (10, 10 + KNOBS.brevity_shortest, "B")], knobs)
    assert flicker == short


def test_a_turn_cut_at_a_breath_counts_as_one():
    knobs = ViterbiKnobs(talk_weight=0, depth_weight=0)
    whole = _gains([(3, 3.5)], [(0, 5, "A"), (2, 9, "B")], knobs)
    cut = _gains([(3, 3.5)], [(0, 3.8, "A"), (4.2, 5, "A"), (2, 9, "B")], knobs)
    assert cut == whole


def test_no_gain_is_ever_negative_however_rare_the_speaker():
    rows = [(0, 3600, "A"), (100, 100.4, "B"), (50, 900, "C")]
    assert min(_gains([(100, 100.3), (100.2, 100.7)], rows).values()) >= 0


def test_words_of_no_length_still_say_something():
    assert _gains([(1.0, 1.0), (1.0, 1.01)], [(0, 5, "A")])[1, 0] > 0


def test_a_label_is_worth_its_weight_for_a_full_word():
    rows = label_rows(np.array([0.0, 1.0]), np.array([0.5, 1.25]), np.array([1, 0]), KNOBS)
    assert (rows.gain / MICRO).tolist() == [KNOBS.label_weight, KNOBS.label_weight / 2]
    assert rows.speaker.tolist() == [1, 0]


def test_an_instant_in_a_turn_is_covered_by_it_and_weighs_like_a_usual_word():
    whole = np.log((1 + KNOBS.coverage_floor) / KNOBS.coverage_floor)
    gains = _gains([(1, 1), (1.2, 1.2), (2, 2), (9, 9)], [(1, 2, "A")])
    assert list(gains) == [(0, 0), (1, 0)]  # a turn ends before its end
    assert gains[0, 0] == pytest.approx(whole * 0.2 / KNOBS.full_word, abs=1e-6)
    assert gains[1, 0] == pytest.approx(whole * 0.3 / KNOBS.full_word, abs=1e-6)


def test_a_word_too_short_to_be_measured_is_covered_by_its_own_share():
    # 5 of 10 ms lie in the turn; the next word follows 0.2 s later.
    gains = _gains([(0.995, 1.005), (1.195, 1.6)], [(1, 2, "A")])
    half = np.log((0.5 + KNOBS.coverage_floor) / KNOBS.coverage_floor)
    assert gains[0, 0] == pytest.approx(half * 0.2 / KNOBS.full_word, abs=1e-6)
