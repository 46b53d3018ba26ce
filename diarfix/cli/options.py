"""The options of each command; what they share stands in :mod:`diarfix.cli.sets`."""

from typing import Literal

from diarfix.cli.command import CI, INPUT, OUTPUT, argument, choice, flag, option
from diarfix.cli.sets import (
    FileEditOptions,
    FilesOptions,
    GateOptions,
    JobsOptions,
    JsonOptions,
    LookOptions,
    ModelOptions,
    RepairOptions,
    SettingsOptions,
    TargetOptions,
)
from diarfix.config import DEFAULT_VARIANTS, METHODS, VARIANTS

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

    to: TargetName = choice(OUTPUT, TargetName, "What to write.", ...)
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
        INPUT, "LIST", f"Of {', '.join(VARIANTS)}. (default {','.join(DEFAULT_VARIANTS)})"
    )
    sweep: list[str] | None = option(INPUT, "KEY=V1,V2", "Try values of a knob; several multiply.")
    bootstrap: int | None = option(INPUT, "N", "Resamples. (default 2000)", min=1)
    seed: int | None = option(INPUT, "N", "Of --sample and --bootstrap. (default 0)", min=0)
    out: str | None = option(OUTPUT, "DIR", "Write results.json, summary.md and report.html.")
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


#: The class that holds the options of each command.
OPTIONS: dict[str, type[LookOptions]] = {
    "smooth": SmoothOptions,
    "recheck": RecheckOptions,
    "score": ScoreOptions,
    "inspect": InspectOptions,
    "convert": ConvertOptions,
    "rename": RenameOptions,
    "benchmark": BenchmarkOptions,
    "migrate-embeddings": MigrateEmbeddingsOptions,
}
