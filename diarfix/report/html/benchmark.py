"""The page of a benchmark: does a variant help, where, and whom does it harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diarfix.metrics import frozen_names
from diarfix.report.benchmark_text import interval_units
from diarfix.report.html.page import page
from diarfix.report.html.wording import TERMS, metric_rows


def benchmark_page(tree: Mapping[str, Any], notes: Sequence[str] = ()) -> str:
    """Make ``report.html`` of the content of ``results.json``.

    notes  what a reader must know first, such as a sample instead of the whole corpus
    """
    shown = {
        "settings": tree["settings"],
        "variants": tree["variants"],
        "files": [_slim(file) for file in tree["files"]],
        "datasets": tree["datasets"],
        "overall": tree["overall"],
        "errors": tree.get("errors", []),
        "notes": [*notes, *interval_units(tree)],
        "metrics": metric_rows(),
        "terms": TERMS,
    }
    scripts = ("common.js", "table.js", "charts.js", "benchmark.js", "benchmark_tables.js")
    summary = (
        f"{len(tree['files'])} recordings, {len(tree['variants'])} variants:"
        " words with the wrong speaker before and after."
    )
    return page("diarfix benchmark", summary, "benchmark.html", scripts, {"data": shown})


def _slim(file: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one recording that a baseline keeps too, and why it stands out."""
    keys = (*frozen_names(), "regression_reasons", "skipped")
    variants = {
        name: {key: m[key] for key in keys if key in m} for name, m in file["variants"].items()
    }
    return {key: file[key] for key in ("id", "dataset", "role")} | {"variants": variants}
