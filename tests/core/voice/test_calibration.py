"""What probes show of one length class: precisions, rates of false moves, weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.voice.calibration import (
    Calibration,
    calibrate,
    leads,
    least_to_show,
    precision_at,
    wilson_low,
)

#: One-sided 95 % quantile of the normal distribution, and the rate of a logistic of unit variance.
Z = 1.6448536269514722
RATE = np.pi / np.sqrt(3)


def clear(*counts, own=0.8, other=0.2):
    """Cosines (P, S) of ``counts`` probes per speaker, all told apart alike; who speaks (P,)."""
    speaker = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return np.where(np.eye(len(counts), dtype=bool)[speaker], own, other), speaker


def noisy(counts, spread, seed=0):
    """The same with noise on every cosine."""
    scores, speaker = clear(*counts)
    noise = np.random.default_rng(seed).normal(0, spread, scores.shape)
    return np.round(scores + noise, 6), speaker


def measured(**columns):
    """A calibration of two speakers with some of its columns."""
    usual = {
        "n": 0, "offset": np.zeros(2), "weight": 0.0, "cap": 0.0, "false": np.empty(0),
        "source": np.empty(0, dtype=np.int32), "back": np.empty(0),
        "right": np.empty(0, dtype=bool), "share": 1.0, "mean": np.full(2, -9.0),
        "width": np.ones(2),
    }  # fmt: skip
    return Calibration(**(usual | columns))


# --- how strongly a voice speaks against a label -------------------------------------------------


def test_a_voice_speaks_against_a_label_by_its_lead_if_that_is_large_enough():
    scores = np.array(
        [[0.2, 0.9], [0.9, 0.2], [0.5, 0.55], [0.5, 0.549], [np.nan, 0.8], [0.5, np.nan]]
    )
    found = leads(scores, np.zeros(6, dtype=np.int64))
    force = found.strength(np.zeros(2), 0.05)
    assert force.tolist() == [0.7, -np.inf, 0.05, -np.inf, -np.inf, -np.inf]
    assert found.nearest.tolist()[:4] == [1, 0, 1, 1]


def test_of_no_voices_and_of_a_speaker_without_one_nothing_is_told():
    for scores in (np.empty((2, 0)), np.array([[0.1, 0.9], [np.nan, np.nan]])):
        found = leads(scores, np.array([-1, -1]))
        assert np.isnan(found.own).all()
        assert (found.strength(np.zeros(scores.shape[1]), 0.0) == -np.inf).all()


def test_a_voice_near_to_everybody_counts_for_less():
    """The lead is corrected by the offsets; what must reach the least is the lead itself."""
    scores, offset = np.array([[0.4, 0.6]]), np.array([0.1, 0.45])
    found = leads(scores, np.array([0]))
    assert found.strength(offset, 0.2).tolist() == [-0.15]
    assert found.strength(offset, 0.21).tolist() == [-np.inf]
    third = leads(np.array([[0.4, 0.4 + 0.1234567]]), np.array([0]))
    assert third.strength(np.zeros(2), 0.0).tolist() == [0.123457]


# --- what is measured ----------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(20, 20), (30, 10), (12, 13, 15)])
def test_voices_told_apart_without_error_have_a_weight_in_closed_form(counts):
    """The likeliest softmax gives the softened targets exactly; evidence ends at log(n + 1)."""
    n, others = sum(counts), len(counts) - 1
    found = calibrate(*clear(*counts), 0.05)
    assert found.n == n
    assert found.cap == pytest.approx(np.log(n + 1))
    assert found.weight == pytest.approx(np.log(others * (n + 1)) / 0.6, abs=2e-3)
    assert found.offset.tolist() == pytest.approx(
        [(0.8 + 0.2 * others) / len(counts)] * len(counts), abs=1e-6
    )
    assert found.counts(0.0) == (pytest.approx(n), 0)
    assert found.counts(0.6)[0] == pytest.approx(n)
    assert found.counts(0.61) == (0, 0)
    assert (found.false == -np.inf).all()
    assert found.mean.tolist() == pytest.approx([-0.6] * len(counts))
    assert found.width.tolist() == pytest.approx(1e-3 * np.sqrt(1 + 1 / np.array(counts)))


def test_offsets_weigh_every_speaker_alike():
    scores, speaker = clear(30, 10)
    scores[speaker == 1] = (0.1, 0.7)
    assert calibrate(scores, speaker, 0.05).offset.tolist() == pytest.approx([0.45, 0.45])


def test_too_few_probes_one_voice_or_crossed_ones_weigh_nothing():
    assert calibrate(*clear(10, 9), 0.05).weight == 0
    assert calibrate(*clear(10, 10), 0.05).weight > 0
    alone = calibrate(*clear(40), 0.05)
    assert (alone.weight, alone.mean, alone.width) == (0, 0, np.sqrt(2))
    assert calibrate(*clear(20, 20, own=0.2, other=0.8), 0.05).weight == 0
    none = calibrate(np.empty((0, 2)), np.empty(0, dtype=np.int32), 0.05)
    assert (none.n, none.cap, none.counts(0.0)) == (0, 0, (0, 0))
    assert none.false_rate(0.0).tolist() == [0.5, 0.5]


def test_the_weight_is_the_likeliest():
    """No other weight makes the softened targets likelier."""
    scores, speaker = noisy((40, 60), 0.2)
    found = calibrate(scores, speaker, 0.05)
    soft = 1 / (len(scores) + 2)
    target = np.where(np.eye(2, dtype=bool)[speaker], 1 - soft, soft)

    def likelihood(weight):
        nats = weight * (scores - found.offset)
        return float((target * (nats - np.log(np.exp(nats).sum(axis=1, keepdims=True)))).sum())

    best = likelihood(found.weight)
    assert all(likelihood(found.weight * k) < best for k in (0.9, 0.99, 1.01, 1.1))


def test_a_speaker_without_centroid_and_a_window_without_vector_say_nothing():
    scores, speaker = clear(20, 20, 20)
    scores[0] = np.nan
    found = calibrate(scores[:, :2], np.where(speaker == 2, -1, speaker), 0.05)
    assert found.n == len(found.false) == len(found.source) == 39
    assert found.offset.tolist() == pytest.approx([0.5, 0.5])
    assert found.counts(0.0) == (39, 0)
    assert calibrate(scores[1:41, :1], np.zeros(40, dtype=np.int64), 0.05).n == 40


def test_a_move_from_a_wrong_label_to_another_wrong_one_is_wrong():
    """Of three voices the third takes a probe: a false move, and half of one from the other."""
    scores, speaker = clear(10, 10, 10)
    scores[0] = (0.3, 0.2, 0.7)
    found = calibrate(scores, speaker, 0.05)
    right, wrong = found.counts(-1.0)
    assert (right, wrong) == (pytest.approx(29), pytest.approx(1.5))
    assert np.isfinite(found.false).tolist() == [True] + [False] * 29


def test_leads_are_those_of_a_speaker_or_of_all_where_there_are_few():
    """Eight probes are enough; the best other voice counts; the deviation is a sample's."""
    scores, speaker = noisy((8, 7, 9), 0.1)
    found = calibrate(scores, speaker, 0.05)
    corrected = scores - found.offset
    own = corrected[np.arange(24), speaker]
    lead = np.where(np.eye(3, dtype=bool)[speaker], -9, corrected).max(axis=1) - own
    for k in range(3):
        sample = lead if k == 1 else lead[speaker == k]
        assert found.mean[k] == pytest.approx(sample.mean())
        spread = np.sqrt(1 + 1 / len(sample)) * sample.std(ddof=1)
        assert found.width[k] == pytest.approx(spread)


def test_two_probes_have_a_spread_and_one_has_none():
    scores, speaker = noisy((1, 1), 0.1)
    two = calibrate(scores, speaker, 0.05)
    assert two.mean[0] == two.mean[1] != 0
    one = calibrate(scores[:1], speaker[:1], 0.05)
    assert (one.mean.tolist(), one.width.tolist()) == ([0, 0], [np.sqrt(2)] * 2)


# --- what follows from it ------------------------------------------------------------------------


def test_moves_at_even_odds_are_counted_by_their_share():
    found = measured(
        false=np.array([0.1, 0.2, -np.inf, 0.3]), back=np.array([0.1, 0.3, 0.2]),
        right=np.array([True, False, True]), share=0.25,
    )  # fmt: skip
    assert found.counts(0.1) == (0.5, 3.25)
    assert found.counts(0.2) == (0.25, 2.25)
    assert found.counts(0.25) == (0.0, 1.25)
    assert found.counts(0.31) == (0.0, 0.0)


def test_the_rate_of_false_moves_is_the_speakers_own_from_eight_probes_on():
    false = np.full(18, -np.inf)
    false[[0, 1, 9]] = 0.2
    few = measured(n=18, false=false, source=np.repeat(np.array([0, 1]), (11, 7)))
    assert few.false_rate(0.2).tolist() == pytest.approx([3 / 11, 3 / 18])
    enough = measured(n=18, false=false, source=np.repeat(np.array([0, 1]), (10, 8)))
    assert enough.false_rate(0.2).tolist() == pytest.approx([0.3, 0], abs=1e-6)
    assert enough.false_rate(0.21).max() < 1e-6


def test_the_rate_of_false_moves_is_never_less_than_a_logistic_tail():
    found = measured(mean=np.array([-0.2, 0.1]), width=np.array([0.1, 0.2]))
    for margin in (-0.2, 0.0, 0.1, 0.3):
        tail = 1 / (1 + np.exp(RATE * (margin - found.mean) / found.width))
        assert found.false_rate(margin).tolist() == pytest.approx(tail.tolist())
    assert 0 < found.false_rate(1e6).min() < 1e-20


def test_classes_together_show_what_their_moves_add_up_to():
    one = measured(back=np.array([0.1, 0.2]), right=np.array([True, True]))
    two = measured(false=np.array([0.15]), back=np.array([0.3]), right=np.array([True]))
    found = precision_at([one, two], 0.1)
    assert (found.n, found.share, found.low) == (4, 0.75, wilson_low(3, 4))
    found = precision_at([one, two], 0.2)
    assert (found.n, found.share, found.low) == (2, 1.0, wilson_low(2, 2))
    nothing = precision_at([one, two], 0.4)
    assert (nothing.n, nothing.share, nothing.low) == (0, 0, 0)


def test_margins_grow_with_noise():
    """Where probes err the margin rises until they do not."""
    found = calibrate(*noisy((150, 150), 0.35), 0.05)
    low = [precision_at([found], margin).low for margin in (0.0, 0.2, 0.4)]
    assert low[0] < low[1] < low[2]
    rates = np.stack([found.false_rate(margin) for margin in (0.0, 0.1, 0.2, 0.4)])
    assert (np.diff(rates, axis=0) <= 0).all()
    assert (found.false > 0).any()


@settings(deadline=None)
@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_is_the_least_share_that_could_still_have_shown_this(n, share):
    """The bound p solves (share - p)^2 = z^2 p (1 - p) / n, below the share (Wilson 1927)."""
    low = wilson_low(share * n, n)
    assert low >= -1e-12
    assert low <= share + 1e-12
    assert (share - low) ** 2 == pytest.approx(Z**2 * low * (1 - low) / n, abs=1e-9)


def test_wilson_and_what_it_takes():
    """Nothing shows nothing, and a target is reached where it is said to be."""
    assert wilson_low(0, 0) == 0.0
    for target in (0.5, 0.8, 0.95, 0.99):
        n = least_to_show(target)
        assert wilson_low(n, n) >= target - 1e-12 > wilson_low(n - 1, n - 1)
