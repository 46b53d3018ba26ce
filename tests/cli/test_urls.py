"""Every option that takes a file takes a URL: a store in memory stands for them all."""

import json
import shutil
from pathlib import Path

import pytest

fsspec = pytest.importorskip("fsspec", reason="needs the extra fsspec")

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture
def store():
    """The corpus in a store in memory, under memory://corpus."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    for path in CORPUS.rglob("*"):
        if path.suffix in {".json", ".rttm", ".nlp"}:
            memory.pipe_file(f"/corpus/{path.relative_to(CORPUS)}", path.read_bytes())
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


@pytest.fixture
def local(cli, tmp_path):
    """The same corpus in a folder of this machine, in which commands run."""
    shutil.copytree(CORPUS, tmp_path / "corpus")
    return tmp_path


def same(store, local, folder):
    """Check that a folder holds the same files in the store and on this machine, names aside."""
    there = {
        p.removeprefix("/"): store.cat_file(p).replace(b"memory://", b"")
        for p in store.find(f"/{folder}")
    }
    here = {
        p.relative_to(local).as_posix(): p.read_bytes()
        for p in (local / folder).rglob("*")
        if p.is_file()
    }
    assert there == {name: here.get(name) for name in there}
    return set(there)


def test_smooth_writes_a_folder_of_a_store_its_changes_and_its_turns(cli, store, local):
    names = ("corpus/words", "out", "out/changes.jsonl", "out/runs.rttm")
    for prefix in ("", "memory://"):
        source, out, changes, runs = (prefix + name for name in names)
        ran = cli("smooth", source, "--output-dir", out, "--changes", changes, "--rttm", runs, "-q")
        assert ran.code == 2  # some have no labels without their turns
    written = same(store, local, "out")
    assert {"out/changes.jsonl", "out/runs.rttm", "out/garden.json"} <= written
    assert len(store.cat_file("/out/changes.jsonl").splitlines()) > 20


def test_smooth_repairs_a_pattern_of_a_store_in_place_and_keeps_the_input(cli, store, local):
    before = store.cat_file("/corpus/words/garden.json")
    for prefix in ("", "memory://"):
        ran = cli("smooth", f"{prefix}corpus/words/g*.json", "-i", "--backup", ".bak", "--json")
        assert [f["dialect"] for f in json.loads(ran.out)["files"]] == ["assemblyai"]
        assert ran.code == 2  # glacier needs its turns
    assert store.cat_file("/corpus/words/garden.json.bak") == before
    assert store.cat_file("/corpus/words/garden.json") != before
    assert same(store, local, "corpus/words") > {"corpus/words/garden.json.bak"}


def test_turns_and_one_output_may_be_in_a_store(cli, store, local):
    words, turns = "corpus/words/baker.json", "corpus/turns/baker.rttm"
    there = cli("smooth", f"memory://{words}", "--turns", f"memory://{turns}", "-o", "memory://b")
    here = cli("smooth", words, "--turns", turns, "-o", "b")
    assert (there.code, here.code) == (0, 0)
    assert there.err.replace("memory://", "") == here.err
    assert store.cat_file("/b") == (local / "b").read_bytes()


def test_score_reads_both_sides_from_a_store(cli, store, local):
    ref, hyp = "corpus/ref/garden.words.json", "corpus/words/garden.json"
    there = cli(
        "score", f"memory://{ref}", f"memory://{hyp}", "--json", "--html", "memory://p.html"
    )
    here = cli("score", ref, hyp, "--json")
    assert (there.code, there.out) == (here.code, here.out) == (0, here.out)
    assert b"</html>" in store.cat_file("/p.html")
    folders = ("corpus/turns", "corpus/ref")
    there = cli("score", *(f"memory://{f}" for f in folders), "--json")
    here = cli("score", *folders, "--json")
    assert (there.code, there.out) == (here.code, here.out)
    assert len(json.loads(here.out)["files"]) > 3


def test_benchmark_runs_a_corpus_of_a_store_and_writes_its_folder(cli, store, local):
    call = ("--bootstrap", "50", "--no-cache", "--json")
    there = cli(
        "benchmark", "--corpus", "memory://corpus/corpus.json", *call, "--out", "memory://o"
    )
    here = cli("benchmark", "--corpus", "corpus/corpus.json", *call)
    assert (there.code, here.code) == (0, 0)
    found, expected = json.loads(there.out), json.loads(here.out)
    for part in ("files", "datasets", "overall"):
        assert found[part] == expected[part]
    assert {p.rsplit("/", 1)[-1] for p in store.find("/o")} == {
        "results.json",
        "summary.md",
        "report.html",
    }


def test_entries_of_a_corpus_may_be_urls(cli, store, local):
    tree = json.loads((CORPUS / "corpus.json").read_text())
    entry = next(e for e in tree["files"] if e["id"] == "garden")
    keys = ("words", "turns", "ref_rttm", "ref_words_json")
    entry |= {k: f"memory://corpus/{entry[k]}" for k in keys if entry.get(k)}
    (local / "one.json").write_text(json.dumps({"files": [entry | {"audio_path": None}]}))
    ran = cli("benchmark", "--corpus", "one.json", "--no-cache", "--bootstrap", "50", "--json")
    assert ran.code == 0
    assert [f["id"] for f in json.loads(ran.out)["files"]] == ["garden"]


def test_audio_in_a_store_is_heard_and_its_copy_dropped(store, monkeypatch, tmp_path):
    soundfile = pytest.importorskip("soundfile")
    from diarfix.embed import open_audio
    from diarfix.embed.audio import NoAudio

    path = CORPUS / "audio/ferry.flac"
    assert soundfile.info(path).samplerate
    store.pipe_file("/ferry.flac", path.read_bytes())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_audio("memory://ferry.flac") as there, open_audio(path) as here:
        assert there.path == "memory://ferry.flac"
        assert there.digest == here.digest
        assert (there.read(1.0, 1.5) == here.read(1.0, 1.5)).all()
    assert not list(tmp_path.iterdir())
    with pytest.raises(NoAudio, match=r"memory://gone\.flac: no such file"):
        open_audio("memory://gone.flac")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("smooth", "memory://gone.json"), "memory://gone.json: no such file or directory"),
        (("smooth", "memory://corpus/*.x"), "memory://corpus/*.x: no file matches"),
        (("smooth", "memory://corpus/audio"), "no *.json or *.nlp in this folder"),
        (("score", "memory://gone.rttm", "memory://corpus/words/garden.json"), "no such file"),
        (("score", "memory://a", "memory://b", "--html", "p", "--audio", "s3://b/a"), "no such"),
    ],
)
def test_what_is_not_there_is_said_and_exits_2(cli, store, arguments, says):
    if arguments[1] == "memory://corpus/audio":
        store.rm("/corpus/audio", recursive=True)
        store.pipe_file("/corpus/audio/a.flac", b"")
    ran = cli(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_plain_paths_never_load_fsspec(process, local):
    ran = process(
        "smooth", "corpus/words/garden.json", "-o", "o.json", env={"PYTHONPROFILEIMPORTTIME": "1"}
    )
    assert ran.code == 0
    assert "fsspec" not in ran.err
