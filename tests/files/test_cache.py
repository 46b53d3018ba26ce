"""Laws of diarfix.files.cache: whatever is damaged counts as missing."""

import os
from pathlib import Path

import pytest

from diarfix.files.cache import CacheFolder


@pytest.fixture
def kept(tmp_path):
    """A folder with the entry "a", what it told, and the place of the entry."""
    told = []
    folder = CacheFolder(tmp_path / "in" / "here", ".txt", told.append)
    folder.put("a", b"text")
    return folder, told, tmp_path / "in/here/a.txt"


def test_what_was_put_is_got(kept):
    """Nothing is told of an entry that is sound, or of one that is not there."""
    folder, told, place = kept
    assert folder.get("a", bytes.decode) == "text"
    assert folder.get("b", bytes.decode) is None
    assert told == []
    assert [p.name for p in place.parent.iterdir()] == ["a.txt"]


def _cut(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-1])


def _turned(place: Path) -> None:
    place.write_bytes(place.read_bytes().replace(b"text", b"tent"))


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _link(place: Path) -> None:
    place.rename(place.with_suffix(".other"))
    place.symlink_to(place.with_suffix(".other"))


def _empty(place: Path) -> None:
    place.write_bytes(b"")


DAMAGE = (_cut, _turned, _folder, _pipe, _link, _empty)


@pytest.mark.skipif(os.name != "posix", reason="pipes and links")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_missing_and_told(kept, damage):
    """It is put anew where the place can be had, and never through a link."""
    folder, told, place = kept
    damage(place)
    assert folder.get("a", bytes.decode) is None
    (line,) = told
    assert line.startswith(f"{place}: ")
    assert line.endswith("counts as missing")
    folder.put("a", b"more")
    if damage is not _folder:
        assert folder.get("a", bytes.decode) == "more"
    if damage is _link:
        assert place.with_suffix(".other").read_bytes().endswith(b"text")


def test_an_entry_of_another_key_is_missing(kept):
    """A file that was copied to another name says nothing there."""
    folder, told, place = kept
    place.with_name("b.txt").write_bytes(place.read_bytes())
    assert folder.get("b", bytes.decode) is None
    assert len(told) == 1


def test_what_cannot_be_read_is_missing(kept):
    """Whatever the reader raises, or that it finds nothing."""
    folder, told, _ = kept
    assert folder.get("a", lambda _: 1 / 0) is None
    assert folder.get("a", lambda _: None) is None
    assert len(told) == 2


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (CacheFolder(tmp_path / "file" / "cells", ".json"), CacheFolder(None, ".json")):
        folder.put("a", b"")
        assert folder.get("a", bytes) is None
