"""Where a call reads and writes: nothing over what it reads, nothing twice, nothing half told."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diarfix.cli import job as jobs
from diarfix.cli.places import Read, Written, check_places
from diarfix.errors import UsageError
from tests.conftest import ROOT

RTTM = """\
SPEAKER talk 1 0.0 1.6 <NA> <NA> A <NA> <NA>
SPEAKER talk 1 1.6 9.0 <NA> <NA> B <NA> <NA>
"""
posix = pytest.mark.skipif(os.name != "posix", reason="names and files of POSIX")


def talk(path, labels="AAAABBAAAA"):
    words = [
        {"word": f"w{i}", "start": i * 0.4, "end": i * 0.4 + 0.35, "speaker": label}
        for i, label in enumerate(labels)
    ]
    Path(path).write_text(json.dumps(words), encoding="utf-8")
    return Path(path).read_bytes()


def speakers(path):
    return "".join(w["speaker"] for w in json.loads(Path(path).read_bytes()))


@pytest.fixture
def place(cli, tmp_path):
    """A folder with one of everything that a call reads, some of it under a second name."""
    talk("talk.json")
    talk("other.json", "AAAAAAAAAA")
    Path("turns.rttm").write_text(RTTM, encoding="utf-8")
    Path("area.uem").write_text("talk 1 0.0 4.0\n", encoding="utf-8")
    Path("sound.wav").write_bytes(b"RIFF")
    Path("rules.toml").write_text("", encoding="utf-8")
    Path("base.json").write_text('{"overall": {}}', encoding="utf-8")
    Path("voices.json").write_text("{}", encoding="utf-8")
    Path("store.json").write_text("[]", encoding="utf-8")
    Path("deep").mkdir()
    talk("deep/in.json")
    corpus = {"id": "t", "dataset": "d", "role": "tune", "words": "talk.json",
              "ref_rttm": "turns.rttm"}  # fmt: skip
    Path("corpus.json").write_text(json.dumps({"version": "1", "files": [corpus]}))
    if os.name == "posix":
        Path("link.json").symlink_to("talk.json")
        os.link("talk.json", "hard.json")
    return tmp_path


def everything(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


SMOOTH = "smooth talk.json -o new.json"
SCORE = "score turns.rttm talk.json"


@pytest.mark.parametrize(
    "call",
    [
        f"{SMOOTH} --changes talk.json",
        f"{SMOOTH} --rttm ./talk.json",
        f"{SMOOTH} --changes deep/../talk.json",
        f"{SMOOTH} --rttm new.json",
        f"{SMOOTH} --changes x --rttm deep/../x",
        f"{SMOOTH} --turns turns.rttm --rttm turns.rttm",
        f"{SMOOTH} --config rules.toml --changes rules.toml",
        "smooth talk.json --turns turns.rttm -o ./turns.rttm",
        "smooth talk.json -o new.json -o ./new.json",
        "smooth talk.json -o x.srt --changes x.srt",
        "smooth talk.json other.json --output-dir .",
        "smooth deep --output-dir deep",
        "smooth talk.json other.json -i --changes other.json",
        "smooth talk.json -i --backup .bak --rttm talk.json.bak",
        "smooth talk.json --check --changes talk.json",
        "rename talk.json A=Ann -o new.json --changes talk.json",
        "recheck talk.json --audio sound.wav -o new.json --rttm sound.wav",
        "recheck talk.json --audio sound.wav --centroids voices.json -o voices.json",
        "convert talk.json --to srt -o ./talk.json",
        "convert deep --to words --output-dir x -o deep/in.json",
        f"{SCORE} --html talk.json",
        f"{SCORE} --summary turns.rttm",
        f"{SCORE} --html x --summary ./x",
        f"{SCORE} --uem area.uem --summary area.uem",
        f"{SCORE} --html page.html --audio sound.wav --summary sound.wav",
        f"{SCORE} --baseline base.json --summary base.json",
        "score turns.rttm deep --summary deep/in.json",
        "benchmark --corpus corpus.json --baseline x/results.json --update-baseline --out x",
        "benchmark --corpus corpus.json --baseline talk.json --update-baseline",
        "benchmark --corpus corpus.json --baseline corpus.json --update-baseline",
        "migrate-embeddings store.json --dry-run --report ./store.json",
        "migrate-embeddings store.json --report store.json.bak",
        pytest.param(f"{SMOOTH} --changes link.json", marks=posix),
        pytest.param(f"{SMOOTH} --rttm hard.json", marks=posix),
        pytest.param("smooth link.json -o talk.json --changes hard.json", marks=posix),
        pytest.param("smooth link.json -o hard.json --rttm /dev/../talk.json", marks=posix),
        pytest.param(f"{SCORE} --html hard.json", marks=posix),
    ],
)
def test_nothing_is_written_over_what_is_read_or_written(cli, place, call):
    before = everything(place)
    call = call.replace("/dev/..", str(place / "deep/.."))
    ran = cli(*shlex.split(call))
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert everything(place) == before


@pytest.mark.parametrize("output", ["talk.json", "./talk.json", "deep/../talk.json"])
def test_o_and_i_may_write_over_their_own_input(cli, place, output):
    assert cli("smooth", "talk.json", "-o", output).code == 0
    assert speakers("talk.json") == "A" * 10


def test_places_of_a_store_are_compared_too():
    pytest.importorskip("fsspec")
    with pytest.raises(UsageError, match="written over --turns memory://b/t"):
        check_places([Read("--turns", "memory://b/t")], [Written("-o", "memory:///b/t")])
    with pytest.raises(UsageError, match="would be one file"):
        check_places([], [Written("-o", "simplecache::memory://a"), Written("-o", "memory://a")])
    with pytest.raises(UsageError, match="would be written over"):
        check_places([Read("--uem", "https://Host/a?b")], [Written("-o", "https://host/a?b")])
    check_places([Read("FILE", "memory://a")], [Written("-o", "memory://b"), Written("-o", None)])
    check_places([], [Written("-o", os.devnull), Written("--rttm", os.devnull)])


@posix
def test_a_file_of_two_names_is_written_in_place_once(cli, place):
    ran = cli("smooth", "talk.json", "hard.json", "link.json", "-i")
    assert ran.code == 0
    assert "hard.json: passed over, it is the same file as talk.json" in ran.err
    assert "link.json: passed over" in ran.err
    assert speakers("hard.json") == "A" * 10
    assert Path("talk.json").stat().st_nlink == 2


# --- results by suffix --------------------------------------------------------------------------


def test_what_is_written_follows_the_suffix(cli, place):
    names = ["a.json", "a.srt", "a.VTT", "a.txt", "a.rttm", "a.ctm", "a.stm", "plain"]
    ran = cli("smooth", "talk.json", "--json", *(x for n in names for x in ("-o", n)))
    assert ran.code == 0
    told = json.loads(ran.text)["files"][0]
    assert (told["output"], told["outputs"]) == ("a.json", names)
    assert speakers("a.json") == speakers("plain") == "A" * 10
    for name in names[1:-1]:
        form = name[2:].lower()
        made = cli("convert", "a.json", "--to", form)
        recording = made.text.replace("\na ", "\ntalk ").replace(" a 1 ", " talk 1 ")
        written = Path(name).read_text(encoding="utf-8")
        assert written.split()[-3:] == recording.split()[-3:]
        assert not written.startswith(("[", "{"))


@pytest.mark.parametrize("output", ["x.docx", "x.json.gz", "x.xyz", "talk.json.bak"])
def test_a_suffix_that_fits_no_form_is_refused(cli, place, output):
    ran = cli("smooth", "talk.json", "-o", output)
    assert ran.code == 2
    assert f"-o {output}: nothing is written as" in ran.err
    assert not Path(output).exists()


def test_a_document_may_end_as_its_input_does(cli, place):
    shutil.copy("talk.json", "talk.transcript")
    assert cli("smooth", "talk.transcript", "-o", "new.transcript").code == 0
    assert speakers("new.transcript") == "A" * 10
    shutil.copy("talk.json", "talk.txt")  # JSON, whatever it is called
    before = Path("talk.txt").read_bytes()
    assert cli("smooth", "talk.txt", "-o", "talk.txt").code == 2
    assert Path("talk.txt").read_bytes() == before
    assert cli("smooth", "talk.txt", "-i").code == 0
    assert speakers("talk.txt") == "A" * 10


def test_rename_writes_subtitles_under_the_new_names(cli, place):
    assert cli("rename", "talk.json", "A=Ann", "-o", "t.vtt").code == 0
    assert "<v Ann>" in Path("t.vtt").read_text()


# --- accounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--changes", "--rttm", "-o"])
@pytest.mark.parametrize("where", ["nowhere/x", "deep", "new/"])
def test_an_account_that_cannot_be_written_is_told_before_any_work(cli, place, option, where):
    before = everything(place)
    rest = () if option == "-o" else ("-i",)
    ran = cli("smooth", "talk.json", *rest, option, where)
    assert ran.code == 2
    assert f"error: {where}: cannot be written" in ran.err
    assert everything(place) == before
    for page in ("--html", "--summary"):
        assert cli("score", "turns.rttm", "talk.json", page, where).out == b""


@pytest.mark.parametrize("processes", [1, 2])
def test_changes_are_on_disk_before_the_file_is(cli, place, monkeypatch, processes):
    talk("b.json")
    seen = []

    def write_text(path, text):
        seen.append((path, Path("c.jsonl").read_text().count("\n"), speakers(path)))
        if path == "b.json":
            raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "write_text", write_text)
    call = ("smooth", "talk.json", "b.json", "-i", "--changes", "c.jsonl")
    ran = cli(*call, "-j", processes)
    assert ran.code == 130
    assert seen == [("talk.json", 2, "AAAABBAAAA"), ("b.json", 4, "AAAABBAAAA")]
    told = [json.loads(line) for line in Path("c.jsonl").read_text().splitlines()]
    assert [t["file"] for t in told] == ["talk.json"] * 2 + ["b.json"] * 2


def test_what_could_not_be_written_is_not_on_record(cli, place, monkeypatch):
    talk("b.json")
    write = jobs.write_text

    def write_text(path, text):
        if path == "talk.json":
            raise UsageError("no")
        write(path, text)

    monkeypatch.setattr(jobs, "write_text", write_text)
    assert cli("smooth", "talk.json", "b.json", "-i", "--changes", "c.jsonl").code == 2
    told = [json.loads(line)["file"] for line in Path("c.jsonl").read_text().splitlines()]
    assert told == ["b.json", "b.json"]


@posix
def test_a_file_is_not_written_where_its_record_finds_no_room(cli, place, monkeypatch):
    talk("b.json")
    write, room = os.write, [1, 0]

    def full(handle, data):
        if data[:9] == b'{"file": ' and not room.pop(0):
            write(handle, data[:20])
            raise OSError(28, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(os, "write", full)
    ran = cli("smooth", "talk.json", "b.json", "-i", "--changes", "c.jsonl")
    assert ran.code == 2
    assert ran.err.endswith("error: c.jsonl: cannot be written: no space left on device\n")
    assert (speakers("talk.json"), speakers("b.json")) == ("A" * 10, "AAAABBAAAA")
    told = [json.loads(line)["file"] for line in Path("c.jsonl").read_text().splitlines()]
    assert told == ["talk.json"] * 2


def test_an_earlier_record_stays_until_there_is_another(cli, place):
    Path("c.jsonl").write_text("old\n")
    Path("bad.json").write_text("{")
    assert cli("smooth", "talk.json", "--turns", "bad.json", "-i", "--changes", "c.jsonl").code == 2
    assert Path("c.jsonl").read_text() == "old\n"
    assert cli("smooth", "other.json", "-i", "--changes", "c.jsonl").code == 0
    assert Path("c.jsonl").read_text() == ""


# --- backups ------------------------------------------------------------------------------------


def test_a_backup_replaces_nothing(cli, place):
    before = Path("talk.json").read_bytes()
    Path("talk.json.old").write_text("precious")
    Path("talk.json.old1").mkdir()
    ran = cli("smooth", "talk.json", "-i", "--backup", ".old")
    assert ran.code == 0
    assert "note: talk.json: the file before is kept as talk.json.old2" in ran.err
    assert Path("talk.json.old").read_text() == "precious"
    assert Path("talk.json.old2").read_bytes() == before
    assert cli("rename", "talk.json", "A=Ann", "-i", "--backup", ".old").code == 0
    assert Path("talk.json.old2").read_bytes() == before
    assert speakers("talk.json.old3") == "A" * 10


@posix
def test_a_backup_has_the_mode_and_goes_through_no_link(cli, place):
    Path("talk.json").chmod(0o600)
    Path("talk.json.bak").symlink_to("nowhere")
    assert cli("smooth", "talk.json", "-i", "--backup", ".bak").code == 0
    assert not Path("nowhere").exists()
    assert Path("talk.json.bak1").stat().st_mode & 0o777 == 0o600


# --- pipes, devices, streams --------------------------------------------------------------------


@posix
def test_pipes_in_folders_are_passed_over_and_told(process, tmp_path):
    talk(tmp_path / "a.json")
    os.mkfifo(tmp_path / "b.json")
    for call in (("smooth", "--check", "."), ("smooth", "--check", "*.json"), ("inspect", ".")):
        ran = process(*call)
        assert ran.code == (0 if call[0] == "inspect" else 1)
        assert "note: b.json: passed over, it is no file" in ran.err
    (tmp_path / "b.json").unlink()
    folder = tmp_path / "refs"
    folder.mkdir()
    shutil.copy(tmp_path / "a.json", folder)
    os.mkfifo(folder / "x.rttm")
    ran = process("score", "refs", "a.json")
    assert ran.code == 0
    assert "x.rttm: passed over" in ran.err


SHELL = """
set -e
D="{python} -m diarfix"
$D smooth talk.json -q -o want.json
$D smooth talk.json -q -o /dev/stdout | cmp - want.json
$D smooth talk.json -q -o /dev/stdout > redirected; cmp redirected want.json
$D smooth talk.json -q -o /dev/fd/3 3> third; cmp third want.json
$D smooth talk.json -q -o /dev/null --rttm /dev/null --changes /dev/null
$D smooth talk.json -q -o x.json --changes >(cat > changes; touch done)
while [ ! -e done ]; do sleep .05; done
[ "$(wc -l < changes)" = 2 ]
$D smooth <(cat talk.json) -q -o y.json; cmp y.json want.json
$D convert talk.json --to srt -q -o /dev/stdout | grep -q w0
"""


@posix
def test_names_of_open_files_work(tmp_path):
    talk(tmp_path / "talk.json")
    done = subprocess.run(
        ["bash", "-c", SHELL.format(python=sys.executable)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


CALLS = ("smooth -", "smooth talk.json", "inspect talk.json", "convert talk.json --to srt",
         "smooth talk.json --diff", "score talk.json talk.json", "--help", "--version",
         "smooth --help", "smooth --show-config", "inspect talk.json --json")  # fmt: skip


def shell(folder, text):
    return subprocess.run(
        ["bash", "-c", text.replace("diarfix", f"{sys.executable} -m diarfix")],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@posix
@pytest.mark.parametrize("call", CALLS)
def test_a_closed_stream_is_one_line(tmp_path, call):
    talk(tmp_path / "talk.json")
    out = shell(tmp_path, f"diarfix {call} < talk.json >&-")
    assert (out.returncode, out.stderr.count("error: ")) == (2, 1)
    assert "Traceback" not in out.stderr
    err = shell(tmp_path, f"diarfix {call} < talk.json 2>&-")
    assert err.returncode == 0
    assert "error: " not in err.stdout
    assert shell(tmp_path, f"diarfix {call} <&- >&- 2>&-").returncode == 2
    stdin = shell(tmp_path, f"diarfix {call} <&-")
    assert stdin.returncode == (2 if call.endswith("-") else 0)
    assert "Traceback" not in stdin.stderr


@posix
@pytest.mark.parametrize("call", CALLS)
def test_a_reader_that_left_is_never_an_answer(tmp_path, call):
    talk(tmp_path / "talk.json")
    ran = shell(tmp_path, f"diarfix {call} < talk.json | true; exit ${{PIPESTATUS[0]}}")
    assert ran.returncode in {0, 141}
    assert "error" not in ran.stderr
    both = shell(tmp_path, f"diarfix {call} < talk.json 2>&1 | true; exit ${{PIPESTATUS[0]}}")
    assert both.returncode in {0, 141}


@posix
def test_a_vanished_folder_is_one_line(tmp_path):
    talk(tmp_path / "talk.json")
    talk(tmp_path / "b.json")
    gone = "mkdir gone; cd gone; rmdir ../gone; diarfix"
    assert shell(tmp_path, f"{gone} smooth {tmp_path}/talk.json -q -o {tmp_path}/o").returncode == 0
    for call in ("smooth talk.json", f"smooth {tmp_path}/talk.json -o x.json",
                 f"smooth -j 2 {tmp_path}/talk.json {tmp_path}/b.json -i"):  # fmt: skip
        ran = shell(tmp_path, f"{gone} {call}")
        assert ran.returncode == 2
        assert [
            line for line in ran.stderr.splitlines() if "error: " in line and "shell" not in line
        ]
        assert "Traceback" not in ran.stderr


# --- hooks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["diarfix-check", "diarfix-smooth"])
def test_a_hook_passes_over_json_that_is_no_transcript(process, tmp_path, name):
    yaml = pytest.importorskip("yaml")
    (hook,) = [
        h for h in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if h["id"] == name
    ]
    program, *options = hook["entry"].split()
    assert program == "diarfix"
    others = {
        "package.json": '{"name": "x", "version": "1.0.0"}',
        "tsconfig.json": '{\n  // a comment\n  "strict": true,\n}',
        "cspell.json": '{"version": "0.2", "words": ["diarize", "viterbi"]}',
        "empty.json": "",
        "list.json": "[]",
        "number.json": "3",
        "unlabelled.json": '[{"word": "a", "start": 0, "end": 1}]',
        "locale.json": '{"hello": "Hallo"}',
    }
    for file, text in others.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    ran = process(*options, *others)
    assert ran.code == 0
    assert "note: passed over: package.json: no known word file" in ran.err
    talk(tmp_path / "talk.json")
    ran = process(*options, "talk.json", *others)
    assert ran.code == (1 if name == "diarfix-check" else 0)
    assert (speakers(tmp_path / "talk.json") == "A" * 10) is (name == "diarfix-smooth")
    assert {f: (tmp_path / f).read_text(encoding="utf-8") for f in others} == others
    assert process(*options, "missing.json").code == 2


@pytest.mark.parametrize("name", ["diarfix.toml", "pyproject.toml"])
@pytest.mark.parametrize("option", ["--changes", "--rttm"])
def test_settings_that_are_found_are_not_written_over(cli, monkeypatch, tmp_path, name, option):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("[tool.diarfix]\nmax_island_words = 2\n", encoding="utf-8")
    words = [{"word": "w", "start": i, "end": i + 1, "speaker": "A"} for i in range(3)]
    (tmp_path / "a.json").write_text(json.dumps(words), encoding="utf-8")
    ran = cli("smooth", "a.json", "-o", "out.json", option, name)
    assert ran.code == 2
    assert "would be written over the settings in" in ran.err
    assert "max_island_words" in (tmp_path / name).read_text(encoding="utf-8")
    assert not (tmp_path / "out.json").exists()


def test_a_name_that_is_all_suffix_has_that_suffix(cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = [{"word": "w", "start": i, "end": i + 1, "speaker": "A"} for i in range(3)]
    (tmp_path / "a.json").write_text(json.dumps(words), encoding="utf-8")
    assert cli("smooth", "a.json", "-o", ".srt").code == 0
    assert (tmp_path / ".srt").read_text(encoding="utf-8").startswith("1\n00:00:00,000 --> ")
