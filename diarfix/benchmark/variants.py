"""What is compared: named ways to label, each with its own knobs; and the settings of a run."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diarfix.config import (
    BASE,
    METHOD,
    VARIANTS,
    Resolved,
    Settings,
    VariantKind,
    knob_specs,
    resolve,
)
from diarfix.errors import ConfigError, UsageError, nearest, unknown
from diarfix.files import read_text
from diarfix.formats import parse


@dataclass(frozen=True, slots=True)
class Variant:
    """One column of a benchmark.

    name      unique, e.g. ``rules`` or ``rules@max_island_words:2``
    kind      what it does
    resolved  settings it runs with
    """

    name: str
    kind: VariantKind
    resolved: Resolved

    @property
    def settings(self) -> Settings:
        """Its knobs."""
        off = Settings(smoothing_enabled=False)
        return self.resolved.settings if self.kind.groups else off

    @property
    def method(self) -> str:
        """The method it smooths by."""
        return self.kind.method or self.resolved.method

    def relevant(self) -> dict[str, object]:
        """What decides its labels, beside the inputs: part of a cell's digest."""
        specs = knob_specs()
        values = {
            name: value
            for name, value in self.settings.flat().items()
            if specs[name].group in self.kind.groups
        }
        method = {METHOD: self.method} if self.kind.groups else {}
        return {"kind": self.kind.name, **method, **values}


def expand_variants(
    names: Sequence[str], sweep: Mapping[str, Sequence[str]], base: Resolved
) -> tuple[Variant, ...]:
    """The variants by name, and under each the cartesian product of the swept knobs it uses.

    ``off`` always comes first: everything is compared with it. Raises UsageError for an unknown
    variant or knob, or a swept knob that no variant uses; ConfigError for a value out of range.
    """
    found: list[Variant] = []
    used: set[str] = set()
    for name in dict.fromkeys([BASE, *names]):
        if name not in VARIANTS:
            raise unknown("variant", name, VARIANTS)
        kind = VARIANTS[name]
        mine = [k for k in sweep if knob_specs()[k].group in kind.groups]
        used |= set(mine)
        if not mine:
            found.append(Variant(name, kind, base))
        for values in itertools.product(*(sweep[k] for k in mine)) if mine else ():
            pairs = dict(zip(mine, values, strict=True))
            resolved = resolve({**base.flat(), **pairs}, {}, {}, "")
            suffix = ",".join(f"{k}:{v}" for k, v in pairs.items())
            found.append(Variant(f"{name}@{suffix}", kind, resolved))
    for knob in sweep:
        if knob not in used:
            raise UsageError(f"--sweep {knob}: no variant uses it")
    return tuple(found)


def parse_sweep(texts: Sequence[str]) -> dict[str, list[str]]:
    """Parse ``key=v1,v2`` options. Raises UsageError for anything else."""
    found: dict[str, list[str]] = {}
    for text in texts:
        key, _, values = text.partition("=")
        key = key.strip().replace("-", "_")
        listed = [v.strip() for v in values.split(",") if v.strip()]
        if key not in knob_specs():
            near = nearest(key, knob_specs())
            hint = f"did you mean {near}?" if near else "see --show-config"
            raise UsageError(f"--sweep {text!r}: no knob {key!r}", hint=hint)
        if not listed or key in found:
            raise UsageError(f"--sweep {text!r}: expected key=v1,v2 once per key")
        found[key] = listed
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a benchmark runs with: its results record it, and ``--config`` replays it.

    None, or a list of nothing, says that nothing was given.
    """

    corpus: str | None = None
    variants: list[str] | None = None
    sweep: list[str] | None = None
    datasets: list[str] | None = None
    sample: int | None = None
    bootstrap: int | None = None
    seed: int | None = None
    embedder: str | None = None
    model: str | None = None

    def over(self, other: Setup) -> Setup:
        """These settings, and another's where nothing was given; a model goes with its embedder."""
        given = {name: v for name, v in dataclasses.asdict(self).items() if v not in (None, [])}
        if self.embedder not in {None, other.embedder}:
            given["model"] = self.model
        return dataclasses.replace(other, **given)


#: What else ``settings`` holds: which code and corpus it was, what the seed drew, and the knobs,
#: which :mod:`diarfix.config.sources` reads.
_PASSED_OVER = ("diarfix", "corpus_version", "sampled", "knobs")
_LISTS = ("variants", "sweep", "datasets")
_LEAST = {"sample": 1, "bootstrap": 1, "seed": 0}


def recorded(config: str | None) -> Setup:
    """The settings of an earlier run if ``--config`` names its results, else none.

    Raises ConfigError for a setting that is unknown or of another type.
    """
    if config is None or not config.endswith(".json"):
        return Setup()
    tree = parse(read_text(config), config)
    found = tree.get("settings") if isinstance(tree, dict) else None
    if not isinstance(found, dict):
        return Setup()
    names = [field.name for field in dataclasses.fields(Setup)]
    for name, value in found.items():
        if name not in (*names, *_PASSED_OVER):
            near = nearest(name, names)
            raise ConfigError(
                f"{config}: settings.{name} is unknown",
                hint=f"did you mean {near}?" if near else None,
            )
        if name in names and (wrong := _expected(name, value)):
            raise ConfigError(f"{config}: settings.{name} is {value!r}, expected {wrong}")
    return Setup(**{name: found[name] for name in names if name in found})


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
