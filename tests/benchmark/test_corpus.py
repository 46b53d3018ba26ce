"""corpus.json: what is read, what is refused, what is chosen."""

import json

import pytest

from diarfix.benchmark.corpus import read_corpus, select_entries
from diarfix.errors import InputError, UsageError


def test_paths_are_relative_to_the_file_and_unknown_keys_are_kept(corpus):
    """An entry's files lie beside its corpus.json; what diarfix does not know stays."""
    found = read_corpus(str(corpus))
    assert [e.id for e in found.entries] == ["one", "two", "three"]
    assert found.entries[0].words == str(corpus.parent / "one.json")
    assert found.entries[2].raw["mood"] == "kept"
    assert found.version == "1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "files[0].id"),
        ({"words": 3}, "files[0].words"),
        ({"role": "train"}, "files[0].role"),
        ({"ref_rttm": None}, "no reference"),
        ({"audio_path": 7}, "files[0].audio_path"),
        ({"id": "two"}, "'two' stands twice"),
    ],
)
def test_what_an_entry_lacks_is_named(corpus, change, message):
    """A wrong entry is refused with its place."""
    tree = json.loads(corpus.read_text())
    tree["files"][0] |= change
    corpus.write_text(json.dumps(tree))
    with pytest.raises(InputError, match=message.replace("[", r"\[").replace("]", r"\]")):
        read_corpus(str(corpus))


def test_a_sample_is_seeded_and_keeps_the_order(corpus):
    """The same seed draws the same recordings, in corpus order; other seeds draw others."""
    found = read_corpus(str(corpus))
    draws = {tuple(e.id for e in select_entries(found, [], 2, seed)) for seed in range(20)}
    assert draws == {("one", "two"), ("one", "three"), ("two", "three")}
    assert select_entries(found, [], 2, 5) == select_entries(found, [], 2, 5)
    assert len(select_entries(found, [], 99, 0)) == 3


def test_an_unknown_dataset_is_refused(corpus):
    """A mistyped dataset must not give an empty benchmark."""
    with pytest.raises(UsageError, match="no dataset 'd3'"):
        select_entries(read_corpus(str(corpus)), ["d3"], None, 0)


def test_turns_may_be_a_list_and_each_decides_a_cell(corpus):
    tree = json.loads(corpus.read_text())
    tree["files"][0]["turns"] = ["one.hyp.rttm", "two.hyp.rttm"]
    corpus.write_text(json.dumps(tree))
    one, two, _ = read_corpus(str(corpus)).entries
    folder = corpus.parent
    assert one.turns == (str(folder / "one.hyp.rttm"), str(folder / "two.hyp.rttm"))
    assert two.turns == (str(folder / "two.hyp.rttm"),)
    assert [path for what, path in one.files if what == "turns"] == [*one.turns]
    tree["files"][0]["turns"] = ["one.hyp.rttm", 3]
    corpus.write_text(json.dumps(tree))
    with pytest.raises(InputError, match=r"files\[0\].turns: expected a path, or a list"):
        read_corpus(str(corpus))
