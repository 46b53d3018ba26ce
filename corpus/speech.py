"""Dialogues spoken by espeak-ng, with the times of every word.

Needs libespeak-ng 1.51, soundfile and soxr. Other versions of espeak-ng speak a little differently,
which is why what this makes is committed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from dialogue import Aside, Clock, Dialogue, Row
from numpy.typing import NDArray

RATE = 16_000

#: Voice and pitch by name of speaker; the pairs were picked for being far apart.
VOICES = {
    "Ada": ("en-us+Annie", 50),
    "Ben": ("en-us+m3", 10),
    "Kit": ("en-us+m1", 50),
    "Mara": ("en-us+Andrea", 60),
    "Otis": ("en-us+whisper", 50),
    "Jo": ("en-us+steph", 55),
}

_WORD_EVENT = 1
_SYNCHRONOUS = 2
_UTF8 = 1
_SPEED, _PITCH = 1, 3
#: Samples louder than this belong to the word (espeak is silent between words).
_SILENCE = 150


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Unavailable(Exception):
    """What is missing to make speech."""


@dataclass(frozen=True)
class Clip:
    """One turn, spoken: samples (n,) int16 at ``rate``, and start and end (s) of each word."""

    samples: NDArray[np.int16]
    times: list[tuple[float, float]]


class Espeak:
    """The library, loaded once per process: its state carries over between calls."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise Unavailable("libespeak-ng is not installed (apt-get install espeak-ng)")
        self._lib = ctypes.CDLL(name)
        self.rate = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
        self._samples: list[NDArray[np.int16]] = []
        self._starts: list[tuple[int, float]] = []
        self._keep_alive = _CALLBACK(self._receive)
        self._lib.espeak_SetSynthCallback(self._keep_alive)

    def _receive(self, wav: object, n: int, events: object) -> int:
        if wav and n:
            self._samples.append(np.ctypeslib.as_array(wav, (n,)).copy())
        i = 0
        while events[i].type:
            if events[i].type == _WORD_EVENT and events[i].length:
                self._starts.append((events[i].text_position - 1, events[i].audio_position / 1000))
            i += 1
        return 0

    def say(self, words: list[str], name: str) -> Clip:
        """Speak some words in one breath."""
        voice, pitch = VOICES[name]
        self._samples, self._starts = [], []
        self._lib.espeak_SetVoiceByName(voice.encode())
        self._lib.espeak_SetParameter(_SPEED, 170, 0)
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        text = " ".join(words).encode()
        self._lib.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        samples = np.concatenate(self._samples)
        return Clip(samples, self._word_times(words, samples))

    def _word_times(
        self, words: list[str], samples: NDArray[np.int16]
    ) -> list[tuple[float, float]]:
        begins = np.cumsum([0, *(len(word) + 1 for word in words)])
        heard: dict[int, float] = {}
        for position, at in self._starts:
            word = int(np.searchsorted(begins, position, side="right")) - 1
            heard.setdefault(word, at)
        # "in the" and the like are one event: the words share its time by their letters.
        first = sorted(heard)
        groups = zip(first, [*first[1:], len(words)], strict=True)
        ends = [heard[i] for i in first[1:]] + [len(samples) / self.rate]
        times: list[tuple[float, float]] = []
        for (a, b), end in zip(groups, ends, strict=True):
            start, stop = self._trim(samples, heard[a], end)
            letters = np.cumsum([0, *(len(word) for word in words[a:b])])
            edges = (start + (stop - start) * letters / letters[-1]).tolist()
            times += pairwise(edges)
        return times

    def _trim(self, samples: NDArray[np.int16], start: float, end: float) -> tuple[float, float]:
        first = round(start * self.rate)
        loud = np.flatnonzero(
            np.abs(samples[first : round(end * self.rate)].astype(int)) > _SILENCE
        )
        return (first + loud[0]) / self.rate, (first + loud[-1] + 1) / self.rate


def perform(dialogue: Dialogue, seed: int, path: Path) -> list[Row]:
    """Speak a dialogue into a sound file of 16 kHz; return its words with times.

    Raises Unavailable if espeak-ng or an audio package is missing.
    """
    try:
        import soundfile
        import soxr
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed (pip install soundfile soxr)") from error
    espeak = Espeak()
    clock = Clock(seed, dialogue.language)
    rows: list[Row] = []
    sound: list[NDArray[np.float64]] = []
    at = 0.3
    for line in dialogue.lines:
        words = [part for part in line.parts if not isinstance(part, float | Aside)]
        clip = espeak.say(words, line.name)
        voice = soxr.resample(clip.samples.astype(np.float64), espeak.rate, RATE, quality="HQ")
        voice *= 2000 / np.sqrt(np.mean(voice**2))  # as loud as the other voices
        begin, stop = clip.times[0][0], clip.times[-1][1]
        rows += [
            (word, round(at + a - begin, 3), round(at + b - begin, 3), line.name)
            for word, (a, b) in zip(words, clip.times, strict=True)
        ]
        part = voice[round(begin * RATE) : round(stop * RATE)]
        missing = round(at * RATE) - sum(len(s) for s in sound)
        sound += [np.zeros(max(missing, 0)), part]
        at += stop - begin + 0.06 + clock.handover(early=False) / 2
    sound.append(np.zeros(RATE // 4))
    samples = np.clip(np.rint(np.concatenate(sound)), -32768, 32767).astype(np.int16)
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return rows
