"""DER and JER count what md-eval counts, for any names, times and numbers of speakers."""

from __future__ import annotations

import json
import os
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import Turns, turns_from_rows
from diarfix.formats.text.rttm import read_rttm
from diarfix.metrics import sweep as sweep_module
from diarfix.metrics.der import DerCounts, JerCounts, der, jer, speaker_map
from diarfix.metrics.sweep import extent

law = settings(deadline=None, max_examples=100)

#: One step of the grid on which the brute force looks, s.
STEP = 0.01


def turns(names, max_size=6):
    """Up to ``max_size`` turns on the grid, overlapping at will, also for one speaker."""
    row = st.tuples(st.integers(0, 60), st.integers(0, 25), st.sampled_from(names))
    return st.lists(row, max_size=max_size).map(
        lambda rows: turns_from_rows([(a * STEP, (a + n) * STEP, s) for a, n, s in rows])
    )


def parts(counts):
    return (counts.scored, counts.missed, counts.false_alarm, counts.confusion)


def near(counts):
    return pytest.approx(parts(counts), abs=1e-9)


def on_grid(side, n):
    """(S, n) bool: who talks in each step."""
    table = np.zeros((len(side.speakers), n), dtype=bool)
    for a, b, code in zip(side.start, side.end, side.speaker, strict=True):
        table[code, round(a / STEP) : round(b / STEP)] = True
    return table


def all_maps(n_hyp, n_ref):
    slots = [*range(n_ref), *[-1] * n_hyp]
    return sorted(set(permutations(slots, n_hyp)))


def brute_force(ref, hyp, *, collar, skip_overlap):
    """The counts under each of the best maps, looking at every step of the grid."""
    n = 100
    here, there = on_grid(ref, n), on_grid(hyp, n)
    keep = np.ones(n, dtype=bool)
    for time in np.concatenate((ref.start, ref.end)):
        at = round(time / STEP)
        keep[max(at - collar, 0) : at + collar] = False
    if skip_overlap:
        keep &= here.sum(axis=0) < 2
    common = (there[:, None, :] & here[None, :, :]).sum(axis=2)
    scored = {}
    for choice in all_maps(len(there), len(here)):
        pairs = [(h, r) for h, r in enumerate(choice) if r >= 0]
        weight = sum(common[h, r] for h, r in pairs)
        right = sum((there[h] & here[r] & keep).sum() for h, r in pairs)
        n_ref, n_hyp = here[:, keep].sum(axis=0), there[:, keep].sum(axis=0)
        scored.setdefault(weight, []).append(
            (
                n_ref.sum() * STEP,
                np.maximum(n_ref - n_hyp, 0).sum() * STEP,
                np.maximum(n_hyp - n_ref, 0).sum() * STEP,
                (np.minimum(n_ref, n_hyp).sum() - right) * STEP,
            )
        )
    return scored[max(scored)]


@law
@given(turns("AB"), turns("xyz"), st.sampled_from([0, 1, 5]), st.booleans())
def test_der_is_what_a_10_ms_grid_counts(ref, hyp, collar, skip_overlap):
    """On whole hundredths the sweep equals looking at every hundredth, under a best map."""
    found = der(ref, hyp, collar=collar * STEP, skip_overlap=skip_overlap)
    expected = brute_force(ref, hyp, collar=collar, skip_overlap=skip_overlap)
    assert any(np.allclose(parts(found), counts, atol=1e-9) for counts in expected)


@law
@given(turns("AB"), turns("xyz"))
def test_jer_is_the_smallest_of_all_maps(ref, hyp):
    """No map of speakers gives a smaller sum of Jaccard errors."""
    here, there = on_grid(ref, 100), on_grid(hyp, 100)
    sums = [
        sum(
            1
            - (there[list(choice).index(r)] & row).sum()
            / (there[list(choice).index(r)] | row).sum()
            if r in choice
            else 1.0
            for r, row in enumerate(here)
            if row.any()
        )
        for choice in all_maps(len(there), len(here))
    ]
    found = jer(ref, hyp)
    assert found.speakers == sum(row.any() for row in here)
    assert found.error == pytest.approx(min(sums), abs=1e-9)


@law
@given(turns("ABC"), turns("xyz"), st.sampled_from([0.0, 0.05]))
def test_names_do_not_matter(ref, hyp, collar):
    """Renaming either side, even to the names of the other, changes no count."""
    other = Turns(ref.start, ref.end, ref.speaker, tuple("zyx")[: len(ref.speakers)])
    named = Turns(hyp.start, hyp.end, hyp.speaker, tuple(range(len(hyp.speakers))))
    assert der(other, named, collar=collar) == der(ref, hyp, collar=collar)
    assert jer(other, named) == jer(ref, hyp)


@law
@given(turns("ABC"), turns("xyz"), st.integers(1, 10**7), st.sampled_from([0.0, 0.05]))
def test_a_shift_in_time_changes_nothing(ref, hyp, shift, collar):
    """Counts do not depend on when the recording begins."""
    at = shift / 1000
    later = [Turns(t.start + at, t.end + at, t.speaker, t.speakers) for t in (ref, hyp)]
    assert parts(der(*later, collar=collar)) == near(der(ref, hyp, collar=collar))
    assert jer(*later).error == pytest.approx(jer(ref, hyp).error, abs=1e-5)


@law
@given(turns("ABC", max_size=10), st.sampled_from([0.0, 0.05]), st.booleans())
def test_a_perfect_hypothesis_has_no_error(ref, collar, skip_overlap):
    """The reference against itself under other names: nothing missed, false or confused."""
    hyp = Turns(ref.start, ref.end, ref.speaker, tuple(f"S{k}" for k in range(len(ref.speakers))))
    found = der(ref, hyp, collar=collar, skip_overlap=skip_overlap)
    assert found.errors == pytest.approx(0, abs=1e-9)
    assert jer(ref, hyp).error == pytest.approx(0, abs=1e-9)


@law
@given(turns("AB"), turns("xy"), turns("CD"), turns("zw"))
def test_two_recordings_in_a_row_add_up(ref, hyp, next_ref, next_hyp):
    """Counts of a concatenation are the sums of the counts."""

    def row(first, second):
        later = len(first.speakers)
        return Turns(
            np.append(first.start, second.start + 10),
            np.append(first.end, second.end + 10),
            np.append(first.speaker, second.speaker + later),
            (*first.speakers, *second.speakers),
        )

    both = der(row(ref, next_ref), row(hyp, next_hyp))
    assert parts(both) == near(der(ref, hyp) + der(next_ref, next_hyp))
    pooled = jer(ref, hyp) + jer(next_ref, next_hyp)
    found = jer(row(ref, next_ref), row(hyp, next_hyp))
    assert (found.error, found.speakers) == pytest.approx((pooled.error, pooled.speakers), abs=1e-9)


@law
@given(turns("ABC"), turns("xyz"))
def test_ref_and_hyp_exchanged_exchange_missed_and_false(ref, hyp):
    """Without collar, what one side misses the other adds; confusion is mutual."""
    one, other = der(ref, hyp), der(hyp, ref)
    assert (one.missed, one.confusion) == pytest.approx((other.false_alarm, other.confusion))


@law
@given(turns("ABC"))
def test_a_missing_hypothesis_is_all_missed(ref):
    """Nothing said by the hypothesis: everything is missed."""
    nothing = turns_from_rows([])
    found = der(ref, nothing)
    assert found == DerCounts(found.scored, found.scored, 0.0, 0.0)
    assert found.rate == (1.0 if len(ref) else None)
    assert jer(ref, nothing).rate == (1.0 if len(ref) else None)


def test_rates_of_nothing_are_none():
    """Silence on both sides, or false alarm alone, has no rate."""
    nothing = turns_from_rows([])
    alarm = der(nothing, turns_from_rows([(0, 2, "x")]))
    assert alarm == DerCounts(0.0, 0.0, 2.0, 0.0)
    assert alarm.rate is alarm.missed_rate is alarm.false_alarm_rate is alarm.confusion_rate is None
    assert der(nothing, nothing) == DerCounts()
    assert jer(nothing, nothing) == JerCounts()
    assert jer(nothing, nothing).rate is None
    assert extent(nothing, nothing) == (0.0, 0.0)


def test_components_of_a_small_case():
    """One second missed, one confused, two false, of five.

    ref     A A A A A . .
    hyp     . x x x y y y
    """
    ref = turns_from_rows([(0, 5, "A")])
    hyp = turns_from_rows([(1, 4, "x"), (4, 7, "y")])
    found = der(ref, hyp)
    assert found == DerCounts(5.0, 1.0, 2.0, 1.0)
    assert found.rate == pytest.approx(0.8)
    assert (found.missed_rate, found.false_alarm_rate, found.confusion_rate) == (0.2, 0.4, 0.2)
    assert (jer(ref, hyp).error, jer(ref, hyp).speakers) == (pytest.approx(0.4), 1)
    assert speaker_map(ref, hyp).tolist() == [0, -1]


def test_false_alarms_outside_the_reference_count():
    """Without a UEM the extent is that of both sides; a UEM cuts it."""
    ref = turns_from_rows([(5, 10, "A")])
    hyp = turns_from_rows([(0, 10, "x")])
    assert extent(ref, hyp) == (0.0, 10.0)
    assert der(ref, hyp).rate == 1.0
    assert der(ref, hyp, uem=(np.array([5.0]), np.array([10.0]))).rate == 0.0


def test_uem_regions_may_overlap_and_be_empty():
    """Regions count once, in any order; those without length hold nothing."""
    ref = turns_from_rows([(0, 10, "A")])
    hyp = turns_from_rows([])
    uem = (np.array([4.0, 1.0, 2.0, 9.0]), np.array([6.0, 3.0, 5.0, 9.0]))
    assert der(ref, hyp, uem=uem) == DerCounts(5.0, 5.0, 0.0, 0.0)
    assert der(ref, hyp, uem=(np.array([3.0]), np.array([3.0]))) == DerCounts()
    silent = jer(turns_from_rows([(0, 1, "A"), (5, 6, "B")]), hyp, uem=uem)
    assert silent.speakers == 1


def test_a_sliver_of_rounding_is_no_speaker():
    """Who talks for less than a microsecond of the UEM does not talk there."""
    sliver = turns_from_rows([(0, 5 + 1e-12, "A")])
    uem = (np.array([5.0]), np.array([10.0]))
    assert jer(sliver, sliver, uem=uem) == JerCounts()
    assert der(sliver, sliver, uem=uem).rate is None


def test_a_collar_below_zero_is_refused():
    """A collar is a width."""
    nothing = turns_from_rows([])
    for collar in (-0.25, float("nan")):
        with pytest.raises(ValueError, match="collar"):
            der(nothing, nothing, collar=collar)


def test_a_speaker_overlapping_himself_counts_once():
    """Of A 0-10 and A 5-15 are 15 s scored, and nothing of it is overlap."""
    ref = turns_from_rows([(0, 10, "A"), (5, 15, "A")])
    hyp = turns_from_rows([(0, 15, "x"), (2, 3, "x")])
    assert der(ref, hyp) == DerCounts(15.0, 0.0, 0.0, 0.0)
    assert der(ref, hyp, skip_overlap=True) == DerCounts(15.0, 0.0, 0.0, 0.0)


def test_zero_length_turns_are_ignored():
    """A turn of no length neither speaks nor has boundaries."""
    ref = turns_from_rows([(0, 10, "A"), (5, 5, "B")])
    hyp = turns_from_rows([(0, 10, "x"), (7, 7, "y")])
    assert der(ref, hyp, collar=0.25) == DerCounts(9.5, 0.0, 0.0, 0.0)


def test_touching_turns_of_one_speaker_have_a_collar():
    """A boundary as written is a boundary, though the same speaker goes on."""
    ref = turns_from_rows([(0, 5, "A"), (5, 10, "A")])
    found = der(ref, turns_from_rows([(0, 10, "x")]), collar=0.25)
    assert found.scored == pytest.approx(9.0)


def test_speakers_are_mapped_before_the_collar_is_cut():
    """x shares more with A in all, though y shares more outside the collars.

    ref     A 0-0.9   A 1-1.9   A 2-2.9    A 10-12
    hyp     x         x         x          y
    """
    ref = turns_from_rows([(0, 0.9, "A"), (1, 1.9, "A"), (2, 2.9, "A"), (10, 12, "A")])
    hyp = turns_from_rows([(0, 0.9, "x"), (1, 1.9, "x"), (2, 2.9, "x"), (10, 12, "y")])
    assert speaker_map(ref, hyp).tolist() == [0, -1]
    found = der(ref, hyp, collar=0.4)
    assert parts(found) == pytest.approx((1.5, 0, 0, 1.2))


def test_many_speakers_need_no_bit_masks():
    """A hundred speakers on each side, shuffled, are all found."""
    order = np.random.default_rng(0).permutation(100)
    ref = turns_from_rows([(k, k + 1, f"r{k}") for k in range(100)])
    hyp = turns_from_rows([(float(k), k + 1.0, f"h{k}") for k in order.tolist()])
    assert der(ref, hyp) == DerCounts(100.0, 0.0, 0.0, 0.0)


def _data() -> Path:
    here = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("DIARFIX_DATA", here.parent / "shared" / "data"))
    if not (folder / "golden" / "ami_der.json").exists():
        pytest.skip("no real data: set DIARFIX_DATA to the folder that holds golden/ami_der.json")
    return folder


def test_md_eval_agrees_on_real_meetings():
    """96 figures of md-eval-22 on AMI, each component within 2 ms."""
    folder = _data()
    golden = json.loads((folder / "golden" / "ami_der.json").read_text(encoding="utf-8"))
    uem = (np.array([0.0]), np.array([10000.0]))
    off = {}
    for key, (*seconds, rate) in ((k, v) for k, v in golden.items() if not k.startswith("_")):
        system, name, collar, overlap = key.split("/")
        ref, hyp = (
            read_rttm(path.read_text(encoding="utf-8"), path.name)[name]
            for path in (folder / "ami" / f"{name}.{kind}.rttm" for kind in ("ref", system))
        )
        found = der(ref, hyp, collar=float(collar), skip_overlap=overlap == "noov", uem=uem)
        off[key] = max(abs(a - b) for a, b in zip(parts(found), seconds, strict=True))
        assert found.rate == pytest.approx(rate, abs=1e-5)
    assert len(off) == 96
    assert max(off.values()) <= 0.002


@settings(deadline=None, max_examples=50)
@given(
    ref=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from("ABC")), max_size=9
    ),
    hyp=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from("xyz")), max_size=9
    ),
    block=st.sampled_from([1, 1 << 20]),
)
def test_what_speakers_share_is_what_they_speak_at_once(ref, hyp, block):
    """Second by second, however many meetings are looked at together."""
    left, right = (turns_from_rows((a, a + n, s) for a, n, s in rows) for rows in (ref, hyp))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep_module, "_BLOCK", block)
        cut = sweep_module.sweep(left, right)
        found = cut.together(cut.seconds)
    said = [
        {s: {t for a, n, who in rows if who == s for t in range(a, a + n)} for s in side.speakers}
        for rows, side in ((ref, left), (hyp, right))
    ]
    expected = {
        (h, r): len(mine & theirs)
        for h, mine in said[1].items() for r, theirs in said[0].items() if mine & theirs
    }  # fmt: skip
    pairs = zip(found.row.tolist(), found.column.tolist(), found.weight.tolist(), strict=True)
    assert {(right.speakers[h], left.speakers[r]): w for h, r, w in pairs} == pytest.approx(
        expected
    )
