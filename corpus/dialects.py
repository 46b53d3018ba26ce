"""The same words, written as different recognisers write them."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from dialogue import SENTENCE_END, UNSPACED

from diarfix.core.overlap import overlap_regions
from diarfix.core.words import Turns, Words

Item = dict[str, Any]


@dataclass(frozen=True)
class Transcript:
    """What a writer needs: words (labelled or not), the language, turns, and a seed."""

    id: str
    words: Words
    language: str
    turns: Turns
    seed: int

    @property
    def glue(self) -> str:
        """What stands between two words."""
        return "" if self.language in UNSPACED else " "

    def rows(self, key: str = "word", *, score: str | None = None, digits: int = 3) -> list[Item]:
        """One item per word: text, times, a confidence under ``score``, and its label if any."""
        rng = np.random.Generator(np.random.PCG64(self.seed))
        rows: list[Item] = []
        w = self.words
        for text, start, end, label in zip(w.text, w.start, w.end, w.labels, strict=True):
            row: Item = {key: text}
            if not np.isnan(start):
                row |= {"start": round(float(start), digits), "end": round(float(end), digits)}
            confidence = round(1 - 0.4 * float(rng.random()) ** 3, 3)
            if score and "start" in row:
                row[score] = confidence
            if label is not None:
                row["speaker"] = label
            rows.append(row)
        return rows

    def segments(self, rows: list[Item], key: str = "word") -> Iterator[tuple[list[Item], Item]]:
        """Sentences of at most 30 words, each with its start, end and text."""
        begin = 0
        for i, row in enumerate(rows):
            closed = row[key].endswith(SENTENCE_END) or i - begin >= 29
            if closed or i == len(rows) - 1:
                yield rows[begin : i + 1], self.span(rows[begin : i + 1], key)
                begin = i + 1

    def span(self, part: list[Item], key: str = "word") -> Item:
        """Start, end and text of some words."""
        timed = [row for row in part if "start" in row]
        return {
            "start": timed[0]["start"] if timed else 0.0,
            "end": timed[-1]["end"] if timed else 0.0,
            "text": self.glue.join(row[key].strip() for row in part),
        }


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def whisperx(t: Transcript) -> str:
    """WhisperX: sentences, and every word a second time."""
    rows = t.rows(score="score")
    segments = [span | {"words": part} for part, span in t.segments(rows)]
    return _dumps({"segments": segments, "word_segments": rows, "language": t.language})


def whisper(t: Transcript) -> str:
    """faster-whisper: words with a leading space where the script has spaces."""
    rows = t.rows(score="probability", digits=2)
    for row in rows:
        row["word"] = t.glue + row["word"]
    segments = [
        {"id": i} | span | {"text": t.glue + span["text"], "words": part}
        for i, (part, span) in enumerate(t.segments(rows))
    ]
    text = "".join(segment["text"] for segment in segments)
    return _dumps({"text": text, "segments": segments, "language": t.language})


def rawinfer(t: Transcript) -> str:
    """OpenTranscribe's raw inference: words without labels beside the diarizer's turns."""
    rows = t.rows(digits=2)
    for row in rows:
        row["word"] = t.glue + row["word"]
    regions = overlap_regions(t.turns)
    edges = zip(regions.start.tolist(), regions.end.tolist(), strict=True)
    document = {
        "task_id": t.id,
        "audio_path": "",
        "audio_duration_s": round(float(np.nanmax(t.words.end)) + 0.5, 3),
        "language": t.language,
        "raw_segments": [
            {"text": span["text"], "start": span["start"], "end": span["end"], "words": part}
            for part, span in t.segments(rows)
        ],
        "diarize_records": [
            {"start": a, "end": b, "speaker": who} for a, b, who in turn_rows(t.turns)
        ],
        "overlap_info": {
            "count": len(regions.start),
            "duration": round(regions.seconds, 3),
            "regions": [{"start": round(a, 3), "end": round(b, 3)} for a, b in edges],
        },
        "native_speaker_embeddings": {},
    }
    return _dumps(document)


def deepgram(t: Transcript) -> str:
    """Deepgram: bare words, a display form beside them, whole numbers as labels."""
    rows: list[Item] = []
    for row in t.rows(score="confidence"):
        bare = row["word"].strip(string.punctuation).lower()
        rows.append(row | {"word": bare, "punctuated_word": row["word"]})
    text = " ".join(row["punctuated_word"] for row in rows)
    best = {"transcript": text, "confidence": 0.98, "words": rows}
    document = {
        "metadata": {"request_id": t.id, "channels": 1, "models": ["general"]},
        "results": {"channels": [{"alternatives": [best]}]},
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def assemblyai(t: Transcript) -> str:
    """AssemblyAI: milliseconds, and every word a second time inside its utterance."""
    rows = t.rows("text", score="confidence")
    for row in rows:
        row["start"], row["end"] = round(row["start"] * 1000), round(row["end"] * 1000)
    utterances: list[Item] = []
    for row in rows:
        if not utterances or utterances[-1]["speaker"] != row["speaker"]:
            utterances.append({"speaker": row["speaker"], "words": []})
        utterances[-1]["words"].append(row)
    utterances = [
        {"speaker": u["speaker"]} | t.span(u["words"], "text") | {"words": u["words"]}
        for u in utterances
    ]
    text = " ".join(row["text"] for row in rows)
    document = {"id": t.id, "status": "completed", "text": text, "words": rows}
    return _dumps(document | {"utterances": utterances})


def aws(t: Transcript) -> str:
    """AWS Transcribe: times as strings, punctuation as items of its own, labels twice."""
    items: list[Item] = []
    turns: list[Item] = []
    for row in t.rows(score="confidence", digits=2):
        text, label = row["word"], row["speaker"]
        # Of the punctuation only what follows a word is kept, as the service does.
        bare = text.strip(string.punctuation + "¿¡")
        times = {"start_time": f"{row['start']:.2f}", "end_time": f"{row['end']:.2f}"}
        scored = {"confidence": f"{row['confidence']:.3f}", "content": bare}
        items.append(
            times | {"type": "pronunciation", "alternatives": [scored], "speaker_label": label}
        )
        if text[-1] in string.punctuation:
            mark = {"confidence": "0.0", "content": text[-1]}
            items.append({"type": "punctuation", "alternatives": [mark], "speaker_label": label})
        if not turns or turns[-1]["speaker_label"] != label:
            turns.append({"start_time": times["start_time"], "speaker_label": label, "items": []})
        turns[-1]["end_time"] = times["end_time"]
        turns[-1]["items"].append(times | {"speaker_label": label})
    document = {
        "jobName": t.id,
        "status": "COMPLETED",
        "results": {
            "transcripts": [{"transcript": " ".join(t.words.text)}],
            "speaker_labels": {"speakers": len(t.words.speakers), "segments": turns},
            "items": items,
        },
    }
    return _dumps(document)


def flat(t: Transcript) -> str:
    """``{"words": […]}``."""
    return _dumps({"language": t.language, "words": t.rows(digits=3)}) + "\n"


def flat_list(t: Transcript) -> str:
    """A bare list with other key names, indented by hand as scripts do."""
    names = {"word": "text", "start": "start_time", "end": "end_time", "speaker": "speaker_label"}
    rows = [{names[key]: value for key, value in row.items()} for row in t.rows(digits=2)]
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def seglst(t: Transcript) -> str:
    """SegLST with one word per entry."""
    rows = [
        {
            "session_id": t.id,
            "start_time": row["start"],
            "end_time": row["end"],
            "words": row["word"],
            "speaker": row["speaker"],
        }
        for row in t.rows()
    ]
    return _dumps(rows) + "\n"


def nlp(t: Transcript) -> str:
    """Rev's ``.nlp``: a line per word, punctuation in a column of its own; labels unknown."""
    lines = ["token|speaker|ts|endTs|punctuation|case|tags"]
    for row in t.rows():
        token = row["word"].rstrip(string.punctuation)
        mark = row["word"][len(token) :]
        case = "UC" if token[:1].isupper() else "LC"
        lines.append(f"{token}||{row['start']:.3f}|{row['end']:.3f}|{mark}|{case}|[]")
    return "\n".join(lines) + "\n"


WRITERS: dict[str, tuple[str, Callable[[Transcript], str]]] = {
    "whisperx": ("json", whisperx),
    "whisper": ("json", whisper),
    "rawinfer": ("rawinfer.json", rawinfer),
    "deepgram": ("json", deepgram),
    "assemblyai": ("json", assemblyai),
    "aws": ("json", aws),
    "flat": ("json", flat),
    "flat-list": ("json", flat_list),
    "seglst": ("seglst.json", seglst),
    "nlp": ("nlp", nlp),
}


def turn_rows(turns: Turns) -> list[tuple[float, float, str]]:
    """Start, end and label of every turn, to the millisecond, in order."""
    rows = zip(turns.start.tolist(), turns.end.tolist(), turns.labels, strict=True)
    return sorted((round(a, 3), round(b, 3), str(who)) for a, b, who in rows)


def rttm(name: str, turns: Turns) -> str:
    """Turns as RTTM lines."""
    return "".join(
        f"SPEAKER {name} 1 {a:.3f} {b - a:.3f} <NA> <NA> {who} <NA> <NA>\n"
        for a, b, who in turn_rows(turns)
    )
