"""Properties of whole migrations: what holds after any run, and after any interrupted one."""

import contextlib
import itertools
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_fakes import (
    PITCH,
    FakeModel,
    contact,
    job,
    read_store,
    unit,
    voice_of,
    write_samples,
    write_store,
)

from diarfix.contacts.matching import compare_embeddings
from diarfix.contacts.migrate import migrate_store
from diarfix.contacts.plan import Action
from diarfix.contacts.vectors import read_vector

OURS = {"name": "fake", "dim": 256, "digest": "d1", "n_samples": 1}


def listing(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


vectors = st.sampled_from(
    [None, unit(1), [unit(2)], unit(3, 512), [0.0] * 256, [float("nan")] * 256, [], [[0.5]]]
)
contacts = st.fixed_dictionaries(
    {"speaker_embedding": vectors},
    optional={
        "speech_samples_version": st.sampled_from([None, 1, 2, 3]),
        "speech_samples": st.lists(
            st.sampled_from([*PITCH, "short.wav", "none.wav", "flaky.wav", "../x.wav"]), max_size=3
        ),
        "speaker_embedding_model": st.sampled_from([None, OURS, {**OURS, "digest": "x"}, "odd"]),
        "note": st.text(max_size=3),
    },
)
stores = st.lists(contacts, max_size=4).map(
    lambda rows: [{"id": i, **row} for i, row in enumerate(rows)]
)
layouts = st.sampled_from([("list", {}), ("people", {"indent": 1}), ("contacts", {})])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("world"))


def fresh(tmp_path_factory, rows, layout):
    name, style = layout
    # The anchor shows that the folder is the right one.
    rows = [contact("anchor", vector=unit(9), samples=["ben.wav"]), *rows]
    return write_store(tmp_path_factory.mktemp("p") / "c.json", rows, name, **style)


slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(stores, layouts, st.booleans())
def test_migrated_stores_hold_no_stale_vector_lose_no_field_and_stay_as_they_are(
    tmp_path_factory, world, rows, layout, chosen
):
    store = fresh(tmp_path_factory, rows, layout)
    before = read_store(store, layout[0])
    result = migrate_store(job(store, world, FakeModel(chosen=chosen)))
    after = read_store(store, layout[0])
    waiting = {row.id for row in result.rows if row.action is Action.RETRY}
    assert (result.exit_code == 5) == bool(waiting)
    ours = {"speaker_embedding", "speaker_embedding_model", "speech_samples_version"}
    for old, new in zip(before, after, strict=True):
        assert [k for k in new if k in old] == list(old)
        assert set(new) - set(old) <= ours
        assert all(repr(new[k]) == repr(old[k]) for k in old if k not in ours)
        if new["id"] in waiting:
            assert repr(new) == repr(old)
            continue
        assert new["speech_samples_version"] == 3
        vector = read_vector(new["speaker_embedding"], "")
        tag = new.get("speaker_embedding_model")
        assert vector is None or (vector.dim == 256 and not vector.fault)
        if chosen and vector is not None and tag is not None:
            assert (tag["name"], tag["digest"]) == ("fake", "d1")
        if vector is not None:
            assert compare_embeddings(vector.values, voice_of(300)) < 2
    # Twice is once.
    done = listing(store.parent)
    model = FakeModel(chosen=chosen)
    again = migrate_store(job(store, world, model))
    assert listing(store.parent) == done
    assert (again.written, model.loads) == (None, 0)
    assert {row.id for row in again.rows if row.action is not Action.KEEP} == waiting


class Killed(BaseException):
    """The process is gone: nothing that touches the disk happens any more."""


def die_at(patch, k):
    """Let the k-th change of the disk, and every later one, not happen; count them."""
    count = itertools.count()
    state = {"n": 0}

    def wrap(name):
        real = getattr(os, name)

        def step(*args, **more):
            state["n"] = n = next(count) + 1
            if n == k and name == "write":  # a torn write
                real(args[0], bytes(args[1])[: len(args[1]) // 2])
            if k and n >= k:
                raise Killed
            return real(*args, **more)

        patch.setattr(os, name, step)

    for name in ("write", "fsync", "replace", "link", "unlink", "ftruncate"):
        wrap(name)
    return state


@slow
@given(stores, layouts, st.data())
def test_interrupted_and_resumed_is_uninterrupted_at_every_write(
    tmp_path_factory, world, rows, layout, data
):
    whole = fresh(tmp_path_factory, rows, layout)
    original = whole.read_bytes()
    smooth_model = FakeModel()
    with pytest.MonkeyPatch.context() as patch:
        steps = die_at(patch, 0)
        migrate_store(job(whole, world, smooth_model))
    final = listing(whole.parent)

    store = fresh(tmp_path_factory, rows, layout)
    model = FakeModel()
    deaths = data.draw(st.lists(st.integers(1, max(steps["n"], 1)), min_size=1, max_size=3))
    for k in deaths:
        with pytest.MonkeyPatch.context() as patch:
            die_at(patch, k)
            with contextlib.suppress(Killed):
                migrate_store(job(store, world, model))
        # Old or new, never between.
        assert store.read_bytes() in (original, final["c.json"])
    migrate_store(job(store, world, model))
    assert listing(store.parent) == final
    # Only a voice whose own record was torn is embedded again.
    assert len(model.embedder.heard) <= len(smooth_model.embedder.heard) + 3 * len(deaths)


def test_every_single_death_resumes_to_the_same_bytes_without_embedding_done_voices_again(
    tmp_path_factory, world
):
    rows = [
        contact("a", 1, unit(1, 512), ["anna/1.wav"]),
        contact("b", 3, unit(2, 512)),
        contact("c", 2, None, ["ben.wav"]),
        contact("d", 1, unit(3), ["flaky.wav"]),
    ]
    whole = fresh(tmp_path_factory, rows, ("list", {}))
    with pytest.MonkeyPatch.context() as patch:
        steps = die_at(patch, 0)
        migrate_store(job(whole, world))
    final = listing(whole.parent)
    assert steps["n"] > 10
    for k in range(1, steps["n"] + 1):
        store = fresh(tmp_path_factory, rows, ("list", {}))
        model = FakeModel()
        with pytest.MonkeyPatch.context() as patch:
            die_at(patch, k)
            with pytest.raises(Killed):
                migrate_store(job(store, world, model))
        resumed = migrate_store(job(store, world, model))
        assert listing(store.parent) == final, k
        torn = len(model.embedder.heard) - 2
        assert torn in {0, 1}, (k, model.embedder.heard)
        assert resumed.exit_code == 5
        if k > 6:  # past the journal's lines
            assert torn == 0, k
