"""Files in a store: read, listed and written whole; what is missing is named."""

import sys

import pytest

from diarfix.errors import InputError, MissingDependency
from diarfix.files.local import read_bytes, write_bytes
from diarfix.files.paths import files_inside, files_matching, is_folder, is_pattern, make_folder
from diarfix.files.remote import Remote

fsspec = pytest.importorskip("fsspec", reason="needs the extra fsspec")


@pytest.fixture
def memory():
    """An empty store in memory."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    yield store
    store.store.clear()
    store.pseudo_dirs[:] = [""]


def test_files_are_replaced_and_read_whole(memory):
    for data in (b"old", b"", b"new \x00"):
        write_bytes("memory://in/a.json", data)
        assert read_bytes("memory://in/a.json") == data


def test_a_write_that_fails_leaves_the_old_file(memory, monkeypatch):
    write_bytes("memory://a.json", b"old")

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.commit", fails)
    with pytest.raises(InputError, match=r"memory://a\.json: cannot be written: No space left"):
        write_bytes("memory://a.json", b"new")
    monkeypatch.undo()
    assert read_bytes("memory://a.json") == b"old"


def test_a_folder_lists_what_fits_at_any_depth_and_reads_nothing(memory, monkeypatch):
    for name in ("b.json", "a.json", "deep/er/c.nlp", "deep/d.txt", "e.JSON"):
        write_bytes(f"memory://in/{name}", b"{}")
    write_bytes("memory://other/f.json", b"{}")
    monkeypatch.setattr(Remote, "read", None)
    assert is_folder("memory://in")
    assert not is_folder("memory://in/a.json")
    assert not is_folder("memory://nowhere")
    inside = ["memory://in/a.json", "memory://in/b.json", "memory://in/deep/er/c.nlp"]
    assert files_inside("memory://in", ("*.json", "*.nlp")) == inside
    assert files_inside("memory://in/", ("*.json", "*.nlp")) == inside


def test_a_pattern_finds_files_only_and_a_file_named_like_one_is_a_file(memory):
    for name in ("in/a.json", "in/b.json", "in/[c].json", "in/deep/d.json", "in/x.json/y.txt"):
        write_bytes(f"memory://{name}", b"{}")
    assert is_pattern("memory://in/*.json")
    assert not is_pattern("memory://in/[c].json")
    one_deep = ["memory://in/[c].json", "memory://in/a.json", "memory://in/b.json"]
    assert files_matching("memory://in/*.json") == one_deep
    assert "memory://in/deep/d.json" in files_matching("memory://in/**/*.json")


def test_files_of_an_archive_in_a_store_keep_their_chain(memory, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("in/a.json", "1")
        archive.writestr("in/b.json", "2")
    write_bytes("memory://all.zip", (tmp_path / "all.zip").read_bytes())
    found = files_matching("zip://in/*.json::memory://all.zip")
    assert found == [f"zip://in/{n}.json::memory://all.zip" for n in "ab"]
    assert [read_bytes(path) for path in found] == [b"1", b"2"]


def test_a_file_url_is_a_file_of_this_machine_and_replaced_as_one(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_bytes(f"file://{path}", b"new")
    assert read_bytes(f"file://{path}") == path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_is_made_where_the_store_has_any(memory):
    make_folder("memory://out")
    make_folder("memory://out")
    assert memory.isdir("/out")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("memory://nothing.json", "memory://nothing.json: no such file or directory"),
        ("nonsense://a.json", "nonsense://a.json: Protocol not known: nonsense"),
    ],
)
def test_what_cannot_be_read_is_said(memory, url, says):
    with pytest.raises(InputError) as caught:
        read_bytes(url)
    assert caught.value.message == says


@pytest.mark.parametrize(
    ("url", "module", "cure"),
    [
        ("s3://bucket/a.json", "s3fs", "pip install 'diarfix[fsspec]' s3fs"),
        ("gs://bucket/a.json", "gcsfs", "pip install 'diarfix[fsspec]' gcsfs"),
        ("s3://bucket/a.json", "fsspec.core", "pip install 'diarfix[fsspec]' s3fs"),
        ("memory://a.json", "fsspec.core", "pip install 'diarfix[fsspec]'"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch, url, module, cure
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependency) as caught:
        read_bytes(url)
    assert caught.value.hint == cure
