"""Gates say no when they must: a condition, a metric without value, a figure that got worse."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.errors import UsageError
from diarfix.metrics.gates import (
    Tolerance,
    changes,
    check_names,
    failures,
    known_bad,
    parse_condition,
    parse_tolerance,
)
from diarfix.metrics.table import COMPARISONS, METRICS, gate_names

OPERATORS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
UP, DOWN, NEUTRAL = (
    [row.name for row in (METRICS | COMPARISONS).values() if row.better == better]
    for better in ("up", "down", None)
)
numbers = st.floats(-10, 10).map(lambda x: round(x, 3))


@given(st.sampled_from(sorted(OPERATORS)), numbers, numbers, st.sampled_from(["", " "]))
def test_a_gate_fails_exactly_when_its_condition_holds(op, limit, value, space):
    condition = parse_condition(f"wser{space}{op}{space}{limit}")
    assert (condition.name, condition.op, condition.limit) == ("wser", op, limit)
    assert (condition.failure(value) is not None) == OPERATORS[op](value, limit)


def regressions(*args, **how):
    return [why for change in changes(*args, **how) if (why := change.failure)]


@pytest.mark.parametrize("value", [None, "0.1", True, {"1": 2}])
@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_a_metric_without_a_number_fails_every_gate(op, value):
    assert "has no value" in parse_condition(f"wser{op}5").failure(value)


def test_a_failure_names_the_value_and_the_gate():
    assert parse_condition("wser>0.05").failure(0.1) == "wser is 0.1, gate wser>0.05"


@pytest.mark.parametrize(
    "text", ["", "wser", "wser>", ">0.05", "wser=0.05", "wser>>1", "wser>nan", "wser>5%", "a b>1"]
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(UsageError, match="expected NAME OP NUMBER"):
        parse_condition(text)


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    known = gate_names()
    check_names([parse_condition("wser>0"), parse_condition("cpwer>0")], known)
    with pytest.raises(UsageError, match="unknown metric 'wsr'") as caught:
        check_names([parse_condition("wsr>0")], known)
    assert caught.value.hint == "did you mean 'wser'?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Tolerance(0.0, 0.0)),
        ("abs=0.01", Tolerance(0.01, 0.0)),
        ("rel=0.2", Tolerance(0.0, 0.2)),
        ("abs=0.01, rel=0.2", Tolerance(0.01, 0.2)),
    ],
)
def test_a_tolerance_is_read(text, expected):
    assert parse_tolerance(text) == expected


@pytest.mark.parametrize(
    "text", ["0.1", "abs", "abs=", "abs=-1", "rel=nan", "wser=1", "abs=1,,", ""]
)
def test_what_is_no_tolerance_is_refused(text):
    with pytest.raises(UsageError, match="expected abs=NUMBER"):
        parse_tolerance(text)


@given(st.sampled_from(UP + DOWN), st.sampled_from(["", "one: rules."]), numbers, numbers, numbers)
def test_worse_by_more_than_the_tolerance_fails_and_better_never_does(
    name, where, old, new, allowed
):
    """By the metric's own direction, whatever recording and variant its name begins with."""
    allowed = abs(allowed)
    worse = old - new if name in UP else new - old
    name = where + name
    found = regressions({name: old}, {name: new}, Tolerance(abs=allowed), every=True)
    assert bool(found) == (worse > allowed + 1e-9)


def test_the_larger_of_both_tolerances_counts():
    assert not regressions({"wser": 0.1}, {"wser": 0.12}, Tolerance(abs=0.001, rel=0.2))
    assert not regressions({"wser": 0.1}, {"wser": 0.12}, Tolerance(abs=0.02, rel=0.001))
    assert regressions({"wser": 0.1}, {"wser": 0.12}, Tolerance(abs=0.001, rel=0.1))


def test_a_metric_that_vanished_fails_and_one_that_is_new_passes():
    wide = Tolerance(abs=100.0)
    assert regressions({"wser": 0.1}, {"wser": None}, wide) == ["wser was 0.1 and has no value now"]
    assert regressions({"wser": 0.1}, {}, wide)
    assert not regressions({"wser": None}, {"wser": 0.5}, wide)


def test_headline_metrics_alone_decide_unless_all_are_to():
    """A better WSER may cost a little missed speech: that is shown, and no failure."""
    old = {"wser": 0.0264, "der": 0.1, "der_missed": 0.05, "islands": 3, "n_words": 9}
    new = {"wser": 0.0228, "der": 0.1, "der_missed": 0.05025, "islands": 4, "n_words": 8}
    found = {c.name: c for c in changes(old, new, Tolerance())}
    assert {name: c.verdict for name, c in found.items()} == {
        "wser": "better", "der": "same", "der_missed": "worse", "islands": "worse",
        "n_words": "other",
    }  # fmt: skip
    assert regressions(old, new, Tolerance()) == []
    assert regressions(old, new, Tolerance(), every=True) == [
        "der_missed was 0.05, is 0.05025", "islands was 3, is 4",
    ]  # fmt: skip
    assert found["wser"].document()["change"] == pytest.approx(-0.0036)


def test_the_headline_is_who_spoke_and_the_transcript():
    headline = {row.name for row in (METRICS | COMPARISONS).values() if row.headline}
    assert headline == {"wser", "wder", "der", "cpwer", "tcpwer"}


@pytest.mark.parametrize("name", NEUTRAL)
def test_what_says_how_much_was_measured_is_neither_better_nor_worse(name):
    assert not regressions({name: 5}, {name: 500}, Tolerance())
    assert not regressions({name: 500}, {name: 5}, Tolerance())


def test_every_metric_has_a_direction_or_is_neutral():
    """Higher is better for the boundary rates and coverage alone; boundary_errors are errors."""
    better = {"boundary_precision", "boundary_recall", "boundary_f1", "coverage", "repaired"}
    assert set(UP) == better
    measured = {"n_words", "n_scored", "n_excluded", "short_turns", "der_scored_seconds"}
    assert set(NEUTRAL) == measured | {"ref_speakers", "hyp_speakers"}


def test_the_self_test_holds():
    assert failures() == []
    assert all(line.startswith("ok") for line in known_bad())
