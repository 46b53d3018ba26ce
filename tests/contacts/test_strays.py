import base64
import hashlib
import io
import json
import pickle
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import contact, job, unit, write_store

from diarfix.contacts.migrate import check_exit, migrate_store, plan_migration
from diarfix.contacts.plan import plan_store
from diarfix.contacts.store import open_store
from diarfix.contacts.strays import find_strays
from diarfix.errors import InputError

VECTOR = np.array(unit(5, 192))


def b64(vector, kind="<f4"):
    return base64.b64encode(vector.astype(kind).tobytes()).decode()


def as_text(vector):
    return "[" + ",".join(str(x) for x in vector) + "]"


def saved(vector):
    file = io.BytesIO()
    np.save(file, vector)
    return file.getvalue()


#: One voiceprint as services, databases and wire formats write it.
SPELLINGS = {
    "rows of a matrix": VECTOR.reshape(-1, 16).tolist(),
    "objects of one member": [{"x": number} for number in VECTOR.tolist()],
    "list": VECTOR.tolist(),
    "nested": [VECTOR.tolist()],
    "several": [VECTOR.tolist(), VECTOR.tolist()],
    "column": [[x] for x in VECTOR.tolist()],
    "with nulls": [None, *VECTOR.tolist()],
    "whole numbers": [round(x * 127) for x in VECTOR],
    "strings": [str(x) for x in VECTOR],
    "columns": {f"d{i}": x for i, x in enumerate(VECTOR.tolist())},
    "saved array": base64.b64encode(saved(VECTOR)).decode(),
    "Float32Array": {str(i): x for i, x in enumerate(VECTOR.tolist())},
    "Buffer": {"type": "Buffer", "data": list(VECTOR.astype("<f4").tobytes())},
    "Firestore": {"arrayValue": {"values": [{"doubleValue": x} for x in VECTOR.tolist()]}},
    "DynamoDB": {"L": [{"N": str(x)} for x in VECTOR.tolist()]},
    "JSON in a string": json.dumps({"v": VECTOR.tolist()}),
    "pgvector": as_text(VECTOR),
    "Postgres array": as_text(VECTOR).translate({ord("["): "{", ord("]"): "}"}),
    "numpy's print": str(VECTOR),
    "commas": as_text(VECTOR).strip("[]"),
    "base64": b64(VECTOR),
    "base64url": b64(VECTOR).translate({ord("+"): "-", ord("/"): "_"}).rstrip("="),
    "base64 in lines": "\n".join(b64(VECTOR)[i : i + 76] for i in range(0, 1024, 76)),
    "base64 float64": b64(VECTOR, "<f8"),
    "base64 float16": b64(VECTOR, "<f2"),
    "base64 big-endian": b64(VECTOR, ">f4"),
    "data URI": "data:application/octet-stream;base64," + b64(VECTOR),
    "hex": VECTOR.astype("<f4").tobytes().hex(),
    "bytea": "\\x" + VECTOR.astype("<f4").tobytes().hex(),
}


def parsed(value):
    """A value as the store's reader sees it."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_vector_is_found_in_every_spelling_and_at_any_depth(spelling):
    value = SPELLINGS[spelling]
    for shell in ({"x": value}, {"profile": {"a": [7, {"b": value}]}}):
        found = list(find_strays(parsed(shell), "c.json: [0]"))
        assert found, spelling
        assert all(stray.dim >= 192 for stray in found)
        assert found[0].where.startswith(("c.json: [0].x", "c.json: [0].profile.a[1].b"))


@pytest.mark.parametrize("key", ["embedding", "speakerEmbedding", "voice_print", "x-vectors"])
def test_a_key_that_says_so_needs_few_numbers_and_any_bytes(key):
    short = VECTOR[:16]
    quantised = base64.b64encode((VECTOR * 127).astype("i1").tobytes()).decode()
    pickled = base64.b64encode(pickle.dumps(VECTOR)).decode()
    for value in (short.tolist(), {"values": short.tolist()}, as_text(short), quantised, pickled):
        assert list(find_strays(parsed({key: value}), "")), value
        found = list(find_strays(parsed({"other": value}), ""))
        assert bool(found) == (value is pickled)  # which says itself what it is


#: What contacts hold that is none.
HARMLESS = {
    "name": "Zoë " * 200,
    "speech_samples": [f"samples/{i}/" + "x" * 150 + ".wav" for i in range(100)],
    "speech_sample_transcripts": ["und dann " * 100, "我们今天" * 100],
    "durations": [1.5] * 63,
    "times": [{"start": i * 0.1, "end": i * 0.1 + 0.05} for i in range(200)],
    "spans": [[i, i + 1] for i in range(200)],
    "sha512": "9f" * 64,
    "embedding_model": "voxceleb_resnet34_LM",
    "embedding_digest": "0123456789abcdef" * 4,
    "embedding_id": "5f3c8a1e-7c55-4f6f-9a55-6e9d6a3f0d11",
    "embedding_version": 3,
    "vector_counts": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "photo": "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode(),
    "jpeg": base64.b64encode(np.random.default_rng(0).bytes(9000)).decode(),
    "wav": base64.b64encode((np.sin(np.arange(8000)) * 9000).astype("<i2").tobytes()).decode(),
    "text": base64.b64encode(b"Lorem ipsum dolor sit amet, 1974. " * 40).decode(),
    "token": "eyJhbGciOiJIUzI1NiJ9." + "QUJD" * 90 + ".c2ln",
    "flags": [True, False] * 100,
    "empty": [None] * 100,
}


@pytest.mark.parametrize("key", HARMLESS)
def test_what_is_no_vector_is_left_alone(key):
    assert not list(find_strays(parsed({key: HARMLESS[key]}), ""))


@given(st.binary(min_size=1, max_size=400), st.sampled_from(["token", "embedding_sha"]))
def test_random_bytes_and_digests_are_no_vectors(data, key):
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert not list(find_strays({key: hashlib.new(name, data).hexdigest()}, ""))
    noise = np.random.default_rng(list(data)).bytes(len(data))
    for text in (base64.b64encode(noise).decode(), noise.hex()):
        assert not list(find_strays({"token": text}, ""))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(json_values, st.sampled_from(sorted(SPELLINGS)), st.text())
def test_no_surroundings_hide_a_vector(value, spelling, key):
    shell = [value, {key: [value, SPELLINGS[spelling]]}]
    assert any(stray.dim >= 192 for stray in find_strays(parsed(shell), "here"))


@given(json_values)
def test_any_value_is_walked_through(value):
    assert all(stray.where.startswith("here") for stray in find_strays(parsed(value), "here"))


def test_depth_costs_no_stack():
    value = VECTOR.tolist()
    for _ in range(5000):
        value = [value]
    assert [stray.dim for stray in find_strays(value, "")] == [192]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 500_000 + "x",
        "1." * 250_000,
        "data:" * 100_000,
        "[" * 500_000,
        "f" * 500_001,
        "1 " * 250_000 + "x",
        "A=" * 250_000,
        "e" + "1e" * 250_000,
    ],
    ids=range(8),
)
def test_long_text_costs_time_in_proportion(text):
    start = time.process_time()
    assert not list(find_strays({"x": text, "embedding": text}, ""))
    assert time.process_time() - start < 5  # what is quadratic takes minutes


# --- in a store


def plan(path):
    return plan_store(open_store(path), folder=None, ours=None)


OTHER_KEYS = {
    "embedding": unit(1, 512),
    "speaker_embeddings": [unit(1, 512), unit(2, 512)],
    "profile": {"voiceprint": unit(1, 256)},
    "blob": b64(VECTOR),
}


@pytest.mark.parametrize("key", OTHER_KEYS)
@pytest.mark.parametrize("layout", ["list", "people", "jsonl"])
def test_a_store_without_speaker_embedding_but_vectors_elsewhere_is_refused(tmp_path, key, layout):
    rows = [{"id": "a"}, {"id": "b", "speech_samples": [], key: OTHER_KEYS[key]}]
    store = write_store(tmp_path / "c", rows, layout)
    before = store.read_bytes()
    for call in (plan_migration, migrate_store):
        with pytest.raises(InputError, match="no contact has 'speaker_embedding'") as caught:
            call(job(store))
        assert key in str(caught.value)
        assert "did you mean" in caught.value.hint
    assert store.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c"]


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_a_vector_under_another_key_is_told_and_never_proven(tmp_path, key):
    rows = [contact("a"), contact("b", 2, unit(1, 512), **{key: OTHER_KEYS[key]})]
    store = write_store(tmp_path / "c.json", rows)
    result = migrate_store(job(store))
    assert [row.action for row in result.rows] == ["keep", "clear"]
    assert key in result.rows[1].unproven[0]
    assert json.loads(store.read_text())[1][key] == OTHER_KEYS[key]
    planned = plan_migration(job(store))
    assert [row.action for row in planned.rows] == ["keep", "keep"]
    assert [bool(row.unproven) for row in planned.rows] == [False, True]
    assert check_exit(planned) == 1


OWNERS = {
    "user": {"id": "me", "speaker_embedding": unit(1, 512)},
    "account": {"owner": {"me": {"voice": unit(1, 256)}}},
    "speaker_embedding": unit(1, 512),
    "archive": [{"id": "old", "speaker_embedding": unit(1, 512)}],
    "blob": b64(VECTOR),
    "me": {"embedding": unit(1, 16)},
}


@pytest.mark.parametrize("key", OWNERS)
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("rows", [[], [contact("a")], [contact("a"), contact("b", samples=["x"])]])
def test_a_vector_beside_the_contacts_is_told_and_never_proven(tmp_path, key, before, rows):
    parts = [("contacts", rows), (key, OWNERS[key])]
    store = tmp_path / "c.json"
    for bom in ("", "\ufeff"):
        tree = {"rev": 7, **dict(parts[::-1] if before else parts)}
        store.write_text(bom + json.dumps(tree, indent=1))
        planned = plan_migration(job(store))
        (stray,) = planned.strays
        assert stray.where.startswith(f"{store}: {key}")
        assert check_exit(planned) == 1
        assert migrate_store(job(store)).strays == planned.strays


def test_many_contacts_are_no_vector_beside_the_contacts(tmp_path):
    rows = [contact(i) for i in range(300)]
    store = write_store(tmp_path / "c.json", rows, "people")
    assert check_exit(plan_migration(job(store))) == 0


# --- other shapes


SHAPES = {
    "Firestore": (
        {"documents": [{"name": "x/y", "fields": {"id": {"stringValue": "a"}}}]},
        "'documents'",
        "Firestore",
    ),
    "OpenSearch": ({"took": 1, "hits": {"hits": [{"_source": {"id": 1}}]}}, "'hits'", "_source"),
    "map": ({"a": {"id": "a"}, "b": {"id": "b"}}, "'a', 'b'", "[.[]]"),
    "map inside": ({"contacts": {"a": {"id": "a"}}}, "'contacts'", "[.contacts[]]"),
    "other key": ({"profiles": [{"name": "x"}]}, "'profiles'", "jq '.profiles'"),
    "envelope": ({"data": {"contacts": [{"id": 1}]}}, "'data'", "jq '.data.contacts'"),
    "odd key": ({"my people": [{"id": 1}]}, "'my people'", '."my people"'),
    "transcript": ({"segments": [], "language": "en"}, "'segments'", "a list of contacts"),
    "many keys": ({str(i): i for i in range(9)}, "'5', …", "a list of contacts"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 1])
def test_another_shape_is_refused_with_what_was_found_and_the_way_out(tmp_path, shape, indent):
    tree, found, way_out = SHAPES[shape]
    store = tmp_path / "c.json"
    store.write_text(json.dumps(tree, indent=indent))
    with pytest.raises(InputError, match="no list of contacts") as caught:
        plan(store)
    assert found in str(caught.value)
    assert way_out in caught.value.hint


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"name": "Ann", "embedding": [0.5]}]', "an object with 'name', 'embedding'"),
        ("[[1, 2]]", "a list of 2"),
        ("[7.5]", "found a number"),
        ('["ann"]', "found a string"),
        ("[true]", "found true"),
        ("[{}]", "an empty object"),
    ],
)
def test_a_contact_that_is_none_is_named_for_what_it_is(tmp_path, text, found):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError) as caught:
        plan(tmp_path / "c.json")
    assert found in str(caught.value)


def test_lines_of_an_opensearch_dump_are_named(tmp_path):
    line = json.dumps({"_index": "voices", "_source": {"id": 1}})
    (tmp_path / "c.jsonl").write_text(f"{line}\n{line}\n")
    with pytest.raises(InputError, match="'id' is missing") as caught:
        plan(tmp_path / "c.jsonl")
    assert "_source" in caught.value.hint
