"""The paired bootstrap resamples counts, and claims nothing that the units do not carry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.metrics.bootstrap import paired_bootstrap

unit = st.integers(1, 500).flatmap(
    lambda total: st.tuples(st.integers(0, total), st.integers(0, total), st.just(total))
)
systems = st.lists(unit, min_size=2, max_size=12).map(
    lambda units: (
        np.array([(a, n) for a, _, n in units], dtype=float),
        np.array([(b, n) for _, b, n in units], dtype=float),
    )
)
law = settings(deadline=None, max_examples=60)


@law
@given(systems)
def test_swapping_the_systems_negates_the_difference(pair):
    """Base against variant is minus variant against base."""
    base, variant = pair
    one = paired_bootstrap(base, variant, draws=200)
    other = paired_bootstrap(variant, base, draws=200)
    assert one.mean == pytest.approx(-other.mean, abs=1e-12)
    assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low), abs=1e-12)
    assert one.significant == other.significant


@law
@given(systems)
def test_equal_systems_never_differ(pair):
    """A system against itself differs by exactly 0, which is not significant."""
    base, _ = pair
    found = paired_bootstrap(base, base * 3, draws=200)
    assert (found.mean, found.ci_low, found.ci_high) == (0.0, 0.0, 0.0)
    assert not found.significant


@law
@given(systems)
def test_significant_means_the_interval_excludes_zero(pair):
    """Significant is what has 0 outside its interval, and nothing else."""
    found = paired_bootstrap(*pair, draws=200)
    assert found.ci_low <= found.ci_high
    assert found.significant == (found.ci_low > 0 or found.ci_high < 0)


def test_each_draw_is_the_ratio_of_sums():
    """Recomputed with a plain loop over the same draws, the interval is the same."""
    rng = np.random.default_rng(7)
    total = rng.integers(100, 4000, 9)
    base = np.column_stack((rng.binomial(total, 0.06), total))
    variant = np.column_stack((rng.binomial(total, 0.05), total))
    found = paired_bootstrap(base, variant, draws=300, seed=3)
    drawn = np.random.default_rng(3).integers(9, size=(300, 9))
    deltas = []
    for row in drawn:
        b, v = base[row].sum(axis=0), variant[row].sum(axis=0)
        deltas.append(b[0] / b[1] - v[0] / v[1])
    assert found.mean == pytest.approx(np.mean(deltas))
    assert found.ci_low == pytest.approx(np.percentile(deltas, 2.5))
    assert found.ci_high == pytest.approx(np.percentile(deltas, 97.5))


def test_a_clear_win_is_significant_and_reproducible():
    """Every recording better: the interval lies above 0, and the seed gives it again."""
    base = [(20 + k, 1000) for k in range(10)]
    variant = [(10 + k, 1000) for k in range(10)]
    found = paired_bootstrap(base, variant)
    assert found.significant
    assert found.ci_low > 0
    assert (found.n, found.seed, found.draws) == (10, 0, 2000)
    assert found == paired_bootstrap(base, variant)
    assert found.mean == pytest.approx(0.01)


def test_blocks_of_draws_do_not_show():
    """Very many units are drawn in several blocks, and all draws are made."""
    base = np.column_stack((np.arange(9000) % 7, np.full(9000, 50)))
    variant = np.column_stack((np.arange(9000) % 5, np.full(9000, 50)))
    found = paired_bootstrap(base, variant, draws=250)
    assert found.mean == pytest.approx((3 - 2) / 50, abs=2e-3)
    assert found.significant


@pytest.mark.parametrize("units", [[], [(1, 0)], [(0, 0), (0, 0)]])
def test_no_unit_gives_no_number(units):
    """Rates of nothing are None."""
    found = paired_bootstrap(units, units)
    assert (found.mean, found.ci_low, found.ci_high, found.n) == (None, None, None, 0)
    assert not found.significant


def test_one_unit_has_a_difference_but_no_interval():
    """A single recording says how much, never how sure; empty ones beside it change nothing."""
    found = paired_bootstrap([(5, 10), (0, 0)], [(3, 10), (0, 0)])
    assert found.mean == pytest.approx(0.2)
    assert (found.ci_low, found.ci_high, found.n) == (None, None, 1)
    assert not found.significant


@pytest.mark.parametrize(
    ("base", "variant", "draws"),
    [
        ([(1, 2)], [(1, 2), (1, 2)], 10),
        ([1, 2], [1, 2], 10),
        ([(-1, 2)], [(1, 2)], 10),
        ([(float("nan"), 2)], [(1, 2)], 10),
        ([(1, 2)], [(1, 2)], 0),
    ],
)
def test_counts_that_are_none_are_refused(base, variant, draws):
    """Unpaired, negative or undefined counts are an error of the caller."""
    with pytest.raises(ValueError):
        paired_bootstrap(base, variant, draws=draws)
