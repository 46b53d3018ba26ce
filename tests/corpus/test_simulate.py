"""Laws of the simulator: what its errors may do, what they never do, and how often they happen."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import simulate as sim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diarfix.core.overlap import overlap_regions, pieces_by_speaker
from diarfix.core.words import Turns, Words, turns_from_rows, words_from_rows

ms = st.integers(0, 60_000).map(lambda value: value / 1000)
few = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
rates = st.floats(0, 1)


@st.composite
def true_turns(draw) -> Turns:
    """Turns of up to four speakers: touching, nested, overlapping, of 10 ms to 30 s, unsorted."""
    rows = draw(
        st.lists(
            st.tuples(ms, st.integers(10, 30_000), st.sampled_from(["A", "B", "C", 4])), max_size=12
        )
    )
    return turns_from_rows([(start, start + length / 1000, who) for start, length, who in rows])


@st.composite
def true_words(draw) -> Words:
    """Words in order, touching or apart, some without time or label."""
    at, rows = 0.0, []
    parts = st.tuples(st.integers(0, 800), st.integers(0, 1500), st.sampled_from(["A", "B", None]))
    for gap, length, who in draw(st.lists(parts, max_size=20)):
        start = at + gap / 1000
        at = start + length / 1000
        timed = draw(st.integers(0, 9)) > 0
        rows.append(("w", start if timed else None, at if timed else None, who))
    return words_from_rows(rows)


def row_set(turns: Turns) -> list[tuple[float, float, object]]:
    return list(zip(turns.start.tolist(), turns.end.tolist(), turns.labels, strict=True))


ON_TURNS = {
    "jitter": lambda t, s, r: sim.jitter(t, s, sigma=r),
    "shift_edges": lambda t, s, r: sim.shift_edges(t, s, rate=r, profile=sim.RPN_EDGES),
    "overlap_handovers": lambda t, s, r: sim.overlap_handovers(t, s, rate=r),
    "quantise": lambda t, _, r: sim.quantise(t, step=r),
    "absorb": lambda t, s, r: sim.absorb(t, s, rate=r),
    "flicker": lambda t, s, r: sim.flicker(t, s, per_minute=20 * r),
    "confuse": lambda t, s, r: sim.confuse(t, s, rate=r),
    "confuse_stretches": lambda t, s, r: sim.confuse_stretches(t, s, per_minute=20 * r),
    "merge_pauses": lambda t, _, r: sim.merge_pauses(t, max_gap=r),
    "drop_overlap": lambda t, s, r: sim.drop_overlap(t, s, rate=r),
    "simulate": lambda t, s, r: sim.simulate(t, scaled(sim.PRESETS["harsh"], r), seed=s),
}
ON_WORDS = {
    "jitter_words": lambda w, s, r: sim.jitter_words(w, s, sigma=r),
    "gap_words": lambda w, s, r: sim.gap_words(w, s, rate=r),
    "run_on": lambda w, s, r: sim.run_on(w, s, rate=r),
    "lose_times": lambda w, s, r: sim.lose_times(w, s, rate=r),
    "simulate_words": lambda w, s, r: sim.simulate_words(
        w,
        sim.WordSettings(jitter_sigma=r, gap_rate=r, run_on_rate=r, untimed_rate=r),
        seed=s,
    ),
}


def scaled(full: sim.SimulatorSettings, factor: float) -> sim.SimulatorSettings:
    """``full`` with every rate multiplied."""
    rates_of = {
        f.name: getattr(full, f.name) * factor
        for f in dataclasses.fields(full)
        if isinstance(f.default, float) and f.default == 0
    }
    return dataclasses.replace(full, **rates_of)


@pytest.mark.parametrize("name", ON_TURNS)
class TestEveryErrorOfTurns:
    """Laws that hold for every function on turns, and for all of them in a row."""

    @few
    @given(turns=true_turns(), seed=seeds)
    def test_rate_zero_is_the_identity(self, name, turns, seed):
        """A rate of 0 gives back the input itself."""
        assert ON_TURNS[name](turns, seed, 0.0) is turns

    @few
    @given(turns=true_turns(), seed=seeds, rate=rates)
    def test_times_are_sound(self, name, turns, seed, rate):
        """Turns stay finite, not before 0 s, and longer than nothing."""
        result = ON_TURNS[name](turns, seed, rate)
        assert np.isfinite(result.end).all()
        assert (result.start >= 0).all()
        assert (result.end > result.start).all()

    @few
    @given(turns=true_turns(), seed=seeds, rate=rates)
    def test_no_speaker_is_invented(self, name, turns, seed, rate):
        """Every label of the output stands in the input, with its type."""
        result = ON_TURNS[name](turns, seed, rate)
        assert result.speakers == turns.speakers
        assert set(result.speaker.tolist()) <= set(turns.speaker.tolist())

    @few
    @given(turns=true_turns(), seed=seeds, rate=rates)
    def test_seed_decides(self, name, turns, seed, rate):
        """One seed, one output; the input is left as it was."""
        before = row_set(turns)
        assert row_set(ON_TURNS[name](turns, seed, rate)) == row_set(
            ON_TURNS[name](turns, seed, rate)
        )
        assert row_set(turns) == before


@pytest.mark.parametrize("name", ON_WORDS)
class TestEveryErrorOfWords:
    """Laws that hold for every function on words."""

    @few
    @given(words=true_words(), seed=seeds)
    def test_rate_zero_is_the_identity(self, name, words, seed):
        """A rate of 0 gives back the input itself."""
        assert ON_WORDS[name](words, seed, 0.0) is words

    @few
    @given(words=true_words(), seed=seeds, rate=rates)
    def test_only_times_move(self, name, words, seed, rate):
        """Texts, labels and the number of words stay; no time appears where there was none."""
        result = ON_WORDS[name](words, seed, rate)
        assert result.text == words.text
        assert result.labels == words.labels
        assert not (result.timed & ~words.timed).any()

    @few
    @given(words=true_words(), seed=seeds, rate=rates)
    def test_times_are_sound_and_ordered(self, name, words, seed, rate):
        """No word has a negative length, and starts that ascended still do."""
        result = ON_WORDS[name](words, seed, rate)
        start, end = result.start[result.timed], result.end[result.timed]
        assert (end >= start).all()
        assert (np.diff(start) >= -1e-9).all()
        if name not in {"lose_times", "simulate_words"}:
            assert (result.timed == words.timed).all()

    @few
    @given(words=true_words(), seed=seeds, rate=rates)
    def test_seed_decides(self, name, words, seed, rate):
        """One seed, one output."""
        one, two = ON_WORDS[name](words, seed, rate), ON_WORDS[name](words, seed, rate)
        np.testing.assert_array_equal(one.start, two.start)
        np.testing.assert_array_equal(one.end, two.end)


def alternating(n: int, length: float, gap: float = 0.0, speakers: str = "AB") -> Turns:
    """``n`` turns of equal length, the speakers taking it in turn."""
    step = length + gap
    return turns_from_rows(
        [(i * step, i * step + length, speakers[i % len(speakers)]) for i in range(n)]
    )


def lively(n: int = 400) -> Turns:
    """Long turns with a short one between each two, as an interviewer's "yeah"."""
    rows = []
    for i in range(n):
        rows += [(10.0 * i, 10.0 * i + 9.0, "A"), (10.0 * i + 9.2, 10.0 * i + 9.7, "B")]
    return turns_from_rows(rows)


class TestJitter:
    def test_spread_is_sigma(self):
        """Edges of long turns spread by sigma around where they were."""
        turns = alternating(4000, 10.0, gap=1.0)
        moved = sim.jitter(turns, 1, sigma=0.2)
        shift = np.append(moved.start[1:] - turns.start[1:], moved.end - turns.end)
        assert abs(shift.std() - 0.2) < 0.01
        assert abs(shift.mean()) < 0.01

    @few
    @given(turns=true_turns(), seed=seeds)
    def test_a_boundary_moves_as_one(self, turns, seed):
        """Where one turn ended at the instant another began, it still does."""
        moved = sim.jitter(turns, seed, sigma=0.3)
        touching = turns.end[:, None] == turns.start[None, :]
        np.testing.assert_allclose(
            np.broadcast_to(moved.end[:, None], touching.shape)[touching],
            np.broadcast_to(moved.start[None, :], touching.shape)[touching],
        )


class TestShiftEdges:
    def test_quartiles_are_those_of_the_profile(self):
        """The quartiles of the shifts are the quartiles that were asked for."""
        turns = alternating(6000, 10.0, gap=2.0)
        moved = sim.shift_edges(turns, 2, rate=1.0, profile=sim.PYANNOTE_EDGES)
        start = np.quantile((moved.start - turns.start)[1:], [0.25, 0.5, 0.75])
        end = np.quantile(moved.end - turns.end, [0.25, 0.5, 0.75])
        np.testing.assert_allclose(start, sim.PYANNOTE_EDGES.start[1:4], atol=0.03)
        np.testing.assert_allclose(end, sim.PYANNOTE_EDGES.end[1:4], atol=0.03)

    def test_rate_is_the_share_of_edges(self):
        """A rate of 0.3 moves about three edges in ten."""
        turns = alternating(4000, 10.0, gap=2.0)
        moved = sim.shift_edges(turns, 3, rate=0.3)
        assert abs((moved.end != turns.end).mean() - 0.3) < 0.03


class TestOverlapHandovers:
    def test_rate_and_length(self):
        """The asked share of hand-overs overlaps, by a length inside the range."""
        turns = alternating(4000, 5.0, gap=0.2)
        regions = overlap_regions(sim.overlap_handovers(turns, 4, rate=0.4, duration=(0.2, 0.6)))
        length = regions.end - regions.start
        assert abs(len(length) / 3999 - 0.4) < 0.03
        assert length.min() > 0.2 - 1e-6
        assert length.max() < 0.6 + 1e-6

    def test_pauses_of_one_speaker_stay(self):
        """A speaker who goes on after a pause is no hand-over, nor is a long silence."""
        turns = turns_from_rows([(0, 2, "A"), (2.1, 4, "A"), (6, 8, "B")])
        assert row_set(sim.overlap_handovers(turns, 5, rate=1.0)) == row_set(turns)


class TestQuantise:
    @few
    @given(turns=true_turns(), step=st.sampled_from([0.01, 0.016875, 0.1, 0.5]))
    @example(turns=turns_from_rows([(0.5, 0.51, "A")]), step=0.1)  # 0.5 + 0.1 is not 6 * 0.1
    def test_grid(self, turns, step):
        """Edges lie on the grid, no turn vanishes, and a second time changes nothing."""
        once = sim.quantise(turns, step=step)
        np.testing.assert_allclose(once.start / step, np.rint(once.start / step), atol=1e-6)
        assert len(once) == len(turns)
        assert row_set(sim.quantise(once, step=step)) == row_set(once)


class TestAbsorb:
    def test_rate_is_the_share_of_short_turns(self):
        """The asked share of the short turns is gone; the long speaker keeps every second."""
        result = sim.absorb(lively(), 6, rate=0.4)
        left = sum(label == "B" for label in result.labels)
        assert abs(left / 400 - 0.6) < 0.08

    def test_three_become_one(self):
        """Between two turns of one speaker the short one leaves a single turn behind."""
        turns = turns_from_rows([(0, 4, "A"), (4.1, 4.5, "B"), (4.6, 9, "A")])
        assert row_set(sim.absorb(turns, 7, rate=1.0)) == [(0, 9, "A")]

    def test_longer_neighbour_wins(self):
        """Between two speakers the longer turn is stretched over the place."""
        turns = turns_from_rows([(0, 4, "A"), (4.1, 4.5, "B"), (4.6, 6, "C")])
        assert row_set(sim.absorb(turns, 8, rate=1.0)) == [(0, 4.5, "A"), (4.6, 6, "C")]

    def test_alone_or_long_it_stays(self):
        """A turn far from others, or a long one, is not swallowed."""
        turns = turns_from_rows([(0, 4, "A"), (8, 8.4, "B"), (20, 25, "A"), (25, 27, "B")])
        assert row_set(sim.absorb(turns, 9, rate=1.0)) == row_set(turns)


class TestFlicker:
    def test_rate_per_minute(self):
        """Forty minutes of long turns at 1.5 a minute get about 60 flickers of the asked length."""
        turns = alternating(60, 40.0, speakers="ABC")
        result = sim.flicker(turns, 10, per_minute=1.5, duration=(0.2, 0.5))
        length = result.end - result.start
        added = length[length <= 0.5]
        assert 40 <= len(added) <= 80
        assert added.min() >= 0.2 - 1e-9

    @few
    @given(seed=seeds)
    def test_speech_is_cut_not_doubled(self, seed):
        """The union of the turns stays, still one speaker at a time, margins kept."""
        turns = alternating(6, 8.0)
        result = sim.flicker(turns, seed, per_minute=10.0, margin=0.5)
        assert not len(overlap_regions(result).start)
        assert sum(p.seconds for p in pieces_by_speaker(result)) == pytest.approx(48.0)
        edges = np.arange(7) * 8.0
        inside = ~np.isclose(result.start[:, None], edges).any(axis=1)
        assert (np.abs(result.start[inside, None] - edges) >= 0.5 - 1e-9).all()


class TestConfuse:
    def test_rate_is_the_share_of_turns(self):
        """The asked share of turns changes speaker, and only those short enough."""
        turns = alternating(4000, 2.0, speakers="ABCD")
        changed = sim.confuse(turns, 11, rate=0.25).speaker != turns.speaker
        assert abs(changed.mean() - 0.25) < 0.03
        assert sim.confuse(turns, 11, rate=1.0, max_duration=1.0).labels == turns.labels

    def test_one_speaker_cannot_be_confused(self):
        """With a single speaker there is nobody to confuse them with."""
        turns = turns_from_rows([(0, 4, "A"), (5, 9, "A")])
        assert sim.confuse(turns, 12, rate=1.0) is turns

    def test_stretches_change_speaker(self):
        """Stretches of 1 to 4 s go to another speaker, about as many as asked."""
        turns = alternating(30, 40.0)
        result = sim.confuse_stretches(turns, 13, per_minute=1.0)
        length = result.end - result.start
        assert 10 <= ((length >= 1 - 1e-9) & (length <= 4 + 1e-9)).sum() <= 32


class TestMergePauses:
    def test_pause_of_one_speaker_closes(self):
        """Turns of one speaker join over a short gap, also where another speaks in it."""
        turns = turns_from_rows([(0, 2, "A"), (2.1, 2.2, "B"), (2.3, 4, "A"), (5, 6, "A")])
        assert row_set(sim.merge_pauses(turns, max_gap=0.5)) == [
            (0, 4, "A"),
            (2.1, 2.2, "B"),
            (5, 6, "A"),
        ]


class TestDropOverlap:
    @few
    @given(turns=true_turns(), seed=seeds)
    def test_exclusive_and_complete(self, turns, seed):
        """At rate 1 no two speakers overlap, and every second somebody had stays with one."""
        result = sim.drop_overlap(turns, seed)
        assert not len(overlap_regions(result).start)
        everybody = Turns(turns.start, turns.end, np.zeros(len(turns), dtype=np.int32), ("X",))
        spoken = pieces_by_speaker(everybody)[0].seconds
        assert sum(p.seconds for p in pieces_by_speaker(result)) == pytest.approx(spoken)

    def test_listener_vanishes_inside_the_long_turn(self):
        """The longest turn wins, so a nested "yeah" is gone."""
        turns = turns_from_rows([(0, 10, "A"), (4, 4.5, "B"), (9, 12, "B")])
        assert row_set(sim.drop_overlap(turns, 14)) == [(0, 10, "A"), (10, 12, "B")]

    def test_rate_is_the_share_of_overlaps(self):
        """The asked share of overlapped stretches is left with one speaker."""
        turns = sim.overlap_handovers(alternating(4000, 5.0), 15, rate=1.0)
        before = len(overlap_regions(turns).start)
        after = len(overlap_regions(sim.drop_overlap(turns, 16, rate=0.3)).start)
        assert abs(after / before - 0.7) < 0.03


class TestWords:
    def test_word_borders_spread_by_sigma(self):
        """Touching words stay touching, and borders spread by sigma."""
        words = words_from_rows([("w", i * 1.0, i + 1.0, "A") for i in range(3000)])
        moved = sim.jitter_words(words, 17, sigma=0.05)
        np.testing.assert_array_equal(moved.start[1:], moved.end[:-1])
        assert abs((moved.end - words.end).std() - 0.05) < 0.003

    def test_gaps_open_behind_the_asked_share(self):
        """About the asked share of words ends early, by a length inside the range."""
        words = words_from_rows([("w", i * 1.0, i + 1.0, "A") for i in range(3000)])
        early = words.end - sim.gap_words(words, 18, rate=0.6, gap=(0.02, 0.08)).end
        assert abs((early > 0).mean() - 0.6) < 0.03
        assert early[early > 0].min() >= 0.02 - 1e-9
        assert early.max() <= 0.08 + 1e-9

    def test_ends_run_into_silence_only(self):
        """An end never passes the next word's start, and the last word stays."""
        words = words_from_rows([("w", i * 2.0, i * 2 + 0.5, "A") for i in range(2000)])
        late = sim.run_on(words, 19, rate=0.5)
        assert (late.end[:-1] <= words.start[1:]).all()
        assert abs((late.end > words.end).mean() - 0.5) < 0.04
        assert late.end[-1] == words.end[-1]

    def test_times_are_lost_at_the_asked_rate(self):
        """About the asked share of words is left without time."""
        words = words_from_rows([("w", i * 1.0, i + 1.0, "A") for i in range(3000)])
        assert abs((~sim.lose_times(words, 20, rate=0.1).timed).mean() - 0.1) < 0.02


class TestSimulate:
    @pytest.mark.parametrize("name", sim.PRESETS)
    def test_presets_err(self, name):
        """Every preset changes a lively dialogue, and two seeds change it differently."""
        one, two = (sim.simulate(lively(40), sim.PRESETS[name], seed=s) for s in (1, 2))
        assert row_set(one) != row_set(lively(40))
        assert row_set(one) != row_set(two)

    @pytest.mark.parametrize("name", ["vbx-like", "flickering"])
    def test_exclusive_presets(self, name):
        """Presets of exclusive diarizers have one speaker at a time."""
        turns = sim.simulate(lively(40), sim.PRESETS[name], seed=3)
        assert not len(overlap_regions(turns).start)

    def test_steps_have_their_own_draws(self):
        """Switching one error on does not redraw another."""
        base = sim.SimulatorSettings(absorption_rate=0.5)
        more = dataclasses.replace(base, confusion_rate=1e-9, jitter_sigma=1e-9)
        one, two = sim.simulate(lively(), base, seed=5), sim.simulate(lively(), more, seed=5)
        assert one.labels == two.labels

    def test_frozen_draws(self):
        """The draws of a seed are frozen: a result written down is still the result."""
        turns = turns_from_rows([(0, 8, "A"), (8.2, 8.6, "B"), (8.9, 20, "A"), (20, 31, "B")])
        got = sim.simulate(turns, sim.PRESETS["harsh"], seed=1)
        assert [(round(s, 2), round(e, 2), w) for s, e, w in row_set(got)] == FROZEN


FROZEN = [
    (0.0, 8.9, "A"),
    (8.9, 9.32, "B"),
    (9.32, 16.52, "A"),
    (16.52, 16.86, "B"),
    (16.86, 20.5, "A"),
    (20.22, 30.74, "B"),
]


class TestBadSettings:
    @pytest.mark.parametrize(
        "call",
        [
            lambda t: sim.absorb(t, 0, rate=1.5),
            lambda t: sim.confuse(t, 0, rate=-0.1),
            lambda t: sim.jitter(t, 0, sigma=-1.0),
            lambda t: sim.jitter(t, 0, sigma=float("nan")),
            lambda t: sim.flicker(t, 0, per_minute=1.0, duration=(0.5, 0.2)),
            lambda t: sim.quantise(t, step=float("inf")),
        ],
    )
    def test_refused(self, call):
        """A rate, range or step that means nothing is an error, never a guess."""
        with pytest.raises(ValueError, match="must"):
            call(lively(2))
