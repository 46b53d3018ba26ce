"""Time and memory in proportion to the file: what once took minutes takes a moment."""

import io
import json
import time
import zipfile

import numpy as np
import pytest

from diarfix.config import Settings
from diarfix.core.voice.plan import plan_listening
from diarfix.core.words import turns_from_rows
from diarfix.edits.rechecks import read_centroids
from diarfix.edits.repairs import repair
from diarfix.errors import InputError
from diarfix.formats.detect import TARGETS
from diarfix.formats.document import read_document
from diarfix.formats.recordings import WriteOptions, recordings_of
from diarfix.report.diff import draw, hunks
from diarfix.report.inspection import inspect_document

#: Processor seconds: some ten times what each takes, and a tenth of what it took.
ENOUGH = 8.0


@pytest.fixture(autouse=True)
def _soon():
    began = time.process_time()
    yield
    assert time.process_time() - began < ENOUGH


def document(rows):
    """A word list of ``(text, start, end, label)`` rows, read."""
    keys = ("word", "start", "end", "speaker")
    return read_document(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]), "f.json")


def crowd(n):
    return document([("w", i * 0.3, i * 0.3 + 0.25, f"S{i}") for i in range(n)])


@pytest.mark.parametrize(
    "row",
    [
        ("\u200b", 0.0, 0.0, "A"),  # words that take no column and no time
        ("好" * 100, 0.0, 1.0, "A"),
        ("e" + "\u0301" * 200, 0.0, 1.0, "A"),
        ("x", 0.0, 1.0, "é" * 2000),
    ],
)
@pytest.mark.parametrize("to", ["srt", "vtt", "ass", "md", "html", "textgrid", "elan"])
def test_cues_of_odd_words(row, to):
    held = recordings_of(document([row] * 400 + [("x", 0.0, 1.0, "B")]))
    assert TARGETS[to].write(held, WriteOptions())


def test_a_name_of_a_megabyte_before_a_cue():
    held = recordings_of(document([("x", 0.0, 1.0, "é" * 1_000_000), ("y", 1.0, 2.0, "B")]))
    assert TARGETS["srt"].write(held, WriteOptions()).splitlines()[2].startswith("é" * 23 + "…:")


def test_twenty_thousand_speakers_are_counted_and_planned_for():
    """Neither takes speakers times words."""
    many = crowd(20_000)
    assert len(inspect_document(many)["speakers"]) == 20_000
    assert len(plan_listening(many.words, None, None, Settings().recheck).at) == 20_000


def test_twenty_thousand_speakers_in_the_turns():
    """The words of each are asked about alone."""
    turns = turns_from_rows([(i * 0.3, i * 0.3 + 5.0, f"T{i}") for i in range(20_000)])
    done = repair(crowd(20_000), turns={"": turns})
    assert len(done.moved) == 20_000


def test_twenty_thousand_moved_words_are_drawn():
    done = repair(document([("hi", 1.0, 1.0, "AB"[i % 2]) for i in range(40_000)]))
    found = hunks(done)
    assert len(done.moved) > 19_000
    assert draw("f.json", found).plain.count("hi]") >= len(done.moved)


def _npz(**members):
    """An archive of headers that promise more than there is: name -> (type, shape, bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (kind, shape, body) in members.items():
            with archive.open(f"{name}.npy", "w") as member:
                header = {"descr": kind, "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(member, header)
                member.write(body)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"A": ("<f8", (10**12,), b"")}, "claims 8,000,000,000,000 bytes"),
        ({"A": ("<f8", (10**9, 10**9), b"")}, "claims"),
        ({"A": ("|u1", (10**6,), bytes(10**6))}, "claims 8,000,000 bytes"),
        ({"speaker_embedding_model": ("<U100000000", (), b"")}, "claims 400,000,000 bytes"),
        ({"A": ("<f8", (-1,), b"")}, "no NPZ file"),
        ({f"A{i}": ("<f8", (10**5,), bytes(8 * 10**5)) for i in range(200)}, "too many for voices"),
        ({"A": ("<f8", (256,), b"")}, "no NPZ file"),
    ],
)
def test_an_archive_is_refused_by_what_it_claims(tmp_path, members, says):
    path = tmp_path / "c.npz"
    path.write_bytes(_npz(**members))
    with pytest.raises(InputError, match=says):
        read_centroids(str(path))


def test_an_archive_packed_in_another_way_is_refused(tmp_path):
    """To unpack it may need any memory that its header asks for."""
    path = tmp_path / "c.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("A.npy", b"")
    with pytest.raises(InputError, match="packed in a way"):
        read_centroids(str(path))
