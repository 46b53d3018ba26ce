"""The keys under which lists of words and of segments keep texts, times and labels.

Times stand as start and end, as start and duration, or as a pair, and the name of a key may tell
their unit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from diarfix.core import needs_space
from diarfix.formats.jsonfields import column, number, times
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Json, ShapeError
from diarfix.formats.utterances import Utterance

#: Key names in use for one thing, the most common first.
SENTENCE = ("transcript", "body", "sentence", "utterance")
WORD = ("word", "text", "punctuated_word", "content", "token", "value")
SPEAKER = ("speaker", "speaker_label", "speaker_id", "speakerLabel", "speakerId", "spk",
           "speaker_name")  # fmt: skip
START = ("start", "start_time", "startTime", "start_ts", "ts", "begin", "from", "time",
         "start_ms", "startMs", "start_time_ms", "start_time_seconds")  # fmt: skip
END = ("end", "end_time", "endTime", "end_ts", "endTs", "to",
       "end_ms", "endMs", "end_time_ms", "end_time_seconds")  # fmt: skip
DURATION = ("duration", "dur", "duration_ms", "durationMs")
#: Keys of a pair [start, end].
PAIR = ("timestamp", "timestamps")

#: So many words an entry, on average, are sentences.
_WORDS = 1.5
#: Of scripts written without spaces: entries of more characters than words have.
_LETTERS, _LETTERS_TO_END = 6.0, 4.0
#: So many entries tell what all are.
_LOOK = 1000


def alias(entries: Iterable[Holder], names: tuple[str, ...]) -> str:
    """The first of some names that is a key of some objects; "" if none is."""
    present = set(itertools.chain.from_iterable(entries))
    return next((name for name in names if name in present), "")


def label_key(entries: Sequence[Holder], default: str = "speaker") -> str:
    """The key of the labels of some objects. A list is none: Vosk's ``spk`` is a voiceprint."""
    present = set(itertools.chain.from_iterable(entries))
    names = (name for name in SPEAKER if name in present)
    return next(
        (n for n in names if any(not isinstance(e.get(n, []), list) for e in entries)), default
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """When each of N entries is said.

    start, end  N raw times
    unit  seconds per unit of them: 0.001 where a key says so
    keys  of the start and the end in an entry, "" where it has none
    """

    start: list[Json]
    end: list[Json]
    unit: float = 1.0
    keys: tuple[str, str] = ("", "")

    def __bool__(self) -> bool:
        return bool(self.keys[0])

    @property
    def edges(self) -> tuple[str, str]:
        """The keys of the start and the end, "" for what is no member of its own."""
        return ("", "") if self.keys[0] in PAIR else self.keys


def clock_of(entries: Sequence[Holder], path: Callable[[int], str]) -> Clock:
    """The times of entries, empty of keys where they have none that is known.

    path  index -> JSON path of an entry, for messages

    Raises ShapeError for a pair or a duration that is none.
    """
    pair = alias(entries, PAIR)
    start, end, length = (alias(entries, names) for names in (START, END, DURATION))
    if pair and not start and any(isinstance(entry.get(pair), list) for entry in entries):
        pairs = [_pair(entry.get(pair), f"{path(i)}.{pair}") for i, entry in enumerate(entries)]
        return Clock([a for a, _ in pairs], [b for _, b in pairs], keys=(pair, pair))
    unit = 1e-3 if start.lower().endswith("ms") else 1.0
    begins = column(entries, start) if start else [None] * len(entries)
    if end or not (start and length):
        ends = column(entries, end) if end else [None] * len(entries)
        return Clock(begins, ends, unit, (start, end) if start else ("", ""))
    # A duration may be in milliseconds beside a start in seconds; the sum is in the start's unit.
    own = 1e-3 / unit if length.lower().endswith("ms") else 1.0
    lasts = times(column(entries, length), own, path, length).tolist()
    return Clock(begins, list(map(_sum, begins, lasts)), unit, (start, ""))


def _pair(value: Json, path: str) -> tuple[Json, Json]:
    if value is None:
        return None, None
    if not isinstance(value, list) or len(value) != 2:
        raise ShapeError(f"{path}: expected a start and an end")
    return value[0], value[1]


def _sum(start: Json, length: float) -> float | None:
    begins = number(start)
    return None if begins is None or math.isnan(length) else begins + length


def are_sentences(entries: Sequence[Holder], *, timeless: bool = False) -> bool:
    """Whether entries say more than a word each, or are turns that say nothing.

    timeless  those without times count too, if they say anything
    """
    entries = entries[:_LOOK]
    begin = alias(entries, (*START, *PAIR))
    timed = begin and alias(entries, (*END, *DURATION, *PAIR))
    known = timed and any(e.get(begin) is not None for e in entries)
    if not (known or timeless) or any(isinstance(e.get("words"), str) for e in entries[:50]):
        return False
    text = alias(entries, (*WORD, *SENTENCE))
    said = [e[text] for e in entries if isinstance(e.get(text), str)] if text else []
    if not any(u.strip() for u in said):
        silent = not text or len(said) == len(entries)
        return bool(timed) and silent and bool(alias(entries, SPEAKER))
    return _say_sentences(said)


def _say_sentences(said: Sequence[str]) -> bool:
    """Whether texts say more than a word each, in any script."""
    spoken = [u for text in said if (u := Utterance(None, 0.0, 0.0, text.strip())).words]
    if not spoken:
        return False
    if sum(len(u.words) for u in spoken) >= _WORDS * len(spoken):
        return True
    # Scripts without spaces tell by the length of what is said alone.
    unspaced = [u.text for u in spoken if not needs_space(u.text, u.text)]
    if 2 * len(unspaced) <= len(spoken):
        return False
    letters = sum(sum(c.isalnum() for c in text) for text in unspaced) / len(unspaced)
    closed = sum(text[-1:] in ".?!。？！…" for text in unspaced) / len(unspaced)
    return letters > _LETTERS or (letters > _LETTERS_TO_END and closed > 0.5)
