"""Laws of diarfix.embed.windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.embed.audio import RATE
from diarfix.embed.windows import LONGEST, WindowEmbedder
from diarfix.errors import InputError
from tests.embed.conftest import noise
from tests.embed.fakes import FakeEmbedder


class Sound:
    """A recording in memory, which remembers what was read."""

    path = "memory"

    def __init__(self, samples):
        self.samples = np.ravel(samples)
        self.seconds = len(self.samples) / RATE
        self.reads = []

    def read(self, start, end):
        self.reads.append((start, end))
        return self.samples[round(start * RATE) : round(end * RATE)]


def model(*, dim=3, batch=1, features=lambda x: x[:400, None], forward=None):
    """An embedder of whose network nothing is known but the shape."""
    forward = forward or (lambda x: x[:, :dim, 0] + 1)
    return WindowEmbedder("m", "d", "m d", dim, features, forward, batch)


TEN = Sound(noise(10.0))


def test_vectors_are_unit_float32():
    """Every row that is not a failure has length one."""
    out = FakeEmbedder().embed(TEN, [0.0, 1.0], [0.2, 3.0])
    assert out.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(out.vectors, axis=1), 1, atol=1e-6)
    assert out.ok.all()
    assert out.reason == ("", "")


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (np.nan, 1.0, "no time"),
        (1.0, np.nan, "no time"),
        (3.0, 2.0, "an empty window"),
        (2.0, 2.0, "an empty window"),
        (10.0, 11.0, "outside the audio"),
        (-2.0, -1.0, "outside the audio"),
        (1e300, np.inf, "outside the audio"),
        (2.0, 2.01, "shorter than 0.025 s"),
        (9.99, 12.0, "shorter than 0.025 s"),
    ],
)
def test_a_window_without_sound_is_nan_with_its_reason(start, end, reason):
    """The row is NaN, the others are not touched, and nothing is raised."""
    out = FakeEmbedder().embed(TEN, [0.0, start, 5.0], [1.0, end, 6.0])
    assert out.reason == ("", reason, "")
    assert np.isnan(out.vectors[1]).all()
    assert not out.transient.any()
    assert np.isfinite(out.vectors[[0, 2]]).all()


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (0.0, "silence"),
        (0.25, "silence"),
        (np.nan, "samples that are not finite"),
        (np.inf, "samples that are not finite"),
    ],
)
def test_silence_and_broken_samples_are_failures(fill, reason):
    """Zeros, a constant offset, NaN and infinities have no voice."""
    samples = noise(3.0)[:, 0]
    samples[RATE : 2 * RATE] = fill
    with np.errstate(invalid="ignore"):
        out = FakeEmbedder().embed(Sound(samples), [0.0, 1.2], [0.5, 1.8])
    assert out.reason == ("", reason)


def test_a_failing_window_is_one_row_with_type_and_message():
    """What goes wrong in one window stays there, and may pass."""
    fake = FakeEmbedder(fails=lambda start, _: start == 1.0)
    out = fake.embed(TEN, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
    assert out.reason == ("", "RuntimeError: fails on demand", "")
    assert out.transient.tolist() == [False, True, False]
    assert np.isnan(out.vectors[1]).all()


def test_damage_in_the_file_is_no_transient_failure():
    """An InputError of one window is the file's fault."""
    fake = FakeEmbedder(fails=lambda start, _: start == 1.0, error=InputError("damaged"))
    out = fake.embed(TEN, [0.0, 1.0], [1.0, 2.0])
    assert out.reason == ("", "damaged")
    assert not out.transient.any()


def test_one_cause_for_all_windows_is_an_error():
    """If nothing works for one reason, that is no result."""
    fake = FakeEmbedder(fails=lambda *_: True)
    with pytest.raises(InputError, match="none of 2 windows could be embedded: RuntimeError"):
        fake.embed(TEN, [0.0, 1.0], [1.0, 2.0])
    assert fake.embed(TEN, [0.0], [1.0]).transient.tolist() == [True]


def test_silence_everywhere_is_no_error():
    """Windows that hold nothing are counted, however many."""
    out = FakeEmbedder().embed(Sound(np.zeros(3 * RATE)), [0.0, 1.0], [1.0, 2.0])
    assert out.reason == ("silence", "silence")


def test_interruption_is_not_a_failed_window():
    """Ctrl-C ends the work."""
    fake = FakeEmbedder(fails=lambda *_: True, error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        fake.embed(TEN, [0.0], [1.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_vector_that_is_not_finite_or_zero_is_a_failure(bad):
    """Whatever a model gives, a row is a unit vector or NaN."""
    embedder = model(forward=lambda x: np.full((len(x), 3), bad, dtype=np.float32))
    out = embedder.embed(TEN, [0.0, 1.0], [1.0, 2.0])
    assert out.reason == ("the model gave no finite vector",) * 2
    assert np.isnan(out.vectors).all()


def test_no_windows_are_no_rows():
    """Nothing in, nothing out."""
    out = FakeEmbedder().embed(TEN, [], [])
    assert out.vectors.shape == (0, 80)
    assert out.reason == ()


def test_only_the_window_is_read():
    """A window is cut exactly, and nothing else is read."""
    sound = Sound(noise(10.0))
    FakeEmbedder().embed(sound, [1.25, -1.0], [1.5, 0.5])
    assert sound.reads == [(1.25, 1.5), (0.0, 0.5)]


def test_a_long_window_is_the_mean_of_its_parts():
    """Longer windows are cut into equal parts; the row is the direction of their sum."""
    sound = Sound(noise(70.0))
    fake = FakeEmbedder()
    whole = fake.embed(sound, [2.0], [68.0])
    edges = np.linspace(2, 68, 4)
    assert np.diff(edges).max() <= LONGEST
    np.testing.assert_allclose(sound.reads, np.column_stack((edges[:-1], edges[1:])))
    total = fake.embed(sound, edges[:-1], edges[1:]).vectors.sum(axis=0)
    np.testing.assert_allclose(whole.vectors[0], total / np.linalg.norm(total), atol=1e-6)


def test_a_silent_part_of_a_long_window_is_left_out():
    """What can be heard counts; the window fails only if nothing can."""
    samples = noise(60.0)
    samples[: 30 * RATE] = 0
    sound = Sound(samples)
    out = FakeEmbedder().embed(sound, [0.0, 30.0], [60.0, 60.0])
    assert out.ok.all()
    np.testing.assert_allclose(out.vectors[0], out.vectors[1], atol=1e-6)


@given(
    lengths=st.lists(st.sampled_from([0.05, 0.1, 0.2]), min_size=1, max_size=12),
    batch=st.integers(1, 5),
    spoilt=st.sets(st.integers(0, 11)),
)
def test_batches_change_nothing(lengths, batch, spoilt):
    """Rows are the same one by one and stacked, also when some spoil their batch."""
    start = np.arange(len(lengths)) * 0.5
    end = start + lengths
    levels = {float(TEN.read(s, s + 0.05)[0]) for i, s in enumerate(start) if i in spoilt}

    def forward(features):
        if any(float(row[0, 0]) in levels for row in features):
            raise ValueError("spoilt")
        return features[:, :3, 0]

    def embed(size):
        features = lambda samples: samples[:, None]
        return model(batch=size, features=features, forward=forward).embed(TEN, start, end)

    if len(lengths) > 1 and spoilt >= set(range(len(lengths))):
        with pytest.raises(InputError):
            embed(batch)
        return
    one, many = embed(1), embed(batch)
    np.testing.assert_array_equal(one.vectors, many.vectors)
    assert one.reason == many.reason
    assert [bool(r) for r in one.reason] == [i in spoilt for i in range(len(lengths))]


def test_progress_counts_to_the_end():
    """Every window is told once, failures included."""
    seen = []
    FakeEmbedder().embed(
        TEN, [0.0, np.nan, 2.0], [1.0, 1.0, 3.0], progress=lambda *at: seen.append(at)
    )
    assert seen[-1] == (3, 3, "windows")
    assert [done for done, _, _ in seen] == sorted({done for done, _, _ in seen})


def test_columns_of_different_length_are_misuse():
    """Shapes that do not fit are the programmer's fault."""
    with pytest.raises(ValueError, match="start has shape"):
        model().embed(TEN, [0.0], [1.0, 2.0])


def test_results_are_read_only():
    """Nobody changes another's vectors."""
    out = FakeEmbedder().embed(TEN, [0.0], [1.0])
    with pytest.raises(ValueError, match="read-only"):
        out.vectors[0, 0] = 1
