"""The options of each command, and those that several share, by what they are about.

A set of options is a class. Its attributes say what Typer is to read; an instance holds what it
read. A command's own class inherits the sets it takes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

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
    DEFAULT_VARIANTS,
    EMBEDDERS,
    METHODS,
    VARIANTS,
    Device,
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
    time_unit: TimeUnitName = choice(
        INPUT, TimeUnitName, "Unit of the times, if not the format's.", "auto"
    )


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


class RepairOptions(FileEditOptions, SegmentOptions, EngineOptions, SettingsOptions):
    """How documents are repaired."""

    turns: list[str] | None = option(
        INPUT, "RTTM|DIR|labels",
        "A diarizer's turns (RTTM, pyannote JSON, subtitles, words), or a folder of RTTM and JSON:"
        " label anew. Several are opinions: all are weighed. 'labels': those in FILE.",
    )  # fmt: skip
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

    def device_on(self, engine: str) -> Device:
        """The device to ask for: on a cluster, "auto" would be another one from node to node."""
        return "cpu" if engine == "ray" and self.device == "auto" else self.device


class GateOptions(JobsOptions, EngineOptions, JsonOptions, LookOptions):
    """What must hold for exit code 0."""

    fail_if: list[str] | None = option(CI, "EXPR", "Exit 1 if it holds: 'wser>0.05'.")
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


TargetName = Literal[
    "srt", "vtt", "ass", "txt", "md", "html", "textgrid", "elan", "rttm", "ctm", "stm", "seglst",
    "words",
]  # fmt: skip


class SmoothOptions(RepairOptions, JobsOptions, FilesOptions):
    """Of ``diarfix smooth``."""

    KNOBS = ("", *METHODS)

    skip_unknown: bool = flag(
        INPUT, "Pass over files that are no transcripts with speakers.", "--skip-unknown"
    )


class RecheckOptions(RepairOptions, ModelOptions):
    """Of ``diarfix recheck``."""

    KNOBS = ("", "recheck", *METHODS)

    file: str | None = argument("FILE", "Word file; - is stdin.")
    audio: str | None = option(INPUT, "AUDIO", "The recording it is of.")
    centroids: str | None = option(
        INPUT, "JSON|NPZ",
        "A voiceprint per speaker. Default: those in FILE, else made from the audio.",
    )  # fmt: skip


class ScoreOptions(GateOptions):
    """Of ``diarfix score``."""

    ref: str | None = argument(
        "REF", "Reference: words, RTTM, STM, SegLST, or a folder; - is stdin."
    )
    hyp: str | None = argument("HYP", "Hypothesis: likewise.")
    uem: str | None = option(INPUT, "FILE", "Score DER inside these regions only.")
    collar: float = option(
        INPUT, "S",
        "Leave this much on each side of a reference boundary out of DER (NIST half-width).",
        default=0.0, min=0.0,
    )  # fmt: skip
    skip_overlap: bool = flag(
        INPUT, "Leave overlapped reference speech out of DER.", "--skip-overlap"
    )
    no_map: bool = flag(INPUT, "Speakers are who they are called: names must agree.", "--no-map")
    cross_check: bool = flag(OUTPUT, "Also DER by pyannote.metrics, side by side.", "--cross-check")
    cpwer: bool = flag(OUTPUT, "Also cpWER and tcpWER, by meeteval.", "--cpwer")
    summary: str | None = option(OUTPUT, "FILE", "Also write the figures as Markdown.")
    html: str | None = option(OUTPUT, "FILE", "Write a page: figures, timeline, transcript.")
    audio: str | None = option(OUTPUT, "FILE", "What the --html page plays.")
    before: str | None = option(OUTPUT, "HYP", "HYP before a repair, for the --html page.")
    min_coverage: float | None = option(
        CI, "X", "Exit 3 below this coverage. (default 0.5)", min=0.0, max=1.0
    )
    self_test: bool = flag(CI, "Prove on a known-bad pair that the gates can fail.", "--self-test")


class InspectOptions(JsonOptions, FilesOptions):
    """Of ``diarfix inspect``."""


class ConvertOptions(TargetOptions, JsonOptions, FilesOptions):
    """Of ``diarfix convert``."""

    to: TargetName | None = choice(
        OUTPUT, TargetName, "What to write. (default: what the suffix of OUT says)"
    )
    output: str | None = option(OUTPUT, "OUT", "Write the result here.", "--output", "-o")
    names: bool = option(
        OUTPUT, "", "srt, vtt, ass, txt, md, html: say who speaks. (default names)",
        "--names/--no-names", default=True,
    )  # fmt: skip
    every_cue: bool = flag(
        OUTPUT, "srt, ass: the name before every cue, not only where a turn begins. vtt: always.",
        "--every-cue",
    )  # fmt: skip
    times: bool = flag(OUTPUT, "txt, md, html: say when each turn begins.", "--times")


class RenameOptions(FileEditOptions, JobsOptions):
    """Of ``diarfix rename``."""

    arguments: list[str] | None = argument(
        "FILE... OLD=NEW...", "Word files, then names: SPEAKER_00=Ann."
    )


class BenchmarkOptions(GateOptions, SettingsOptions, ModelOptions):
    """Of ``diarfix benchmark``."""

    KNOBS = ("", *METHODS, "recheck")

    corpus: str | None = option(INPUT, "JSON", "The recordings: a corpus.json.")
    dataset: list[str] | None = option(INPUT, "NAME", "Only this dataset.")
    sample: int | None = option(INPUT, "N", "Only N recordings, by --seed.", min=1)
    variants: str | None = option(
        INPUT,
        "LIST",
        f"Of {', '.join(VARIANTS)}. Of several diarizers: viterbi:1+2,"
        f" viterbi:each, viterbi:upto. (default {','.join(DEFAULT_VARIANTS)})",
    )
    sweep: list[str] | None = option(INPUT, "KEY=V1,V2", "Try values of a knob; several multiply.")
    bootstrap: int | None = option(INPUT, "N", "Resamples. (default 2000)", min=1)
    seed: int | None = option(INPUT, "N", "Of --sample and --bootstrap. (default 0)", min=0)
    out: str | None = option(OUTPUT, "DIR", "Write results.json, summary.md and report.html.")
    fail_if: list[str] | None = option(
        CI, "EXPR", "Exit 1 if it holds: 'viterbi.wser>0.05', 'ami/rules.delta.ci_low<0'."
    )
    update_baseline: bool = flag(
        CI, "Write the results to --baseline instead.", "--update-baseline"
    )
    allow_missing: bool = flag(CI, "An entry that cannot be run is no failure.", "--allow-missing")
    no_cache: bool = flag(CI, "Compute every cell anew.", "--no-cache")


class MigrateEmbeddingsOptions(ModelOptions, JsonOptions, LookOptions):
    """Of ``diarfix migrate-embeddings``."""

    store: str = argument("STORE", "Contacts: a JSON list, an object with it, or JSON Lines.", ...)
    samples_dir: str | None = option(INPUT, "DIR", "What the listed samples are relative to.")
    to_version: int = option(OUTPUT, "N", "Version to migrate to: 3 (256 dimensions).", default=3)
    output: str | None = option(
        OUTPUT, "OUT", "Write here and leave STORE alone.", "--output", "-o"
    )
    no_backup: bool = flag(OUTPUT, "Keep no copy of the old store (STORE.bak).", "--no-backup")
    report: str | None = option(OUTPUT, "JSON", "Write every contact's outcome here.")
    dry_run: bool = flag(CI, "Write nothing; print what a run would do.", "--dry-run")
    check: bool = flag(CI, "Write nothing; exit 1 unless every contact is kept.", "--check")
