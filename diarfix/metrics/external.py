"""Metrics by other people's packages: pyannote.metrics' DER, meeteval's cpWER and tcpWER.

Both are imported inside the functions: they belong to the extra ``metrics`` and take long to load.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from diarfix.core.words import Label, Turns
from diarfix.errors import InputError, MissingDependency
from diarfix.metrics.counts import Counts, share
from diarfix.metrics.der import DerCounts
from diarfix.metrics.sweep import Uem, regions
from diarfix.metrics.transcripts import normal_form

if TYPE_CHECKING:
    from diarfix.metrics.pair import Pair
    from diarfix.metrics.sides import Side

#: ``(session, speaker, start, end, text)``: a word or a segment, times in s or None.
Row = tuple[str, Label, float | None, float | None, str]

#: How far a hypothesis word may lie from the reference word for tcpWER, s.
TCP_COLLAR = 5.0

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
class WerCounts(Counts):
    """Word errors of speaker-attributed transcripts.

    errors  insertions, deletions and substitutions; a word under the wrong speaker is one of each
            of the first two
    length  reference words
    """

    errors: int = 0
    length: int = 0

    @property
    def rate(self) -> float | None:
        """Errors per reference word, may exceed 1; None without reference words."""
        return share(self.errors, self.length)


@dataclass(frozen=True, slots=True)
class CpwerCounts(WerCounts):
    """Word errors wherever the words stand."""

    family = "cpwer"

    @classmethod
    def measure(cls, pair: Pair) -> CpwerCounts | str:
        """The errors by meeteval, where they are asked for."""
        rows = _asked_for(pair)
        return rows if isinstance(rows, str) else cls(*astuple(cpwer(*rows)))


@dataclass(frozen=True, slots=True)
class TcpwerCounts(WerCounts):
    """Word errors where words count as equal only close in time."""

    family = "tcpwer"

    @classmethod
    def measure(cls, pair: Pair) -> TcpwerCounts | str:
        """The errors by meeteval, where they are asked for and both sides have times."""
        rows = _asked_for(pair)
        if isinstance(rows, str):
            return rows
        if pair.ref.turns is None or pair.hyp.turns is None:
            return "needs times on both sides"
        return cls(*astuple(tcpwer(*rows)))


def _asked_for(pair: Pair) -> tuple[list[Row], list[Row]] | str:
    if isinstance(pair.words, str):
        return pair.words
    if not pair.options.cpwer:
        return "asked for by --cpwer"
    return _rows(pair.name, pair.ref), _rows(pair.name, pair.hyp)


def _rows(name: str, side: Side) -> list[Row]:
    """A recording for meeteval: by utterance where only these have times, else by word."""
    if side.utterances:
        return [
            (name, _stream(u.speaker), _known(u.start), _known(u.end), form)
            for u in side.utterances
            if (form := " ".join(filter(None, map(normal_form, u.text.split()))))
        ]
    words = side.words
    if words is None:
        return []
    table = zip(words.text, words.start.tolist(), words.end.tolist(), words.labels, strict=True)
    return [
        (name, _stream(label), _known(start), _known(end), form)
        for text, start, end, label in table
        if (form := normal_form(text))
    ]


def _stream(label: Label | None) -> str:
    """What meeteval is told a speaker is called; words without label are one more speaker."""
    return "" if label is None else str(label)


def _known(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


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


def tcpwer(
    ref_rows: Iterable[Row], hyp_rows: Iterable[Row], *, collar: float = TCP_COLLAR
) -> WerCounts:
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
