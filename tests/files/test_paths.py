"""Names of files, whether paths of this machine or URLs."""

import pytest

from diarfix.files.paths import beside, file_name, is_url, join, recording_id


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
