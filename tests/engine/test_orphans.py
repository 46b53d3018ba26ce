"""Whoever ends the main process ends its workers too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")

MAIN = """
import pathlib, signal, sys
from unittest import mock
# What a shell runs in the background is deaf to Ctrl-C, what nohup runs to a hang-up, and so would
# be what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.path.insert(0, sys.argv[1])
import engine_tasks
from diarfix import cli
from diarfix.engine import Engine, run_ordered

folder = pathlib.Path(sys.argv[2])

def app():
    list(run_ordered(engine_tasks.linger, [folder] * 3, Engine(jobs=2)))

if __name__ == "__main__":
    with mock.patch.object(cli, "app", app):
        from diarfix.__main__ import main
        main()
"""


def until(condition):
    """Wait for what comes when it comes; a minute is never on a machine that works."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # Whom nobody waits for stays in the table as a zombie.
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL", "SIGINT"])
def test_no_worker_outlives_the_main_process(name, tmp_path):
    script, folder = tmp_path / "main.py", tmp_path / "at-work"
    script.write_text(MAIN, encoding="utf-8")
    folder.mkdir()
    command = [sys.executable, str(script), str(Path(__file__).parent), str(folder)]
    main = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    until(lambda: len(list(folder.iterdir())) == 2)
    workers = [int(mark.name) for mark in folder.iterdir()]
    if name == "SIGKILL":
        main.kill()
    else:
        os.killpg(main.pid, getattr(signal, name))
    _, said = main.communicate(timeout=60)
    until(lambda: all(map(gone, workers)))
    if name != "SIGKILL":
        assert (main.returncode, said) == (130, "interrupted\n")
        assert not list(folder.iterdir())
