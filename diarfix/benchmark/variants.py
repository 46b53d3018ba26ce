"""What is compared: named ways to label, each with its own knobs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from diarfix.errors import UsageError, nearest, unknown


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
