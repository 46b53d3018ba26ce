"""What a benchmark ran with, read back from its ``results.json``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from diarfix.config import Device
from diarfix.embed import Choice
from diarfix.errors import ConfigError, nearest
from diarfix.files import read_text
from diarfix.formats import parse

#: What else ``settings`` holds: which code and corpus it was, what the seed drew, and the knobs,
#: which :mod:`diarfix.config.sources` reads.
_PASSED_OVER = ("diarfix", "corpus_version", "sampled", "knobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The settings of an earlier run, None where it recorded none."""

    corpus: str | None = None
    variants: list[str] | None = None
    sweep: list[str] | None = None
    datasets: list[str] | None = None
    sample: int | None = None
    bootstrap: int | None = None
    seed: int | None = None
    embedder: str | None = None
    model: str | None = None

    def choice(
        self, embedder: str | None, model: str | None, device: Device, *, offline: bool
    ) -> Choice:
        """The embedder that is asked for now, else the one of then with its model."""
        if embedder not in {None, self.embedder}:
            return Choice(embedder, model, device, offline)
        return Choice(self.embedder or embedder, model or self.model, device, offline)


_LISTS = ("variants", "sweep", "datasets")
_LEAST = {"sample": 1, "bootstrap": 1, "seed": 0}


def recorded(config: str | None) -> Recorded:
    """The settings of an earlier run if ``--config`` names its results, else none.

    Raises ConfigError for a setting that is unknown or of another type.
    """
    if config is None or not config.endswith(".json"):
        return Recorded()
    tree = parse(read_text(config), config)
    found = tree.get("settings") if isinstance(tree, dict) else None
    if not isinstance(found, dict):
        return Recorded()
    names = [field.name for field in fields(Recorded)]
    for name, value in found.items():
        if name not in (*names, *_PASSED_OVER):
            near = nearest(name, names)
            raise ConfigError(
                f"{config}: settings.{name} is unknown",
                hint=f"did you mean {near}?" if near else None,
            )
        if name in names and (wrong := _expected(name, value)):
            raise ConfigError(f"{config}: settings.{name} is {value!r}, expected {wrong}")
    return Recorded(**{name: found[name] for name in names if name in found})


def _expected(name: str, value: Any) -> str | None:
    """What a setting should have been; None if it is, or if none was recorded."""
    if value is None:
        return None
    if name in _LEAST:
        fits = type(value) is int and value >= _LEAST[name]
        return None if fits else f"a whole number >= {_LEAST[name]}"
    if name in _LISTS:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if fits else "a list of strings"
    return None if isinstance(value, str) else "a string"
