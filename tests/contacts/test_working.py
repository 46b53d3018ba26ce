import os
import subprocess
import sys

import pytest
from store_fakes import plant_hard_link, plant_link, plant_pipe

from diarfix.contacts import working
from diarfix.contacts.working import (
    back_up_store,
    exclusive,
    replace_store,
    tidy,
    working_file,
    write_new,
)
from diarfix.errors import InputError, StoreError
from diarfix.files.whole import sha256

HOLD = """
import sys
from pathlib import Path
from diarfix.contacts.working import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_new_store_appears_whole_with_the_permissions_of_the_old(tmp_path):
    store = tmp_path / "c.json"
    store.write_text("old")
    store.chmod(0o640)
    new = write_new(store, ["né", "w" * (1 << 20), "!"], like=store)
    assert store.read_text() == "old"
    replace_store(new, store, store=store, digest=sha256(store), backup=False)
    assert store.read_text(encoding="utf-8") == "né" + "w" * (1 << 20) + "!"
    assert store.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.json"]


def test_no_backup_overwrites_an_earlier_one(tmp_path):
    store = tmp_path / "c.json"
    for text, name in (("1", "c.json.bak"), ("2", "c.json.bak1"), ("3", "c.json.bak2")):
        store.write_text(text)
        digest = sha256(store)
        assert back_up_store(store, digest) == tmp_path / name
        assert back_up_store(store, digest) == tmp_path / name  # the same bytes need no second one
    assert (tmp_path / "c.json.bak").read_text() == "1"


def test_a_second_run_is_refused_while_the_first_holds_the_store(tmp_path):
    store = tmp_path / "c.json"
    with (
        exclusive(store),
        pytest.raises(StoreError, match="another migration is running"),
        exclusive(store),
    ):
        pytest.fail("two runs interleave")
    with exclusive(store):
        pass
    assert not list(tmp_path.iterdir())


def test_the_lock_of_a_killed_run_is_stale(tmp_path):
    store = tmp_path / "c.json"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError), exclusive(store):
            pytest.fail("two processes hold the store")
        holder.kill()
        holder.wait()
    assert working_file(store, "lock").exists()
    with exclusive(store):
        pass
    assert not working_file(store, "lock").exists()


def test_a_lock_file_removed_by_its_owner_is_not_taken_for_a_lock(tmp_path, monkeypatch):
    # The race: we open the file, its owner unlinks it, and only then we get the lock.
    store, path = tmp_path / "c.json", working_file(tmp_path / "c.json", "lock")
    real, opened = os.open, []

    def open_and_lose(name, *args):
        handle = real(name, *args)
        if not opened:
            path.unlink()
        opened.append(handle)
        return handle

    monkeypatch.setattr(os, "open", open_and_lose)
    with exclusive(store):
        assert len(opened) == 2
        assert path.exists()


def test_a_place_without_folder_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be locked"), exclusive(tmp_path / "no" / "c"):
        pytest.fail("locked nothing")


# --- what others may plant, and what they may write meanwhile


@pytest.fixture
def place(tmp_path):
    """A store, and somebody else's file."""
    (tmp_path / "c.json").write_text("old")
    (tmp_path / "victim").write_text("do not touch")
    return tmp_path


def plant_dangling(path, victim):
    path.symlink_to(victim.with_name("not there"))


@pytest.mark.parametrize("plant", [plant_link, plant_hard_link, plant_dangling, plant_pipe])
@pytest.mark.parametrize("role", ["bak", "lock", "journal"])
def test_nothing_is_written_through_what_stands_under_a_working_name(place, role, plant):
    store = place / "c.json"
    plant(working_file(store, role), place / "victim")
    with exclusive(store):
        new = write_new(store, ["new"], like=store)
        kept = replace_store(new, store, store=store, digest=sha256(store), backup=True)
        tidy(store)
    assert (place / "victim").read_text() == "do not touch"
    assert store.read_text() == "new"
    assert kept.read_text() == "old"
    assert not kept.is_symlink()
    assert sorted(p.name for p in place.iterdir()) == ["c.json", "c.json.bak", "victim"]


def test_a_new_store_has_a_name_that_nobody_can_guess(place):
    store = place / "c.json"
    names = {write_new(store, ["new"], like=store).name for _ in range(5)}
    assert len(names) == 5
    tidy(store)
    assert sorted(p.name for p in place.iterdir()) == ["c.json", "victim"]


def test_tidying_takes_only_what_is_this_stores(place):
    others = [".c.json.diarfix-newest", ".c.json.diarfix-lock", ".d.json.diarfix-new-1", "c.json.x"]
    for name in others:
        (place / name).write_text("")
    for name in (".c.json.diarfix-new-1", ".c.json.diarfix-bak", ".c.json.diarfix-journal"):
        (place / name).write_text("")
    tidy(place / "c.json")
    assert sorted(p.name for p in place.iterdir()) == sorted([*others, "c.json", "victim"])


@pytest.mark.parametrize("plant", [plant_link, plant_dangling, plant_pipe])
def test_a_backup_goes_round_whatever_has_its_name(place, plant):
    store = place / "c.json"
    plant(place / "c.json.bak", store)
    assert back_up_store(store, sha256(store)).name == "c.json.bak1"
    assert (place / "c.json.bak1").read_text() == "old"


def test_a_backup_that_appears_meanwhile_is_not_replaced(place, monkeypatch):
    store, real = place / "c.json", os.link

    def link(source, target, **more):
        if target.name == "c.json.bak":
            target.write_text("precious")
        real(source, target, **more)

    monkeypatch.setattr(os, "link", link)
    assert back_up_store(store, sha256(store)).name == "c.json.bak1"
    assert (place / "c.json.bak").read_text() == "precious"
    assert (place / "c.json.bak1").read_text() == "old"


def test_where_there_are_no_hard_links_a_backup_is_renamed_into_place(place, monkeypatch):
    def link(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    store = place / "c.json"
    monkeypatch.setattr(os, "link", link)
    assert back_up_store(store, sha256(store)).read_text() == "old"
    assert sorted(p.name for p in place.iterdir()) == ["c.json", "c.json.bak", "victim"]


def test_a_backup_keeps_permissions_and_times(place):
    store = place / "c.json"
    store.chmod(0o640)
    os.utime(store, (1e9, 1e9))
    kept = back_up_store(store, sha256(store)).stat()
    assert (kept.st_mode & 0o777, kept.st_mtime) == (0o640, 1e9)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_extended_attributes_survive(place):
    store = place / "c.json"
    try:
        os.setxattr(store, "user.note", b"tall")
    except OSError:
        pytest.skip("this file system has none")
    new = write_new(store, ["new"], like=store)
    kept = replace_store(new, store, store=store, digest=sha256(store), backup=True)
    assert os.getxattr(store, "user.note") == os.getxattr(kept, "user.note") == b"tall"


def saved_whole(store):
    other = store.with_name("other")
    other.write_text("theirs")
    other.replace(store)


def saved_in_place(store):
    store.write_text("theirs")


def saved_with_the_same_size(store):
    store.write_text("OLD")


@pytest.mark.parametrize("save", [saved_whole, saved_in_place, saved_with_the_same_size])
@pytest.mark.parametrize("moment", ["write_new", "back_up_store", "_copy", "sha256"])
def test_what_another_program_saves_meanwhile_is_never_lost(place, monkeypatch, save, moment):
    """The last question is asked after the backup, right before the rename."""
    store = place / "c.json"
    digest = sha256(store)
    new = write_new(store, ["new"], like=store)
    if moment == "write_new":
        save(store)
    else:
        real = getattr(working, moment)

        def then_saved(*args):
            result = real(*args)
            save(store)
            return result

        monkeypatch.setattr(working, moment, then_saved)
    with pytest.raises(StoreError, match="changed while it was migrated"):
        replace_store(new, store, store=store, digest=digest, backup=True)
    assert not new.exists()
    assert store.read_text() in {"theirs", "OLD"}


@pytest.mark.parametrize("backup", [True, False])
def test_a_store_that_is_taken_away_meanwhile_stays_away(place, backup):
    store = place / "c.json"
    digest, new = sha256(store), write_new(store, ["new"], like=store)
    store.unlink()
    with pytest.raises(StoreError, match="changed while it was migrated"):
        replace_store(new, store, store=store, digest=digest, backup=backup)
    assert sorted(p.name for p in place.iterdir()) == ["victim"]


def test_a_name_as_long_as_names_can_be_has_working_files(tmp_path):
    store = tmp_path / ("é" * 120 + ".json")
    store.write_text("old")
    with exclusive(store):
        new = write_new(store, ["new"], like=store)
        replace_store(new, store, store=store, digest=sha256(store), backup=True)
        tidy(store)
    assert store.read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2
