"""Recheck over documents and sound: the corpus's two spoken recordings, with known truth."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.config import RecheckKnobs, Settings
from diarfix.core.words import turns_from_rows
from diarfix.edits.rechecks import Centroids, from_lists, recheck
from diarfix.edits.repairs import repair
from diarfix.edits.turns import match_turns
from diarfix.embed import open_audio
from diarfix.embed.embedder import Embedded
from diarfix.errors import InputError, UsageError
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import read_turns

pytest.importorskip("soundfile")
OFF = Settings(smoothing_enabled=False)


class Recording:
    """One entry of the corpus: document, turns, sound and truth."""

    def __init__(self, root, name):
        folder = root / "corpus"
        files = json.loads((folder / "corpus.json").read_text())["files"]
        entry = next(f for f in files if f["id"] == name)
        path = str(folder / entry["words"])
        self.document = read_document(read_text(path), path)
        recordings = read_turns(str(folder / entry["turns"]))
        self.turns = match_turns(self.document, recordings, alone=True)
        self.sound = str(folder / entry["audio_path"])
        path = str(folder / entry["ref_words_json"])
        self.truth = read_document(read_text(path), path).words.labels
        self.off = repair(self.document, turns=self.turns, settings=OFF)
        seen = list(zip(self.off.words.labels, self.truth, strict=True))
        self.name_of = {label: max(set(self.truth), key=lambda t: seen.count((label, t)))
                        for label in set(self.off.words.labels)}  # fmt: skip

    def wrong(self, result):
        """Which words carry the wrong speaker."""
        labels = (self.name_of[label] for label in result.words.labels)
        return np.array([a != b for a, b in zip(labels, self.truth, strict=True)])

    def compare(self, result):
        """Repaired and broken words."""
        before, after = self.wrong(self.off), self.wrong(result)
        return int((before & ~after).sum()), int((~before & after).sum())

    def recheck(self, embedder, **options):
        """Run it on the sound."""
        options.setdefault("turns", self.turns)
        with open_audio(self.sound) as audio:
            return recheck(self.document, audio=audio, embedder=embedder, **options)


@pytest.fixture(scope="module", params=["allotment", "ferry"])
def recording(request, root):
    return Recording(root, request.param)


@pytest.fixture(scope="module")
def allotment(root):
    return Recording(root, "allotment")


def test_answers_come_back_from_the_wrong_speaker(recording, voices):
    """The voice repairs more than it breaks, and the label path with it more than without."""
    alone = recording.compare(recording.recheck(voices, settings=OFF))
    assert alone[0] >= 2 > alone[1]
    without = recording.compare(repair(recording.document, turns=recording.turns, method="viterbi"))
    result = recording.recheck(voices, method="viterbi")
    repaired, broken = recording.compare(result)
    assert repaired - broken > without[0] - without[1]
    account = result.recheck
    assert account.candidates == account.embedded > account.moved > 0
    assert account.estimated_precision >= 0.95
    assert not account.failed
    assert not account.why


def test_moves_carry_their_evidence(allotment, voices):
    """Each word the voice moved names cosines, margin, the margin needed, and seconds heard."""
    result = allotment.recheck(voices, settings=OFF)
    moved = [m for m in result.moved if m.rule == "voice"]
    assert len(moved) == result.recheck.moved
    for move in moved:
        assert set(move.evidence) == {
            "cosine_before", "cosine_after", "margin", "needed_margin", "heard_s",
        }  # fmt: skip
        assert move.evidence["margin"] >= move.evidence["needed_margin"]
        assert move.evidence["heard_s"] >= 0.3


@pytest.mark.parametrize("method", ["rules", "viterbi"])
def test_smoothing_takes_nothing_back(recording, voices, method):
    """Words the voice moved carry that label after either smoother."""
    by_voice = {m.index: m.after for m in recording.recheck(voices, settings=OFF).moved}
    after = recording.recheck(voices, method=method).words.labels
    assert by_voice
    assert {i: after[i] for i in by_voice} == by_voice


def test_the_same_twice(allotment, voices):
    """Deterministic, account and all."""
    one, two = (allotment.recheck(voices) for _ in range(2))
    assert one.words.labels == two.words.labels
    assert one.recheck == two.recheck
    assert one.moved == two.moved


def test_one_voice_for_all_moves_nothing(recording):
    """An embedder that hears everybody alike: no move by voice, and smoothing is as without."""
    deaf = Stub(lambda n: np.ones((n, 8)) + np.random.default_rng(1).normal(0, 0.3, (n, 8)))
    result = recording.recheck(deaf, method="viterbi")
    plain = repair(recording.document, turns=recording.turns, method="viterbi")
    assert result.recheck.moved == 0
    assert result.recheck.why
    assert result.words.labels == plain.words.labels


class Stub:
    """An embedder whose vectors do not come from the sound."""

    name, digest, identity = "stub", "d" * 64, "stub"

    def __init__(self, rows, reason=""):
        self.rows, self.reason = rows, reason
        self.dim = rows(1).shape[1]
        self.asked = []

    def embed(self, audio, start, end, *, progress=None):
        del audio, progress
        self.asked.append((start, end))
        n = len(start)
        reason = (self.reason,) * n
        return Embedded(self.rows(n).astype(np.float32), reason, np.zeros(n, dtype=bool))


def test_windows_that_all_fail_are_reported(allotment):
    """Labels are those of the smoother alone, and the reason is counted."""
    broken = Stub(lambda n: np.full((n, 8), np.nan), "silence")
    result = allotment.recheck(broken, method="viterbi")
    plain = repair(allotment.document, turns=allotment.turns, method="viterbi")
    assert result.words.labels == plain.words.labels
    account = result.recheck
    assert account.failed == {"silence": account.candidates}
    assert account.embedded == 0
    assert account.why == "no window could be embedded"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_whatever_is_heard_only_known_labels_are_given(root, seed):
    """Noise for vectors: words keep text, times and order, and no label is new."""
    recording = Recording(root, "allotment")
    rng = np.random.default_rng(seed)
    noise = Stub(lambda n: np.where(rng.random((n, 1)) < 0.2, np.nan, rng.normal(size=(n, 4))))
    result = recording.recheck(noise, settings=OFF)
    assert set(result.words.labels) <= set(recording.off.words.labels)
    assert result.words.text == recording.document.words.text
    assert np.array_equal(result.words.start, recording.document.words.start, equal_nan=True)


def test_one_word_no_windows(voices, root):
    """Without a word in doubt nothing is embedded."""
    words = [{"word": f"w{i}", "start": i, "end": i + 0.5, "speaker": "A"} for i in range(5)]
    document = read_document(json.dumps({"words": words}), "one.json")
    stub = Stub(lambda n: np.ones((n, 8)))
    with open_audio(root / "corpus/audio/allotment.flac") as audio:
        result = recheck(document, audio=audio, embedder=stub)
    assert not stub.asked
    assert result.recheck.why == "no word is in doubt"


def test_words_past_the_end_of_the_sound_are_told(allotment, voices, tmp_path):
    """The wrong sound file shows itself: windows outside it fail, and a note says why."""
    soundfile = pytest.importorskip("soundfile")
    samples, rate = soundfile.read(allotment.sound, stop=16_000 * 20)
    short = tmp_path / "short.wav"
    soundfile.write(short, samples, rate)
    with open_audio(short) as audio:
        result = recheck(allotment.document, audio=audio, embedder=voices, turns=allotment.turns)
    assert result.recheck.failed["outside the audio"] > 0
    assert any("the audio ends at 20.0 s" in note for note in result.recheck.notes)


def _rawinfer(recording, vectors):
    words = recording.document.words
    rows = zip(words.text, words.start.tolist(), words.end.tolist(), strict=True)
    turns = next(iter(recording.turns.values()))
    spans = zip(turns.labels, turns.start.tolist(), turns.end.tolist(), strict=True)
    tree = {
        "raw_segments": [{"words": [{"word": w, "start": a, "end": b} for w, a, b in rows]}],
        "diarize_records": [{"speaker": s, "start": a, "end": b} for s, a, b in spans],
        "overlap_info": {"regions": [{"start": 1.0, "end": 1.5}]},
        "native_speaker_embeddings": vectors,
    }
    return read_document(json.dumps(tree), "a.rawinfer.json")


@pytest.fixture
def centroids(allotment, voices):
    """True centroids of the two speakers."""
    words = allotment.off.words
    found = {}
    with open_audio(allotment.sound) as audio:
        for code, label in enumerate(words.speakers):
            mine = np.flatnonzero(words.speaker == code)[:40]
            heard = voices.embed(audio, words.start[mine], words.end[mine])
            found[label] = np.nanmean(heard.vectors[heard.ok], axis=0).tolist()
    return found


def test_centroids_in_the_file_are_used_where_they_hold(allotment, voices, centroids):
    """Good ones are used; of another dimension, or misleading, they give way to the audio's."""
    swapped = dict(zip(centroids, reversed(centroids.values()), strict=True))
    for vectors, source in (
        (centroids, "file"),
        ({k: v[:-1] for k, v in centroids.items()}, "audio"),
        ({k: [0.0] * 5 for k in centroids}, "audio"),
        (swapped, "audio"),
    ):
        document = _rawinfer(allotment, vectors)
        with open_audio(allotment.sound) as audio:
            result = recheck(document, audio=audio, embedder=voices, settings=OFF)
        assert result.recheck.centroids == source
        assert result.recheck.moved == 3
        notes = " ".join(result.recheck.notes)
        assert ("made from the audio instead" in notes) is (source == "audio")


def test_given_centroids(allotment, voices, centroids):
    """They serve in place of the audio's; what cannot be compared is refused, never compared."""
    given_ones = from_lists("c.json", {**centroids, "Zoe": centroids["SPEAKER_00"]})
    result = allotment.recheck(voices, settings=OFF, centroids=given_ones)
    assert result.recheck.centroids == "given"
    assert result.recheck.moved == 3
    assert "centroids of nobody in the file: Zoe" in result.recheck.notes
    assert "Zoe" not in result.words.labels
    for bad, why in (([0.0] * 5, "is zero"), ([float("nan")] * 5, "not finite"),
                     ([1.0] * 6, "has 6 numbers, the model gives 5")):  # fmt: skip
        with pytest.raises(InputError, match=why):
            allotment.recheck(voices, centroids=from_lists("c.json", {"SPEAKER_00": bad}))
    other = dataclasses.replace(given_ones, digest="e" * 64)
    with pytest.raises(InputError, match="another model"):
        allotment.recheck(voices, centroids=other)
    same = Centroids("c.json", given_ones.vectors, voices.digest)
    assert allotment.recheck(voices, settings=OFF, centroids=same).recheck.moved == 3


def test_several_recordings_need_several_sounds(voices, root):
    """A file of two sessions is refused."""
    rows = [
        {"session_id": s, "words": "hi", "start_time": 0, "end_time": 1, "speaker": "A"}
        for s in ("one", "two")
    ]
    document = read_document(json.dumps(rows), "two.seglst.json")
    with open_audio(root / "corpus/audio/allotment.flac") as audio, pytest.raises(UsageError):
        recheck(document, audio=audio, embedder=voices)


def test_the_library_pipeline_asks_for_audio(allotment):
    """acoustic_recheck_enabled without a listener is an error, not a silent nothing."""
    with pytest.raises(UsageError, match="needs audio"):
        repair(allotment.document, turns=allotment.turns,
               settings=Settings(acoustic_recheck_enabled=True))  # fmt: skip


def test_the_seed_rule_by_its_knobs(allotment, voices):
    """A margin of 1 lets nothing through; precision 0.5 lets through what 0.95 does, and more."""
    tight = Settings(smoothing_enabled=False, recheck=RecheckKnobs(acoustic_cosine_margin=1.0))
    loose = Settings(smoothing_enabled=False, recheck=RecheckKnobs(acoustic_precision=0.5))
    default = {m.index for m in allotment.recheck(voices, settings=OFF).moved}
    assert {m.index for m in allotment.recheck(voices, settings=loose).moved} >= default
    assert {m.index for m in allotment.recheck(voices, settings=tight).moved} <= default


def test_voices_are_heard_where_opinions_differ(recording, voices):
    """Beside the diarizer's turns those of a second, which has every third answer right."""
    ((part, turns),) = recording.turns.items()
    names = {truth: label for label, truth in recording.name_of.items()}
    words = recording.document.words
    told = [names.get(t, t) if i % 3 else b for i, (t, b) in
            enumerate(zip(recording.truth, recording.off.words.labels, strict=True))]  # fmt: skip
    rows = [(a, b, who) for a, b, who in zip(words.start, words.end, told, strict=True) if b > a]
    both = {part: {"first": turns, "second": turns_from_rows(rows)}}
    without = repair(recording.document, turns=both)
    assert set(without.trust[part]) == {"first", "second"}
    result = recording.recheck(voices, turns=both)
    gained, alone = (np.subtract(*recording.compare(found)) for found in (result, without))
    assert gained >= alone
    assert result.trust.keys() == without.trust.keys()
    one = recording.recheck(voices)
    assert result.recheck.candidates > one.recheck.candidates
