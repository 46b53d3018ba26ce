"""From cells to figures: pooled, paired, with intervals, repaired and broken words, regressions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.benchmark.cells import BLOCK_TURNS, Cell, Measured
from diarfix.benchmark.variants import Variant
from diarfix.config import BASE
from diarfix.metrics import (
    COMPARISONS,
    METRICS,
    LabelCounts,
    MovedCounts,
    direction,
    frozen_names,
    paired_bootstrap,
    pool,
)

#: The key of a cell that was not run.
SKIPPED = "skipped"

#: What a gate can name of such a one.
_NO_FIGURES: Mapping[str, Any] = {
    **dict.fromkeys((*METRICS, *COMPARISONS, "regressions")),
    "delta": dict.fromkeys(("mean", "ci_low", "ci_high")),
}

#: What pooling a baseline's recordings anew can tell: counts that add.
_ADDED = ("n_scored", "n_word_errors", "islands", *COMPARISONS)

#: With fewer recordings the bootstrap resamples blocks of reference turns instead.
MIN_RECORDINGS = 5

#: A variant's WSER this much above off's (share) is flagged as a regression of that recording.
WORSE = 0.05


@dataclass(frozen=True, slots=True)
class Draws:
    """How often and from which seed the bootstrap resamples."""

    draws: int = 2000
    seed: int = 0


def tabulated(
    measured: Sequence[Measured], variants: Sequence[Variant], draws: Draws
) -> dict[str, Any]:
    """The tree of ``results.json`` below its settings: files, datasets, overall."""
    ran = [m for m in measured if m.error is None]
    datasets = list(dict.fromkeys(m.entry.dataset for m in ran))
    return {
        "variants": [v.name for v in variants],
        "files": [_file(m, variants) for m in ran],
        "datasets": {
            name: _group([m for m in ran if m.entry.dataset == name], variants, draws)
            for name in datasets
        },
        "overall": _group(ran, variants, draws),
    }


def _file(measured: Measured, variants: Sequence[Variant]) -> dict[str, Any]:
    entry = measured.entry
    base = measured.cells[BASE]
    found: dict[str, Any] = {}
    for variant in variants:
        cell = measured.cells[variant.name]
        if cell is None or base is None:
            found[variant.name] = {SKIPPED: variant.absent}
            continue
        found[variant.name] = {**cell.score.metrics(), **cell.facts}
        if variant.name != BASE:
            reasons = regression(base, cell)
            found[variant.name] |= {
                **_compared(_moved(base, cell)),
                "regression": bool(reasons),
                "regression_reasons": reasons,
            }
    return {"id": entry.id, "dataset": entry.dataset, "role": entry.role, "variants": found}


def _moved(base: Cell, cell: Cell) -> MovedCounts:
    return MovedCounts.between(base.wrong, cell.wrong)


def _compared(moved: MovedCounts) -> dict[str, Any]:
    return {name: row.of(moved) for name, row in COMPARISONS.items()}


def regression(base: Cell, cell: Cell) -> list[str]:
    """Why a recording counts as harmed: WSER, islands or DER; empty if it does not."""
    reasons = []
    old, new = base.score.metrics(), cell.score.metrics()
    for name, factor, slack in (("wser", 1 + WORSE, 1e-12), ("islands", 1, 0), ("der", 1, 1e-9)):
        before, after = old[name], new[name]
        known = isinstance(before, (int, float)) and isinstance(after, (int, float))
        if known and after > before * factor + slack:  # type: ignore[operator]
            reasons.append(name)
    return reasons


def _group(ran: Sequence[Measured], variants: Sequence[Variant], draws: Draws) -> dict[str, Any]:
    tree: dict[str, Any] = {"n_files": len(ran)}
    for variant in variants:
        pairs = [
            (base, cell)
            for m in ran
            if (base := m.cells[BASE]) is not None and (cell := m.cells[variant.name]) is not None
        ]
        if not pairs:
            tree[variant.name] = {SKIPPED: variant.absent}
            continue
        metrics: dict[str, Any] = pool([cell.score for _, cell in pairs]).metrics()
        metrics["n_files"] = len(pairs)
        if variant.name != BASE:
            metrics |= _comparison(pairs, draws)
        tree[variant.name] = metrics
    return tree


def _comparison(pairs: Sequence[tuple[Cell, Cell]], draws: Draws) -> dict[str, Any]:
    moved = MovedCounts.together([_moved(base, cell) for base, cell in pairs])
    base_labels = pool([base.score for base, _ in pairs]).of(LabelCounts)
    return {
        **_compared(moved),
        "regressions": sum(bool(regression(base, cell)) for base, cell in pairs),
        "base_word_errors": base_labels.n_word_errors if base_labels else None,
        "delta": _delta(pairs, draws),
    }


def _delta(pairs: Sequence[tuple[Cell, Cell]], draws: Draws) -> dict[str, Any]:
    by_recording = len(pairs) >= MIN_RECORDINGS
    if by_recording:
        base = np.array([_totals(b) for b, _ in pairs], dtype=np.float64)
        variant = np.array([_totals(c) for _, c in pairs], dtype=np.float64)
    else:
        base = np.concatenate([b.blocks for b, _ in pairs]).astype(np.float64)
        variant = np.concatenate([c.blocks for _, c in pairs]).astype(np.float64)
    interval = paired_bootstrap(base, variant, draws=draws.draws, seed=draws.seed)
    return {
        "mean": interval.mean,
        "ci_low": interval.ci_low,
        "ci_high": interval.ci_high,
        "n": interval.n,
        "unit": "recording" if by_recording else f"block of {BLOCK_TURNS} reference turns",
        "significant": interval.significant,
        "seed": interval.seed,
        "draws": interval.draws,
    }


def _totals(cell: Cell) -> tuple[int, int]:
    labels = cell.score.of(LabelCounts)
    return (labels.n_word_errors, labels.n_scored) if labels else (0, 0)


def gate_metrics(tree: Mapping[str, Any]) -> dict[str, object]:
    """Everything a gate can name: ``[DATASET/]VARIANT.METRIC``; None where it was skipped."""
    found: dict[str, object] = {}
    groups = {"": tree["overall"], **{f"{n}/": g for n, g in tree["datasets"].items()}}
    for prefix, group in groups.items():
        for variant in tree["variants"]:
            of: Mapping[str, Any] = group[variant]
            for name, value in (_NO_FIGURES if SKIPPED in of else of).items():
                if name == "delta":
                    found |= {f"{prefix}{variant}.delta.{k}": v for k, v in value.items()}
                elif not isinstance(value, (str, Mapping)):
                    found[f"{prefix}{variant}.{name}"] = value
    return found


def frozen(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the results that a baseline keeps: few figures, per file and pooled."""
    names = frozen_names()

    def few(metrics: Mapping[str, Any]) -> dict[str, Any]:
        return {name: metrics[name] for name in names if metrics.get(name) is not None}

    def group(of: Mapping[str, Any]) -> dict[str, Any]:
        return {v: few(of[v]) for v in tree["variants"]}

    return {
        "variants": tree["variants"],
        "files": [{"id": f["id"], "variants": group(f["variants"])} for f in tree["files"]],
        "datasets": {name: group(of) for name, of in tree["datasets"].items()},
        "overall": group(tree["overall"]),
    }


def flat_baseline(tree: Mapping[str, Any]) -> dict[str, object]:
    """A baseline's or a result's figures by full name, for comparison; neutral ones left out.

    Raises KeyError or TypeError if the tree is not one.
    """
    names = {name for name in frozen_names() if direction(name) is not None}
    groups: dict[str, Mapping[str, Any]] = {f["id"]: f["variants"] for f in tree["files"]}
    groups |= {f"{name}/": of for name, of in tree["datasets"].items()}
    groups["overall"] = tree["overall"]
    return {
        f"{where} {variant}.{name}": value
        for where, of in groups.items()
        for variant in tree["variants"]
        for name, value in of.get(variant, {}).items()
        if name in names
    }


def baseline_part(
    tree: Mapping[str, Any], left_out: Collection[str], datasets: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """A baseline without some recordings, and the pooled figures that it cannot have any more.

    left_out  ids of the recordings that were not asked for
    datasets  id -> dataset, of those too

    Counts and WSER are pooled anew from what it keeps of each recording. Raises KeyError or
    TypeError if the tree is not a baseline.
    """
    files = [f for f in tree["files"] if f["id"] not in left_out]
    cut = {datasets[f["id"]] for f in tree["files"] if f["id"] in left_out}
    if not cut:
        return dict(tree), []
    groups = {
        name: of if name not in cut else _pooled(mine, of)
        for name, of in tree["datasets"].items()
        if (mine := [f for f in files if datasets.get(f["id"]) == name]) or name not in cut
    }
    kept = {datasets.get(f["id"]) for f in files}
    whole = next(iter(kept)) if len(kept) == 1 and not kept & cut else None
    overall = _pooled(files, tree["overall"]) if whole is None else groups[whole]
    part = {**tree, "files": files, "datasets": groups, "overall": overall}
    names = {key.rpartition(" ")[2].rpartition(".")[2] for key in flat_baseline(tree)}
    pooled = [name for name in frozen_names() if name in names and name not in (*_ADDED, "wser")]
    anew = [*sorted(cut & groups.keys()), *(["overall"] if whole is None else [])]
    return part, [f"{', '.join(pooled)} of {where}" for where in anew if pooled]


def _pooled(files: Sequence[Mapping[str, Any]], like: Mapping[str, Any]) -> dict[str, Any]:
    """What the counts of some recordings come to under each variant of a group."""
    found: dict[str, Any] = {}
    for variant in like:
        cells = [f["variants"].get(variant, {}) for f in files]
        cells = [cell for cell in cells if cell.get("n_scored")]
        sums = {n: sum(c[n] for c in cells) for n in _ADDED if cells and all(n in c for c in cells)}
        rate = {"wser": sums["n_word_errors"] / sums["n_scored"]} if "n_word_errors" in sums else {}
        found[variant] = sums | rate
    return found
