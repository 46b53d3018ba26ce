import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.contacts.journal import Header, Journal, ModelTag, Voice

HEADER = Header("store1", ModelTag("m", 4, "d"), "/samples", 3)


def voice(seed):
    return Voice(np.random.default_rng(seed).standard_normal(4).astype(np.float32), seed + 1)


def filled(path, n, header=HEADER):
    path.unlink(missing_ok=True)
    with Journal(path, header) as journal:
        for i in range(n):
            journal.add(i, voice(i))
    return path.read_bytes()


def recovered(path, header=HEADER):
    with Journal(path, header) as journal:
        found = [i for i in range(10) if i in journal]
        for i in found:
            assert np.array_equal(journal.voice(i).vector, voice(i).vector)
            assert journal.voice(i).n_samples == i + 1
        assert journal.resumed == len(found)
    return found


@given(st.data())
def test_a_journal_cut_anywhere_gives_back_every_whole_line_and_can_go_on(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "journal"
    whole = filled(path, 4)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    n = max(whole[:cut].count(b"\n") - 1, 0)
    assert recovered(path) == list(range(n))
    with Journal(path, HEADER) as journal:
        for i in range(n, 4):
            journal.add(i, voice(i))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "other",
    [
        Header("store2", HEADER.model, "/samples", 3),
        Header("store1", ModelTag("m", 4, "other"), "/samples", 3),
        Header("store1", HEADER.model, "/elsewhere", 3),
        Header("store1", HEADER.model, "/samples", 4),
    ],
)
def test_a_journal_for_anything_else_is_worth_nothing(tmp_path, other):
    filled(tmp_path / "j", 3, other)
    assert recovered(tmp_path / "j") == []
    assert (tmp_path / "j").read_bytes() == HEADER.line()


@pytest.mark.parametrize(
    "damage",
    [
        b"\0\0\0\n",
        b"7\n",
        b'{"contact": 1}\n',
        b'{"contact": 1, "n_samples": 1, "vector": "AAAA"}\n',
        b'{"contact": 1, "n_samples": 1, "vector": "AACAPw=="}\n',  # one dimension of four
    ],
)
def test_what_follows_a_damaged_line_is_not_trusted(tmp_path, damage):
    whole = filled(tmp_path / "j", 3)
    lines = whole.splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([*lines[:2], damage, *lines[3:]]))
    assert recovered(tmp_path / "j") == [0]
