"""What is compared: named ways to label, each with its own knobs; and the settings of a run."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diarfix.config import (
    BASE,
    METHOD,
    METHODS,
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

    name      unique, e.g. ``rules``, ``viterbi:1+3`` or ``rules@max_island_words:2``
    kind      what it does
    resolved  settings it runs with
    opinions  which diarizers it hears, by position in the entry's list; all if empty
    """

    name: str
    kind: VariantKind
    resolved: Resolved
    opinions: tuple[int, ...] = ()

    @property
    def absent(self) -> str:
        """What an entry lacks on which it does not run."""
        told = "+".join(str(i + 1) for i in self.opinions)
        needs = ["audio"] * self.kind.hears + [f"opinion {told}"] * bool(told)
        return f"no {' or '.join(needs)}"

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
        heard = {"opinions": list(self.opinions)} if self.opinions else {}
        return {"kind": self.kind.name, **method, **values, **heard}


def expand_variants(
    names: Sequence[str], sweep: Mapping[str, Sequence[str]], base: Resolved, n_opinions: int = 1
) -> tuple[Variant, ...]:
    """The variants by name, and under each the cartesian product of the swept knobs it uses.

    ``NAME:1+3`` hears the first and the third diarizer of an entry; ``NAME:each`` stands for every
    one alone, ``NAME:upto`` for the first, the first two and so on, of ``n_opinions``.

    ``off`` always comes first: everything is compared with it. Raises UsageError for an unknown
    variant or knob, or a swept knob that no variant uses; ConfigError for a value out of range.
    """
    found: list[Variant] = []
    used: set[str] = set()
    for name, opinions in dict.fromkeys([(BASE, ()), *_with_opinions(names, n_opinions)]):
        kind = VARIANTS[name.partition(":")[0]]
        mine = [k for k in sweep if knob_specs()[k].group in kind.groups]
        used |= set(mine)
        if not mine:
            found.append(Variant(name, kind, base, opinions))
        for values in itertools.product(*(sweep[k] for k in mine)) if mine else ():
            pairs = dict(zip(mine, values, strict=True))
            resolved = resolve({**base.flat(), **pairs}, {}, {}, "")
            suffix = ",".join(f"{k}:{v}" for k, v in pairs.items())
            found.append(Variant(f"{name}@{suffix}", kind, resolved, opinions))
    for knob in sweep:
        if knob not in used:
            raise UsageError(f"--sweep {knob}: no variant uses it")
    return tuple(found)


def _with_opinions(names: Sequence[str], n: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each name and the positions of the opinions it asks for."""
    for name in names:
        kind, colon, asked = name.partition(":")
        if kind not in VARIANTS:
            raise unknown("variant", kind, VARIANTS)
        if not colon:
            subsets: list[tuple[int, ...]] = [()]
        elif asked == "each":
            subsets = [(i,) for i in range(n)]
        elif asked == "upto":
            subsets = [tuple(range(i + 1)) for i in range(n)]
        else:
            numbers = asked.split("+")
            if not all(number.isdecimal() and 1 <= int(number) <= n for number in numbers):
                raise UsageError(
                    f"variant {name!r}: expected diarizers from 1 to {n}, as in {kind}:1+2",
                    hint="each: every one alone; upto: the first, the first two, ...",
                )
            subsets = [tuple(dict.fromkeys(int(number) - 1 for number in numbers))]
        row = METHODS.get(VARIANTS[kind].method or "")
        alone = VARIANTS[kind].blind or (row is not None and not row.by_turns) or kind == BASE
        if alone and any(len(subset) > 1 for subset in subsets):
            raise UsageError(f"variant {name!r}: {kind} hears one diarizer", hint=f"{kind}:each")
        for subset in subsets:
            told = "+".join(str(i + 1) for i in subset)
            yield f"{kind}:{told}" if told else kind, subset


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
