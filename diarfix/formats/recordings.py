"""Recordings: their words and the turns made of them, as converters write and ``--turns`` takes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from diarfix.core import F64, UNKNOWN, Label, Words, encode, join_text, level, stretches
from diarfix.errors import InputError
from diarfix.files import read_text, recording_id, show
from diarfix.formats.detect import table_of, wordless_format
from diarfix.formats.document import Document, read_document
from diarfix.formats.fileformat import Recordings
from diarfix.formats.text.rttm import RTTM, run_turns
from diarfix.formats.unread import refuse
from diarfix.formats.utterances import Utterance, utterance_turns

#: Spoken time of a character that no clock measured, s: some 15 characters a second.
_CHARACTER = 1 / 15

_EXPECTED = "turns: RTTM, pyannote JSON, or a file whose words or segments have speakers"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a person may choose.

    names  say who speaks
    times  say when each turn begins
    every_cue  say who speaks in every cue, not only where a turn begins
    """

    names: bool = True
    times: bool = False
    every_cue: bool = False


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """Words of one speaker in a row.

    first, stop  their positions in the recording
    begins      the speaker begins here: what was said before is another's, or nothing
    label       who speaks, None if nobody knows
    start, end  s, NaN if nothing in the recording has a time
    words       their texts, as they stand in the file
    """

    first: int
    stop: int
    begins: bool
    label: Label | None
    start: float
    end: float
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as people read them, on one line."""
        return join_text([t for word in self.words if (t := " ".join(word.split()))])

    @property
    def spaced(self) -> str:
        """The words told apart by spaces, in scripts too that are written without."""
        return " ".join(" ".join(self.words).split())


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """The words of one recording, or of one channel of it.

    id       name of the recording
    part     name of this channel, "" if there is but one
    channel  its number, from 1
    words    its N words
    start, end  (N,) float64, s, where each word is shown: its own times, or a place between its
             timed neighbours; NaN only if nothing in the recording has a time
    utterances  the stretches of text it was told in, if its file times no words
    """

    id: str
    part: str
    channel: int
    words: Words
    start: F64
    end: F64
    utterances: tuple[Utterance, ...] = ()

    @property
    def guessed(self) -> int:
        """How many words are shown where nobody measured them."""
        return int((~self.words.timed & ~np.isnan(self.start)).sum())

    def turns(self, *, by_utterance: bool = False) -> list[SpokenTurn]:
        """The words cut at changes of speaker, and between utterances if that is wanted.

        A word without a label stands with the words before it: it is part of the text, and nobody
        knows better. An utterance without one is nobody's.
        """
        found = []
        lengths = [len(item.words) for item in self.utterances] if by_utterance else []
        breaks = list(itertools.accumulate(lengths))
        spans = level if self.utterances else stretches
        for first, stop in spans(self.words.speaker.tolist()):
            codes = self.words.speaker[first:stop]
            known = codes[codes != UNKNOWN]
            label = self.words.speakers[int(known[0])] if len(known) else None
            cuts = [at for at in breaks if first < at < stop]
            for a, b in itertools.pairwise([first, *cuts, stop]):
                texts = tuple(self.words.text[a:b])
                found.append(SpokenTurn(a, b, a == first, label, *self._hull(a, b), texts))
        return found

    def spoken(self) -> list[SpokenTurn]:
        """The turns and utterances that have a text, by start."""
        turns = (turn for turn in self.turns(by_utterance=True) if turn.spaced)
        return sorted(turns, key=lambda turn: turn.start)

    def _hull(self, first: int, stop: int) -> tuple[float, float]:
        start, end = self.start[first:stop], self.end[first:stop]
        if np.isnan(start).all():
            return np.nan, np.nan
        return float(np.nanmin(start)), float(np.nanmax(end))


def channel_words(document: Document, words: Words, *, apart: bool = True) -> Words:
    """Words under labels that tell the channels of a document apart; the same where there is one.

    apart  False where channels become recordings: only channels without any label get a name

    A label that two channels have is two people: each gets the channel's name before it. Who
    speaks in a channel without labels is named as the channel.
    """
    labels = list(words.labels)
    heard = [
        (part.name, part.index.tolist()) for part in document.parts if part.channel is not None
    ]
    _name_channels(labels, heard, apart=apart)
    return words.with_speaker(*encode(labels)) if heard else words


def _name_channels(
    labels: list[Label | None], heard: Sequence[tuple[str, list[int]]], *, apart: bool
) -> None:
    """Put labels that tell channels apart in the place of others; ``heard``: (name, positions)."""
    told = [{labels[i] for i in index} - {None} for _, index in heard]
    counts = Counter(label for found in told for label in found)
    for (part, index), found in zip(heard, told, strict=True):
        name = part.replace(" ", "")
        for i in index:
            if not found:
                labels[i] = name
            elif apart and labels[i] is not None and counts[labels[i]] > 1:
                labels[i] = f"{name}_{labels[i]}"


def document_utterances(document: Document, *, apart: bool = True) -> list[Utterance]:
    """The utterances of a document, under labels that :func:`channel_words` gives."""
    labels = [item.speaker for item in document.utterances]
    heard = [
        (part.name, [u for u, item in enumerate(document.utterances) if item.part == n])
        for n, part in enumerate(document.parts)
        if part.channel is not None
    ]
    _name_channels(labels, heard, apart=apart)
    return [
        replace(item, speaker=label)
        for item, label in zip(document.utterances, labels, strict=True)
    ]


def recordings_of(
    document: Document, words: Words | None = None, *, apart: bool = True
) -> list[Recording]:
    """The recordings in a document, under the labels of ``words`` (its own if None).

    apart  see :func:`channel_words`
    """
    words = channel_words(document, document.words if words is None else words, apart=apart)
    own = recording_id(document.name)
    told = document_utterances(document, apart=apart)
    found = []
    for n, part in enumerate(document.parts):
        said = tuple(item for item in told if item.part == n)
        mine = words.take(part.index)
        entry = None if document.entry is None else tuple(t[part.index] for t in document.entry)
        start, end = placed(mine, entry)
        if part.channel is None:
            found.append(Recording(part.name or own, "", 1, mine, start, end, said))
        else:
            found.append(Recording(own, part.name, part.channel, mine, start, end, said))
    return found


def placed(words: Words, entry: Sequence[F64] | None = None) -> tuple[F64, F64]:
    """Times (N,), (N,) in s at which words are shown; measured ones stay as they are.

    entry  (starts, ends) in s of the entry around each word: words without times share it out

    Elsewhere words without times share the silence between their timed neighbours, by length of
    text; at either end of a recording they last as long as people need to say them.
    """
    start, end = words.start.copy(), words.end.copy()
    missing = np.flatnonzero(~words.timed)
    if not len(missing):
        return start, end
    for group in np.split(missing, np.flatnonzero(np.diff(missing) != 1) + 1):
        for block, low, high, inside in _blocks(group, start, end, entry):
            sizes = np.array([max(len(words.text[i].strip()), 1) for i in block.tolist()])
            needed = high - low if inside else float(sizes.sum()) * _CHARACTER
            first, last = _bounds(low, high, needed)
            edges = first + (last - first) * np.append(0, np.cumsum(sizes)) / sizes.sum()
            start[block], end[block] = edges[:-1], edges[1:]
    return start, end


def _blocks(
    group: np.ndarray[tuple[int], np.dtype[np.int64]],
    start: F64,
    end: F64,
    entry: Sequence[F64] | None,
) -> list[tuple[np.ndarray[tuple[int], np.dtype[np.int64]], float, float, bool]]:
    """Neighbouring words without times, the time that is free for them, and if it is an entry's."""
    if entry is not None and not np.isnan(entry[0][group] + entry[1][group]).any():
        lows, highs = entry[0][group], entry[1][group]
        cuts = np.flatnonzero((np.diff(lows) != 0) | (np.diff(highs) != 0)) + 1
        parts = np.split(np.arange(len(group)), cuts)
        return [(group[p], float(lows[p[0]]), float(highs[p[0]]), True) for p in parts]
    first, last = int(group[0]), int(group[-1])
    low = float(end[first - 1]) if first else np.nan
    after = start[last + 1 :][:1]
    return [(group, low, float(after[0]) if len(after) else np.nan, False)]


def _bounds(low: float, high: float, needed: float) -> tuple[float, float]:
    if np.isnan(low) and np.isnan(high):
        return np.nan, np.nan
    if np.isnan(low):
        return max(high - needed, 0.0), high
    if np.isnan(high):
        return low, low + needed
    return low, max(min(high, low + 2 * needed), low)


def read_turns(path: str, *, runs: bool = True) -> Recordings:
    """Read turns by recording; a JSON file of turns holds one recording, named ``""``.

    runs  of a file of words that holds no turns, the runs of its words are taken for turns

    Raises InputError if the file is none of the formats or holds no turn.
    """
    return turns_of_text(read_text(path), show(path), runs=runs)


def turns_of_text(text: str, name: str, *, runs: bool = True) -> Recordings:
    """As :func:`read_turns`, from text."""
    row = wordless_format(text)
    worded = table_of(text) is not None or text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
    if row is None and not worded:
        refuse(text, name, _EXPECTED)
        row = RTTM  # whose reader names the line that is none
    if row is not None and row.turns is not None:
        found = row.turns(text, name)
    elif row is not None and row.utterances is not None:
        told = row.utterances(text, name).items()
        found = Recordings((recording, utterance_turns(said)) for recording, said in told)
    elif row is not None:
        raise InputError(f"{name}: this is {row.what}, expected {_EXPECTED}")
    else:
        found = _turns_of_words(text, name, runs=runs)
    if not any(len(turns) for turns in found.values()):
        raise InputError(f"{name}: no turn in it", hint=f"expected {_EXPECTED}")
    return found


def _turns_of_words(text: str, name: str, *, runs: bool) -> Recordings:
    """The turns in a word file, else its utterances, else the runs of its words."""
    try:
        document = read_document(text, name)
    except InputError as error:
        raise InputError(error.message, hint=f"expected {_EXPECTED}") from error
    if document.turns is not None:
        found = Recordings([("", document.turns)])
    elif runs or document.utterances:
        found = Recordings(run_turns(recordings_of(document, apart=False)).items())
    else:
        found = Recordings()
    found.notes += document.notes
    return found
