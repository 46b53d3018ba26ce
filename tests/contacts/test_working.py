import os
import subprocess
import sys

import pytest

from diarfix.contacts.working import back_up, exclusive, working_file, write_new
from diarfix.errors import InputError, StoreError
from diarfix.files.whole import move

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
    move(new, store)
    assert store.read_text(encoding="utf-8") == "né" + "w" * (1 << 20) + "!"
    assert store.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.json"]


def test_no_backup_overwrites_an_earlier_one(tmp_path):
    store = tmp_path / "c.json"
    for text, name in (("1", "c.json.bak"), ("2", "c.json.bak1"), ("3", "c.json.bak2")):
        store.write_text(text)
        assert back_up(store) == tmp_path / name
        assert back_up(store) == tmp_path / name  # the same bytes need no second one
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
