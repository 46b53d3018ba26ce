"""What ``diarfix score --html`` does once its options are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diarfix.cli.console import Messages
from diarfix.errors import DiarfixError, InputError, UsageError
from diarfix.files import STREAM, is_web, write_text
from diarfix.metrics import Scored, ScoreTask, Side, matched, read_sides
from diarfix.report.html import audio_url, compared, score_page


@dataclass(frozen=True, slots=True)
class ScorePage:
    """A page to be written.

    path    where it goes
    audio   the recording it plays, or None
    before  recording -> what it said before a repair
    """

    path: str
    audio: str | None
    before: Mapping[str, Side]

    def write(
        self,
        tasks: Sequence[ScoreTask],
        results: Sequence[Scored],
        settings: Mapping[str, object],
        say: Messages,
        codes: list[int],
    ) -> None:
        """Write the page of what could be scored; nothing if that is nothing, or on an error."""
        shown, failed = [], []
        for task, result in zip(tasks, results, strict=True):
            if result.score is None:
                failed += [] if result.error is None else [result.error.message]
                continue
            try:
                shown.append(compared(task, self.before.get(task.name)))
            except DiarfixError as error:
                say.error(error)
                codes.append(error.exit_code)
                return
        if not shown:
            return
        url = self.audio
        if url is not None and not is_web(url):
            url = audio_url(url, self.path)
        page = score_page(shown, settings=settings, errors=failed, audio=url)
        write_text(self.path, page)
        say.say(f"written: {self.path}")


def prepare(
    path: str, tasks: Sequence[ScoreTask], audio: str | None, before: str | None
) -> ScorePage:
    """Read ``--before`` and refuse what no page could show, while nothing has been scored yet."""
    if path == STREAM:
        raise UsageError("--html needs a file name: standard output holds the figures")
    if audio is not None and len(tasks) != 1:
        raise UsageError(f"--audio plays one recording, {len(tasks)} given")
    if audio is not None and not is_web(audio) and not Path(audio).is_file():
        raise InputError(f"{audio}: no such file, nor an address that a browser plays")
    return ScorePage(path, audio, {} if before is None else _earlier(tasks, before))


def _earlier(tasks: Sequence[ScoreTask], before: str) -> dict[str, Side]:
    sides, failed = read_sides(before)
    for error in failed.values():
        raise error
    hyps = {task.name: task.hyp for task in tasks if task.hyp is not None}
    pairing = matched(hyps, sides)
    names = {id(hyp): name for name, hyp in hyps.items()}
    found = {names[id(hyp)]: side for _, hyp, side in pairing.pairs}
    if pairing.only_ref:
        raise InputError(f"{before}: recording {pairing.only_ref[0].name!r} is missing")
    return found
