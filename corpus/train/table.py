"""Writing a learned table: what it was made from, the trees, a checksum."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from diarfix.core.smooth.learned import TABLE_FORM, write_trees
from train.model import Forests, Recipe
from train.sources import ALTERED, REAL, SIMULATED, Sources


def table_of(forests: Forests, recipe: Recipe, sources: Sources) -> str:
    """The text of a table."""
    settings = json.dumps(
        {
            **asdict(recipe),
            "leave": sources.leave,
            "real": REAL,
            "simulated": SIMULATED,
            "altered": ALTERED,
        },
        sort_keys=True,
    )
    lines = [
        TABLE_FORM,
        f"data {sources.digest()} of {len(sources.digests)} files",
        f"settings {hashlib.sha256(settings.encode()).hexdigest()} of {settings}",
        *write_trees(forests),
    ]
    body = "".join(f"{line}\n" for line in lines)
    return f"{body}sha256 {hashlib.sha256(body.encode()).hexdigest()}\n"
