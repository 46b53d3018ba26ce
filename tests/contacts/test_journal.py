import base64
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fakes import plant_hard_link, plant_link, plant_pipe

from diarfix.contacts.vectors import ModelTag, Voice
from diarfix.contacts.working import Header, Journal

HEADER = Header("store1", ModelTag("m", 4, "d"), "/samples", 3)


def voice(seed):
    vector = np.random.default_rng(seed).standard_normal(4)
    samples = tuple(hashlib.sha256(bytes([i])).hexdigest() for i in range(seed + 1))
    return Voice((vector / np.linalg.norm(vector)).astype(np.float32), samples)


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
            assert journal.voice(i).samples == voice(i).samples
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
            assert journal.voice(i).samples == voice(i).samples
    assert path.read_bytes() == whole


OTHERS = [
    Header("store2", HEADER.model, "/samples", 3),
    Header("store1", ModelTag("m", 4, "other"), "/samples", 3),
    Header("store1", HEADER.model, "/elsewhere", 3),
    Header("store1", HEADER.model, "/samples", 4),
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_journal_for_anything_else_is_worth_nothing(tmp_path, other):
    filled(tmp_path / "j", 3, other)
    assert recovered(tmp_path / "j") == []
    assert (tmp_path / "j").read_bytes() == HEADER.line()


@pytest.mark.parametrize("other", OTHERS)
def test_a_line_of_another_journal_is_not_believed_under_our_header(tmp_path, other):
    foreign = filled(tmp_path / "j", 3, other).splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([HEADER.line(), *foreign[1:]]))
    assert recovered(tmp_path / "j") == []


def b64(*numbers):
    return base64.b64encode(np.array(numbers, dtype="<f4").tobytes()).decode()


def sealed(line, **other):
    """A line with other values and the checksum that belongs to them, as a forger would have it."""
    entry = {**json.loads(line), **other}
    entry.pop("checksum")
    body = json.dumps(entry, sort_keys=True).encode()
    checksum = hashlib.sha256(HEADER.line() + body).hexdigest()
    return json.dumps({**entry, "checksum": checksum}).encode() + b"\n"


def test_a_sealed_line_is_believed(tmp_path):
    lines = filled(tmp_path / "j", 3).splitlines(keepends=True)
    assert sealed(lines[2]) == lines[2]


@pytest.mark.parametrize(
    "other",
    [
        {"vector": b64(1.0)},  # one dimension of four
        {"vector": b64(0, 0, 0, 0)},
        {"vector": b64(1, 1, 0, 0)},  # not of unit length
        {"vector": b64(1, 0, 0, np.nan)},
        {"vector": b64(1, 0, 0, np.inf)},
        {"vector": "AAA"},
        {"vector": None},
        {"n_samples": 1},
        {"n_samples": 0, "samples": []},
        {"n_samples": 2, "samples": ["a.wav", "b.wav"]},
        {"n_samples": 2, "samples": [1, 2]},
        {"samples": None},
        {"contact": -1},
        {"contact": True},
        {"contact": "1"},
        {"contact": 1.0},
    ],
)
def test_a_line_that_no_run_would_write_is_not_believed_nor_what_follows(tmp_path, other):
    lines = filled(tmp_path / "j", 3).splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([*lines[:2], sealed(lines[2], **other), *lines[3:]]))
    assert recovered(tmp_path / "j") == [0]


@pytest.mark.parametrize("damage", [b"\0\0\0\n", b"7\n", b"[]\n", b'{"contact": 1}\n', b"[" * 9999])
def test_what_follows_a_damaged_line_is_not_trusted(tmp_path, damage):
    lines = filled(tmp_path / "j", 3).splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([*lines[:2], damage, *lines[3:]]))
    assert recovered(tmp_path / "j") == [0]


@given(st.data())
def test_no_byte_of_a_line_can_be_exchanged_unseen(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "exchanged"
    whole = bytearray(filled(path, 2))
    start = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    at = data.draw(st.integers(start, len(whole) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    # White space between the parts of a line says nothing.
    blank = b" \t\r\n"
    whole[at], old = new, whole[at]
    path.write_bytes(bytes(whole))
    assert recovered(path) == [0] or (old in blank and new in blank and recovered(path) == [0, 1])


def test_a_line_that_changes_under_a_running_migration_is_a_bug_not_a_voice(tmp_path):
    with Journal(tmp_path / "j", HEADER) as journal:
        journal.add(0, voice(0))
        (tmp_path / "j").write_bytes(b"x" * (tmp_path / "j").stat().st_size)
        with pytest.raises(RuntimeError, match="changed under a running"):
            journal.voice(0)


def plant_open_file(path, victim):
    path.write_bytes(victim.read_bytes())
    path.chmod(0o666)


@pytest.mark.parametrize("plant", [plant_link, plant_hard_link, plant_open_file, plant_pipe])
def test_a_journal_that_no_run_left_is_replaced_never_written_through(tmp_path, plant):
    victim = tmp_path / "victim"
    before = filled(victim, 3)
    plant(tmp_path / "j", victim)
    assert recovered(tmp_path / "j") == []
    assert victim.read_bytes() == before
    assert (tmp_path / "j").read_bytes() == HEADER.line()
    assert not (tmp_path / "j").is_symlink()
