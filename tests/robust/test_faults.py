"""A short `make faults`: the scenes that need no special rights and little time."""

import os

import pytest

QUICK = ["disk-full", "interrupted", "killed"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.mark.parametrize("name", QUICK)
def test_nothing_is_lost(faults, tmp_path, name):
    faults.SCENES[name](tmp_path, 1)


def test_a_file_cut_in_half_is_seen(faults, tmp_path):
    """The harness itself: half a file is caught."""
    before = faults.archive(tmp_path, 1, 40)
    (tmp_path / "0.json").write_bytes(before["0.json"][:100])
    with pytest.raises(faults.Broken, match="half written"):
        faults.whole(tmp_path, before, before)
