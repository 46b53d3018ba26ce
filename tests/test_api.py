"""What ``import diarfix`` offers."""

import importlib
import inspect
import subprocess
import sys

import pytest

import diarfix
from diarfix.config import DEFAULT_METHOD


def test_every_public_name_resolves_to_what_it_says():
    """``__all__`` and ``dir()`` agree, no name has two homes, and every name loads from its own."""
    assert dir(diarfix) == sorted(set(diarfix.__all__)) == sorted(diarfix.__all__)
    for name, home in diarfix.__getattr__.home.items():
        module = importlib.import_module(f"diarfix.{home}")
        assert getattr(diarfix, name) is getattr(module, name)


def test_what_the_readme_sells_is_public():
    """Listening, its audio and model, and the contacts' migration need no import of a room."""
    for name in ("repair", "recheck", "open_audio", "load_embedder", "migrate_store"):
        assert callable(getattr(diarfix, name))
    assert inspect.signature(diarfix.recheck).parameters["method"].default == DEFAULT_METHOD


def test_an_unknown_name_is_an_attribute_error():
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = diarfix.nonsense


def test_importing_loads_nothing_heavy():
    """``import diarfix`` costs no NumPy; using a name loads what it needs."""
    code = (
        "import sys, diarfix; assert 'numpy' not in sys.modules;"
        "diarfix.words_from_rows; assert 'numpy' in sys.modules; assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_library_user_s_whole_walk():
    """Read, repair, write: the same as the command."""
    text = '[{"word": "a", "start": 0, "end": 1, "speaker": 0}]'
    document = diarfix.read_document(text, "mem.json")
    fixed = diarfix.repair(document)
    assert document.render(fixed.words) == text
    assert diarfix.smooth(document.words).words.labels == [0]


def test_without_smoothing_labels_in_a_raw_inference_file_stay():
    """A raw-inference file that carries labels keeps them, whatever its own turns say."""
    text = (
        '{"raw_segments": [{"words": [{"word": "a", "start": 0, "end": 1, "speaker": "B"}]}],'
        ' "diarize_records": [{"start": 0, "end": 1, "speaker": "A"}]}'
    )
    document = diarfix.read_document(text, "mem.json")
    off = diarfix.Settings(smoothing_enabled=False)
    for method in ("rules", "viterbi"):
        kept = diarfix.repair(document, method=method, settings=off)
        assert kept.words.labels == ["B"]
