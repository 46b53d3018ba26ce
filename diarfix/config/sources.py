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
            raise ConfigError(f"{file_name}: unknown setting {key!r}{_closest(key)}")
    values: dict[str, bool | float] = {}
    sources = dict.fromkeys([METHOD, *specs], "default")
    for name, spec in specs.items():
        raw, source = _first(name, spec, cli, env, file, file_name)
        if source is not None:
            values[name] = _value(raw, spec, source)
            sources[name] = source
    method: Any = DEFAULT_METHOD
    for value, source in (
        (file.get(METHOD), file_name),
        (env.get(ENV_PREFIX + METHOD.upper()), ENV_PREFIX + METHOD.upper()),
        (cli.get(METHOD), "--method"),
    ):
        if value is not None:
            method, sources[METHOD] = value, source
    if not isinstance(method, str) or method not in METHODS:
        raise unknown(METHOD, method, METHODS, where=sources[METHOD])
    return Resolved(Settings().replace(values), method, sources, tuple(_misspelt(env)))


def _first(
    name: str,
    spec: KnobSpec,
    cli: Mapping[str, Any],
    env: Mapping[str, str],
    file: Mapping[str, Any],
    file_name: str,
) -> tuple[Any, str | None]:
    if cli.get(name) is not None:
        return cli[name], "--" + name.replace("_", "-")
    for key in (ENV_PREFIX + name.upper(), spec.env):
        if key is not None and key in env:
            return env[key], key
    if name in file:
        return file[name], file_name
    return None, None


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


def _closest(key: str) -> str:
    found = nearest(key.replace("-", "_"), [METHOD, *knob_specs()])
    return f"; did you mean {found!r}?" if found else ""


def read_settings_file(path: str | None, folder: Path) -> tuple[dict[str, Any], str]:
    """The settings file of a run: ``(values, name)``, empty if there is none.

    path    what ``--config`` named: TOML, or the JSON of an earlier benchmark, or None to look
    folder  where to look for ``diarfix.toml`` and ``pyproject.toml``

    Raises ConfigError if the file is missing, unreadable, or not flat.
    """
    found = settings_path(path, folder)
    if found is None:
        return {}, ""
    if path is None and found.name == _SHARED:
        table = _own_table(_toml(found, found.name))
        return _flat({} if table is None else table, found.name), f"{found.name} [tool.diarfix]"
    return _read(found, path or found.name), path or found.name


def settings_path(path: str | None, folder: Path) -> Path | None:
    """The file that holds the settings of a run, None if there is none; see
    :func:`read_settings_file`.
    """
    if path is not None:
        return Path(path)
    return next((folder / name for name in (_OWN, _SHARED) if (folder / name).is_file()), None)


def _read(path: Path, name: str) -> dict[str, Any]:
    if path.suffix == ".json":
        return _flat(_json(path, name), name)
    tree = _toml(path, name)
    table = _own_table(tree)
    return _flat(tree if table is None else table, name)


def _own_table(tree: dict[str, Any]) -> Any:
    """What stands under ``[tool.diarfix]``; None if nothing does."""
    tools = tree.get("tool")
    return tools.get("diarfix") if isinstance(tools, dict) else None


def _json(path: Path, name: str) -> Any:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: cannot be read: {_reason(error)}") from error
    # The results of a benchmark carry the settings of their run.
    if isinstance(tree, dict) and isinstance(tree.get("settings"), dict):
        return tree["settings"].get("knobs", {})
    return tree


def _toml(path: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = reason(error) if isinstance(error, OSError) else str(error).lower()
    return text.splitlines()[0]


def _flat(table: Any, name: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ConfigError(f"{name}: expected settings by name")
    for key, value in table.items():
        if isinstance(value, dict):
            raise ConfigError(f"{name}: {key!r} is a table; settings are flat")
    return {key.replace("-", "_"): value for key, value in table.items()}
