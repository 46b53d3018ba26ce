"""Laws of diarfix.embed and diarfix.embed.embedder."""

import subprocess
import sys

import pytest

from diarfix.embed import load_embedder
from diarfix.errors import MissingDependency, UsageError, needed

HEAVY = ["soundfile", "soxr", "onnxruntime", "kaldi_native_fbank", "torch", "yaml", "scipy"]


def test_importing_embed_loads_no_heavy_package():
    """Heavy packages load with an embedder, not before."""
    code = f"import sys, diarfix.embed; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_embedder_is_refused_with_the_nearest_name():
    """Exit code 2, and a guess."""
    with pytest.raises(UsageError, match="expected onnx or wespeaker") as caught:
        load_embedder("wespeker")
    assert caught.value.hint == "did you mean wespeaker?"


def test_wespeaker_needs_a_model():
    """There is no default checkpoint."""
    with pytest.raises(UsageError) as caught:
        load_embedder("wespeaker")
    assert "--model DIR" in caught.value.hint


@pytest.mark.parametrize(
    ("package", "how", "hint"),
    [
        ("torch", {"extra": "torch"}, "pip install 'diarfix[torch]'"),
        ("wespeaker", {"extra": "torch", "hint": "pip install git"}, "pip install git"),
    ],
)
def test_a_missing_package_is_named_with_its_cure(package, how, hint):
    """Exit code 4."""
    missing = pytest.raises(MissingDependency, match=f"{package} is not installed")
    with missing as caught, needed(package, **how):
        raise ModuleNotFoundError(name=package)
    assert caught.value.exit_code == 4
    assert caught.value.hint == hint


def test_a_package_that_is_there_but_broken_says_why():
    """A missing shared library is not a missing package."""
    broken = pytest.raises(MissingDependency, match="cannot be imported: libsndfile")
    with broken, needed("soundfile", extra="acoustic"):
        raise OSError("libsndfile.so.1: cannot open")


@pytest.mark.parametrize("package", ["soundfile", "onnxruntime"])
def test_the_real_import_is_guarded(monkeypatch, tmp_path, package):
    """Without the package, using it is exit code 4."""
    monkeypatch.setitem(sys.modules, package, None)
    from diarfix.embed import open_audio

    path = tmp_path / "x"
    path.write_bytes(b"RIFF")
    with pytest.raises(MissingDependency, match=package):
        open_audio(path) if package == "soundfile" else load_embedder("onnx", model=str(path))
