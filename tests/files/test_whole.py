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
