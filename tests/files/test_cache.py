from diarfix.files.cache import CacheFolder


def test_what_was_put_is_got_and_what_is_damaged_or_absent_is_not(tmp_path):
    folder = CacheFolder(tmp_path / "in" / "here", ".txt")
    assert folder.get("a", bytes.decode) is None
    folder.put("a", b"text")
    assert folder.get("a", bytes.decode) == "text"
    (tmp_path / "in/here/a.txt").write_bytes(b"\xff")
    assert folder.get("a", bytes.decode) is None
    assert [p.name for p in (tmp_path / "in/here").iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (CacheFolder(tmp_path / "file" / "cells", ".json"), CacheFolder(None, ".json")):
        folder.put("a", b"")
        assert folder.get("a", bytes) is None
