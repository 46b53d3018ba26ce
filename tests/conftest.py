import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test measures time: on a busy machine any example, and drawing any, may take its time.
settings.register_profile("law", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("law")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def data_dir():
    """The folder of real data: DIARFIX_DATA, else shared/data beside the checkout."""
    folder = Path(os.environ.get("DIARFIX_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "corpus.json").is_file():
        pytest.skip(f"no real data in {folder} (set DIARFIX_DATA)")
    return folder


@dataclass(frozen=True)
class Ran:
    """What a call of the command line left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self):
        return self.out.decode("utf-8")


class Streams:
    """Byte-backed stand-ins for the standard streams, as a pipe would be."""

    def __init__(self, stdin):
        self.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        self.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        self.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


@pytest.fixture
def cli(monkeypatch, tmp_path):
    """Call ``diarfix`` in this process, in an empty folder and a bare environment."""
    for name in list(os.environ):
        if name.startswith(("DIARFIX_", "ENGINE_BOUNDARY_")) and name != "DIARFIX_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)

    def call(*arguments, stdin=b""):
        from diarfix.cli import app

        streams = Streams(stdin)
        code = 0
        with monkeypatch.context() as patch:
            for name in ("stdin", "stdout", "stderr"):
                patch.setattr(sys, name, getattr(streams, name))
            try:
                app([str(a) for a in arguments], prog_name="diarfix")
            except SystemExit as end:
                code = end.code
        out = streams.stdout.buffer.getvalue()
        return Ran(code or 0, out, streams.stderr.buffer.getvalue().decode("utf-8"))

    return call


@pytest.fixture
def process(tmp_path):
    """Call ``diarfix`` as a process of its own."""

    def call(*arguments, stdin=b"", cwd=tmp_path, env=None):
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith("DIARFIX_") or k == "DIARFIX_CACHE"
        }
        done = subprocess.run(
            [sys.executable, "-m", "diarfix", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env=kept | {"NO_COLOR": "1", "COLUMNS": "100"} | (env or {}),
            check=False,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8"))

    return call


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    """No test reads or leaves cells, models or vectors in the cache of whoever runs it."""
    monkeypatch.setenv("DIARFIX_CACHE", str(tmp_path / "diarfix-cache"))
