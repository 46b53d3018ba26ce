"""Every command on a Ray cluster: the same bytes as one process writes, also where workers die."""

import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diarfix.cli.command import with_knobs
from diarfix.cli.console import Messages
from diarfix.cli.delivery import Delivery
from diarfix.cli.job import process
from diarfix.cli.options import SmoothOptions
from diarfix.edits.repairs import repair
from diarfix.engine import Engine

CORPUS = Path(__file__).parents[2] / "corpus"
RAY = ("--engine", "ray")


@pytest.fixture
def archive(tmp_path):
    """Words and turns of the corpus, in a folder of their own."""
    shutil.copytree(CORPUS / "words", tmp_path / "words")
    shutil.copytree(CORPUS / "turns", tmp_path / "turns")
    return tmp_path


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def restore(folder, before):
    for path in contents(folder).keys() - before.keys():
        (folder / path).unlink()
    for path, data in before.items():
        (folder / path).write_bytes(data)


def twice(cli, folder, *arguments):
    """What a command prints and leaves behind, on this machine and on the cluster."""
    outcomes = []
    before = contents(folder)
    for engine in ((), RAY):
        ran = cli(*arguments, *engine)
        outcomes.append((ran.code, ran.out, ran.err, contents(folder)))
        restore(folder, before)
    return outcomes


@pytest.mark.parametrize(
    "arguments",
    [
        ("words", "-i", "--backup", ".bak", "--changes", "changes.jsonl", "--json"),
        ("words", "--output-dir", "out", "--rttm", "runs.rttm", "--method", "rules"),
        ("words/baker.json", "--turns", "turns/baker.rttm", "-o", "-", "--segments", "split"),
        ("words", "--check", "--json"),
        ("words", "turns/baker.rttm", "missing.json", "--diff"),
    ],
)
def test_smooth_gives_the_same_bytes(cli, cluster, archive, arguments):
    here, there = twice(cli, archive, "smooth", *arguments)
    assert here == there


def test_score_gives_the_same_bytes(cli, cluster, archive):
    here, there = twice(cli, archive, "score", "turns", str(CORPUS / "ref"), "--json")
    assert here == there
    assert here[1]


def test_benchmark_gives_the_same_bytes(cli, cluster, archive):
    shutil.copytree(CORPUS, archive / "corpus")
    call = ("--corpus", "corpus/corpus.json", "--out", "out", "--bootstrap", "50", "--no-cache")
    here, there = twice(cli, archive, "benchmark", *call)
    assert here == there
    assert here[0] == 0


def test_recheck_opens_audio_and_model_on_the_worker(cli, cluster, archive, onnx_model):
    pytest.importorskip("soundfile")
    call = ("words/allotment.json", "--audio", str(CORPUS / "audio/allotment.flac"))
    call += ("--turns", "turns/allotment.rttm", "-i", "--device", "cpu")
    here, there = twice(cli, archive, "recheck", *call, "--model", onnx_model, "--changes", "-")
    assert here == there
    assert here[0] == 0
    missing = twice(cli, archive, "recheck", *call, "--model", "nowhere.onnx")
    assert missing[0] == missing[1]
    assert missing[0][0] != 0


def process_and_die(job, graves):
    """Killed on the first run of each job, when all its work is done."""
    outcome = process(job, repair)
    grave = Path(graves) / Path(job.path).name
    if not grave.exists():
        grave.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return outcome


@pytest.mark.parametrize("in_place", [True, False])
def test_a_file_whose_worker_was_killed_is_repaired_and_told_once(
    by_value, archive, tmp_path_factory, capsys, in_place
):
    graves = tmp_path_factory.mktemp("graves")

    def run(engine, work):
        names = ("broadband", "fahrrad", "garden", "mudanza", "ferry.seglst")
        paths = [archive / f"words/{name}.json" for name in names]
        options = with_knobs(SmoothOptions)(
            output=None,
            output_dir=None if in_place else str(archive / "out"),
            in_place=in_place,
            backup=".bak" if in_place else None,
            rttm=None,
            changes=str(archive / "changes.jsonl"),
            diff=False,
            check=False,
            json=True,
            format=None,
            time_unit="auto",
        )
        call = Delivery(command="smooth", options=options, engine=engine, say=Messages())
        jobs = call.jobs(list(map(str, paths)))
        before = contents(archive)
        call.run(jobs, work)
        found = contents(archive), capsys.readouterr().out
        restore(archive, before)
        return found

    here = run(Engine(), functools.partial(process, edit=repair))
    there = run(Engine(name="ray"), functools.partial(process_and_die, graves=str(graves)))
    assert len(list(graves.iterdir())) == 5
    assert here == there


def test_an_interrupted_run_leaves_whole_files_and_nothing_running(cluster, archive, monkeypatch):
    """Ctrl-C in the middle of an archive: exit 130, each file old or new, no temporary file."""
    old = (archive / "words/garden.json").read_bytes()
    many = archive / "many"
    many.mkdir()
    for i in range(400):
        (many / f"{i}.json").write_bytes(old)
    run = subprocess.Popen(
        [sys.executable, "-m", "diarfix", "smooth", "many", "--output-dir", "out", "-q", *RAY],
        cwd=archive,
        env=os.environ | {"RAY_ADDRESS": cluster},
        stderr=subprocess.PIPE,
    )
    out = archive / "out"
    deadline = time.monotonic() + 60
    while not (out.is_dir() and len(list(out.glob("*.json"))) > 10):
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert (run.returncode, told.splitlines()[-1]) == (130, b"interrupted")
    time.sleep(0.5)
    written = contents(out)
    time.sleep(0.5)
    assert contents(out) == written
    assert 10 < len(written) < 400
    assert {p.suffix for p in written} == {".json"}
    assert len(set(written.values())) == 1
    assert {p.read_bytes() for p in many.iterdir()} == {old}
