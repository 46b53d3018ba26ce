import itertools
import os

import numpy as np
import pytest
from scipy.spatial.distance import cosine
from store_fakes import (
    PITCH,
    FakeEmbedder,
    FakeModel,
    contact,
    job,
    read_store,
    tag_of,
    unit,
    voice_of,
    write_store,
    write_tone,
)

from diarfix.contacts.matching import best_match, load_voiceprints
from diarfix.contacts.migrate import check_exit, migrate_store, plan_migration
from diarfix.contacts.vectors import read_vector
from diarfix.contacts.working import exclusive
from diarfix.errors import InputError, MissingDependency, StoreError, UsageError

OURS = {"name": "fake", "dim": 256, "digest": "d1", "n_samples": 1}


def actions(result):
    return {row.id: row.action for row in result.rows}


def listing(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


# --- the incident


@pytest.mark.parametrize("order", list(itertools.permutations(("kat", "anna", "ben"))))
def test_the_incident_mended_in_every_order_of_contacts(tmp_path, samples, order):
    """Kat was tagged version 3 without audio and kept 512 dimensions: every comparison crashed."""
    people = {
        "kat": contact("kat", vector=unit(1, 512)),
        "anna": contact("anna", 1, unit(2, 512), ["anna/1.wav"]),
        "ben": contact("ben", 1, unit(3, 512), ["ben.wav"]),
    }
    store = write_store(tmp_path / "c.json", [people[who] for who in order], "people")
    user = voice_of(300)

    kat = next(person for person in read_store(store, "people") if person["id"] == "kat")
    with pytest.raises(ValueError, match=r"not aligned|mismatch|broadcast"):
        cosine(user, kat["speaker_embedding"])
    assert check_exit(plan_migration(job(store, samples))) == 1

    result = migrate_store(job(store, samples))
    assert result.exit_code == 0
    assert actions(result) == {"kat": "clear", "anna": "re-embed", "ben": "re-embed"}
    after = {person["id"]: person for person in read_store(store, "people")}
    assert after["kat"]["speaker_embedding"] is None
    assert after["kat"]["speech_samples_version"] == 3
    for person in after.values():
        if person["speaker_embedding"] is not None:
            assert 0 <= cosine(user, person["speaker_embedding"]) <= 2
    loaded = load_voiceprints(store, samples_dir=samples)
    assert best_match(user, loaded).voiceprint.id == "anna"
    assert best_match(voice_of(500), loaded).voiceprint.id == "ben"
    assert best_match(unit(1), loaded) is None
    assert check_exit(plan_migration(job(store, samples))) == 0


# --- the seven acceptance cases of the field


def test_case_1_a_contact_without_audio_loses_its_vector_and_its_tag(tmp_path):
    row = contact("kat", 2, unit(1, 512), speaker_embedding_model={"name": "old"}, extra=[1.50])
    store = write_store(tmp_path / "c.json", [row])
    result = migrate_store(job(store))
    assert actions(result) == {"kat": "clear"}
    cleared = {**row, "speaker_embedding": None, "speaker_embedding_model": None}
    assert read_store(store) == [{**cleared, "speech_samples_version": 3}]


def test_case_2_512_dimensions_tagged_as_new_are_found_and_mended(tmp_path, samples):
    rows = [
        contact("a", vector=unit(1, 512), samples=["ben.wav"]),
        contact("b", vector=unit(2, 512)),
    ]
    store = write_store(tmp_path / "c.json", rows)
    assert actions(plan_migration(job(store, samples))) == {"a": "re-embed", "b": "clear"}
    migrate_store(job(store, samples))
    a, b = read_store(store)
    assert a["speaker_embedding"] == pytest.approx(voice_of(500).tolist(), abs=1e-7)
    assert a["speaker_embedding_model"] == tag_of(samples, ["ben.wav"], voice_of(500))
    assert b["speaker_embedding"] is None


def test_case_3_missing_audio_clears_but_unreadable_audio_waits(tmp_path, samples):
    rows = [
        contact("here", 1, unit(1), ["ben.wav"]),
        contact("missing", 1, unit(2), ["none.wav"]),
        contact("away", 1, unit(3), ["flaky.wav"]),
    ]
    store = write_store(tmp_path / "c.json", rows)
    result = migrate_store(job(store, samples))
    assert result.exit_code == 5
    assert actions(result) == {"here": "re-embed", "missing": "clear", "away": "retry"}
    assert read_store(store)[2] == rows[2]


@pytest.mark.parametrize(("may_pass", "action"), [(True, "retry"), (False, "clear")])
def test_case_4_extraction_fails_for_now_or_for_good(tmp_path, samples, may_pass, action):
    rows = [contact("a", 1, unit(1), ["ben.wav"]), contact("b", 1, unit(1), ["anna/1.wav"])]
    store = write_store(tmp_path / "c.json", rows)
    model = FakeModel(FakeEmbedder(fails={500: ("it fails", may_pass)}))
    result = migrate_store(job(store, samples, model))
    assert actions(result) == {"a": action, "b": "re-embed"}
    assert "ben.wav: it fails" in result.rows[0].reason
    assert result.exit_code == (5 if may_pass else 0)
    first = read_store(store)[0]
    assert (first == rows[0]) if may_pass else (first["speaker_embedding"] is None)
    healed = migrate_store(job(store, samples))
    assert healed.exit_code == 0
    assert actions(healed) == {"a": "re-embed", "b": "keep"}


def test_case_6_the_right_dimension_of_another_model_is_not_kept(tmp_path, samples):
    foreign = {"name": "fake", "dim": 256, "digest": "other"}
    rows = [
        contact("a", vector=unit(1), samples=["ben.wav"], speaker_embedding_model=foreign),
        contact("b", vector=unit(2), speaker_embedding_model=foreign),
        contact("c", vector=unit(3), samples=["ben.wav"], speaker_embedding_model=OURS),
    ]
    store = write_store(tmp_path / "c.json", rows)
    result = migrate_store(job(store, samples, FakeModel(chosen=True)))
    assert actions(result) == {"a": "re-embed", "b": "clear", "c": "keep"}
    assert check_exit(plan_migration(job(store, samples, FakeModel(chosen=True)))) == 0


def test_case_7_a_dry_run_says_what_the_run_then_does_and_check_sees_the_rest(tmp_path, samples):
    rows = [
        contact("a", 1, unit(1), ["ben.wav"]),
        contact("b", 2, unit(2)),
        contact("c", vector=unit(3)),
        contact("d", 1, samples=["flaky.wav"]),
    ]
    store = write_store(tmp_path / "c.json", rows)
    before = listing(tmp_path)
    planned = plan_migration(job(store, samples))
    assert listing(tmp_path) == before
    result = migrate_store(job(store, samples))
    assert result.rows == planned.rows
    assert result.backup.read_bytes() == before["c.json"]
    assert sorted(listing(tmp_path)) == ["c.json", "c.json.bak"]
    assert check_exit(plan_migration(job(store, samples))) == 1  # d is still stale


# --- what is written, and what is not


@pytest.mark.parametrize("layout", ["list", "contacts", "people", "persons", "jsonl"])
@pytest.mark.parametrize("style", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_only_the_fields_of_changed_contacts_change_in_the_text(tmp_path, samples, layout, style):
    style = {} if layout == "jsonl" and "indent" in style else style
    rows = [
        contact("é", vector=unit(1), note="kept", samples=["ben.wav"]),
        contact("a", 1, unit(2, 512), ["ben.wav"], z=1, y={"b": 2, "a": [1]}),
        contact("b", 2, unit(3), k=None),
    ]
    store = write_store(tmp_path / "c", rows, layout, **style)
    migrate_store(job(store, samples))
    text = store.read_text(encoding="utf-8")
    done = read_store(store, layout)
    vector = done[1]["speaker_embedding"]
    expected = [
        rows[0],
        {**rows[1], "speaker_embedding": vector, "speech_samples_version": 3},
        {**rows[2], "speaker_embedding": None, "speech_samples_version": 3},
    ]
    # The tag stands beside its vector.
    items = list(expected[1].items())
    at = [key for key, _ in items].index("speaker_embedding") + 1
    tag = tag_of(samples, ["ben.wav"], voice_of(500))
    expected[1] = dict([*items[:at], ("speaker_embedding_model", tag), *items[at:]])
    again = write_store(tmp_path / "expected", expected, layout, **style)
    assert text == again.read_text(encoding="utf-8")


def test_a_new_vector_is_spelled_like_the_old_one(tmp_path, samples):
    b64 = "AACAPwAAAEA="  # 1.0, 2.0
    rows = [
        contact("list", 1, [0.5], ["ben.wav"]),
        contact("nested", 1, [[0.5]], ["ben.wav"]),
        contact("base64", 1, b64, ["ben.wav"]),
        contact("null", 1, None, ["ben.wav"]),
        {"id": "absent", "speech_samples": ["ben.wav"]},
    ]
    store = write_store(tmp_path / "c.jsonl", rows, "jsonl")
    migrate_store(job(store, samples))
    done = read_store(store, "jsonl")
    forms = [str(read_vector(row["speaker_embedding"], "").form) for row in done]
    assert forms == ["list", "nested list", "base64 float32", "list", "list"]
    for row in done:
        values = read_vector(row["speaker_embedding"], "").values
        assert np.array_equal(values.astype(np.float32), voice_of(500))
        assert row["speaker_embedding_model"] == tag_of(samples, ["ben.wav"], voice_of(500))
        assert row["speech_samples_version"] == 3


def test_n_samples_counts_the_samples_in_the_mean(tmp_path, samples):
    listed = ["anna/1.wav", "none.wav", "anna/2.wav", "flaky.wav"]
    store = write_store(tmp_path / "c.json", [contact("a", 1, samples=listed)])
    assert migrate_store(job(store, samples)).exit_code == 0
    assert read_store(store)[0]["speaker_embedding_model"]["n_samples"] == 2


def test_nothing_to_do_writes_nothing_and_loads_nothing(tmp_path, samples):
    rows = [contact("a", vector=unit(1), samples=["ben.wav"]), contact("b")]
    store = write_store(tmp_path / "c.json", rows)
    before = listing(tmp_path), store.stat().st_mtime_ns
    model = FakeModel(chosen=True)
    result = migrate_store(job(store, samples, model))
    assert (listing(tmp_path), store.stat().st_mtime_ns) == before
    assert (result.written, result.backup, model.loads) == (None, None, 0)


def test_clearing_alone_loads_no_model(tmp_path):
    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1))])
    model = FakeModel()
    migrate_store(job(store, model=model))
    assert model.loads == 0


def test_another_output_leaves_the_store_alone(tmp_path, samples):
    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1), ["ben.wav"])])
    before = store.read_bytes()
    out = tmp_path / "out" / "new.json"
    out.parent.mkdir()
    out.write_text("overwritten")
    result = migrate_store(job(store, samples, out=out))
    assert store.read_bytes() == before
    assert result.backup is None
    assert read_store(out)[0]["speech_samples_version"] == 3
    assert sorted(listing(tmp_path)) == ["c.json"]
    # Also where nothing had to change, as a copy.
    assert migrate_store(job(out, samples, out=tmp_path / "copy.json")).written.name == "copy.json"
    assert (tmp_path / "copy.json").read_bytes() == out.read_bytes()


def test_an_output_that_is_the_store_is_in_place_with_a_backup(tmp_path):
    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1))])
    result = migrate_store(job(store, out=tmp_path / "." / "c.json"))
    assert result.backup.name == "c.json.bak"
    migrate_store(job(write_store(tmp_path / "d.json", [contact("a", 1)]), backup=False))
    assert not (tmp_path / "d.json.bak").exists()


def test_a_linked_store_stays_a_link(tmp_path):
    real = write_store(tmp_path / "real.json", [contact("a", 1, unit(1))])
    link = tmp_path / "link.json"
    link.symlink_to(real)
    migrate_store(job(link))
    assert link.is_symlink()
    assert read_store(real)[0]["speech_samples_version"] == 3
    assert (tmp_path / "real.json.bak").exists()


BAD = {
    "truncated": '[{"id": "a", "speech_samples_version": 1}, {"id": "b", "spee',
    "truncated lines": '{"id": "a", "speech_samples_version": 1}\n{"id": "b", "spee',
    "duplicate": '[{"id": "a"}, {"id": "a"}]',
    "future": '[{"id": "a"}, {"id": "b", "speech_samples_version": 4}]',
    "strings": '[{"id": "a"}, {"id": "b", "speaker_embedding": [0.1, "0.2"]}]',
    "empty": "",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_store_is_one_line_and_nothing_is_written(tmp_path, samples, kind):
    store = tmp_path / "c.json"
    store.write_text(BAD[kind])
    before = listing(tmp_path)
    for call in (plan_migration, migrate_store):
        with pytest.raises(InputError) as caught:
            call(job(store, samples))
        assert caught.value.exit_code == 2
        assert "\n" not in str(caught.value)
        assert listing(tmp_path) == before


def test_a_mistyped_samples_folder_writes_nothing(tmp_path, samples):
    rows = [contact("a", 1, unit(1), ["ben.wav"]), contact("b", 1, unit(2))]
    store = write_store(tmp_path / "c.json", rows)
    before = listing(tmp_path)
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match="lists samples, but"):
            migrate_store(job(store, folder))
        assert listing(tmp_path) == before


def test_other_refusals_come_before_any_work(tmp_path, samples):
    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1), ["ben.wav"])])
    before = listing(tmp_path)
    with pytest.raises(UsageError, match="--to-version 4"):
        migrate_store(job(store, samples, to_version=4))
    with pytest.raises(UsageError, match="gives 192 dimensions"):
        migrate_store(job(store, samples, FakeModel(FakeEmbedder(dim=192))))
    with pytest.raises(InputError, match="no such file"):
        migrate_store(job(tmp_path / "none.json", samples))
    with pytest.raises(InputError, match="no such folder"):
        migrate_store(job(store, samples, out=tmp_path / "no" / "c.json"))
    with pytest.raises(StoreError, match="another migration"), exclusive(store):
        migrate_store(job(store, samples))
    assert listing(tmp_path) == before


def test_a_missing_model_leaves_everything_as_it_was(tmp_path, samples):
    class Absent(FakeModel):
        def load(self, **_):
            raise MissingDependency("no model")

    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1), ["ben.wav"])])
    before = listing(tmp_path)
    with pytest.raises(MissingDependency):
        migrate_store(job(store, samples, Absent()))
    assert listing(tmp_path) == before


def test_a_store_that_changes_meanwhile_is_left_as_it_became(tmp_path, samples):
    store = write_store(tmp_path / "c.json", [contact("a", 1, unit(1), ["ben.wav"])])

    class Meddling(FakeEmbedder):
        def embed(self, *args, **more):
            write_store(store, [contact("a", 1, unit(1), ["ben.wav"]), contact("new", 1)])
            return super().embed(*args, **more)

    with pytest.raises(StoreError, match="changed while"):
        migrate_store(job(store, samples, FakeModel(Meddling())))
    assert [row["id"] for row in read_store(store)] == ["a", "new"]
    assert migrate_store(job(store, samples)).exit_code == 0
    assert sorted(listing(tmp_path)) == ["c.json", "c.json.bak"]


def test_progress_counts_the_contacts_that_are_embedded(tmp_path, samples):
    rows = [contact(path, 1, samples=[path]) for path in PITCH] + [contact("kept")]
    store = write_store(tmp_path / "c.json", rows)
    seen = []
    migrate_store(job(store, samples), progress=lambda *step: seen.append(step))
    assert seen == [(i, 3, "contacts") for i in (1, 2, 3)]


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(tmp_path, samples, monkeypatch):
    rows = [contact("a", 1, unit(1), ["ben.wav"]), contact("b", 1, unit(2), ["anna/1.wav"])]
    store = write_store(tmp_path / "c.json", rows)
    before, real = store.read_bytes(), os.write

    def write(handle, data):
        if len(data) > 3000:  # the store, not the journal's lines
            raise OSError(28, "No space left on device")
        return real(handle, data)

    model = FakeModel()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(InputError, match="cannot be written: no space left"):
            migrate_store(job(store, samples, model))
    assert store.read_bytes() == before
    result = migrate_store(job(store, samples, model))
    assert (result.resumed, len(model.embedder.heard)) == (2, 2)
    assert sorted(listing(tmp_path)) == ["c.json", "c.json.bak"]


# --- what a proof may not overlook


def test_a_sample_that_is_replaced_or_unlisted_after_a_run_is_found_and_mended(tmp_path):
    for i, hertz in enumerate((300, 320, 340)):
        write_tone(tmp_path / "s" / f"{i}.wav", hertz)
    rows = [contact("a", 1, None, ["0.wav", "1.wav"]), contact("b", 1, None, ["2.wav"])]
    store = write_store(tmp_path / "c.json", rows)
    migrate_store(job(store, tmp_path / "s"))
    assert plan_migration(job(store, tmp_path / "s")).proven

    write_tone(tmp_path / "s" / "2.wav", 500)
    planned = plan_migration(job(store, tmp_path / "s"))
    assert actions(planned) == {"a": "keep", "b": "re-embed"}
    # Without the folder a sample that is listed cannot be told from what it was.
    assert actions(plan_migration(job(store))) == {"a": "keep", "b": "keep"}
    migrate_store(job(store, tmp_path / "s"))

    first, second = read_store(store)
    assert second["speaker_embedding"] == pytest.approx(voice_of(500).tolist(), abs=1e-7)
    first["speech_samples"] = ["1.wav"]  # the other one was another person's
    write_store(store, [first, second])
    assert check_exit(plan_migration(job(store, tmp_path / "s"))) == 1
    migrate_store(job(store, tmp_path / "s"))
    assert read_store(store)[0]["speaker_embedding"] == pytest.approx(
        voice_of(320).tolist(), abs=1e-7
    )
    assert plan_migration(job(store, tmp_path / "s")).proven


def test_a_vector_that_a_service_writes_beside_our_tag_is_not_taken_for_ours(tmp_path, samples):
    store = write_store(tmp_path / "c.json", [contact("a", 1, None, ["ben.wav"])])
    chosen = FakeModel(chosen=True)
    migrate_store(job(store, samples, chosen))
    assert plan_migration(job(store, samples, chosen)).proven
    (row,) = read_store(store)
    write_store(store, [{**row, "speaker_embedding": unit(7)}])
    planned = plan_migration(job(store, samples, chosen))
    assert (actions(planned), check_exit(planned)) == ({"a": "keep"}, 1)
    # The way out that the command names.
    (row,) = read_store(store)
    write_store(store, [{**row, "speech_samples_version": 2}])
    migrate_store(job(store, samples, chosen))
    assert plan_migration(job(store, samples, chosen)).proven


def test_a_sample_that_changes_while_it_is_heard_waits(tmp_path):
    write_tone(tmp_path / "s" / "a.wav", 300)

    class Meddling(FakeEmbedder):
        def embed(self, *args, **more):
            write_tone(tmp_path / "s" / "a.wav", 500)
            return super().embed(*args, **more)

    store = write_store(tmp_path / "c.json", [contact("a", 1, None, ["a.wav"])])
    result = migrate_store(job(store, tmp_path / "s", FakeModel(Meddling())))
    assert (actions(result), result.exit_code) == ({"a": "retry"}, 5)
    assert "changed while it was read" in result.rows[0].reason


@pytest.mark.parametrize("folder", [True, False])
def test_samples_behind_urls_wait_and_nothing_is_cleared(tmp_path, samples, folder):
    rows = [
        contact("url", 2, unit(1, 512), ["https://host/a.wav"]),
        contact("both", 2, unit(2, 512), ["s3://bucket/a.wav", "none.wav"]),
        contact("kept", 3, unit(3), ["https://host/a.wav"]),
    ]
    store = write_store(tmp_path / "c.json", rows)
    before = listing(tmp_path)
    result = migrate_store(job(store, samples if folder else None))
    assert actions(result) == {"url": "retry", "both": "retry", "kept": "keep"}
    assert "1 not fetched" in result.rows[0].reason
    assert result.exit_code == 5
    assert listing(tmp_path) == before


def test_a_model_that_is_not_there_is_an_error_also_where_nothing_is_compared(tmp_path):
    class Absent(FakeModel):
        def identify(self, **_):
            raise MissingDependency("no such model")

    store = write_store(tmp_path / "c.json", [contact("a", vector=unit(1))])
    for call in (plan_migration, migrate_store):
        with pytest.raises(MissingDependency, match="no such model"):
            call(job(store, model=Absent(chosen=True)))
        call(job(store, model=Absent()))


def test_a_link_under_a_working_name_is_not_written_through(tmp_path, samples):
    for role in ("journal", "new", "bak", "lock"):
        folder = tmp_path / role
        folder.mkdir()
        store = write_store(folder / "c.json", [contact("a", 1, unit(1, 512), ["ben.wav"])])
        before = store.read_bytes()
        (tmp_path / "victim").write_text("do not touch")
        (folder / f".c.json.diarfix-{role}").symlink_to(tmp_path / "victim")
        assert migrate_store(job(store, samples)).exit_code == 0
        assert (tmp_path / "victim").read_text() == "do not touch"
        assert (folder / "c.json.bak").read_bytes() == before
        assert not store.is_symlink()
        left = {p.name for p in folder.iterdir()}
        assert left - {".c.json.diarfix-new"} == {"c.json", "c.json.bak"}
