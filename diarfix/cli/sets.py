"""Options that several commands share, by what they are about, and how Typer reads them.

A set of options is a class. Its attributes say what Typer is to read (:func:`with_knobs`); an
instance holds what it read. A command's own class inherits the sets it takes.
"""

import inspect
import os
from collections.abc import Sequence
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_origin

from diarfix.cli.command import (
    CI,
    INPUT,
    LOOK,
    MODEL,
    OUTPUT,
    argument,
    choice,
    flag,
    help_flag,
    note_level,
    one_of,
    option,
)
from diarfix.cli.console import Messages
from diarfix.config import (
    DEFAULT_EMBEDDER,
    DEFAULT_METHOD,
    EMBEDDERS,
    METHODS,
    Device,
    KnobSpec,
    Resolved,
    knob_names,
    knob_specs,
    read_settings_file,
    resolve,
    settings_path,
)

EngineName = Literal["local", "ray"]
SegmentMode = Literal["keep", "split", "merge"]
TimeUnitName = Literal["auto", "s", "ms"]


class LookOptions:
    """What a command says, and its help."""

    quiet: bool = flag(LOOK, "Errors only on stderr.", "--quiet", "-q")
    verbose: int = option(
        LOOK, "", "Say more; twice: tracebacks too.", "--verbose", "-v",
        default=0, count=True, show_default=False, callback=note_level,
    )  # fmt: skip
    help: bool = help_flag(LOOK, "Show this page and exit.", "--help", "-h")

    def messages(self, *, annotations: bool = False) -> Messages:
        """How much the command says."""
        return Messages(-1 if self.quiet else self.verbose, annotations)


class WordFileOptions(LookOptions):
    """How word files are read."""

    format: str | None = option(INPUT, "NAME", "Read as this dialect.")
    time_unit: TimeUnitName = choice(INPUT, TimeUnitName, "Unit of a flat list's times.", "auto")


class FilesOptions(WordFileOptions):
    """Which word files are read."""

    files: list[str] | None = argument("FILE...", "Word files, patterns or folders; - is stdin.")


class JsonOptions:
    """A document for programs."""

    json: bool = flag(OUTPUT, "One JSON document on stdout, nothing else.", "--json")


class TargetOptions:
    """Where results go."""

    output_dir: str | None = option(OUTPUT, "DIR", "Write every result here, names kept.")


class EditOptions:
    """What is told of an edit, and what an edit may write over."""

    in_place: bool = flag(OUTPUT, "Write every result over its input.", "--in-place", "-i")
    backup: str | None = option(
        OUTPUT, "SUFFIX", "With -i: keep the input under this suffix; if taken, and a number."
    )
    rttm: str | None = option(OUTPUT, "OUT", "Also write the runs as turns.")
    changes: str | None = option(OUTPUT, "JSONL", "Write a line per moved word: why.")
    diff: bool = flag(LOOK, "Show what changes, turn by turn.", "--diff")
    check: bool = flag(CI, "Write nothing; exit 1 if a label moves.", "--check")


class FileEditOptions(TargetOptions, EditOptions, JsonOptions, WordFileOptions):
    """Word files that are read, edited and written."""

    output: list[str] | None = option(
        OUTPUT, "OUT",
        "Write the result here: .json, or .srt .txt .html … as convert. May be many.",
        "--output", "-o",
    )  # fmt: skip


class SegmentOptions:
    """What becomes of the containers of words."""

    segments: SegmentMode = choice(
        OUTPUT, SegmentMode, "Containers: keep and re-vote, split at speaker changes, or merge.",
        "keep",
    )  # fmt: skip


class JobsOptions:
    """How many files at a time."""

    jobs: int | None = option(
        CI, "N",
        "Processes, or with --engine ray tasks at a time; 0: by the cores. (default 1; ray 0)",
        "--jobs", "-j", min=0,
    )  # fmt: skip


class EngineOptions:
    """On which machines."""

    engine: EngineName = choice(
        CI, EngineName, "Work on this machine, or on the Ray cluster at RAY_ADDRESS.", "local"
    )


class SettingsOptions(LookOptions):
    """Where the knobs of some groups come from: those are options too, see :func:`with_knobs`."""

    KNOBS: ClassVar[Sequence[str]]

    config: str | None = option(
        INPUT, "FILE",
        "Settings: a TOML file, or the JSON of a benchmark to replay."
        " Default: ./diarfix.toml, or tool.diarfix in ./pyproject.toml.",
    )  # fmt: skip
    show_config: bool = flag(
        LOOK, "Print every setting and where it came from; exit.", "--show-config"
    )
    help_all: bool = help_flag(LOOK, "Show the knobs too, and exit.", "--help-all")

    def settings_file(self) -> str | None:
        """The file that the settings are read from, None if there is none."""
        found = settings_path(self.config, Path())
        return None if found is None else str(found)

    def resolved(self, method: str | None = None, **fixed: bool) -> Resolved:
        """All settings of a run, from the command line, the environment and files."""
        knobs = {name: getattr(self, name) for group in self.KNOBS for name in knob_names(group)}
        file, name = read_settings_file(self.config, Path())  # not cwd(): that may be gone
        found = resolve({"method": method, **knobs, **fixed}, os.environ, file, name)
        for note in found.notes:
            self.messages().note(note)
        return found


class RepairOptions(FileEditOptions, SegmentOptions, EngineOptions, SettingsOptions):
    """How documents are repaired."""

    turns: str | None = option(
        INPUT, "RTTM", "The diarizer's turns (RTTM, pyannote JSON): label anew."
    )
    method: str | None = one_of(INPUT, METHODS, f"How to repair. (default {DEFAULT_METHOD})")


class ModelOptions:
    """Which model listens, and where it runs."""

    embedder: str | None = one_of(
        MODEL, EMBEDDERS,
        f"What runs the model: onnxruntime, or torch. (default {DEFAULT_EMBEDDER})",
    )  # fmt: skip
    model: str | None = option(
        MODEL, "NAME|PATH|URL#sha256=HEX",
        "The model. (default, onnx: voxceleb_resnet34_LM, downloaded once)",
    )  # fmt: skip
    device: Device = choice(MODEL, Device, "Where the model runs.", "auto")
    offline: bool = flag(MODEL, "Never download a model.", "--offline")


class GateOptions(JobsOptions, EngineOptions, JsonOptions, LookOptions):
    """What must hold for exit code 0."""

    fail_if: list[str] | None = option(
        CI, "EXPR",
        "Exit 1 if it holds: 'wser>0.05'; of a benchmark, 'ami/rules.delta.ci_low<0'.",
    )  # fmt: skip
    baseline: str | None = option(
        CI, "JSON", "Show what changed since this earlier --json; exit 1 if worse."
    )
    gate_all: bool = flag(
        CI, "With --baseline: whatever is worse fails, not the headline metrics alone.",
        "--gate-all",
    )  # fmt: skip
    tolerance: str | None = option(CI, "abs=X,rel=Y", "How much worse is still the same.")
    annotations: bool = flag(
        CI, "Also tell failures as GitHub workflow annotations.", "--annotations"
    )


def with_knobs(kind: type[LookOptions]) -> type[LookOptions]:
    """What Typer reads: the class with a signature of all its attributes, and one for each knob.

    A knob's default is None on the command line, so that the layers below can speak.
    """
    hints: dict[str, Any] = {}
    for base in kind.__mro__:  # a command's own options stand before those that it shares
        hints |= {n: t for n, t in inspect.get_annotations(base).items() if n not in hints}
    fields = [(n, t, getattr(kind, n)) for n, t in hints.items() if get_origin(t) is not ClassVar]
    groups = kind.KNOBS if issubclass(kind, SettingsOptions) else ()
    specs = [knob_specs()[name] for group in groups for name in knob_names(group)]
    fields += [(spec.name, spec.kind | None, _knob(spec)) for spec in specs]
    return make_dataclass(kind.__name__, fields, bases=(kind,), kw_only=True, eq=False, repr=False)


def _panel(group: str) -> str:
    if not group:
        return "Knobs"
    return f"Knobs of --method {group}" if group in METHODS else f"Knobs of {group}"


def _knob(spec: KnobSpec) -> Any:
    name = "--" + spec.name.replace("_", "-")
    unit = f" {spec.unit}" if spec.unit else ""
    shown = str(spec.default).lower() if spec.kind is bool else f"{spec.default:g}"
    return option(
        _panel(spec.group),
        {bool: "", int: "N", float: spec.unit.upper() or "X"}[spec.kind],
        f"{spec.help[0].upper()}{spec.help[1:]}. (default {shown}{unit}; {spec.range})",
        f"{name}/--no-{name[2:]}" if spec.kind is bool else name,
    )
