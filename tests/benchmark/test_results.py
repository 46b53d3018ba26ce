"""Cells, pooling, pairing, regressions."""

import dataclasses
import json

import pytest

from diarfix.benchmark import cells as cells_module
from diarfix.benchmark.cells import (
    Measured,
    MeasureTask,
    block_counts,
    cell_bytes,
    cell_of,
    measure,
)
from diarfix.benchmark.corpus import read_corpus
from diarfix.benchmark.results import Draws, flat_baseline, frozen, gate_metrics, tabulated
from diarfix.benchmark.variants import expand_variants
from diarfix.config.sources import resolve
from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.metrics.gates import Tolerance, changes
from diarfix.metrics.labels import score_against_turns

BASE = resolve({}, {}, {}, "")
VARIANTS = expand_variants(["off", "rules", "viterbi-labels", "recheck"], {}, BASE)[:3]


def regressions(*args, **how):
    return [why for change in changes(*args, **how) if (why := change.failure)]


def run(corpus, variants=VARIANTS, cache=None):
    return [measure(MeasureTask(e, variants, cache)) for e in read_corpus(str(corpus)).entries]


def test_a_cell_survives_its_file(corpus, tmp_path):
    """What is read from the cache equals what was computed."""
    (first, *_) = run(corpus)
    cell = first.cells["rules"]
    again = cell_of(cell_bytes(cell))
    assert again.score == dataclasses.replace(cell.score, why=dict(cell.score.why))
    assert again.wrong.tolist() == cell.wrong.tolist()
    assert again.blocks.tolist() == cell.blocks.tolist()


def test_each_cell_is_computed_once(corpus, tmp_path, monkeypatch):
    """A second run reads every cell; a run that was cut short computes only what is missing."""
    cache = tmp_path / "cells"
    fresh = run(corpus, cache=cache)
    assert [m.n_cached for m in fresh] == [0, 0, 0]
    files = sorted(cache.iterdir())
    assert len(files) == 9
    files[0].unlink()
    files[1].write_text("{ damaged")
    made = []
    cell = cells_module._Recording.cell
    monkeypatch.setattr(
        cells_module._Recording, "cell", lambda self, v: made.append(v.name) or cell(self, v)
    )
    again = run(corpus, cache=cache)
    assert len(made) == 2
    assert [m.cells["rules"].wrong.tolist() for m in again] == [
        m.cells["rules"].wrong.tolist() for m in fresh
    ]


def test_other_inputs_or_settings_make_other_cells(corpus, tmp_path):
    """A changed file, knob or version of diarfix is another cell."""
    cache = tmp_path / "cells"
    run(corpus, cache=cache)
    n = len(list(cache.iterdir()))
    path = corpus.parent / "three.json"
    path.write_text(path.read_text().replace("w1", "v1"))
    run(corpus, cache=cache)
    assert len(list(cache.iterdir())) == n + 3
    other = resolve({"max_island_words": 1}, {}, {}, "")
    run(corpus, expand_variants(["rules"], {}, other), cache)
    assert len(list(cache.iterdir())) == n + 3 + 3


def test_figures_are_pooled_and_paired(corpus):
    """Counts add over recordings; repaired and broken are per word; the interval says its unit."""
    tree = tabulated(run(corpus), VARIANTS, Draws(200, 0))
    off, rules = tree["overall"]["off"], tree["overall"]["rules"]
    assert (off["n_word_errors"], rules["n_word_errors"]) == (6, 4)
    assert off["n_scored"] == 180
    assert off["wser"] == pytest.approx(6 / 180)
    assert (rules["repaired"], rules["broken"]) == (2, 0)
    assert rules["base_word_errors"] == 6
    assert tree["datasets"]["d2"]["rules"]["n_word_errors"] == 0
    delta = rules["delta"]
    assert delta["unit"] == "block of 10 reference turns"
    assert delta["n"] == 3
    assert delta["ci_low"] <= delta["mean"] <= delta["ci_high"]
    one = next(f for f in tree["files"] if f["id"] == "one")
    assert one["variants"]["rules"]["islands"] == 0
    assert one["variants"]["off"]["islands"] == 1


def test_five_recordings_are_units_of_their_own(corpus):
    """From five recordings on the interval is over recordings."""
    measured = run(corpus) * 2
    delta = tabulated(measured, VARIANTS, Draws(200, 0))["overall"]["rules"]["delta"]
    assert (delta["unit"], delta["n"]) == ("recording", 6)
    assert delta["significant"] == (delta["ci_low"] > 0 or delta["ci_high"] < 0)


def test_blocks_hold_ten_reference_turns():
    """25 alternating turns make three blocks, and their counts add up to the recording's."""
    turns = turns_from_rows((i, i + 1, "AB"[i % 2]) for i in range(25))
    words = words_from_rows(
        (f"w{i}", i + 0.2, i + 0.8, "ab"[i % 2 if i != 12 else 1]) for i in range(25)
    )
    score = score_against_turns(words, turns)
    assert block_counts(score).tolist() == [[0, 10], [1, 10], [0, 5]]


def test_a_variant_that_harms_is_flagged(corpus):
    """WSER more than 5 % worse, an added island or a raised DER is a regression."""
    measured = run(corpus)
    swapped = [
        Measured(m.entry, {"off": m.cells["rules"], "rules": m.cells["off"]}) for m in measured
    ]
    tree = tabulated(swapped, VARIANTS[:2], Draws(50, 0))
    flagged = {f["id"]: f["variants"]["rules"]["regression_reasons"] for f in tree["files"]}
    assert flagged["one"] == ["wser", "islands", "der"]
    assert flagged["three"] == []
    assert tree["overall"]["rules"]["regressions"] == 2


def test_a_cell_without_audio_is_left_out_of_the_comparison(corpus):
    """Recheck where no entry has audio is skipped, not zero."""
    variants = expand_variants(["off", "recheck"], {}, BASE)
    tree = tabulated(run(corpus, variants), variants, Draws(50, 0))
    assert tree["files"][0]["variants"]["recheck"] == {"skipped": "no audio"}
    assert tree["overall"]["recheck"] == {"skipped": "no audio"}


def test_gates_see_every_figure_and_baselines_drift(corpus):
    """Pooled figures are named with and without dataset; a worse figure fails the baseline."""
    tree = tabulated(run(corpus), VARIANTS, Draws(50, 0))
    metrics = gate_metrics(tree)
    assert metrics["rules.n_word_errors"] == 4
    assert metrics["d1/rules.repaired"] == 2
    assert "rules.delta.ci_low" in metrics
    old = flat_baseline(json.loads(json.dumps(frozen(tree))))
    assert regressions(old, flat_baseline(tree), Tolerance()) == []
    worse = {**old, "one rules.wser": 0.0}
    assert regressions(worse, flat_baseline(tree), Tolerance()) == [
        "one rules.wser was 0, is 0.0333333"
    ]
    assert regressions({**old, "gone rules.wser": 0.1}, flat_baseline(tree), Tolerance()) == [
        "gone rules.wser was 0.1 and has no value now"
    ]


def test_the_cache_is_a_convenience(corpus, tmp_path):
    """A folder that cannot be written costs nothing but time."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert run(corpus, cache=blocked / "cells")[0].error is None


def test_the_digest_of_the_code_is_part_of_a_cell(corpus, tmp_path, monkeypatch):
    """Cells of another diarfix are not reused."""
    cache = tmp_path / "cells"
    run(corpus, cache=cache)
    n = len(list(cache.iterdir()))
    monkeypatch.setattr(cells_module, "code_digest", lambda: "another")
    run(corpus, cache=cache)
    assert len(list(cache.iterdir())) == 2 * n
