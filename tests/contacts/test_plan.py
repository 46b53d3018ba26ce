import base64

import numpy as np
import pytest
from store_fakes import contact, tag_of, unit, write_store

from diarfix.contacts.migrate import row_lines
from diarfix.contacts.plan import Action, models_of, plan_store
from diarfix.contacts.samples import SampleFolder
from diarfix.contacts.store import open_store
from diarfix.errors import InputError

OURS = {"name": "fake", "dim": 256, "digest": "d1"}

#: The contract's table, written out. Rows: what a contact holds.
STATES = {
    "version 1": {"version": 1, "vector": unit(1)},
    "version 2, sound": {"version": 2, "vector": unit(1)},
    "version 2, null": {"version": 2},
    "no version": {"version": None, "vector": unit(1, 512)},
    "valid, ours": {"vector": unit(1), "speaker_embedding_model": OURS},
    "valid, untagged": {"vector": unit(1)},
    "valid, tag null": {"vector": unit(1), "speaker_embedding_model": None},
    "512-dim": {"vector": unit(1, 512)},
    "empty list": {"vector": []},
    "NaN": {"vector": [float("nan")] * 256},
    "zero": {"vector": [0.0] * 256},
    "other name": {"vector": unit(1), "speaker_embedding_model": {**OURS, "name": "x"}},
    "other digest": {"vector": unit(1), "speaker_embedding_model": {**OURS, "digest": "x"}},
    "odd tag": {"vector": unit(1), "speaker_embedding_model": "wespeaker"},
    "null": {},
}
BELOW = ("version 1", "version 2, sound", "version 2, null", "no version")
VALID = ("valid, ours", "valid, untagged", "valid, tag null")

COLUMNS = {
    "usable": ["ben.wav"],
    "usable among bad": ["none.wav", "flaky.wav", "ben.wav"],
    "no samples": [],
    "missing": ["none.wav"],
    "bad for good": ["short.wav", "silent.wav", "corrupt.wav", "../x.wav", "notes.txt"],
    "transient": ["flaky.wav"],
    "transient among bad": ["short.wav", "flaky.wav"],
}


def expected(state, column):
    if state in VALID:
        return Action.KEEP
    if column.startswith("usable"):
        return Action.EMBED
    if column.startswith("transient"):
        return Action.RETRY
    return Action.KEEP if state == "null" else Action.CLEAR


def plan_of(path, rows, folder, ours=("fake", "d1")):
    folder = None if folder is None else SampleFolder(folder)
    return plan_store(open_store(write_store(path, rows)), folder=folder, ours=ours)


#: A contact whose file stands in the folder, so that the folder is not taken for a mistyped one.
ANCHOR = contact("anchor", vector=unit(9), samples=["ben.wav"])


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("state", STATES)
def test_every_cell_of_the_table(tmp_path, samples, state, column):
    rows = [ANCHOR, contact("it", samples=COLUMNS[column], **STATES[state])]
    plan = plan_of(tmp_path / "s.json", rows, samples)
    assert plan.refusal is None
    row = plan.rows[1]
    assert row.action is expected(state, column), row.reason
    bare = column in {"no samples", "missing", "bad for good"}
    assert row.unverified == (state in VALID and bare)
    assert row.reason


def test_without_a_chosen_model_every_sound_256_dim_vector_is_ours(tmp_path, samples):
    rows = [contact(state, samples=["ben.wav"], **STATES[state]) for state in STATES]
    plan = plan_of(tmp_path / "s.json", rows, samples, ours=None)
    kept = [row.id for row in plan.rows if row.action is Action.KEEP]
    assert kept == [*VALID, "other name", "other digest", "odd tag"]


# --- which model, which samples


@pytest.mark.parametrize("ours", [None, ("fake", "d1")])
@pytest.mark.parametrize("column", ["usable", "no samples"])
@pytest.mark.parametrize("state", VALID)
def test_an_untagged_vector_is_of_unknown_model_and_unproven_where_one_is_named(
    tmp_path, samples, state, column, ours
):
    rows = [ANCHOR, contact("it", samples=COLUMNS[column], **STATES[state])]
    plan = plan_of(tmp_path / "s.json", rows, samples, ours=ours)
    row = plan.rows[1]
    assert row.action is Action.KEEP
    assert row.untagged == (state != "valid, ours")
    assert ("model unknown" in "".join(row_lines([row], everything=True))) == row.untagged
    assert bool(row.unproven) == (row.untagged and ours is not None)
    if row.unproven:
        assert "model unknown" in row.unproven[0]
        assert not plan.proven


ODD_TAGS = {
    "another vector's": lambda folder: tag_of(folder, ["ben.wav"], unit(2)),
    "another dimension": lambda folder: tag_of(folder, ["ben.wav"], unit(1), dim=192),
}


@pytest.mark.parametrize("tag", ODD_TAGS)
def test_a_tag_that_was_written_for_another_vector_says_nothing_of_this_one(tmp_path, samples, tag):
    """A service that knows nothing of tags replaced the vector and left the tag."""
    odd = ODD_TAGS[tag](samples)
    row = contact("a", vector=unit(1), samples=["ben.wav"], speaker_embedding_model=odd)
    kept = plan_of(tmp_path / "s.json", [row], samples, ours=None)
    assert (kept.rows[0].action, kept.rows[0].untagged, kept.proven) == (Action.KEEP, True, True)
    named = plan_of(tmp_path / "s.json", [row], samples)
    assert (named.rows[0].action, named.proven) == (Action.KEEP, False)


@pytest.mark.parametrize("form", ["list", "nested", "base64", "rounded to float32"])
def test_a_tag_knows_its_vector_in_every_spelling(tmp_path, samples, form):
    vector = np.array(unit(1), dtype="<f4")
    spelled = {
        "list": [float(x) for x in vector],
        "nested": [[float(x) for x in vector]],
        "base64": base64.b64encode(vector.tobytes()).decode(),
        "rounded to float32": [float(str(x)) for x in vector],
    }[form]
    tag = tag_of(samples, ["ben.wav"], vector)
    row = contact("a", vector=spelled, samples=["ben.wav"], speaker_embedding_model=tag)
    plan = plan_of(tmp_path / "s.json", [row], samples)
    assert (plan.rows[0].untagged, plan.proven) == (False, True)


@pytest.mark.parametrize("ours", [None, ("fake", "d1")])
@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize(
    ("made_of", "listed", "n_gone"),
    [
        (3, ["anna/1.wav", "ben.wav"], 1),
        (9, ["anna/1.wav"], 8),
        (2, ["anna/1.wav", "ben.wav"], 0),
        (1, ["anna/1.wav", "ben.wav"], 0),
        (2, ["anna/1.wav", "none.wav"], 0),
        (3.0, ["anna/1.wav"], 2),
        (None, ["anna/1.wav"], 0),
        ("3", ["anna/1.wav"], 0),
        (True, ["anna/1.wav"], 0),
    ],
)
def test_a_vector_of_more_samples_than_are_listed_is_stale(
    tmp_path, samples, made_of, listed, n_gone, folder, ours
):
    tag = {**OURS, "n_samples": made_of}
    rows = [ANCHOR, contact("it", vector=unit(1), samples=listed, speaker_embedding_model=tag)]
    plan = plan_of(tmp_path / "s.json", rows, samples if folder else None, ours=ours)
    if folder:
        assert plan.rows[1].action is (Action.EMBED if n_gone else Action.KEEP)
    else:  # without the folder nobody can tell what to do about it
        assert plan.rows[1].action is (Action.REFUSE if n_gone else Action.KEEP)
    if n_gone:
        assert f"made of {int(made_of)} samples, {n_gone} of them no longer" in plan.rows[1].reason


A, B, BEN = "anna/1.wav", "anna/2.wav", "ben.wav"


@pytest.mark.parametrize(
    ("made_of", "listed", "stale"),
    [
        ([A, B], [A, B], False),
        ([A, B], [B, A], False),
        ([A], [A, B], False),
        ([A, BEN], [A, B], True),  # one exchanged for another: the count is the same
        ([A], [B], True),
        ([A, A], [A, B], True),
        ([A], ["none.wav"], False),  # what cannot be read may be it
        ([A, B], [A, "none.wav"], False),
        ([A, B], [BEN, "none.wav"], True),
        ([A], ["https://host/a.wav"], False),
    ],
)
def test_a_vector_of_other_samples_than_are_listed_is_stale(
    tmp_path, samples, made_of, listed, stale
):
    tag = tag_of(samples, made_of, unit(1))
    rows = [ANCHOR, contact("it", vector=unit(1), samples=listed, speaker_embedding_model=tag)]
    plan = plan_of(tmp_path / "s.json", rows, samples, ours=None)
    assert plan.rows[1].action is (Action.EMBED if stale else Action.KEEP)
    assert plan.proven != stale


def test_a_vector_of_samples_of_which_none_is_listed_stays_and_is_not_proven(tmp_path, samples):
    tag = tag_of(samples, [A], unit(1))
    row = contact("a", vector=unit(1), speaker_embedding_model=tag)
    plan = plan_of(tmp_path / "s.json", [row], samples)
    assert (plan.rows[0].action, plan.rows[0].unverified, plan.proven) == (Action.KEEP, True, False)


@pytest.mark.parametrize(
    ("tags", "n"),
    [
        ([OURS, OURS], 1),
        ([OURS, {**OURS, "name": "x"}], 2),
        ([OURS, {**OURS, "digest": "x"}], 2),
        ([OURS, None], 1),
        ([None, None], 0),
    ],
)
def test_vectors_of_two_models_are_kept_but_prove_nothing(tmp_path, samples, tags, n):
    rows = [
        contact(i, vector=unit(i), samples=["ben.wav"], speaker_embedding_model=tag)
        for i, tag in enumerate(tags)
    ]
    plan = plan_of(tmp_path / "s.json", rows, samples, ours=None)
    assert [row.action for row in plan.rows] == [Action.KEEP, Action.KEEP]
    assert len(models_of(plan.rows)) == n
    assert plan.proven == (n < 2)


# --- samples elsewhere


@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize("more", [[], ["none.wav"], ["short.wav"]])
@pytest.mark.parametrize("state", STATES)
def test_a_sample_behind_a_url_is_not_fetched_and_never_missing(
    tmp_path, samples, state, more, folder
):
    listed = ["https://host/a.wav", *more]
    rows = [ANCHOR, contact("it", samples=listed, **STATES[state])]
    plan = plan_of(tmp_path / "s.json", rows, samples if folder else None)
    assert plan.refusal is None
    row = plan.rows[1]
    assert row.action is (Action.KEEP if state in VALID else Action.RETRY)
    assert not row.unverified
    assert row.samples[0].outcome == "not fetched"


@pytest.mark.parametrize("folder", [None, "nowhere", "empty"])
@pytest.mark.parametrize("state", [s for s in STATES if s not in VALID and s != "null"])
def test_a_mistyped_folder_never_clears(tmp_path, folder, state):
    (tmp_path / "empty").mkdir()
    rows = [
        contact("kat", vector=unit(1, 512)),  # no samples listed: cleared in any case
        contact("it", samples=["ben.wav", "anna/1.wav"], **STATES[state]),
    ]
    plan = plan_of(tmp_path / "s.json", rows, folder and tmp_path / folder)
    assert isinstance(plan.refusal, InputError)
    assert [row.action for row in plan.rows] == [Action.CLEAR, Action.REFUSE]
    assert "--samples-dir" in str(plan.refusal) + str(plan.refusal.hint)
    assert "'it'" in str(plan.refusal)


@pytest.mark.parametrize("folder", [None, "nowhere"])
def test_a_folder_that_nothing_depends_on_may_be_missing(tmp_path, folder):
    rows = [
        contact("a", vector=unit(1), samples=["ben.wav"]),
        contact("b", samples=["ben.wav"]),
        contact("c", vector=unit(1, 512)),
    ]
    plan = plan_of(tmp_path / "s.json", rows, folder and tmp_path / folder)
    assert plan.refusal is None
    assert [row.action for row in plan.rows] == [Action.KEEP, Action.KEEP, Action.CLEAR]
    # Where no folder was searched, listed samples count as unknown, not as missing.
    assert plan.rows[0].unverified == (folder is not None)


def test_a_version_from_the_future_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\[1\]: version 4 is from the future"):
        plan_of(tmp_path / "s.json", [contact("a"), contact("b", 4)], None)


def test_reasons_say_what_is_wrong_and_what_the_samples_allow(tmp_path, samples):
    rows = [
        contact("a", vector=unit(1, 512), samples=["ben.wav", "none.wav"]),
        contact("b", vector=[0.0] * 256),
        contact("c", 1, samples=["short.wav", "none.wav", "gone.wav"]),
    ]
    plan = plan_of(tmp_path / "s.json", rows, samples)
    assert [row.reason for row in plan.rows] == [
        "512 dimensions, version 3 has 256; 1 of 2 samples usable",
        "zero vector; no samples",
        "version 1; no usable sample of 3 (1 too short, 2 missing)",
    ]
