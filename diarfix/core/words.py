"""The column tables everything works on: words, turns, and runs of equal labels.

All times are float64 seconds from the start of the recording; NaN means "no time". Speakers are
int32 codes into a tuple of labels, :data:`UNKNOWN` where there is none. Columns are read-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]
Label = str | int | float

#: Code of a word without a label.
UNKNOWN = -1

#: Times closer than this (s) are the same time: input formats round to 1 ms or 10 ms, and sums of
#: float64 seconds over a day are exact to about 1e-11 s.
TIME_EPS = 1e-6

#: Times beyond this (s, some 30,000 years) are no times: sums of them would overflow.
LATEST = 1e12


def _columns(table: Words | Turns, n: int) -> tuple[F64, F64, I32]:
    """Copies of start, end and speaker. Raises ValueError where they cannot be of one table."""
    start, end = np.array(table.start, dtype=np.float64), np.array(table.end, dtype=np.float64)
    speaker = np.array(table.speaker, dtype=np.int32)
    shapes = {"start": start.shape, "end": end.shape, "speaker": speaker.shape}
    for name, shape in shapes.items():
        if shape != (n,):
            msg = f"{name} has shape {shape}, expected ({n},)"
            raise ValueError(msg)
    if n and not (speaker.min() >= UNKNOWN and speaker.max() < len(table.speakers)):
        msg = "speaker codes must be -1 or an index into speakers"
        raise ValueError(msg)
    return start, end, speaker


def _freeze(table: Words | Turns, *columns: NDArray[Any]) -> None:
    for name, column in zip(("start", "end", "speaker"), columns, strict=True):
        column.setflags(write=False)
        object.__setattr__(table, name, column)


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """N words in document order, which is never changed.

    text      (N,)  as spelled in the source, following punctuation included
    start     (N,)  float64, s; NaN if the word has no usable time
    end       (N,)  float64, s; NaN exactly where ``start`` is; end >= start elsewhere
    speaker   (N,)  int32 code into ``speakers``, -1 where the word has no label
    speakers  (S,)  labels as spelled in the source, first seen first

    Times that are infinite, negative or inverted, and pairs of which one is missing, become NaN.
    Raises ValueError when columns differ in length or a code names no speaker.
    """

    text: tuple[str, ...]
    start: F64
    end: F64
    speaker: I32
    speakers: tuple[Label, ...]

    def __post_init__(self) -> None:
        start, end, speaker = _columns(self, len(self.text))
        with np.errstate(invalid="ignore"):
            usable = (start >= 0) & (end >= start) & (end <= LATEST)
        start[~usable] = np.nan
        end[~usable] = np.nan
        _freeze(self, start, end, speaker)

    def __len__(self) -> int:
        return len(self.text)

    @property
    def timed(self) -> Bool:
        """(N,) bool: the word has a start and an end."""
        return ~np.isnan(self.start)

    @property
    def labels(self) -> list[Label | None]:
        """N labels, None where a word has none."""
        names: tuple[Label | None, ...] = (*self.speakers, None)
        return [names[code] for code in self.speaker.tolist()]

    def with_speaker(self, speaker: ArrayLike, speakers: Sequence[Label] | None = None) -> Words:
        """Return the same words under other labels; nothing else can change.

        speaker   (N,) codes into ``speakers``
        speakers  the labels those codes name; the present ones if None
        """
        names = self.speakers if speakers is None else tuple(speakers)
        codes = np.asarray(speaker, dtype=np.int32)
        return Words(self.text, self.start, self.end, codes, names)

    def take(self, index: NDArray[np.intp]) -> Words:
        """Return the words at ``index`` (K,), in that order, under the same speaker codes."""
        text = tuple(self.text[i] for i in index.tolist())
        return Words(text, self.start[index], self.end[index], self.speaker[index], self.speakers)


def words_from_rows(
    rows: Iterable[tuple[str, float | None, float | None, Label | None]],
) -> Words:
    """Build :class:`Words` from ``(text, start, end, label)`` rows; None where one is missing.

    >>> words = words_from_rows([("thank", 0.0, 0.3, "A"), ("you", 0.3, 0.5, "B")])
    >>> words.labels
    ['A', 'B']
    """
    table = list(rows)
    codes, speakers = encode([row[3] for row in table])
    return Words(
        tuple(row[0] for row in table),
        np.array([np.nan if row[1] is None else row[1] for row in table], dtype=np.float64),
        np.array([np.nan if row[2] is None else row[2] for row in table], dtype=np.float64),
        codes,
        speakers,
    )


def encode(labels: Iterable[Label | None]) -> tuple[I32, tuple[Label, ...]]:
    """Number labels in the order in which they are first seen; None becomes -1.

    Labels of different type are different labels: ``1`` and ``"1"`` get two codes.
    """
    keys: list[Any] = list(labels)
    mixed = len({*map(type, keys)} - {type(None)}) > 1
    if mixed:  # 1 == 1.0 == True as a dict key; else the label itself is the key: loops are C's
        keys = [None if key is None else (type(key), key) for key in keys]
    names = [key for key in dict.fromkeys(keys) if key is not None]
    book = {key: code for code, key in enumerate(names)} | {None: UNKNOWN}
    codes = np.fromiter(map(book.__getitem__, keys), np.int32, len(keys))
    return codes, tuple(label for _, label in names) if mixed else tuple(names)


@dataclass(frozen=True, eq=False, slots=True)
class Turns:
    """M turns ``[start, end)`` in input order; they may overlap, also for one speaker.

    start, end  (M,)  float64, s, finite, end > start (zero-length turns are dropped at birth)
    speaker     (M,)  int32 code into ``speakers``
    speakers    (S,)  labels as spelled in the source, first seen first
    """

    start: F64
    end: F64
    speaker: I32
    speakers: tuple[Label, ...]

    def __post_init__(self) -> None:
        start, end, speaker = _columns(self, len(self.start))
        if not (np.isfinite(start).all() and np.isfinite(end).all()):
            msg = "turn times must be finite"
            raise ValueError(msg)
        if (speaker < 0).any():
            msg = "every turn needs a speaker"
            raise ValueError(msg)
        # A turn of no length holds no speech; md-eval ignores it too.
        keep = end > start
        _freeze(self, start[keep], end[keep], speaker[keep])

    def __len__(self) -> int:
        return len(self.start)

    @property
    def labels(self) -> list[Label]:
        """M labels."""
        return [self.speakers[code] for code in self.speaker.tolist()]


def turns_from_rows(rows: Iterable[tuple[float, float, Label]]) -> Turns:
    """Build :class:`Turns` from ``(start, end, label)`` rows in seconds, in whatever order.

    They are sorted by start, end and label: which speaker comes first, and what follows from it,
    does not hang on the order of lines in a file.

    >>> turns_from_rows([(0.0, 2.5, "A"), (2.0, 4.0, "B")]).labels
    ['A', 'B']
    """
    table = sorted(rows, key=lambda row: (row[0], row[1], str(row[2]), type(row[2]).__name__))
    codes, speakers = encode([row[2] for row in table])
    return Turns(
        np.array([row[0] for row in table], dtype=np.float64),
        np.array([row[1] for row in table], dtype=np.float64),
        codes,
        speakers,
    )


@dataclass(frozen=True, eq=False, slots=True)
class Runs:
    """R maximal stretches of one label among the labelled words.

    member    (K,)  int64, indices of the labelled words, ascending; run r owns
                    ``member[first[r]:stop[r]]``
    first, stop  (R,)  int64, positions in ``member``
    speaker   (R,)  int32 code
    n_words   (R,)  int64, timed words (a word without time never counts)
    start     (R,)  float64, s, earliest start of the timed words; NaN if none
    end       (R,)  float64, s, latest end of the timed words; NaN if none
    gap       (R-1,) float64, s, silence between the last timed word of run r and the first timed
                    word of run r+1 (negative where they overlap); NaN if a side has none
    """

    member: I64
    first: I64
    stop: I64
    speaker: I32
    n_words: I64
    start: F64
    end: F64
    gap: F64

    def __len__(self) -> int:
        return len(self.first)


def runs(words: Words) -> Runs:
    """Find the runs of ``words``. Words without a label are passed over."""
    member = np.flatnonzero(words.speaker >= 0).astype(np.int64)
    codes = words.speaker[member]
    start, end = words.start[member], words.end[member]
    n = len(member)
    if not n:
        return Runs(member, member, member, codes, member, start, end, start)
    first = np.flatnonzero(np.diff(codes, prepend=-2) != 0).astype(np.int64)
    stop = np.append(first[1:], n)
    timed = ~np.isnan(start)
    n_words = np.add.reduceat(timed.astype(np.int64), first)
    earliest = np.fmin.reduceat(start, first)
    latest = np.fmax.reduceat(end, first)
    # The seam is between neighbouring words, not between the extremes: times need not ascend.
    order = np.arange(n)
    last_timed = np.maximum.reduceat(np.where(timed, order, -1), first)
    first_timed = np.minimum.reduceat(np.where(timed, order, n), first)
    gap = np.full(len(first) - 1, np.nan)
    both = (n_words[:-1] > 0) & (n_words[1:] > 0)
    gap[both] = start[first_timed[1:][both]] - end[last_timed[:-1][both]]
    return Runs(member, first, stop, codes[first], n_words, earliest, latest, gap)
