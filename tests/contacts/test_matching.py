import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import contact, tag_of, unit, write_store

from diarfix.contacts.matching import Voiceprint, best_match, compare_embeddings, load_voiceprints

elements = st.floats(-1e3, 1e3)
vectors = st.lists(elements, min_size=2, max_size=5).map(np.array)


@given(vectors, vectors)
def test_distance_is_symmetric_between_0_and_2_and_blind_to_shape(a, b):
    distance = compare_embeddings(a, b)
    assert 0.0 <= distance <= 2.0
    assert distance == compare_embeddings(b, a)
    assert distance == compare_embeddings(a[None], b) == compare_embeddings(a[None], b[None])


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 5e-324 * 4])
def test_distance_is_one_minus_cosine_at_any_scale(scale):
    a, b = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    assert compare_embeddings(a * scale, b) == pytest.approx(1 - np.sqrt(0.5))
    assert compare_embeddings(a, -a * scale) == 2.0
    assert compare_embeddings(a, a * scale) == 0.0


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        [[]],
        [0.0, 0.0],
        [np.nan, 1.0],
        [np.inf, 1.0],
        [1.0, 2.0, 3.0],
        [[1.0, 2.0, 3.0]],
        [[1.0, 0.0], [0.0, 1.0]],
        ["1", "2"],
        [[1.0], [2.0, 3.0]],
        [True, False],
        1.0,
    ],
)
def test_what_cannot_be_compared_is_as_far_as_can_be(bad):
    good = [1.0, 2.0]
    assert compare_embeddings(good, bad) == compare_embeddings(bad, good) == 2.0
    assert compare_embeddings(bad, bad) == 2.0 or np.shape(bad)[-1] == 3


def prints(*rows):
    return [Voiceprint(who, None, np.array(v, dtype=float), active) for who, v, active in rows]


def test_best_match_is_the_same_in_every_order_also_among_ties():
    rows = prints(
        ("b", [1.0, 0.1], True),
        ("a", [2.0, 0.2], True),
        (7, [1.0, 0.1], True),
        ("near", [1.0, 0.0], False),
        ("far", [0.0, 1.0], True),
        ("odd", [1.0, 0.0, 0.0], True),
    )
    found = {best_match([1.0, 0.0], order).voiceprint.id for order in itertools.permutations(rows)}
    assert found == {7}
    found = {
        best_match([1.0, 0.0], order).voiceprint.id
        for order in itertools.permutations([r for r in rows if r.id != 7])
    }
    assert found == {"a"}


def test_a_match_lies_strictly_under_the_threshold():
    rows = prints(("a", [1.0, 1.0], True))
    distance = compare_embeddings([1.0, 0.0], [1.0, 1.0])
    assert best_match([1.0, 0.0], rows, threshold=distance) is None
    assert best_match([1.0, 0.0], rows, threshold=distance + 1e-9).distance == distance
    assert best_match([0.0, 0.0], rows, threshold=2.0) is None
    assert best_match([1.0, 0.0], []) is None


def test_with_a_model_only_vectors_tagged_with_it_take_part(tmp_path, samples):
    ours = tag_of(samples, ["ben.wav"], unit(1))
    rows = [
        contact("ours", vector=unit(1), samples=["ben.wav"], speaker_embedding_model=ours),
        contact("untagged", vector=unit(1), samples=["ben.wav"]),
        contact("changed", vector=unit(2), samples=["ben.wav"], speaker_embedding_model=ours),
        contact(
            "foreign",
            vector=unit(1),
            samples=["ben.wav"],
            speaker_embedding_model={**ours, "digest": "x"},
        ),
    ]
    store = write_store(tmp_path / "c.json", rows)
    active = [v.id for v in load_voiceprints(store, model=("fake", "d1")) if v.active]
    assert active == ["ours"]
    assert [v.id for v in load_voiceprints(store) if v.active] == [row["id"] for row in rows]


def test_a_vector_of_samples_that_are_gone_takes_no_part(tmp_path, samples):
    tag = tag_of(samples, ["anna/1.wav", "ben.wav"], unit(1))
    rows = [
        contact("one left", vector=unit(1), samples=["ben.wav"], speaker_embedding_model=tag),
        contact(
            "exchanged",
            vector=unit(1),
            samples=["anna/2.wav", "ben.wav"],
            speaker_embedding_model=tag,
        ),
    ]
    store = write_store(tmp_path / "c.json", rows)
    assert [v.active for v in load_voiceprints(store)] == [False, True]
    assert [v.active for v in load_voiceprints(store, samples_dir=samples)] == [False, False]


def test_loaded_contacts_take_part_only_if_current_sound_and_sampled(tmp_path, samples):
    good = unit(1)
    rows = [
        contact("ok", vector=good, samples=["ben.wav"]),
        contact("bare", vector=good),
        contact("old", version=2, vector=good, samples=["ben.wav"]),
        contact("wide", vector=unit(1, 512), samples=["ben.wav"]),
        contact("zero", vector=[0.0] * 256, samples=["ben.wav"]),
        contact("gone", vector=good, samples=["nowhere.wav"]),
        contact("null", samples=["ben.wav"]),
    ]
    store = write_store(tmp_path / "c.json", rows)
    loaded = load_voiceprints(store)
    assert [v.id for v in loaded] == [r["id"] for r in rows]
    assert [v.id for v in loaded if v.active] == ["ok", "gone"]
    here = load_voiceprints(store, samples_dir=samples)
    assert [v.id for v in here if v.active] == ["ok"]
    assert best_match(good, here).voiceprint.id == "ok"
