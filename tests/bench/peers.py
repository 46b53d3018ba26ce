"""The same work by other tools, where installed: ``pip install 'diarfix[metrics]' spy-der``.

WhisperX's own assignment is left out: its package brings a CUDA build of torch.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator

from data import recording

from diarfix.core.assign import assign
from diarfix.core.smooth.method import smooth
from diarfix.core.words import Turns
from diarfix.metrics.der import der
from diarfix.metrics.sweep import words_to_turns

N_WORDS, N_TURNS, N_SPEAKERS = 54_000, 6_000, 6

Row = tuple[str, Callable[[], object], str, Callable[[], object]]


def rows() -> Iterator[Row]:
    """``(what, our work, peer, its work)`` for each peer that is installed."""
    words, ref = recording(N_WORDS, N_TURNS, N_SPEAKERS)
    hyp = words_to_turns(assign(words, ref).words)
    what = f"DER, {N_TURNS:,} turns against {len(hyp):,}"
    for name, build in (("pyannote", _pyannote), ("spyder", _spyder)):
        if importlib.util.find_spec(name) is not None:
            label, work = build(ref, hyp)
            yield what, lambda: der(ref, hyp), label, work
    if importlib.util.find_spec("meeteval") is not None:
        yield _meeteval()


def _pyannote(ref: Turns, hyp: Turns) -> tuple[str, Callable[[], object]]:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(turns: Turns) -> Annotation:
        made = Annotation()
        for i, (a, b, s) in enumerate(
            zip(turns.start.tolist(), turns.end.tolist(), turns.speaker.tolist(), strict=True)
        ):
            made[Segment(a, b), i] = turns.speakers[s]
        return made

    left, right = annotation(ref), annotation(hyp)
    end = max(float(ref.end.max()), float(hyp.end.max()))
    extent = Timeline([Segment(0, end)])

    def work() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return DiarizationErrorRate()(left, right, uem=extent)

    return "pyannote.metrics", work


def _spyder(ref: Turns, hyp: Turns) -> tuple[str, Callable[[], object]]:
    import spyder

    def rows_of(turns: Turns) -> list[tuple[str, float, float]]:
        return [
            (str(turns.speakers[s]), a, b)
            for a, b, s in zip(
                turns.start.tolist(), turns.end.tolist(), turns.speaker.tolist(), strict=True
            )
        ]

    left, right = rows_of(ref), rows_of(hyp)
    return "spy-der", lambda: spyder.DER(left, right)


def _meeteval() -> Row:
    """cpWER, in both ways."""
    import meeteval

    from diarfix.metrics.cpwer import Segment, cpwer

    words, turns = recording(2_000, 200, 3)
    ref, hyp = assign(words, turns).words, smooth(assign(words, turns).words).words
    tables = [
        [*zip(w.labels, w.start.tolist(), w.end.tolist(), w.text, strict=True)] for w in (ref, hyp)
    ]
    ours = [[Segment(*times, [word]) for *times, word in rows] for rows in tables]
    keys = ("speaker", "start_time", "end_time", "words", "session_id")
    theirs = [
        meeteval.io.SegLST([dict(zip(keys, (*row, "a"), strict=True)) for row in rows])
        for rows in tables
    ]
    return (
        "cpWER, 2,000 words, 3 speakers",
        lambda: cpwer(*ours),
        "meeteval, called directly",
        lambda: meeteval.wer.cpwer(*theirs),
    )
