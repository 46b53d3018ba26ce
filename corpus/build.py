"""Build the corpus: ``python corpus/build.py [--speech] [--out DIR]``.

The dialogues get word times, the true turns go through the simulator, and the words are written in
the dialects of several recognisers. Needs numpy and diarfix; every seed is fixed, so that the files
come out the same on every machine. ``--speech`` also speaks the two spoken dialogues anew, which
needs espeak-ng 1.51, soundfile and soxr; without it their committed sound and times are used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dialects import WRITERS, Transcript, flat, rttm
from dialogue import Dialogue, read, speak, turns_of
from simulate import (
    PRESETS,
    RPN_EDGES,
    SimulatorSettings,
    WordSettings,
    simulate,
    simulate_words,
)
from speech import Unavailable, perform

from diarfix.core.assign import assign
from diarfix.core.overlap import overlap_regions
from diarfix.core.words import Label, Turns, Words, turns_from_rows, words_from_rows

HERE = Path(__file__).resolve().parent

#: Recognisers by how they time words.
RECOGNISERS = {
    "aligned": WordSettings(jitter_sigma=0.02),
    "lossy": WordSettings(jitter_sigma=0.02, untimed_rate=0.01),
    "gappy": WordSettings(jitter_sigma=0.03, gap_rate=0.9),
    "running-on": WordSettings(jitter_sigma=0.05, run_on_rate=0.6),
}

#: Every turn reaches over its neighbours, so that a short answer is disputed and the one who spoke
#: before gets it: what the voice can repair.
LEANING = SimulatorSettings(
    edge_rate=1.0, edge_profile=RPN_EDGES, handover_rate=0.8, flicker_per_minute=1.0
)
DIARIZERS = {**PRESETS, "leaning": LEANING}


@dataclass(frozen=True)
class Entry:
    """One entry of corpus.json.

    truth     "turns" for a reference RTTM, in which overlapped speech is left out of the score;
              "words" for a parallel file of words
    labelled  the file carries the labels of the plain assignment; no turns are given, unless spoken
    labels    what the diarizer calls the speakers; SPEAKER_00, ... if empty
    spoken    words and times come from the sound, not from the clock
    """

    id: str
    dialogue: str
    dataset: str
    role: str
    dialect: str
    diarizer: str
    recogniser: str
    seed: int
    note: str
    truth: str = "turns"
    labelled: bool = False
    labels: tuple[Label, ...] = ()
    spoken: bool = False


ENTRIES = (
    Entry(
        "baker",
        "interview-baker",
        "interview",
        "regression",
        "whisperx",
        "flickering",
        "lossy",
        101,
        "two speakers, islands, seams off by a word, true backchannels, words without times",
    ),
    Entry(
        "glacier",
        "interview-glacier",
        "interview",
        "holdout",
        "flat",
        "vbx-like",
        "gappy",
        102,
        "long answers, few hand-overs; small gaps behind nearly every word",
    ),
    Entry(
        "fahrrad",
        "interview-fahrrad",
        "interview",
        "regression",
        "flat-list",
        "flickering",
        "running-on",
        103,
        "German; labels in the file and no turns",
        truth="words",
        labelled=True,
    ),
    Entry(
        "ramen",
        "interview-ramen",
        "interview",
        "holdout",
        "whisper",
        "flickering",
        "aligned",
        104,
        "Japanese, a word per character, sentences end in fullwidth stops",
    ),
    Entry(
        "library",
        "meeting-library",
        "meeting",
        "tune",
        "whisper",
        "overlap-aware",
        "aligned",
        105,
        "four speakers who cut in; overlapped words are excluded from the score",
    ),
    Entry(
        "garden",
        "meeting-garden",
        "meeting",
        "holdout",
        "assemblyai",
        "vbx-like",
        "gappy",
        106,
        "four speakers; labels in the file and no turns; overlapped words keep their true label",
        truth="words",
        labelled=True,
        labels=("A", "B", "C", "D"),
    ),
    Entry(
        "insurance",
        "call-insurance",
        "call",
        "tune",
        "rawinfer",
        "overlap-aware",
        "running-on",
        107,
        "turns and overlap regions in the file itself; the agent acknowledges often",
    ),
    Entry(
        "broadband",
        "call-broadband",
        "call",
        "regression",
        "deepgram",
        "flickering",
        "aligned",
        108,
        "whole numbers as labels, no turns; many true backchannels",
        labelled=True,
        labels=(0, 1),
    ),
    Entry(
        "mudanza",
        "call-mudanza",
        "call",
        "holdout",
        "aws",
        "vbx-like",
        "aligned",
        109,
        "Spanish; punctuation in items of its own; labels in the file and no turns",
        labelled=True,
        labels=("spk_0", "spk_1"),
    ),
    Entry(
        "zhoumo",
        "call-zhoumo",
        "call",
        "regression",
        "whisperx",
        "overlap-aware",
        "aligned",
        110,
        "Chinese, a word per character, sentences end in fullwidth stops",
    ),
    Entry(
        "library-harsh",
        "meeting-library",
        "stress",
        "stress",
        "nlp",
        "harsh",
        "gappy",
        111,
        "the library meeting through a diarizer that makes every kind of error",
    ),
    Entry(
        "allotment",
        "speech-allotment",
        "speech",
        "regression",
        "whisperx",
        "leaning",
        "aligned",
        112,
        "two far voices by espeak-ng; short answers are disputed and go to the wrong speaker",
        truth="words",
        spoken=True,
    ),
    Entry(
        "ferry",
        "speech-ferry",
        "speech",
        "holdout",
        "seglst",
        "leaning",
        "aligned",
        113,
        "four voices by espeak-ng; labels in the file, turns beside it",
        truth="words",
        labelled=True,
        spoken=True,
    ),
)

#: Entries of which further diarizers have an opinion, and which.
OPINIONS = {
    "baker": ("vbx-like", "overlap-aware"),
    "library": ("vbx-like", "flickering"),
    "zhoumo": ("flickering", "vbx-like"),
    "library-harsh": ("overlap-aware", "vbx-like"),
}

DESCRIPTION = (
    "Dialogues of the project's own, with simulated diarizer errors and known truth. Made by"
    " build.py; see README.md."
)


def build(out: Path) -> None:
    """Write every file but the sound into ``out``."""
    for folder in ("words", "turns", "ref"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    files = [_entry(entry, out) for entry in ENTRIES]
    corpus = {"version": "1", "description": DESCRIPTION, "files": files}
    _write(out / "corpus.json", json.dumps(corpus, indent=1, ensure_ascii=False) + "\n")
    several = {
        "version": "1",
        "description": "Some of corpus.json with the turns of several simulated diarizers.",
        "files": [
            _several(entry, facts, out)
            for entry, facts in zip(ENTRIES, files, strict=True)
            if entry.id in OPINIONS
        ],
    }
    _write(out / "opinions.json", json.dumps(several, indent=1, ensure_ascii=False) + "\n")


def _several(entry: Entry, facts: dict[str, Any], out: Path) -> dict[str, Any]:
    """An entry with the turns of further diarizers beside its own."""
    dialogue = read(HERE / "dialogues" / f"{entry.dialogue}.txt")
    true_turns = turns_of(speak(dialogue, entry.seed))
    paths = [facts["turns"]]
    for n, diarizer in enumerate(OPINIONS[entry.id], start=2):
        other = replace(entry, diarizer=diarizer, seed=entry.seed * 10 + n)
        paths.append(f"turns/{entry.id}.{n}.rttm")
        _write(out / paths[-1], rttm(entry.id, _diarize(true_turns, other)))
    return facts | {"turns": paths, "diarizer": [entry.diarizer, *OPINIONS[entry.id]]}


def _entry(entry: Entry, out: Path) -> dict[str, Any]:
    dialogue = read(HERE / "dialogues" / f"{entry.dialogue}.txt")
    true_words = _spoken_words(entry) if entry.spoken else speak(dialogue, entry.seed)
    true_turns = turns_of(true_words)
    turns = _diarize(true_turns, entry)
    words = _recognise(true_words, entry)
    if entry.labelled:
        words = assign(words, turns).words
    suffix, write = WRITERS[entry.dialect]
    path = f"words/{entry.id}.{suffix}"
    _write(out / path, write(Transcript(entry.id, words, dialogue.language, turns, entry.seed)))
    facts: dict[str, Any] = {
        "id": entry.id,
        "dataset": entry.dataset,
        "role": entry.role,
        "words": path,
    }
    # Spoken entries keep their turns though labelled: recheck must know what is disputed.
    if entry.spoken or not (entry.labelled or entry.dialect == "rawinfer"):
        facts["turns"] = f"turns/{entry.id}.rttm"
        _write(out / facts["turns"], rttm(entry.id, turns))
    facts |= _reference(entry, dialogue, true_words, true_turns, out)
    if entry.spoken:
        audio = f"audio/{entry.id}.flac"
        facts["audio_path"] = audio
        facts["sha256"] = hashlib.sha256((HERE / audio).read_bytes()).hexdigest()
    return facts | {
        "n_speakers": len(true_words.speakers),
        "language": dialogue.language,
        "has_overlap": bool(len(overlap_regions(true_turns).start)),
        "dialect": entry.dialect,
        "diarizer": entry.diarizer,
        "recogniser": entry.recogniser,
        "seed": entry.seed,
        "note": entry.note,
    }


def _reference(
    entry: Entry, dialogue: Dialogue, words: Words, turns: Turns, out: Path
) -> dict[str, str]:
    if entry.truth == "turns":
        _write(out / f"ref/{entry.id}.rttm", rttm(entry.id, turns))
        return {"ref_rttm": f"ref/{entry.id}.rttm"}
    truth = Transcript(entry.id, words, dialogue.language, turns, entry.seed)
    _write(out / f"ref/{entry.id}.words.json", flat(truth))
    return {"ref_words_json": f"ref/{entry.id}.words.json"}


def _diarize(true_turns: Turns, entry: Entry) -> Turns:
    """The turns a simulated diarizer finds, under names of its own, to the millisecond."""
    found = simulate(true_turns, DIARIZERS[entry.diarizer], entry.seed)
    order = list(dict.fromkeys(found.labels))
    names = entry.labels or tuple(f"SPEAKER_{i:02d}" for i in range(len(order)))
    book = dict(zip(order, names, strict=False))
    rows = zip(found.start.tolist(), found.end.tolist(), found.labels, strict=True)
    return turns_from_rows((round(a, 3), round(b, 3), book[who]) for a, b, who in rows)


def _recognise(true_words: Words, entry: Entry) -> Words:
    """The words as a simulated recogniser times them, without labels."""
    timed = simulate_words(true_words, RECOGNISERS[entry.recogniser], entry.seed)
    rows = zip(timed.text, timed.start.tolist(), timed.end.tolist(), strict=True)
    return words_from_rows((text, round(a, 3), round(b, 3), None) for text, a, b in rows)


def _spoken_words(entry: Entry) -> Words:
    rows = json.loads((HERE / "audio" / f"{entry.id}.times.json").read_text(encoding="utf-8"))
    return words_from_rows((text, start, end, who) for text, start, end, who in rows)


def build_speech() -> None:
    """Speak the spoken dialogues; write sound and word times beside this script."""
    (HERE / "audio").mkdir(exist_ok=True)
    for entry in ENTRIES:
        if entry.spoken:
            dialogue = read(HERE / "dialogues" / f"{entry.dialogue}.txt")
            rows = perform(dialogue, entry.seed, HERE / "audio" / f"{entry.id}.flac")
            lines = ",\n".join(json.dumps(row) for row in rows)
            _write(HERE / "audio" / f"{entry.id}.times.json", f"[\n{lines}\n]\n")


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def main() -> int:
    """Build, and say what was left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--speech", action="store_true", help="speak the spoken dialogues anew")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    args = parser.parse_args()
    if args.speech:
        try:
            build_speech()
        except Unavailable as missing:
            print(f"speech skipped: {missing}; the committed sound is kept", file=sys.stderr)
    build(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
