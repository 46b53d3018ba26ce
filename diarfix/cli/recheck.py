"""``diarfix recheck``."""

from __future__ import annotations

import functools

from diarfix.cli.console import bars
from diarfix.cli.delivery import Delivery
from diarfix.cli.job import FileJob, FileOutcome, process
from diarfix.cli.options import RecheckOptions
from diarfix.cli.places import Read
from diarfix.cli.smooth import given_turns, resolved_settings, tell_unused, turn_files, with_turns
from diarfix.edits import Repair, read_centroids, recheck
from diarfix.embed import Choice, open_audio
from diarfix.engine import Engine
from diarfix.errors import UsageError
from diarfix.files import Progress


def recheck_command(options: RecheckOptions) -> None:
    """Hear the doubtful words of a file again, then smooth it."""
    say = options.messages()
    resolved = resolved_settings(
        options, say, options.method, json=options.json, acoustic_recheck_enabled=True
    )
    engine = Engine(name=options.engine, gpus=int(options.device == "cuda"))
    call = Delivery(command="recheck", options=options, engine=engine, say=say)
    paths = call.paths([] if options.file is None else [options.file])
    if len(paths) > 1:
        raise UsageError(f"{options.file}: {len(paths)} files, and --audio is of one")
    if options.audio is None:
        raise UsageError("no audio given", hint=f"diarfix recheck {options.file} --audio AUDIO")
    tell_unused(resolved, {resolved.method}, say)
    turns = turn_files(options.turns, paths, say)
    names = ("audio", "centroids", "model")
    read = [Read("--turns", path) for found in turns.values() for path in found]
    read += [Read(f"--{name}", getattr(options, name)) for name in names]
    read += [Read("the settings in", options.settings_file())]
    jobs = call.jobs(paths, options.segments, read=read)
    opinions = given_turns(turns, resolved.method, say)
    device = options.device_on(options.engine)
    with bars(say) as progress:
        work = functools.partial(
            _hear,
            edit=functools.partial(with_turns, opinions=opinions, alone=True),
            run=functools.partial(recheck, method=resolved.method, settings=resolved.settings),
            audio=options.audio,
            centroids=options.centroids,
            choice=Choice(options.embedder, options.model, device, options.offline),
            progress=None if engine.apart else progress,
        )
        call.run(jobs, work)


def _hear(
    job: FileJob,
    *,
    edit: functools.partial[Repair],
    run: functools.partial[Repair],
    audio: str,
    centroids: str | None,
    choice: Choice,
    progress: Progress | None,
) -> FileOutcome:
    """The whole of one recheck, on whatever machine: it opens what paths and the choice name."""
    given = None if centroids is None else read_centroids(centroids)
    with open_audio(audio) as recording:
        heard = functools.partial(
            run,
            audio=recording,
            embedder=choice.load(progress=progress),
            centroids=given,
            progress=progress,
        )
        return process(job, functools.partial(edit, run=heard))
