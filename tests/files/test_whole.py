import os
import subprocess
import sys

import pytest

from diarfix.files.whole import locked, sha256, write_durably, write_file

HOLD = """
import sys
from pathlib import Path
from diarfix.files.whole import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
    Path(sys.argv[1]).rename(sys.argv[1] + ".done")
"""


def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_file(str(link), b"new")
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "real"]


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    write_file(str(tmp_path / "mine"), b"")
    assert (tmp_path / "mine").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fails(*_):
        raise OSError(28, "No space left on device")

    for name in ("write", "fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fails)
            with pytest.raises(OSError, match="No space"):
                write_file(str(path), b"new")
        assert path.read_bytes() == b"old"
        assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_pieces_are_written_in_their_order(tmp_path):
    pieces = [b"a", b"b" * (1 << 20), b"", b"c"]
    (tmp_path / "old").touch(mode=0o640)
    write_durably(tmp_path / "a", pieces, like=tmp_path / "old")
    assert (tmp_path / "a").read_bytes() == b"".join(pieces)
    assert len(sha256(tmp_path / "a")) == 64


def test_who_waits_for_a_lock_gets_the_file_that_is_there_then(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError), locked(path):
            pytest.fail("two processes hold the lock")
        holder.stdin.close()
        with locked(path, wait=True) as handle:
            assert os.path.samestat(os.fstat(handle), path.stat())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lock", "lock.done"]


posix = pytest.mark.skipif(os.name != "posix", reason="what belongs to a file on POSIX")


@posix
def test_a_file_of_several_names_keeps_them(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"older and longer")
    os.link(one, two)
    write_file(str(one), b"new")
    assert (one.read_bytes(), two.read_bytes()) == (b"new", b"new")
    assert one.samefile(two)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


@posix
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_is_written_in_place_and_breaks_off_is_as_it_was(tmp_path, monkeypatch, error):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"old")
    os.link(one, two)
    write, calls = os.write, []

    def breaks_off(handle, data):
        calls.append(bytes(data))
        if len(calls) == 2:  # the first is of the spare
            write(handle, data[:2])
            raise error
        return write(handle, data)

    monkeypatch.setattr(os, "write", breaks_off)
    with pytest.raises(type(error)):
        write_file(str(one), b"new and longer")
    assert calls == [b"old", b"new and longer", b"old"]
    assert two.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


@posix
def test_old_bytes_that_cannot_come_back_stay_beside_the_file(tmp_path, monkeypatch):
    one = tmp_path / "one"
    one.write_bytes(b"old")
    os.link(one, tmp_path / "two")
    truncate, left = os.ftruncate, []
    monkeypatch.setattr(os, "ftruncate", lambda *_: truncate(-1, 0))
    with pytest.raises(OSError, match="Bad file"):
        write_file(str(one), b"new and longer")
    left = [p for p in tmp_path.iterdir() if p.name.endswith(".tmp")]
    assert [p.read_bytes() for p in left] == [b"old"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes of Linux")
def test_extended_attributes_and_owner_are_kept_by_files_and_copies(tmp_path):
    path, copy = tmp_path / "a", tmp_path / "a.bak"
    path.write_bytes(b"old")
    path.chmod(0o604)
    try:
        os.setxattr(path, "user.source", b"s3://b")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    before = path.stat()
    write_durably(copy, [b"old"], like=path)
    write_file(str(path), b"new")
    for file in (path, copy):
        now = file.stat()
        assert os.getxattr(file, "user.source") == b"s3://b"
        assert (now.st_uid, now.st_gid, now.st_mode) == (
            before.st_uid, before.st_gid, before.st_mode
        )  # fmt: skip
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before.st_ino  # replaced in one step


@posix
def test_a_file_whose_owner_a_new_one_could_not_have_is_written_in_place(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    before = path.stat().st_ino

    def refused(name, *_):
        raise PermissionError(1, "Operation not permitted", name)

    stat = os.stat

    def of_another(name, **more):
        found = stat(name, **more)
        return found if str(name) == str(path) else os.stat_result((*found[:4], 77, *found[5:]))

    monkeypatch.setattr(os, "chown", refused)
    monkeypatch.setattr("diarfix.files.whole.os.stat", of_another)
    write_file(str(path), b"new")
    assert (path.read_bytes(), path.stat().st_ino) == (b"new", before)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["x" * 255, "ж" * 127, "黄" * 83 + ".json"])
def test_the_longest_names_can_be_written(tmp_path, name):
    path = tmp_path / name
    for data in (b"new", b"newer"):
        write_file(str(path), data)
        assert path.read_bytes() == data
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_new_file_replaces_nothing_and_follows_no_link(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_durably(tmp_path / "a", [b"new"], like=tmp_path / "a")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        write_durably(tmp_path / "link", [b"new"], like=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / "nowhere").exists()
