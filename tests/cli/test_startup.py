"""What a command may load before it does its work: start-up time, as a list that is the same on
every machine.
"""

import json
import subprocess
import sys

import pytest

from diarfix.cli import COMMANDS

#: Packages and modules that cost more than the rest together, and what may load them.
HEAVY = {
    "numpy", "scipy", "rich", "pydantic", "importlib.metadata", "concurrent.futures",
    "multiprocessing", "email", "http", "urllib.request", "ssl", "asyncio", "zipfile", "ray",
    "torch", "onnxruntime", "soundfile", "soxr", "fsspec", "pyannote", "meeteval",
}  # fmt: skip
#: Our modules that every call loads.
SMALL = {
    "diarfix.cli", "diarfix.cli.console", "diarfix.cli.command", "diarfix.errors", "diarfix.faces",
}  # fmt: skip
TALK = {"segments": [{"words": [{"word": "a", "start": 0, "end": 1, "speaker": "A"}]}]}


def loaded(*arguments, environment=None):
    """The modules that a command line has imported when it ends."""
    code = (
        "import atexit, json, sys\n"
        "tell = lambda: print('LOADED' + json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
        "atexit.register(tell)\n"
        "from diarfix.cli import app\n"
        f"sys.argv = ['diarfix', *{list(arguments)!r}]\n"
        "app()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert "LOADED" in run.stderr, run.stderr
    return run, set(json.loads(run.stderr.rpartition("LOADED")[2]))


def ours(modules):
    return {name for name in modules if name.startswith("diarfix.")}


def test_the_version_needs_no_command_and_no_heavy_package():
    run, modules = loaded("--version")
    assert run.stdout.startswith("diarfix ")
    assert not modules & (HEAVY - {"importlib.metadata", "email", "zipfile"})
    assert ours(modules) == SMALL


def test_help_lists_every_command_and_loads_none():
    run, modules = loaded("--help")
    assert all(name in run.stdout for name in COMMANDS)
    assert not modules & (HEAVY - {"importlib.metadata", "email", "zipfile"})
    assert ours(modules) == SMALL


def test_smooth_loads_what_it_needs_and_nothing_of_the_other_commands(tmp_path):
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(TALK))
    run, modules = loaded("smooth", str(path), "--format", "whisperx", "-o", "-")
    assert json.loads(run.stdout) == TALK
    assert not modules & (HEAVY - {"numpy"})
    for other in ("metrics", "benchmark", "contacts", "embed", "edits.rechecks"):
        assert not any(name.startswith(f"diarfix.{other}") for name in modules), other
    for other in set(COMMANDS) - {"smooth"}:
        assert f"diarfix.cli.{other.replace('-', '_')}" not in modules


@pytest.mark.parametrize("words", ["diarfix ", "diarfix sm", "diarfix smooth --max-isl"])
def test_tab_completion_answers_without_numpy(words):
    environment = {
        "_DIARFIX_COMPLETE": "complete_bash", "COMP_WORDS": words, "PATH": "",
        "COMP_CWORD": str(words.count(" ")), "_TYPER_COMPLETE_ARGS": words,
    }  # fmt: skip
    code = (
        "import sys\nsys.argv = ['diarfix']\nfrom diarfix.cli import app\n"
        "try:\n    app(prog_name='diarfix')\nfinally:\n"
        "    print(sorted(sys.modules), file=sys.stderr)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    wanted = "--max-island-words" if "isl" in words else "smooth"
    assert wanted in run.stdout, run.stderr
    assert "'numpy'" not in run.stderr
    assert "'scipy'" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--jobs", "2"], 0, ""),
        (["--jobs", "-1"], 2, "'--jobs'"),
        (["--jobs", "two"], 2, "'--jobs'"),
        (["--segments", "split"], 0, ""),
        (["--segments", "slice"], 2, "'--segments'"),
        (["--min-silent-gap", "0.5"], 0, ""),
        (["--min-silent-gap", "much"], 2, "'--min-silent-gap'"),
        (["--no-smoothing-enabled", "-q"], 0, ""),
    ],
)
def test_values_that_are_given_are_still_checked(tmp_path, arguments, code, told):
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(TALK))
    command = [sys.executable, "-m", "diarfix", "smooth", str(path), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == code
    assert told in run.stderr
