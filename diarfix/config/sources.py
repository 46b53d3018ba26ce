"""Where every setting comes from: command line > environment > file > default.

The file is ``--config FILE`` if given, else ``./diarfix.toml``, else ``[tool.diarfix]`` of
``./pyproject.toml``: the first that exists, and only that one.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diarfix.config.choices import DEFAULT_METHOD, METHODS
from diarfix.config.knobs import KnobSpec, Settings, knob_specs
from diarfix.errors import ConfigError, nearest, reason, unknown

#: The settings files of a folder: the first that is there counts.
_OWN, _SHARED = "diarfix.toml", "pyproject.toml"

ENV_PREFIX = "DIARFIX_"
METHOD = "method"
#: Names of the environment that other parts of diarfix read.
_OTHERS = frozenset({"DIARFIX_CACHE", "DIARFIX_MEMORY_GB"})
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """All settings of one run.

    settings  the knobs
    method    how to smooth
    sources   name -> "default", "--flag", an environment name, or a file
    notes     names in the environment that are like one of ours, and are none
    """

    settings: Settings
    method: str
    sources: dict[str, str]
    notes: tuple[str, ...] = ()

    def flat(self) -> dict[str, bool | int | float | str]:
        """Every setting by name, as a settings file holds them."""
        return {METHOD: self.method, **self.settings.flat()}

    def rows(self) -> list[dict[str, Any]]:
        """Every setting by name, value, unit, range and source, for ``--show-config``."""
        specs = knob_specs()
        return [
            {
                "name": name,
                "value": value,
                "unit": specs[name].unit if name in specs else "",
                "range": specs[name].range if name in specs else " | ".join(METHODS),
                "source": self.sources[name],
            }
            for name, value in self.flat().items()
        ]


def resolve(
    cli: Mapping[str, bool | float | str | None],
    env: Mapping[str, str],
    file: Mapping[str, Any],
    file_name: str,
) -> Resolved:
    """Merge the layers; None on the command line means "not given".

    Raises ConfigError for an unknown key of the file, a wrong type, or a value out of range,
    UsageError for an unknown method.
    """
    specs = knob_specs()
    for key in file:
        if key != METHOD and key not in specs:
            found = nearest(key.replace("-", "_"), [METHOD, *specs])
            closest = f"; did you mean {found!r}?" if found else ""
            raise ConfigError(f"{file_name}: unknown setting {key!r}{closest}")
    values: dict[str, bool | float] = {}
    method: Any = DEFAULT_METHOD
    sources = dict.fromkeys([METHOD, *specs], "default")
    for name in sources:
        spec, own = specs.get(name), ENV_PREFIX + name.upper()
        keys = [own] if spec is None or spec.env is None else [own, spec.env]
        for given, key, source in (
            (cli, name, "--" + name.replace("_", "-")),
            *((env, key, key) for key in keys),
            (file, name, file_name),
        ):
            if key not in given or (given[key] is None and (given is cli or spec is None)):
                continue
            sources[name] = source
            if spec is None:
                method = given[key]
            else:
                values[name] = _value(given[key], spec, sources[name])
            break
    if not isinstance(method, str) or method not in METHODS:
        raise unknown(METHOD, method, METHODS, where=sources[METHOD])
    return Resolved(Settings().replace(values), method, sources, tuple(_misspelt(env)))


def _misspelt(env: Mapping[str, str]) -> Iterator[str]:
    """A note for each name that looks as if it were to set something, and sets nothing."""
    ours = [ENV_PREFIX + name.upper() for name in (METHOD, *knob_specs())]
    for key in sorted(env):
        name = key.upper()
        if name.startswith(ENV_PREFIX) and key not in {*ours, *_OTHERS}:
            # Without what they all begin with: else any two names would be alike.
            bare = {one.removeprefix(ENV_PREFIX): one for one in ours}
            near = nearest(name.removeprefix(ENV_PREFIX), bare)
            if near is not None:
                yield f"{key} in the environment sets nothing; did you mean {bare[near]}?"


def _value(raw: Any, spec: KnobSpec, source: str) -> bool | int | float:
    value = _parse(raw, spec)
    if value is None:
        kinds = {bool: "true or false", int: "a whole number", float: "a number"}
        raise ConfigError(f"{source}: {spec.name} is {raw!r}, expected {kinds[spec.kind]}")
    if not spec.allows(value):
        unit = f" {spec.unit}" if spec.unit else ""
        raise ConfigError(f"{source}: {spec.name} is {raw!r}, expected {spec.range}{unit}")
    return value


def _parse(raw: Any, spec: KnobSpec) -> bool | int | float | None:
    if spec.kind is bool:
        if isinstance(raw, str):
            word = raw.strip().lower()
            return True if word in _TRUE else False if word in _FALSE else None
        return raw if isinstance(raw, bool) else None
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return None
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        return None
    if spec.kind is float:
        return number
    return int(number) if number.is_integer() else None


def read_settings_file(path: str | None, folder: Path) -> tuple[dict[str, Any], str]:
    """The settings file of a run: ``(values, name)``, empty if there is none.

    path    what ``--config`` named: TOML, or the JSON of an earlier benchmark, or None to look
    folder  where to look for ``diarfix.toml`` and ``pyproject.toml``

    Raises ConfigError if the file is missing, unreadable, or not flat.
    """
    found = settings_path(path, folder)
    if found is None:
        return {}, ""
    name = path or found.name
    try:
        text = found.read_text(encoding="utf-8")
        tree = json.loads(text) if found.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error).lower()
        raise ConfigError(f"{name}: cannot be read: {why.splitlines()[0]}") from error
    # The results of a benchmark carry the settings of their run.
    outer, inner = ("settings", "knobs") if found.suffix == ".json" else ("tool", "diarfix")
    above = tree.get(outer) if isinstance(tree, dict) else None
    own = above.get(inner) if isinstance(above, dict) else None
    shared = path is None and found.name == _SHARED
    if own is not None or shared or (found.suffix == ".json" and isinstance(above, dict)):
        tree = {} if own is None else own
    if not isinstance(tree, dict):
        raise ConfigError(f"{name}: expected settings by name")
    for key, value in tree.items():
        if isinstance(value, dict):
            raise ConfigError(f"{name}: {key!r} is a table; settings are flat")
    values = {key.replace("-", "_"): value for key, value in tree.items()}
    return values, f"{name} [tool.diarfix]" if shared else name


def settings_path(path: str | None, folder: Path) -> Path | None:
    """The file that holds the settings of a run, None if there is none; see
    :func:`read_settings_file`.
    """
    if path is not None:
        return Path(path)
    return next((folder / name for name in (_OWN, _SHARED) if (folder / name).is_file()), None)
