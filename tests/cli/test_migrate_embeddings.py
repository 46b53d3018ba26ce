"""The command around the store: what it prints, writes and answers."""

import hashlib
import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import diarfix.contacts.samples
import diarfix.embed.embedder
from diarfix.cli import app
from diarfix.embed import Embedded
from diarfix.errors import InputError

pytest.importorskip("soundfile", reason="samples are read with the acoustic extra")


class Constant:
    """Gives every sample one vector."""

    name, digest, dim, identity = "onnx", "d1", 256, "constant"

    def embed(self, *_, **__):
        return Embedded(np.full((1, 256), 1 / 16, dtype=np.float32), ("",), np.array([False]))


@pytest.fixture(autouse=True)
def loads(monkeypatch):
    """Stand in for the real models; the list of loads."""
    seen = []

    def load_embedder(name, **more):
        seen.append((name, more["model"], more["offline"]))
        return Constant()

    monkeypatch.setattr(diarfix.embed.embedder, "load_embedder", load_embedder)
    monkeypatch.setattr(diarfix.embed.embedder, "_loaded", {})
    return seen


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a store: one contact to re-embed, one to clear, one to keep."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "audio").mkdir()
    noise = np.random.default_rng(0).integers(-9000, 9000, 16000).astype("<i2")
    with wave.open("audio/anna.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(noise.tobytes())
    rows = [
        {"id": "anna", "name": "Anna", "speaker_embedding": [0.5] * 512,
         "speech_samples": ["anna.wav"], "speech_samples_version": 2},
        {"id": "kat", "name": "Kat", "speaker_embedding": [0.5] * 512, "speech_samples": [],
         "speech_samples_version": 3},
        {"id": "ben", "name": "Ben", "speaker_embedding": [0.5] * 256,
         "speech_samples": [], "speech_samples_version": 3},
    ]  # fmt: skip
    (tmp_path / "c.json").write_text(json.dumps(rows))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["migrate-embeddings", *map(str, arguments)])


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


ROWS = """\
re-embed  anna  version 2; 1 of 1 samples usable
clear     kat  512 dimensions, version 3 has 256; no samples
keep      ben  up to date; unverified: no sample shows whose voice it is; untagged: model unknown
"""


def test_a_dry_run_prints_what_the_run_prints_and_writes_nothing(place):
    before = files(place)
    dry = run("c.json", "--samples-dir", "audio", "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, ROWS)
    told = "1 to keep, 1 to re-embed, 1 to clear; 1 of unknown model"
    assert dry.stderr == f"c.json: 3 contacts: {told}\n"
    assert files(place) == before
    real = run("c.json", "--samples-dir", "audio")
    assert (real.exit_code, real.stdout) == (0, ROWS)
    told = "1 kept, 1 re-embedded, 1 cleared; 1 of unknown model"
    assert real.stderr == f"c.json: 3 contacts: {told}\n"
    assert files(place)["c.json.bak"] == before["c.json"]
    anna, kat, ben = json.loads((place / "c.json").read_text())
    assert anna["speaker_embedding"] == [1 / 16] * 256
    assert anna["speaker_embedding_model"] == {
        "name": "onnx",
        "dim": 256,
        "digest": "d1",
        "n_samples": 1,
        "samples": [hashlib.sha256((place / "audio/anna.wav").read_bytes()).hexdigest()],
        "vector": hashlib.sha256(np.full(256, 1 / 16, dtype="<f4").tobytes()).hexdigest(),
    }
    assert kat["speaker_embedding"] is None
    assert ben["speaker_embedding"] == [0.5] * 256


def test_check_answers_no_until_the_store_is_migrated(place, loads):
    before = files(place)
    no = run("c.json", "--samples-dir", "audio", "--check")
    assert (no.exit_code, no.stdout) == (1, ROWS)
    assert files(place) == before
    assert loads == []
    assert run("c.json", "--samples-dir", "audio").exit_code == 0
    yes = run("c.json", "--samples-dir", "audio", "--check", "-q")
    assert (yes.exit_code, yes.stderr) == (0, "")


def test_json_is_one_document_and_the_report_is_the_same(place):
    result = run("c.json", "--samples-dir", "audio", "--json", "--report", "r.json")
    tree = json.loads(result.stdout)
    assert json.loads((place / "r.json").read_text()) == tree
    assert tree["schema_version"] == 1
    assert tree["counts"] == {"keep": 1, "re-embed": 1, "clear": 1, "retry": 0, "refuse": 0}
    assert tree["written"] == str(place / "c.json")
    assert tree["backup"] == str(place / "c.json.bak")
    assert tree["model"] == {"name": "onnx", "dim": 256, "digest": "d1"}
    assert [row["action"] for row in tree["contacts"]] == ["re-embed", "clear", "keep"]
    assert tree["contacts"][0]["samples"] == [{"path": "anna.wav", "outcome": "usable"}]
    assert (tree["unverified"], tree["untagged"], tree["unproven"], tree["strays"]) == (1, 1, 0, [])
    assert tree["contacts"][2]["untagged"]


def test_another_output_and_no_backup(place):
    before = (place / "c.json").read_bytes()
    assert run("c.json", "--samples-dir", "audio", "-o", "new.json").exit_code == 0
    assert (place / "c.json").read_bytes() == before
    assert run("c.json", "--samples-dir", "audio", "--no-backup").exit_code == 0
    assert (place / "c.json").read_bytes() == (place / "new.json").read_bytes()
    assert sorted(files(place)) == ["audio/anna.wav", "c.json", "new.json"]


def test_a_transient_failure_is_exit_5_and_a_dry_run_of_it_0(place, monkeypatch):
    monkeypatch.setattr(diarfix.contacts.samples, "open_audio", failing)
    dry = run("c.json", "--samples-dir", "audio", "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout.startswith("retry     anna  version 2; no usable sample of 1 (1 unreadable")
    result = run("c.json", "--samples-dir", "audio")
    assert result.exit_code == 5
    assert result.stderr.count("error:") == 1
    assert "1 contact could not be embedded" in result.stderr
    rows = json.loads((place / "c.json").read_text())
    assert rows[0]["speech_samples_version"] == 2
    assert rows[1]["speaker_embedding"] is None


def test_a_sample_behind_a_url_is_exit_5_with_a_way_out(place):
    row = {"id": "a", "speaker_embedding": [0.5] * 512, "speech_samples": ["https://host/a.wav"]}
    (place / "c.json").write_text(json.dumps([row]))
    before = files(place)
    result = run("c.json")
    assert result.exit_code == 5
    assert result.stdout == "retry     a  version 1; no usable sample of 1 (1 not fetched)\n"
    assert "hint: fetch samples that are URLs" in result.stderr
    assert files(place) == before


def test_vectors_elsewhere_are_told_and_fail_the_check(place):
    ben = {"id": "ben", "speaker_embedding": None, "speech_samples_version": 3}
    store = {"user": {"speaker_embedding": [0.5] * 512}, "contacts": [{**ben, "emb": [0.5] * 64}]}
    (place / "c.json").write_text(json.dumps(store))
    rows = (
        "keep      ben  no vector; unproven: 64 numbers at c.json: contacts[0].emb\n"
        "unproven  c.json: user.speaker_embedding  512 numbers beside the contacts\n"
    )
    for mode, code in (["--check"], 1), (["--dry-run"], 0), ([], 0):
        result = run("c.json", *mode)
        assert (result.exit_code, result.stdout) == (code, rows)
        assert "; 1 unproven\n" in result.stderr
        assert "note: 1 vector beside the contacts stays as found; --check fails" in result.stderr
    tree = json.loads(run("c.json", "--check", "--json").stdout)
    where = "c.json: user.speaker_embedding"
    assert tree["strays"] == [{"where": where, "numbers": 512}]
    assert tree["contacts"][0]["unproven"] == ["64 numbers at c.json: contacts[0].emb"]
    assert tree["unproven"] == 1


def test_vectors_under_another_key_alone_are_exit_2_and_the_key_is_named(place):
    (place / "c.json").write_text(json.dumps([{"id": "a", "embedding": [0.5] * 512}]))
    before = files(place)
    for mode in ([], ["--check"], ["--dry-run"]):
        result = run("c.json", *mode)
        assert result.exit_code == 2
        assert "hint: did you mean 'embedding'?" in result.stderr
    assert files(place) == before


def test_an_untagged_vector_is_no_proof_where_a_model_is_named(place, loads):
    row = {"id": "ben", "speaker_embedding": [0.5] * 256, "speech_samples_version": 3}
    (place / "c.json").write_text(json.dumps([row]))
    unnamed = run("c.json", "--check")
    assert unnamed.exit_code == 0
    assert "1 of unknown model" in unnamed.stderr
    (place / "m.onnx").write_bytes(b"weights")
    named = run("c.json", "--check", "--model", "m.onnx")
    assert named.exit_code == 1
    assert "unproven: untagged: model unknown" in named.stdout
    assert "note: a vector of unknown model is kept and proves nothing" in named.stderr
    assert not loads  # its digest is enough


@pytest.mark.parametrize("mode", [[], ["--check"], ["--dry-run"]])
def test_a_model_that_does_not_exist_is_an_error_in_every_mode(place, mode):
    (place / "c.json").write_text('[{"id": "a", "speech_samples_version": 3}]')
    result = run("c.json", "--model", "/nowhere/model.onnx", *mode)
    assert result.exit_code == 4
    assert "no such model file" in result.stderr


def failing(path, **_):
    raise InputError(f"{path}: input/output error")


@pytest.mark.parametrize("mode", [[], ["--dry-run"], ["--check"], ["--json"]])
@pytest.mark.parametrize("folder", [[], ["--samples-dir", "nowhere"], ["--samples-dir", "."]])
def test_a_mistyped_samples_folder_is_exit_2_and_nothing_is_written(place, mode, folder):
    before = files(place)
    result = run("c.json", *folder, *mode)
    assert result.exit_code == 2
    assert result.stderr.count("error:") == 1
    assert "contact 'anna' lists samples, but" in result.stderr
    assert files(place) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["c.json", "--dry-run", "--check"],
        ["c.json", "--to-version", "4"],
        ["c.json", "--to-version", "2"],
        ["-"],
        ["c.json", "-o", "-"],
        ["c.json", "--report", "c.json"],
        ["c.json", "-o", "x.json", "--report", "x.json"],
        ["c.json", "--report", "c.json.bak"],
        ["c.json", "--report", "audio/anna.wav", "--dry-run"],
        ["c.json", "-o", "audio/anna.wav"],
        ["c.json", "--embedder", "nobody"],
        ["none.json"],
        [],
    ],
)
def test_calls_that_cannot_be_meant_are_exit_2(place, arguments):
    before = files(place)
    result = run(*arguments, *(["--samples-dir", "audio"] if arguments else []))
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert files(place) == before


def test_the_named_embedder_and_model_are_loaded(place, loads):
    pytest.importorskip("yaml")
    (place / "m").mkdir()
    (place / "m/avg_model.pt").write_bytes(b"weights")
    (place / "m/config.yaml").write_text("model: ResNet34\nmodel_args: {feat_dim: 80}\n")
    call = ("c.json", "--samples-dir", "audio", "--embedder", "wespeaker", "--model", "m")
    assert run(*call, "--offline").exit_code == 0
    assert loads == [("wespeaker", "m", True)]


def test_ids_that_would_move_the_cursor_are_quoted(place):
    (place / "c.json").write_text('[{"id": "\\u001b[2J", "name": "\\ud800"}, {"id": "\\ud800"}]')
    result = run("c.json")
    assert result.exit_code == 0
    assert result.stdout == (
        "clear     '\\x1b[2J'  version 1; no samples\nclear     '\\ud800'  version 1; no samples\n"
    )
    assert json.loads(run("c.json", "--json").stdout)["contacts"][1]["id"] == "\\ud800"


def test_help_imports_no_model_and_no_audio_package():
    code = (
        "import sys; from diarfix.cli import app\n"
        "try: app(['migrate-embeddings', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'soundfile', 'soxr', 'onnxruntime', 'torch', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--samples-dir" in done.stdout


def test_nothing_that_a_store_holds_moves_the_cursor(place):
    tag = {"name": "\x1b[2J", "digest": "x"}
    row = {"id": "a", "speaker_embedding": [0.5] * 256, "speech_samples_version": 3}
    rows = [{**row, "speaker_embedding_model": tag, "\x1b[2Jembedding": [0.5] * 64}]
    (place / "c.json").write_text(json.dumps({"\x1b[2Jme": [0.5] * 64, "people": rows}))
    (place / "m.onnx").write_bytes(b"weights")
    for mode in ([], ["--model", "m.onnx"]):
        result = run("c.json", "--check", *mode)
        assert result.exit_code == 1
        assert "\x1b" not in result.stdout + result.stderr
