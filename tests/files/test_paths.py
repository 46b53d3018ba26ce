"""Names of files, whether paths of this machine or URLs."""

import os

import pytest

from diarfix.files import paths
from diarfix.files.paths import (
    beside,
    file_name,
    files_inside,
    files_matching,
    is_url,
    join,
    place,
    recording_id,
)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("s3://bucket/a.json", True),
        ("memory://a.json", True),
        ("simplecache::s3://bucket/a.json", True),
        ("zip://a.json::https://host/all.zip", True),
        ("a.json", False),
        ("C:\\talks\\a.json", False),
        ("talk: part://2.json", False),
        ("./s3://a.json", False),
        ("-", False),
    ],
)
def test_a_url_begins_with_a_protocol(path, url):
    assert is_url(path) is url


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("s3://bucket/talks/a.b.json", "a.b.json"),
        ("memory://a.json", "a.json"),
        ("https://host/talks/a.json?key=x/y.json#z", "a.json"),
        ("zip://in/a.json::s3://bucket/all.zip", "a.json"),
        ("simplecache::s3://bucket/a.json", "a.json"),
        ("talks/a.json", "a.json"),
        ("s3://bucket/what?.json", "what?.json"),
    ],
)
def test_the_name_of_a_file_is_its_last_part(path, name):
    assert file_name(path) == name
    assert recording_id(path) == name.split(".", 1)[0]


def test_a_file_joins_a_folder_by_one_slash():
    assert join("s3://bucket/out/", "a.json") == "s3://bucket/out/a.json"
    assert join("memory://out", "a.json") == "memory://out/a.json"
    assert join("out/", "a.json") == "out/a.json"


@pytest.mark.parametrize(
    ("file", "named", "found"),
    [
        ("s3://b/set/corpus.json", "words/a.json", "s3://b/set/words/a.json"),
        ("s3://b/set/corpus.json", "../words/a.json", "s3://b/words/a.json"),
        ("s3://b/set/corpus.json", "gs://c/a.json", "gs://c/a.json"),
        ("s3://b/set/corpus.json", "/disk/a.json", "/disk/a.json"),
        ("zip://in/corpus.json::s3://b/all.zip", "a.json", "zip://in/a.json::s3://b/all.zip"),
        ("memory://corpus.json", "a.json", "memory://a.json"),
        ("set/corpus.json", "s3://b/a.json", "s3://b/a.json"),
        ("set/corpus.json", "../a.json", "set/../a.json"),
        ("set/corpus.json", "/disk/a.json", "/disk/a.json"),
    ],
)
def test_what_a_file_names_stands_beside_it_unless_absolute(file, named, found):
    assert beside(file, named) == found


def test_all_names_of_a_file_have_one_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "a").touch()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "to").symlink_to("new")
    os.link("a", "hard")
    there = {place(n) for n in ("a", "./a", "deep/../a", str(tmp_path / "a"), "link", "hard",
                                f"file://{tmp_path}/a")}  # fmt: skip
    assert len(there) == 1
    not_yet = {place(n) for n in ("new", "./new", "deep/../new", str(tmp_path / "new"), "to")}
    assert len(not_yet) == 1
    assert len({place(n) for n in ("a", "new", "New", "deep/new", "deep", "deep/x/new")}) == 6
    assert place(os.devnull) is None


def test_case_is_no_difference_where_the_file_system_folds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_folds_case", lambda _: True)
    assert place(str(tmp_path / "Caf\u00e9.json")) == place(str(tmp_path / "cAFE\u0301.JSON"))
    assert place(str(tmp_path / "a")) != place(str(tmp_path / "b"))


def test_whether_case_is_folded_is_asked_of_the_folder(tmp_path):
    other = tmp_path.with_name(tmp_path.name.swapcase())
    assert paths._folds_case(tmp_path) is other.exists()


def test_a_name_without_a_working_folder_still_has_a_place(monkeypatch):
    def gone():
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    assert place("nowhere/x") == "nowhere/x"


@pytest.mark.skipif(os.name != "posix", reason="pipes and sockets have names on POSIX")
def test_a_search_finds_files_and_says_what_else_it_met(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "b.txt"):
        (tmp_path / name).touch()
    os.mkfifo("p.json")
    (tmp_path / "d.json").mkdir()
    (tmp_path / "gone.json").symlink_to("nowhere")
    for search in (lambda met: files_inside(".", ("*.json",), met),
                   lambda met: files_matching("*.json", met)):  # fmt: skip
        met = []
        assert search(met) == ["a.json", "gone.json"]
        assert met == ["p.json"]
