"""``diarfix recheck``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diarfix.cli import options
from diarfix.cli.embedding import Device, EmbedderName, Model, Offline, bar, device_of
from diarfix.cli.options import (
    Config,
    EngineName,
    Json,
    Quiet,
    ShowConfig,
    Verbose,
    with_knobs,
)
from diarfix.cli.smooth import (
    Backup,
    Changes,
    Check,
    Diff,
    Format,
    InPlace,
    Method,
    Output,
    OutputDir,
    Rttm,
    SegmentMode,
    TimeUnit,
    Turns,
    tasks,
)
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.cli.delivery import Plan
    from diarfix.cli.job import Job, Outcome
    from diarfix.embed.choice import Choice

FILE = typer.Argument(metavar="FILE", help="Word file; - is stdin.")
AudioFile = Annotated[
    str | None, typer.Option("--audio", metavar="AUDIO", help="The recording it is of.")
]
CentroidFile = Annotated[
    str | None,
    typer.Option(
        "--centroids",
        metavar="JSON|NPZ",
        help="A voiceprint per speaker. Default: those in FILE, else made from the audio.",
    ),
]


@with_knobs("", "recheck", "rules", "viterbi")
def recheck(
    file: Annotated[str | None, FILE] = None,
    audio: AudioFile = None,
    turns: Turns = None,
    centroids: CentroidFile = None,
    embedder: EmbedderName = "onnx",
    model: Model = None,
    device: Device = "auto",
    offline: Offline = False,
    method: Method = None,
    output: Output = None,
    output_dir: OutputDir = None,
    in_place: InPlace = False,
    backup: Backup = None,
    rttm: Rttm = None,
    diff: Diff = False,
    check: Check = False,
    changes: Changes = None,
    segments: SegmentMode = "keep",
    format: Format = None,  # noqa: A002 - the option's name
    time_unit: TimeUnit = "auto",
    json: Json = False,
    engine: EngineName = "local",
    config: Config = None,
    show_config: ShowConfig = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
    *,
    knobs: dict[str, Any],
) -> None:
    """Hear doubtful words again, move those whose voice is clear, then smooth."""
    from diarfix.cli import delivery
    from diarfix.embed.choice import Choice
    from diarfix.engine import Engine

    resolved = options.settings({**knobs, "acoustic_recheck_enabled": True}, config, method)
    if show_config:
        delivery.show_settings(resolved, json=json)
        return
    say = options.messages(quiet=quiet, verbose=verbose)
    plan = delivery.Plan(
        command="recheck",
        output=output,
        output_dir=output_dir,
        in_place=in_place,
        backup=backup,
        rttm=rttm,
        diff=diff,
        check=check,
        changes=changes,
        json=json,
        engine=Engine(name=engine, gpus=int(device == "cuda")),
    )
    paths = plan.paths([] if file is None else [file])
    if len(paths) > 1:
        raise UsageError(f"{file}: {len(paths)} files, and --audio is of one")
    if audio is None:
        raise UsageError("no audio given", hint=f"diarfix recheck {file} --audio AUDIO")
    jobs = tasks(plan, paths, turns, resolved, segments, format, time_unit)
    if engine == "ray":
        choice = Choice(embedder, model, device_of(engine, device), offline)
        work = functools.partial(_apart, audio=audio, centroids=centroids, choice=choice)
        delivery.deliver(plan, jobs, say, work)
        return
    _listen(
        plan,
        jobs,
        say,
        audio,
        centroids,
        functools.partial(_load, name=embedder, model=model, device=device, offline=offline),
    )


def _apart(job: Job, *, audio: str, centroids: str | None, choice: Choice) -> Outcome:
    """The whole of one recheck on another machine, which opens what paths and the choice name."""
    from diarfix.cli.job import process
    from diarfix.edits.centroids import read_centroids
    from diarfix.edits.recheck import recheck
    from diarfix.embed import open_audio

    given = None if centroids is None else read_centroids(centroids)
    with open_audio(audio) as recording:
        embedder = choice.load()
        run = functools.partial(recheck, audio=recording, embedder=embedder, centroids=given)
        return process(job, run)


def _load(progress: Any, *, name: str, model: str | None, device: Any, offline: bool) -> Any:
    from diarfix.embed import load_embedder

    return load_embedder(name, model=model, device=device, offline=offline, progress=progress)


def _listen(
    plan: Plan,
    jobs: list[Job],
    say: Messages,
    audio: str,
    centroids: str | None,
    load: Any,
) -> None:
    from diarfix.cli import delivery
    from diarfix.cli.job import process
    from diarfix.edits.centroids import read_centroids
    from diarfix.edits.recheck import recheck
    from diarfix.embed import open_audio

    given = None if centroids is None else read_centroids(centroids)
    with open_audio(audio) as recording, bar(say) as progress:
        embedder = load(progress)
        run = functools.partial(
            recheck,
            audio=recording,
            embedder=embedder,
            centroids=given,
            progress=progress,
        )
        delivery.deliver(plan, jobs, say, functools.partial(process, run=run))
