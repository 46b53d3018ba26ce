"""Every reader of the program, its seeds, and how it is put to work on one broken file."""

from __future__ import annotations

import functools
import io
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from laws import KNOBS, OTHERS, TURNS, check_converters, check_document, check_rename, hold

from diarfix.benchmark.corpus import read_corpus
from diarfix.cli.job import FileJob, Output, process
from diarfix.cli.smooth import with_turns
from diarfix.config import Settings
from diarfix.config.sources import read_settings_file, resolve
from diarfix.contacts.migrate import MigrationJob, migrate_store
from diarfix.contacts.samples import SampleFolder
from diarfix.edits.rechecks import read_centroids
from diarfix.edits.repairs import repair
from diarfix.edits.turns import Opinion
from diarfix.embed import Embedded
from diarfix.files.local import read_text
from diarfix.formats.recordings import turns_of_text
from diarfix.formats.text.nist import read_ctm, read_stm
from diarfix.formats.text.rttm import read_rttm, read_uem, write_rttm
from diarfix.formats.utterances import utterance_turns, utterance_words
from diarfix.metrics.recording import score_task
from diarfix.metrics.sides import Side, read_side
from diarfix.metrics.task import ScoreSettings, ScoreTask

DATA = Path(__file__).parents[1] / "formats" / "data"

#: path of a broken file, its random numbers
Exercise = Callable[[Path, random.Random], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: whole files to break, and what to do with a broken one."""

    name: str
    seeds: tuple[bytes, ...]
    suffix: str
    work: Exercise


# --- word files --------------------------------------------------------------------------------


def word_file(path: Path, rng: random.Random) -> None:
    lot = rng.random()
    if lot < 0.1:
        _in_place(path, rng)
    elif lot < 0.2:
        _score(path, rng)
    elif lot < 0.25:
        check_converters(read_text(str(path)))
    elif lot < 0.3:
        check_rename(read_text(str(path)), rng)
    else:
        check_document(read_text(str(path)), rng)


def _segment_file(path: Path, rng: random.Random) -> None:
    lot = rng.random()
    if lot < 0.3:
        check_converters(read_text(str(path)))
    elif lot < 0.6:
        check_rename(read_text(str(path)), rng)
    elif lot < 0.8:
        _turns(path, rng)
    else:
        word_file(path, rng)


def _in_place(path: Path, rng: random.Random) -> None:
    """As ``smooth -i`` does it: a refused file keeps its bytes, and nothing else is left behind."""
    before = path.read_bytes()
    copy = path.with_name(f"in-place{path.suffix}")
    copy.write_bytes(before)
    job = FileJob(
        path=str(copy),
        segments=rng.choice(("keep", "split", "merge")), format=None, time_unit="auto",
        outputs=(Output(str(copy)),), want_hunks=True, want_changes=True, want_turns=True,
    )  # fmt: skip
    spoken, own = Opinion("x.rttm", {"x": TURNS}), Opinion("labels", None)
    opinions = rng.choice(((), (spoken,), (spoken, Opinion("y", {"y": OTHERS})), (spoken, own)))
    method, settings = rng.choice(("rules", "viterbi")), Settings().replace(rng.choice(KNOBS))
    run = functools.partial(repair, method=method, settings=settings)
    outcome = process(job, functools.partial(with_turns, run=run, opinions=opinions, alone=True))
    after = copy.read_bytes()
    copy.unlink()
    left = [p.name for p in path.parent.iterdir() if p.name != path.name]
    hold(not left, f"left behind: {left}")
    if outcome.error is not None:
        hold(after == before, "a refused file was changed")
        raise outcome.error
    hold((after != before) == outcome.summary["file_changes"], "the summary says otherwise")
    json.dumps(outcome.summary, allow_nan=False)
    json.dumps(outcome.changes, allow_nan=False)


_REFERENCE = Side("r", None, TURNS)


def _score(path: Path, rng: random.Random) -> None:
    """As the hypothesis against fixed turns, as the reference of fixed turns, against itself."""
    for name, side in read_side(str(path)).items():
        pairs = ((_REFERENCE, side), (side, _REFERENCE), (side, side))
        ref, hyp = rng.choice(pairs)
        want = ScoreSettings(collar=rng.choice((0.0, 0.25)), skip_overlap=rng.random() < 0.5)
        scored = score_task(ScoreTask(name=name, ref=ref, hyp=hyp, uem=None, options=want))
        if scored.error is not None:
            raise scored.error
        if scored.score is not None:
            tree = scored.score.document()
            json.dumps(tree, allow_nan=False)
            for rate in ("wser", "t_wser", "boundary_f1", "coverage", "jer"):
                value = tree.get(rate)
                hold(value is None or 0 <= value <= 1 + 1e-9, f"{rate} is {value}")


# --- turns and transcripts ---------------------------------------------------------------------


def _rttm(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.1:
        _score(path, rng)
        return
    turns = read_rttm(read_text(str(path)), "f")
    text = write_rttm(turns)
    again = read_rttm(text, "again")
    hold(sum(map(len, again.values())) <= sum(map(len, turns.values())), "turns were gained")
    told = {name for name, table in again.items() if len(table)}
    hold(read_rttm(write_rttm(again), "thrice").keys() == told, "a name changes")


def _turns(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.1:
        _score(path, rng)
        return
    for turns in turns_of_text(read_text(str(path)), "f").values():
        hold(bool((turns.end > turns.start).all()), "a turn without length")


def _uem(path: Path, rng: random.Random) -> None:
    for region in read_uem(read_text(str(path)), "f").values():
        want = ScoreSettings(collar=rng.choice((0.0, 0.25)))
        scored = score_task(
            ScoreTask(name="r", ref=_REFERENCE, hyp=_REFERENCE, uem=region, options=want)
        )
        if scored.score is not None:
            json.dumps(scored.score.document(), allow_nan=False)


def _stm(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.3:
        _score(path, rng)
        return
    for told in read_stm(read_text(str(path)), "f").values():
        utterance_words(told)
        utterance_turns(told)


def _ctm(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.3:
        _score(path, rng)
        return
    for told in read_ctm(read_text(str(path)), "f").values():
        utterance_words(told)


# --- settings, corpus, centroids, store --------------------------------------------------------


def _settings(path: Path, _: random.Random) -> None:
    values, name = read_settings_file(str(path), path.parent)
    json.dumps(resolve({}, {}, values, name).flat(), allow_nan=False)


def _corpus(path: Path, _: random.Random) -> None:
    for entry in read_corpus(str(path)).entries:
        hold(all(isinstance(p, str) for _, p in entry.files), "a path that is none")


def _centroids(path: Path, _: random.Random) -> None:
    table = read_centroids(str(path)).table(("A", "B", 1), 4)
    hold(not np.isinf(table).any(), "an infinite centroid was accepted")


@dataclass
class _Voice:
    """An embedder that gives every sample one voice."""

    name: str = "fake"
    digest: str = "d"
    dim: int = 256
    identity: str = "fake d"

    def embed(self, _audio: Any, start: Any, _end: Any, **_more: Any) -> Embedded:
        n = len(np.atleast_1d(start))
        vectors = np.full((n, self.dim), 1 / math.sqrt(self.dim), dtype=np.float32)
        return Embedded(vectors, ("",) * n, np.zeros(n, dtype=np.bool_))


@dataclass
class _Model:
    chosen: bool = False
    voice: _Voice = field(default_factory=_Voice)

    def identify(self, **_: Any) -> tuple[str, str]:
        return self.voice.name, self.voice.digest

    def load(self, **_: Any) -> _Voice:
        return self.voice


def _store(path: Path, rng: random.Random) -> None:
    before = path.read_bytes()
    samples = path.parent.parent / "samples"
    job = MigrationJob(
        store=path, samples=SampleFolder(samples) if rng.random() < 0.8 else None,
        model=_Model(rng.random() < 0.5), backup=False,
    )  # fmt: skip
    try:
        migrate_store(job)
        after = path.read_bytes()
        path.write_bytes(after)
        migrate_store(job)
        hold(path.read_bytes() == after, "a second migration changes the store")
        _untouched(before, after)
    finally:
        left = [p.name for p in path.parent.iterdir() if p.name != path.name]
        # A failure that may pass leaves the journal for the next run.
        hold(all("journal" in name for name in left), f"left behind: {left}")
        for name in left:
            (path.parent / name).unlink()


_OURS = {"speaker_embedding", "speaker_embedding_model", "speech_samples_version"}


def _untouched(before: bytes, after: bytes) -> None:
    """Contacts keep every field but the vector, its tag and the version."""

    def bare(data: bytes) -> list[Any]:
        text = data.decode().removeprefix("\ufeff")
        try:
            trees = [json.loads(text)]
        except ValueError:
            trees = [json.loads(line) for line in text.split("\n") if line.strip()]
        return [_without(tree) for tree in trees]

    hold(repr(bare(before)) == repr(bare(after)), "a field of a contact changed")


def _without(tree: Any) -> Any:
    if isinstance(tree, dict):
        return [(k, _without(v)) for k, v in tree.items() if k not in _OURS]
    return [_without(v) for v in tree] if isinstance(tree, list) else tree


# --- the table ---------------------------------------------------------------------------------

_RTTM = b"""SPEAKER f 1 0.0 7.08 <NA> <NA> Sarah Guo <NA> <NA>
SPEAKER f 1 7.08 1.5 <NA> <NA> Ben <NA> <NA>
SPEAKER f 1 8.0 2.5 <NA> <NA> Sarah Guo 0.97 <NA>
;; a comment
LEXEME f 1 8.0 0.5 hello lex Ben <NA>
SPEAKER g  1  0.00  3.00  <NA>  <NA>  A  <NA>
SPEAKER g 1 3.0 0.0 <NA> <NA> B <NA> <NA>
"""
_SEGMENTS = (
    b"""[{"start": 0, "end": 1.5, "speaker": "A", "text": "So it was late."},
{"start": 1.5, "end": 2, "speaker": 1, "text": "Was it, really?"}]""",
    b"""{"utterances": [{"start": 250, "end": 9000, "speaker": "A", "transcript": "a b"},
{"start": 9000, "end": 30000, "speaker": "B", "transcript": "c, d and e"}]}""",
    b'[{"speaker": "A", "start": 0, "end": 2}, {"speaker": "B", "start": 1.5, "end": 3}]',
)
_SRT = (
    b"""1
00:00:00,000 --> 00:00:02,000
[A]: So, it was
late

2
00:00:02,500 --> 00:00:03,000
[B]: yes
""",
    b"""\xef\xbb\xbf1
0:00:01,0 --> 0:00:02,5
Ann: {\\an8}<i>10:30</i> is late

2
0:00:02,5 --> 0:00:04,000
and late

3
0:00:04,0 --> 0:00:05,0
- BEN: no
""".replace(b"\n", b"\r\n"),
)
_VTT = (
    b"""WEBVTT

NOTE x

id-1
00:00.000 --> 00:02.000 align:start
<v.loud Ann &amp; co>So &lt; it
was</v> <v Ben>yes

00:02.000 --> 00:03.000
no name
""",
    b"""WEBVTT - talk

00:00:00.000 --> 00:00:02.000
(speaker 0) so

00:02.000 --> 00:03.000
(speaker ?) it

00:03.000 --> 00:04.000
(speaker 0) is
""",
)
_SETTINGS = b"""method = "rules"
max_island_words = 3
max-island-duration = 1.5
smoothing_enabled = true
margin_threshold = 0.0
acoustic_precision = 0.95
"""
_PYPROJECT = b'[tool.diarfix]\nmethod = "viterbi"\nmin_silent_gap = 0.4\n'
_RESULTS = b'{"settings": {"knobs": {"method": "rules", "min_flank_words": 2}, "seed": 0}}'
_CORPUS = json.dumps({
    "version": "1", "description": "d", "files": [
        {"id": "a", "dataset": "x", "role": "tune", "words": "a.json", "turns": "a.rttm",
         "ref_rttm": "a.ref.rttm", "uem": "a.uem", "n_speakers": 2, "language": "en"},
        {"id": "b", "dataset": "y", "words": "b.json", "ref_words_json": "b.ref.json", "note": ""},
    ],
}).encode()  # fmt: skip
_CENTROIDS = (
    b'{"A": [0.1, 0.2, -0.3, 0.4], "B": [[1, 0, 0, 0]]}',
    b'{"centroids": {"A": [1, 2, 3, 4], "1": [0.5, 1, 1, 1]}, "speaker_embedding_model": {}}',
)


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, A=np.ones(4), B=np.arange(4), speaker_embedding_model=np.array("d"))
    return buffer.getvalue()


def _contact(who: object, version: int | None, vector: object, *samples: str) -> dict[str, object]:
    found = {"id": who, "name": f"N {who}", "speaker_embedding": vector, "more": {"x": [1.50, "é"]}}
    found |= {"speech_samples": list(samples), "speech_sample_transcripts": ["t" for _ in samples]}
    return found if version is None else found | {"speech_samples_version": version}


def _stores() -> tuple[list[bytes], list[bytes]]:
    unit = [round(math.cos(i), 3) for i in range(256)]
    rows = [
        _contact("a", 3, unit, "a.wav"), _contact(2, 1, unit[:8], "a.wav", "gone.wav"),
        _contact("c", 2, [unit], "../x"), _contact("d", None, None), _contact("e", 3, unit[:5]),
        _contact("f", 3, None, "a.wav") | {"speaker_embedding_model": {"name": "m", "digest": "q"}},
    ]  # fmt: skip
    whole = [json.dumps(rows), json.dumps({"rev": 7, "people": rows[:4]}, indent=2)]
    lines = ["".join(json.dumps(r) + "\n" for r in rows), json.dumps(rows[1]) + "\r\n"]
    return [t.encode() for t in whole], [t.encode() for t in lines]


def _generated() -> bytes:
    """A WhisperX file with islands, a bleed and a timeless word."""
    labels = "AAAABAAAABBBBBABBBBBBBAAAAAAA"
    words = [
        {"word": f"w{i}{'.' if i % 7 == 3 else ''}", "start": i * 0.3, "end": i * 0.3 + 0.25,
         "score": 0.9, "speaker": f"SPEAKER_0{'AB'.index(v)}"}
        for i, v in enumerate(labels)
    ]  # fmt: skip
    del words[5]["start"], words[5]["end"]
    segments = [
        {"start": i * 0.3, "end": i * 0.3 + 2,
         "text": " ".join(w["word"] for w in words[i : i + 7]),
         "words": words[i : i + 7], "speaker": words[i]["speaker"]}
        for i in range(0, len(words), 7)
    ]  # fmt: skip
    return json.dumps({"segments": segments, "word_segments": words, "language": "en"}).encode()


def _around() -> dict[str, list[bytes]]:
    """Samples in envelopes, in lists, as lines and in strings."""
    names = ("deepgram", "whisperx", "words_object", "azure", "revai", "seglst", "flat", "diarized")
    trees = [json.loads((DATA / f"{name}.json").read_text("utf-8-sig")) for name in names]
    lines = [[*tree] if isinstance(tree, list) else [tree, tree] for tree in trees]
    return {
        "envelope": [_dump({"status": "ok", "data": {"full_response": t}, "n": 1}) for t in trees],
        "list": [_dump([{"file": f"{n}.wav", "result": t} for n in "ab"]) for t in trees],
        "lines": [b"\n".join(map(_dump, found)) + b"\n" for found in lines],
        "quoted": [_dump({"analysis": [{"body": json.dumps(t)}], "vcon": "0"}) for t in trees],
    }


def _dump(tree: object) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()


def readers() -> dict[str, Reader]:
    """Every reader by name; one per dialect of the samples in tests/io/data."""
    from diarfix.formats.document import read_document

    found: dict[str, Reader] = {}

    def add(name: str, suffix: str, work: Exercise, *seeds: bytes) -> None:
        have = found[name].seeds if name in found else ()
        found[name] = Reader(name, (*have, *seeds), suffix, work)

    for path in sorted(DATA.iterdir()):
        data = path.read_bytes()
        if path.suffix in {".json", ".nlp"} and path.name != "pyannote.json":
            dialect = read_document(data.decode(), path.name).dialect.name
            add(dialect, path.suffix, word_file, data)
    add("whisperx", ".json", word_file, _generated())
    add("segments", ".json", _segment_file, *_SEGMENTS)
    add("srt", ".srt", _segment_file, *_SRT)
    add("vtt", ".vtt", _segment_file, *_VTT)
    for name, data in _around().items():
        add(name, ".json", word_file, *data)
    add("rttm", ".rttm", _rttm, _RTTM, (DATA / "wild.rttm").read_bytes())
    add("pyannote-json", ".json", _turns, (DATA / "pyannote.json").read_bytes())
    add("turns-of-rawinfer", ".json", _turns, (DATA / "rawinfer.json").read_bytes())
    add("uem", ".uem", _uem, (DATA / "regions.uem").read_bytes(), b"r 1 0 3.5\nr 1 4 8\n")
    add("stm", ".stm", _stm, (DATA / "segments.stm").read_bytes())
    add("ctm", ".ctm", _ctm, (DATA / "words.ctm").read_bytes())
    add("settings-toml", ".toml", _settings, _SETTINGS, _PYPROJECT)
    add("settings-json", ".json", _settings, _RESULTS)
    add("corpus", ".json", _corpus, _CORPUS)
    add("centroids-json", ".json", _centroids, *_CENTROIDS)
    add("centroids-npz", ".npz", _centroids, _npz())
    whole, lines = _stores()
    add("store-json", ".json", _store, *whole)
    add("store-jsonl", ".jsonl", _store, *lines)
    return found
