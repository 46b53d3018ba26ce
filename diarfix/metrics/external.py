"""Metrics by other people's packages: pyannote.metrics' DER, meeteval's cpWER and tcpWER.

Both are imported inside the functions: they belong to the extra ``metrics`` and take long to load.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from diarfix.core.words import Label, Turns
from diarfix.errors import InputError, MissingDependency
from diarfix.metrics.der import DerCounts
from diarfix.metrics.sweep import Uem, regions

#: ``(session, speaker, start, end, text)``: a word or a segment, times in s or None.
Row = tuple[str, Label, float | None, float | None, str]

_INSTALL = "pip install 'diarfix[metrics]'"


def _missing(what: str, package: str, reason: ImportError) -> MissingDependency:
    return MissingDependency(f"{what} needs {package} ({reason})", hint=_INSTALL)


def require(*, cpwer: bool, cross_check: bool) -> None:
    """Raise MissingDependency if a package that these options need cannot be imported."""
    wanted = [("--cpwer", "meeteval")] * cpwer + [
        ("--cross-check", "pyannote.metrics")
    ] * cross_check
    for option, package in wanted:
        try:
            importlib.import_module(package)
        except ImportError as reason:
            raise _missing(option, package, reason) from reason


def pyannote_der(
    ref: Turns,
    hyp: Turns,
    *,
    collar_half_width: float = 0.0,
    skip_overlap: bool = False,
    uem: Uem | None = None,
) -> DerCounts:
    """Measure DER by pyannote.metrics, on the turns as they are and the extent that ``der`` uses.

    collar_half_width  s, on each side; pyannote's own argument is the full width

    It differs from :func:`diarfix.metrics.der.der` by design in two places: pyannote maps speakers
    after collar and overlap are removed, and counts a speaker who overlaps himself twice.

    Raises MissingDependency without pyannote.metrics.
    """
    try:
        from pyannote.core import Annotation, Segment, Timeline
        from pyannote.metrics.diarization import DiarizationErrorRate
    except ImportError as reason:
        raise _missing("--cross-check", "pyannote.metrics", reason) from reason

    def annotation(turns: Turns) -> Any:
        result = Annotation(uri="recording")
        rows = zip(turns.start.tolist(), turns.end.tolist(), turns.speaker.tolist(), strict=True)
        for track, (start, end, code) in enumerate(rows):
            result[Segment(start, end), track] = f"S{code}"
        return result

    starts, ends = regions(ref, hyp, uem)
    scored = Timeline(
        [Segment(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    ).support()
    if not scored:
        return DerCounts.zero()
    metric = DiarizationErrorRate(collar=2 * collar_half_width, skip_overlap=skip_overlap)
    parts = metric(annotation(ref), annotation(hyp), uem=scored, detailed=True)
    return DerCounts(
        scored=float(parts["total"]),
        missed=float(parts["missed detection"]),
        false_alarm=float(parts["false alarm"]),
        confusion=float(parts["confusion"]),
    )


@dataclass(frozen=True, slots=True)
class WerCounts:
    """Word errors of speaker-attributed transcripts.

    errors  insertions, deletions and substitutions; a word under the wrong speaker is one of each
            of the first two
    length  reference words
    """

    errors: int
    length: int

    @classmethod
    def zero(cls) -> WerCounts:
        """No words."""
        return cls(0, 0)

    def __add__(self, other: WerCounts) -> WerCounts:
        return WerCounts(self.errors + other.errors, self.length + other.length)

    @property
    def rate(self) -> float | None:
        """Errors per reference word, may exceed 1; None without reference words."""
        return self.errors / self.length if self.length else None


def cpwer(ref_rows: Iterable[Row], hyp_rows: Iterable[Row]) -> WerCounts:
    """Count word errors under the best permutation of speakers, by meeteval (CHiME-6).

    Texts are compared as they are; normalise both sides before. Each speaker's rows are ordered by
    time where his session has times, else as they come. A session on one side only counts in full.

    Raises MissingDependency without meeteval.
    """
    try:
        from meeteval.wer.wer.cp import cp_word_error_rate
    except ImportError as reason:
        raise _missing("cpWER", "meeteval", reason) from reason
    return _by_session(ref_rows, hyp_rows, cp_word_error_rate)


def tcpwer(ref_rows: Iterable[Row], hyp_rows: Iterable[Row], *, collar: float = 5.0) -> WerCounts:
    """Count word errors as :func:`cpwer` does, matching only words close in time, by meeteval.

    collar  s that a hypothesis word may lie beside the reference word

    A row without time stands where the row before it in its session ends.

    Raises MissingDependency without meeteval, InputError for a session without any time.
    """
    try:
        from meeteval.wer.wer.time_constrained import tcp_word_error_rate
    except ImportError as reason:
        raise _missing("tcpWER", "meeteval", reason) from reason

    def count(ref: Any, hyp: Any) -> Any:
        return tcp_word_error_rate(ref, hyp, collar=collar)

    return _by_session(ref_rows, hyp_rows, count, need_times=True)


def _by_session(
    ref_rows: Iterable[Row],
    hyp_rows: Iterable[Row],
    count: Callable[[Any, Any], Any],
    *,
    need_times: bool = False,
) -> WerCounts:
    ref, hyp = _sessions(ref_rows), _sessions(hyp_rows)
    total = WerCounts.zero()
    for session in dict.fromkeys((*ref, *hyp)):
        sides = [_segments(rows.get(session, ()), need_times=need_times) for rows in (ref, hyp)]
        if not all(sides):
            # meeteval takes no empty side; every word there is then an error.
            n_ref, n_hyp = (sum(len(row["words"].split()) for row in side) for side in sides)
            total += WerCounts(n_ref + n_hyp, n_ref)
            continue
        result = count(*(_seglst(side) for side in sides))
        total += WerCounts(int(result.errors), int(result.length))
    return total


def _sessions(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_session: dict[str, list[Row]] = {}
    for row in rows:
        if row[4].split():
            by_session.setdefault(row[0], []).append(row)
    return by_session


def _segments(rows: Sequence[Row], *, need_times: bool) -> list[dict[str, Any]]:
    """One session in meeteval's words, with times for all rows or for none."""
    times = [None if _absent(row[2]) or _absent(row[3]) else (row[2], row[3]) for row in rows]
    first = next((time for time in times if time is not None), None)
    if first is None:
        if need_times and rows:
            raise InputError(f"tcpWER needs times, and no word of {rows[0][0]} has any")
        return [{"speaker": row[1], "words": row[4]} for row in rows]
    at = first[0]
    segments = []
    for row, time in zip(rows, times, strict=True):
        start, end = (at, at) if time is None else time
        at = end
        segments.append({"speaker": row[1], "start_time": start, "end_time": end, "words": row[4]})
    return segments


def _absent(time: float | None) -> bool:
    return time is None or math.isnan(time)


def _seglst(segments: list[dict[str, Any]]) -> Any:
    # Built in memory: SegLST.parse needs simplejson, which meeteval does not install.
    from meeteval.io.seglst import SegLST

    return SegLST(segments)
