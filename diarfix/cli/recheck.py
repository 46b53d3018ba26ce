"""``diarfix recheck``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diarfix.cli import options
from diarfix.cli.embedding import DeviceName, EmbedderName, ModelName, Offline, bar, device_of
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
    MethodName,
    Output,
    OutputDir,
    Rttm,
    SegmentMode,
    TimeUnit,
    Turns,
    tasks,
)
from diarfix.config import METHODS
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.cli.delivery import Plan
    from diarfix.cli.job import Job, Outcome
    from diarfix.embed import Choice

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


@with_knobs("", "recheck", *METHODS)
def recheck(
    file: Annotated[str | None, FILE] = None,
    audio: AudioFile = None,
    turns: Turns = None,
    centroids: CentroidFile = None,
    embedder: EmbedderName = None,
    model: ModelName = None,
    device: DeviceName = "auto",
    offline: Offline = False,
    method: MethodName = None,
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
    from diarfix.embed import Choice
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
    choice = Choice(embedder, model, device_of(engine, device), offline)
    if engine == "ray":
        work = functools.partial(_apart, audio=audio, centroids=centroids, choice=choice)
        delivery.deliver(plan, jobs, say, work)
        return
    _listen(plan, jobs, say, audio, centroids, choice)


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


def _listen(
    plan: Plan,
    jobs: list[Job],
    say: Messages,
    audio: str,
    centroids: str | None,
    choice: Choice,
) -> None:
    from diarfix.cli import delivery
    from diarfix.cli.job import process
    from diarfix.edits.centroids import read_centroids
    from diarfix.edits.recheck import recheck
    from diarfix.embed import open_audio

    given = None if centroids is None else read_centroids(centroids)
    with open_audio(audio) as recording, bar(say) as progress:
        embedder = choice.load(progress=progress)
        run = functools.partial(
            recheck,
            audio=recording,
            embedder=embedder,
            centroids=given,
            progress=progress,
        )
        delivery.deliver(plan, jobs, say, functools.partial(process, run=run))
