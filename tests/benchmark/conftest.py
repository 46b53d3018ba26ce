"""A small corpus made on the spot: two datasets, three recordings, known errors."""

import json

import pytest

from diarfix.core.words import turns_from_rows
from diarfix.formats.text.rttm import write_rttm


def recording(folder, name, hyp, ref, *, n_words=60):
    """One word a second; ``hyp`` and ``ref`` are turns as (start, end, label)."""
    words = [{"word": f"w{i}", "start": i + 0.1, "end": i + 0.9} for i in range(n_words)]
    (folder / f"{name}.json").write_text(json.dumps({"words": words}))
    for kind, rows in (("hyp", hyp), ("ref", ref)):
        (folder / f"{name}.{kind}.rttm").write_text(write_rttm({name: turns_from_rows(rows)}))
    return {"words": f"{name}.json", "turns": f"{name}.hyp.rttm", "ref_rttm": f"{name}.ref.rttm"}


TRUTH = [(0, 20, "A"), (20, 40, "B"), (40, 60, "A")]
#: A one-word island that the rules collapse (0.8 s), and a seam that they cannot move.
ISLAND = [(0, 10, "x"), (10, 11, "y"), (11, 20, "x"), (20, 42, "y"), (42, 60, "x")]


@pytest.fixture
def corpus(tmp_path):
    """corpus.json of three recordings: ``one`` and ``two`` have an island, ``three`` is right."""
    files = [
        {"id": "one", "dataset": "d1", "role": "tune", **recording(tmp_path, "one", ISLAND, TRUTH)},
        {"id": "two", "dataset": "d1", "role": "tune", **recording(tmp_path, "two", ISLAND, TRUTH)},
        {
            "id": "three",
            "dataset": "d2",
            "role": "stress",
            "mood": "kept",
            **recording(tmp_path, "three", TRUTH, TRUTH),
        },
    ]
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps({"version": "1", "files": files}))
    return path
