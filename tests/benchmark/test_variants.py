"""Variants and sweeps."""

import pytest

from diarfix.benchmark.variants import expand_variants, parse_sweep
from diarfix.config.sources import resolve
from diarfix.errors import ConfigError, UsageError

BASE = resolve({}, {}, {}, "")


def test_off_comes_first_and_once():
    """Everything is compared with off, whether it was asked for or not."""
    assert [v.name for v in expand_variants(["rules"], {}, BASE)] == ["off", "rules"]
    twice = expand_variants(["rules", "off", "rules"], {}, BASE)
    assert [v.name for v in twice] == ["off", "rules"]


def test_a_sweep_is_cartesian_and_named():
    """Every combination is a variant named by its values; others keep one cell."""
    sweep = parse_sweep(["max_island_words=1,2", "min-silent-gap=0.2,0.4"])
    found = expand_variants(["off", "rules", "viterbi"], sweep, BASE)
    assert [v.name for v in found] == [
        "off",
        "rules@max_island_words:1,min_silent_gap:0.2",
        "rules@max_island_words:1,min_silent_gap:0.4",
        "rules@max_island_words:2,min_silent_gap:0.2",
        "rules@max_island_words:2,min_silent_gap:0.4",
        "viterbi",
    ]
    assert found[3].settings.rules.max_island_words == 2
    assert found[3].settings.rules.min_silent_gap == 0.2
    assert found[-1].settings == BASE.settings


def test_only_knobs_that_matter_decide_a_cell():
    """Another rules knob leaves viterbi's cells as they are, and none touches off."""
    other = resolve({"max_island_words": 5}, {}, {}, "")
    one = {v.name: v.relevant() for v in expand_variants(["rules", "viterbi"], {}, BASE)}
    two = {v.name: v.relevant() for v in expand_variants(["rules", "viterbi"], {}, other)}
    assert one["off"] == two["off"]
    assert one["viterbi"] == two["viterbi"]
    assert one["rules"] != two["rules"]


@pytest.mark.parametrize("text", ["nonsense=1", "max_island_words", "max_island_words="])
def test_a_bad_sweep_is_refused(text):
    """A sweep names a knob and its values."""
    with pytest.raises(UsageError):
        parse_sweep([text])


def test_a_sweep_nobody_uses_or_out_of_range_is_refused():
    """A sweep that changes nothing, or leaves a knob's range, is an error."""
    with pytest.raises(UsageError, match="no variant uses it"):
        expand_variants(["off"], {"max_island_words": ["1"]}, BASE)
    with pytest.raises(ConfigError, match="expected >= 1"):
        expand_variants(["rules"], {"max_island_words": ["0"]}, BASE)
    with pytest.raises(UsageError, match="unknown variant"):
        expand_variants(["majority"], {}, BASE)


def test_subsets_of_diarizers_are_variants_by_number():
    found = expand_variants(["viterbi:1+3", "viterbi:upto", "off:each", "viterbi"], {}, BASE, 3)
    assert [(v.name, v.opinions) for v in found] == [
        ("off", ()),
        ("viterbi:1+3", (0, 2)),
        ("viterbi:1", (0,)),
        ("viterbi:1+2", (0, 1)),
        ("viterbi:1+2+3", (0, 1, 2)),
        ("off:1", (0,)),
        ("off:2", (1,)),
        ("off:3", (2,)),
        ("viterbi", ()),
    ]
    assert found[1].relevant() != found[-1].relevant()
    assert (found[1].absent, found[-1].absent) == ("no opinion 1+3", "no ")
    swept = expand_variants(["viterbi:1+2"], {"opinion_weight": ["0.5", "1"]}, BASE, 2)
    assert [v.name for v in swept[1:]] == [
        "viterbi:1+2@opinion_weight:0.5", "viterbi:1+2@opinion_weight:1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["viterbi:", "viterbi:0", "viterbi:1+4", "viterbi:all", "off:1-2"])
def test_a_subset_that_no_entry_has_is_refused(name):
    with pytest.raises(UsageError, match="expected diarizers from 1 to 3"):
        expand_variants([name], {}, BASE, 3)


@pytest.mark.parametrize("name", ["rules:1+2", "off:upto", "viterbi-labels:1+3"])
def test_who_hears_one_diarizer_is_not_given_several(name):
    with pytest.raises(UsageError, match="hears one diarizer"):
        expand_variants([name], {}, BASE, 3)
