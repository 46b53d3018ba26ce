import pytest
from store_fakes import contact, unit, write_store

from diarfix.contacts.plan import Action, plan_store
from diarfix.contacts.reading import open_store
from diarfix.contacts.samples import SampleFolder
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


def plan_of(path, rows, folder, ours=lambda: ("fake", "d1")):
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


def test_the_model_is_identified_only_if_a_tag_must_be_compared(tmp_path, samples):
    def never():
        pytest.fail("nobody needed it")

    rows = [contact("a", vector=unit(1)), contact("b", 2, unit(1), speaker_embedding_model=OURS)]
    assert plan_of(tmp_path / "s.json", rows, samples, ours=never).count(Action.CLEAR) == 1


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
