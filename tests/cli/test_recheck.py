"""``diarfix recheck`` and the benchmark's recheck from the command line."""

import json
import shutil
import sys

import numpy as np
import pytest

from diarfix.embed import embedder
from tests.edits.conftest import ROOT, voices  # noqa: F401 - fixtures
from tests.embed.conftest import onnx_model  # noqa: F401 - a fixture

for package in ("soundfile", "soxr"):
    pytest.importorskip(package)

CORPUS = ROOT / "corpus"
WORDS = CORPUS / "words/allotment.json"
TURNS = CORPUS / "turns/allotment.rttm"
SOUND = CORPUS / "audio/allotment.flac"
ARGS = ("recheck", WORDS, "--turns", TURNS, "--audio", SOUND)


@pytest.fixture(autouse=True)
def _own_cache(cli, tmp_path, monkeypatch):  # after `cli`, which clears the environment
    monkeypatch.setenv("DIARFIX_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fitted(monkeypatch, voices):  # noqa: F811
    """Every embedder that is loaded tells the corpus's voices apart; returns the calls."""
    calls = []

    def load(name, **options):
        calls.append((name, options))
        return voices

    monkeypatch.setattr(embedder, "load_embedder", load)
    monkeypatch.setattr(embedder, "_loaded", {})
    return calls


def bare(path):
    """The words of a WhisperX file without their labels."""
    tree = json.loads(path.read_text() if hasattr(path, "read_text") else path)
    return [
        {k: v for k, v in word.items() if k != "speaker"}
        for segment in tree["segments"]
        for word in segment["words"]
    ]


def test_the_real_path_with_a_small_model(cli, onnx_model):  # noqa: F811
    """A model file, a sound file: corrected JSON on stdout, what was heard on stderr."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("kaldi_native_fbank")
    done = cli(*ARGS, "--model", onnx_model, "--device", "cpu")
    assert done.code == 0, done.err
    assert bare(done.text) == bare(WORDS)
    assert "by voice (" in done.err
    assert "in doubt heard" in done.err


def test_options_reach_the_embedder(cli, fitted):
    """Name, model, device and --offline are handed on."""
    cli(*ARGS, "--embedder", "wespeaker", "--model", "m.pt", "--device", "cuda", "--offline")
    name, options = fitted[0]
    assert name == "wespeaker"
    assert (options["model"], options["device"], options["offline"]) == ("m.pt", "cuda", True)


def test_outputs(cli, fitted, tmp_path):
    """-o, --changes, --rttm and --json in one call; the voice's changes carry their numbers."""
    done = cli(
        *ARGS, "-o", "out.json", "--changes", "c.jsonl", "--rttm", "out.rttm", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    tree = json.loads(done.text)
    assert (tree["schema_version"], tree["command"]) == (1, "recheck")
    facts = tree["files"][0]
    assert facts["candidates"] == facts["embedded"] > facts["moved"] == 3
    assert facts["failed"] == 0
    assert facts["failed_reasons"] == {}
    assert facts["estimated_precision"] >= 0.95
    assert facts["why_nothing_moved"] is None
    assert facts["changed"] > facts["moved"]
    assert bare(tmp_path / "out.json") == bare(WORDS)
    changes = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    by_voice = [c for c in changes if c["rule"] == "voice"]
    assert [c["word"] for c in by_voice] == ["Right.", "Yeah.", "No."]
    for change in by_voice:
        assert change["evidence"]["margin"] >= change["evidence"]["needed_margin"]
        assert change["from"] != change["to"]
    assert (tmp_path / "out.rttm").read_text().startswith("SPEAKER allotment")


def test_check_and_diff_write_nothing(cli, fitted, tmp_path):
    """--check exits 1 where a label would move; --diff shows it."""
    checked = cli(*ARGS, "--check")
    assert (checked.code, checked.out) == (1, b"")
    shown = cli(*ARGS, "--diff")
    assert shown.code == 0
    assert "Yeah." in shown.text
    assert not list(tmp_path.glob("*.json"))


def test_in_place(cli, fitted, tmp_path):
    """-i --backup: the file is replaced, the old one kept."""
    shutil.copy(WORDS, tmp_path / "a.json")
    done = cli("recheck", "a.json", "--turns", TURNS, "--audio", SOUND, "-i", "--backup", ".bak")
    assert done.code == 0, done.err
    assert (tmp_path / "a.json.bak").read_bytes() == WORDS.read_bytes()
    assert (tmp_path / "a.json").read_bytes() != WORDS.read_bytes()


def test_an_interrupt_leaves_the_input_as_it_was(cli, monkeypatch, tmp_path, voices):  # noqa: F811
    """Ctrl-C while windows are embedded: exit 130, the input untouched, nothing beside it."""

    class Interrupted:
        def __getattr__(self, name):
            return getattr(voices, name)

        def embed(self, *_args, progress=None):
            progress(1, 10, "windows")
            raise KeyboardInterrupt

    monkeypatch.setattr(embedder, "_loaded", {})
    monkeypatch.setattr(embedder, "load_embedder", lambda *_, **__: Interrupted())
    shutil.copy(WORDS, tmp_path / "a.json")
    done = cli("recheck", "a.json", "--turns", TURNS, "--audio", SOUND, "-i", "--changes", "c")
    assert done.code == 130
    assert "interrupted" in done.err
    assert (tmp_path / "a.json").read_bytes() == WORDS.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("recheck", WORDS), 2, "no audio given"),
        (("recheck", "--audio", SOUND), 2, "no FILE given"),
        (("recheck", WORDS, "--audio", "none.wav"), 2, "error: none.wav: no such file"),
        (("recheck", WORDS, "--audio", WORDS), 2, "no audio that can be read"),
        (("recheck", CORPUS / "words", "--audio", SOUND, "--check"), 2, "--audio is of one"),
        ((*ARGS, "--model", "none.onnx"), 4, "none.onnx: no such model file"),
        ((*ARGS, "--offline"), 4, "hint: run once without --offline"),
        ((*ARGS, "--embedder", "wespeaker"), 2, "hint: --model DIR"),
        ((*ARGS, "--acoustic-precision", "2"), 2, "acoustic_precision"),
        ((*ARGS, "--centroids", "none.json"), 2, "error: none.json"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(cli, arguments, code, says):
    """Exit 2 for a wrong call or input, 4 for what is missing, with the command that mends it."""
    done = cli(*arguments)
    assert done.code == code, done.err
    assert says in done.err
    assert "Traceback" not in done.err
    assert not done.out


@pytest.mark.parametrize("package", ["onnxruntime", "kaldi_native_fbank", "soundfile"])
def test_a_missing_package_is_named_with_its_cure(cli, monkeypatch, onnx_model, package):  # noqa: F811
    """Exit 4 and the extra to install."""
    monkeypatch.setitem(sys.modules, package, None)
    done = cli(*ARGS, "--model", onnx_model)
    assert done.code == 4
    assert package in done.err
    assert "hint: pip install 'diarfix[acoustic]'" in done.err


def test_centroid_files(cli, fitted, tmp_path, voices):  # noqa: F811
    """JSON and NPZ serve alike; pickles, zeros, other sizes and other models are refused."""
    from diarfix.embed import open_audio

    truth = json.loads((CORPUS / "ref/allotment.words.json").read_text())
    truth = truth["words"] if isinstance(truth, dict) else truth
    found = {}
    for label, name in (("SPEAKER_00", "Ada"), ("SPEAKER_01", "Ben")):
        mine = [w for w in truth if w["speaker"] == name]
        start, end = (np.array([w[k] for w in mine]) for k in ("start", "end"))
        with open_audio(SOUND) as audio:
            heard = voices.embed(audio, start, end)
        found[label] = np.nanmean(heard.vectors[heard.ok], axis=0)
    lists = {k: v.tolist() for k, v in found.items()}
    (tmp_path / "plain.json").write_text(json.dumps(lists))
    tag = {"name": "fitted", "digest": voices.digest}
    tagged = {"centroids": lists, "speaker_embedding_model": tag}
    (tmp_path / "tagged.json").write_text(json.dumps(tagged))
    np.savez(tmp_path / "plain.npz", **found)
    outputs = set()
    for name in ("plain.json", "tagged.json", "plain.npz"):
        done = cli(*ARGS, "--centroids", name)
        assert done.code == 0, done.err
        outputs.add(done.out)
    assert len(outputs) == 1
    np.savez(tmp_path / "pickle.npz", SPEAKER_00=np.array([{"a": 1}], dtype=object))
    np.savez(tmp_path / "text.npz", SPEAKER_00=np.array(["a"]))
    (tmp_path / "zero.json").write_text(json.dumps({**lists, "SPEAKER_00": [0] * 5}))
    (tmp_path / "nan.json").write_text('{"SPEAKER_00": [NaN, 1, 1, 1, 1]}')
    (tmp_path / "size.json").write_text('{"SPEAKER_00": [1, 2]}')
    (tmp_path / "words.json").write_text('{"SPEAKER_00": ["x"]}')
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 no zip")
    foreign = tagged | {"speaker_embedding_model": {"name": "fitted", "digest": "0" * 64}}
    (tmp_path / "foreign.json").write_text(json.dumps(foreign))
    for name, says in {
        "pickle.npz": "no NPZ file of plain arrays",
        "text.npz": "expected numbers",
        "zero.json": "is zero",
        "nan.json": "not finite",
        "size.json": "has 2 numbers, the model gives 5",
        "words.json": "expected numbers",
        "empty.json": "no centroid in it",
        "list.json": "expected an object",
        "bad.npz": "no NPZ file",
        "foreign.json": "another model",
    }.items():
        done = cli(*ARGS, "--centroids", name)
        assert done.code == 2, name
        assert says in done.err, name
        assert not done.out


def test_other_commands_ignore_the_switch_with_a_note(cli, tmp_path):
    """acoustic_recheck_enabled is for the library pipeline and implied by recheck."""
    plain = cli("smooth", WORDS, "--turns", TURNS)
    done = cli("smooth", WORDS, "--turns", TURNS, "--acoustic-recheck-enabled")
    assert done.code == 0, done.err
    assert "is ignored here: use `diarfix recheck`" in done.err
    assert done.out == plain.out


def _corpus(tmp_path):
    tree = json.loads((CORPUS / "corpus.json").read_text())
    entry = next(f for f in tree["files"] if f["id"] == "allotment")
    for key in ("words", "turns", "ref_words_json", "audio_path"):
        target = tmp_path / entry[key]
        target.parent.mkdir(exist_ok=True)
        shutil.copy(CORPUS / entry[key], target)
    (tmp_path / "corpus.json").write_text(json.dumps({"version": "1", "files": [entry]}))
    return tmp_path / entry["audio_path"]


def test_benchmark_keeps_what_it_heard(cli, fitted, tmp_path):
    """A second run needs neither the model, loaded, nor the sound: the cell is found by digests."""
    sound = _corpus(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"not loaded here")
    args = (
        "benchmark", "--corpus", "corpus.json", "--variants", "off,viterbi,recheck",
        "--model", "model.onnx", "--json",
    )  # fmt: skip
    first = cli(*args)
    assert first.code == 0, first.err
    cells = json.loads(first.text)["files"][0]["variants"]
    heard, blind = cells["recheck"], cells["viterbi"]
    assert heard["repaired"] > blind["repaired"]
    assert heard["candidates"] == heard["embedded"] > heard["moved"] > 0
    assert heard["failed"] == 0
    assert heard["estimated_precision"] >= 0.95
    assert len(fitted) == 1
    sound.unlink()
    assert cli(*args).out == first.out
    assert len(fitted) == 1
    (tmp_path / "model.onnx").write_bytes(b"another model")
    again = cli(*args)
    assert again.code == 2
    assert "allotment" in again.err


@pytest.mark.parametrize("checksum", [None, "of the corpus"])
def test_benchmark_keeps_no_cell_of_sound_that_nothing_identifies(cli, fitted, tmp_path, checksum):
    """Behind a URL the sound may be another tomorrow: only a checksum lets a cell be kept."""
    fsspec = pytest.importorskip("fsspec")
    _corpus(tmp_path)
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/talk.flac", SOUND.read_bytes())
    tree = json.loads((tmp_path / "corpus.json").read_text())
    tree["files"][0] |= {"audio_path": "memory://talk.flac", "sha256": checksum}
    (tmp_path / "corpus.json").write_text(json.dumps(tree))
    (tmp_path / "model.onnx").write_bytes(b"not loaded here")
    args = (
        "benchmark", "--corpus", "corpus.json", "--variants", "off,recheck",
        "--model", "model.onnx", "--json", "-v",
    )  # fmt: skip
    first = cli(*args)
    assert first.code == 0, first.err
    again = cli(*args)
    assert again.out == first.out
    assert f"{1 if checksum is None else 2} of 2 cells were cached" in again.err
    memory.pipe_file("/talk.flac", (CORPUS / "audio/ferry.flac").read_bytes())
    assert (cli(*args).out == first.out) == (checksum is not None)
    memory.rm("/talk.flac")


def test_benchmark_needs_packages_only_for_sound_without_a_cell(cli, tmp_path, monkeypatch):
    """Without an entry with sound recheck is skipped; with one, a missing model is exit 4."""
    sound = _corpus(tmp_path)
    tree = json.loads((tmp_path / "corpus.json").read_text())
    args = ("benchmark", "--corpus", "corpus.json", "--variants", "off,recheck", "--offline")
    done = cli(*args)
    assert done.code == 4, done.err
    assert "--offline" in done.err
    del tree["files"][0]["audio_path"]
    (tmp_path / "corpus.json").write_text(json.dumps(tree))
    done = cli(*args, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.text)["files"][0]["variants"]["recheck"] == {"skipped": "no audio"}
    assert sound.exists()
