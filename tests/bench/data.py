"""Seeded recordings of any size for the benchmarks."""

from __future__ import annotations

import json

import numpy as np

from diarfix.core.words import Turns, Words


def recording(n_words: int, n_turns: int, n_speakers: int, seed: int = 0) -> tuple[Words, Turns]:
    """Words back to back with sentence ends and pauses, and turns that partly overlap."""
    rng = np.random.default_rng(seed)
    length = rng.uniform(0.08, 0.5, n_words)
    pause = np.where(rng.random(n_words) < 0.06, rng.uniform(0.2, 1.5, n_words), 0.0)
    end = np.cumsum(length + pause)
    start = end - length
    text = tuple(
        f"w{i % 997}{'.' if stop else ''}" for i, stop in enumerate(rng.random(n_words) < 0.08)
    )
    edges = np.sort(rng.uniform(0, end[-1], n_turns))
    stop = np.append(edges[1:], end[-1]) + rng.uniform(-0.2, 0.4, n_turns)
    speaker = rng.integers(0, n_speakers, n_turns)
    names = tuple(f"SPEAKER_{k:02d}" for k in range(n_speakers))
    turns = Turns(edges, np.maximum(stop, edges + 0.05), speaker.astype(np.int32), names)
    return Words(text, start, end, np.full(n_words, -1), ()), turns


def erring(turns: Turns, seed: int) -> Turns:
    """The turns as another diarizer finds them: edges off by 0.2 s, one in twenty mistaken."""
    rng = np.random.default_rng(seed)
    start = np.maximum(turns.start + rng.normal(0, 0.2, len(turns)), 0.0)
    end = np.maximum(turns.end + rng.normal(0, 0.2, len(turns)), start + 0.05)
    other = rng.integers(0, len(turns.speakers), len(turns))
    speaker = np.where(rng.random(len(turns)) < 0.05, other, turns.speaker)
    return Turns(start, end, speaker.astype(np.int32), turns.speakers)


def whisperx(words: Words) -> str:
    """The words as WhisperX writes them: segments, and every word again in word_segments."""
    rows = [
        {"word": t, "start": round(a, 3), "end": round(b, 3), "score": 0.9, "speaker": s}
        for t, a, b, s in zip(
            words.text, words.start.tolist(), words.end.tolist(), words.labels, strict=True
        )
    ]
    segments = []
    for at in range(0, len(rows), 12):
        part = rows[at : at + 12]
        segments.append(
            {
                "start": part[0]["start"],
                "end": part[-1]["end"],
                "text": " ".join(str(r["word"]) for r in part),
                "words": part,
                "speaker": part[0]["speaker"],
            }
        )
    tree = {"segments": segments, "word_segments": rows, "language": "en"}
    return json.dumps(tree, ensure_ascii=False)
