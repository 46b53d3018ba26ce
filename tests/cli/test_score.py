"""``diarfix score`` from outside: every combination, every gate, every exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diarfix.cli import app

DATA = Path(os.environ.get("DIARFIX_DATA", Path(__file__).parents[3] / "shared" / "data"))

#: The keys that every entry of ``files`` and ``overall`` has.
METRICS = {
    "n_words", "n_scored", "n_excluded", "n_unlabelled", "n_word_errors", "wser", "t_wser",
    "islands", "island_hist", "boundary_errors", "interior_errors", "boundary_precision",
    "boundary_recall", "boundary_f1", "ref_speakers", "hyp_speakers", "coverage", "der",
    "der_missed", "der_false_alarm", "der_confusion", "jer", "cpwer", "tcpwer", "wder",
}  # fmt: skip
#: Those of our own.
MORE = {"short_turns", "absorbed_turns", "der_scored_seconds"}

TEXT = ["so", "we", "go", "on", "and", "then", "you", "stop", "it", "there"]


class Run:
    """The outcome of one call."""

    def __init__(self, *args, data=None):
        result = CliRunner().invoke(app, ["score", *map(str, args)], input=data)
        self.rc, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def tree(self):
        return json.loads(self.out, parse_constant=pytest.fail)

    @property
    def errors(self):
        return [line for line in self.err.splitlines() if line.startswith("error:")]


def words(labels="AAAAABBBBB", *, texts=TEXT, timed=True):
    rows = []
    for i, (text, label) in enumerate(zip(texts, labels, strict=True)):
        row = {"word": text, "speaker": label}
        if timed:
            row |= {"start": float(i), "end": i + 0.9}
        if label == " ":
            del row["speaker"]
        rows.append(row)
    return {"words": rows}


def rttm(*names):
    return "".join(
        f"SPEAKER {n} 1 0 5 <NA> <NA> Ann <NA> <NA>\nSPEAKER {n} 1 5 5 <NA> <NA> Ben <NA> <NA>\n"
        for n in names
    )


def seglst(*names):
    return [
        {"session_id": n, "speaker": s, "words": " ".join(t), "start_time": a, "end_time": a + 5}
        for n in names
        for s, t, a in (("Ann", TEXT[:5], 0), ("Ben", TEXT[5:], 5))
    ]


NLP = "token|speaker|ts|endTs|punctuation\n" + "".join(
    f"{t}|{1 if i < 5 else 2}|||\n" for i, t in enumerate(TEXT)
)
STM = f"r 1 Ann 0 5 <o> {' '.join(TEXT[:5])}\nr 1 Ben 5 10 <o> {' '.join(TEXT[5:])}\n"


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def ref(file):
    return file("r.rttm", rttm("r"))


@pytest.fixture
def good(file):
    return file("hyp/r.json", words())


@pytest.fixture
def bad(file):
    """One island of one word, one word over the seam: 2 of 10 wrong."""
    return file("bad/r.json", words("AABAABBBBA"))


# --- what is shown -------------------------------------------------------------------------------


def test_the_table_says_what_how_and_where(ref, bad):
    run = Run(ref, bad)
    assert run.rc == 0
    for part in ("wser", "20.00 %", "2 of 10 words", "collar ±0 s", "A = Ann, B = Ben", "island"):
        assert part in run.out
    assert "not measured: wder, cpwer, tcpwer: the reference has no words" in run.out


@pytest.mark.parametrize("columns", ["80", "100"])
def test_the_table_fits_the_window_and_one_screen(ref, bad, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = Run(ref, bad).out.splitlines()
    assert max(len(line) for line in lines) <= int(columns)
    assert len(lines) <= 30


def test_brackets_and_colons_in_labels_and_text_are_what_they_are(file, ref):
    hyp = words("AABAABBBBB")
    hyp["words"][2] |= {"speaker": "[/x] [red]", "word": ":smile:"}
    run = Run(ref, file("r.json", hyp))
    assert run.rc == 0
    assert "[/x] [red]" in run.out
    assert ":smile:" in run.out


def test_a_lone_surrogate_ends_no_report(file, ref):
    hyp = words("AABAABBBBB")
    hyp["words"][2] |= {"speaker": "\ud800", "word": "\ud801"}
    path = file("r.json", json.dumps(hyp))
    done = subprocess.run(
        [sys.executable, "-m", "diarfix", "score", ref, path, "--json"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "\ud800" in json.loads(done.stdout)["files"][0]["mapping"]


def test_several_recordings_have_a_line_each_and_one_together(file):
    run = Run(file("ref.rttm", rttm("a", "b")), file("hyp.json", seglst("b", "a")))
    assert run.rc == 0
    assert [line.split()[0] for line in run.out.splitlines()[1:4]] == ["a", "b", "overall"]


# --- --json --------------------------------------------------------------------------------------


def test_json_has_the_keys_of_the_contract_and_nothing_else_on_stdout(ref, bad):
    tree = Run(ref, bad, "--json").tree
    assert set(tree) == {"schema_version", "settings", "files", "overall"}
    assert set(tree["overall"]) == METRICS | MORE
    assert set(tree["files"][0]) == METRICS | MORE | {"id", "mapping"}
    assert tree["settings"]["collar"] == 0.0
    assert tree["settings"]["extent"] == "union"
    overall = tree["overall"]
    assert overall["wser"] == 0.2
    assert overall["island_hist"] == {"1": 1, "2": 0, "3": 0}
    assert overall["n_word_errors"] == overall["boundary_errors"] + overall["interior_errors"]
    assert overall["cpwer"] is overall["wder"] is None


def test_json_of_turns_has_null_for_words(file, ref):
    overall = Run(ref, file("h.rttm", rttm("h")), "--json").tree["overall"]
    assert (overall["der"], overall["jer"]) == (0.0, 0.0)
    assert overall["n_words"] is overall["wser"] is overall["island_hist"] is None


@pytest.mark.parametrize("jobs", ["2", "0"])
def test_the_output_does_not_depend_on_jobs(file, jobs):
    names = ["a", "b", "c"]
    ref, hyp = file("ref.rttm", rttm(*names)), file("hyp.json", seglst(*names))
    for name in names:
        file(f"folder/{name}.json", words("AABAABBBBA"))
    for side in (hyp, hyp.parent / "folder"):
        one, many = Run(ref, side, "--json"), Run(ref, side, "--json", "-j", jobs)
        assert (one.rc, one.out, one.err) == (many.rc, many.out, many.err)


# --- combinations --------------------------------------------------------------------------------

SIDES = {
    "rttm": ("r.rttm", rttm("r")),
    "words": ("r.json", words()),
    "other words": ("r.json", words("AAAAABBBBB", texts=[*TEXT[:-1], "here"])),
    "stm": ("r.stm", STM),
    "seglst": ("r.json", seglst("r")),
    "nlp": ("r.nlp", NLP),
    "pyannote": (
        "r.json",
        {"diarization": [{"start": a, "end": a + 5, "speaker": f"S{a}"} for a in (0, 5)]},
    ),
}  # fmt: skip

#: REF, HYP -> the families that have values: w(ords), d(er), a(lignment: wder).
COMBINATIONS = {
    ("rttm", "words"): "wd",
    ("rttm", "rttm"): "d",
    ("rttm", "pyannote"): "d",
    ("pyannote", "words"): "wd",
    ("rttm", "seglst"): "d",
    ("rttm", "stm"): "d",
    ("words", "words"): "wd",
    ("words", "other words"): "wda",
    ("words", "nlp"): "w",
    ("nlp", "words"): "w",
    ("nlp", "other words"): "a",
    ("other words", "nlp"): "a",
    ("stm", "words"): "wd",
    ("stm", "other words"): "wda",
    ("seglst", "words"): "wd",
    ("seglst", "other words"): "wda",
    ("seglst", "seglst"): "wd",
    ("seglst", "stm"): "wd",
    ("words", "rttm"): "d",
}


@pytest.mark.parametrize(("left", "right"), COMBINATIONS)
def test_every_combination_is_scored_and_right(file, left, right):
    (a, one), (b, two) = SIDES[left], SIDES[right]
    run = Run(file(f"ref/{a}", one), file(f"hyp/{b}", two), "--json")
    assert run.rc == 0
    turned = (left, right) == ("words", "rttm")
    assert ("REF and HYP the other way round" in run.err) == turned == bool(run.err)
    overall = run.tree["overall"]
    have = "".join(
        letter for letter, key in zip("wda", ("wser", "der", "wder"), strict=True)
        if overall[key] is not None
    )  # fmt: skip
    assert have == COMBINATIONS[left, right]
    assert overall["wser"] in {0.0, None}
    assert overall["wder"] in {0.0, None}
    assert (overall["der_confusion"] or 0.0) == pytest.approx(0.0, abs=1e-9)


def test_raw_inference_is_scored_by_its_own_turns_on_both_sides(file, ref):
    segments = [{"words": [{k: w[k] for k in ("word", "start", "end")} for w in words()["words"]]}]
    turns = [{"start": 0, "end": 5, "speaker": "S0"}, {"start": 5, "end": 10, "speaker": "S1"}]
    raw = file("r.rawinfer.json", {"raw_segments": segments, "diarize_records": turns})
    assert Run(ref, raw, "--json").tree["overall"]["wser"] == 0.0
    assert Run(raw, file("h.json", words("AABAABBBBB")), "--json").tree["overall"]["wser"] == 0.1


def test_ctm_has_no_speakers(file, ref):
    run = Run(ref, file("r.ctm", "".join(f"r 1 {i} 0.9 {t}\n" for i, t in enumerate(TEXT))))
    assert run.rc == 3
    assert run.errors == ["error: r: the hypothesis names no speaker"]


def test_standard_input_serves_one_side(ref, good):
    assert Run(ref, "-", data=good.read_text()).rc == 0
    run = Run("-", "-", data="")
    assert (run.rc, len(run.errors)) == (2, 1)


# --- recordings ----------------------------------------------------------------------------------


def test_one_recording_on_each_side_is_matched_with_a_note(file, good):
    run = Run(file("x.rttm", rttm("other")), good)
    assert run.rc == 0
    assert run.err.startswith("note: scoring 'r' against 'other'")
    assert Run(file("x.rttm", rttm("other")), good, "-q").err == ""


def test_folders_are_matched_by_recording(file, tmp_path):
    for name in ("a", "b"):
        file(f"ref/{name}.ref.rttm", rttm(name))
        file(f"hyp/{name}.out.json", words())
    run = Run(tmp_path / "ref", tmp_path / "hyp", "--json")
    assert run.rc == 0
    assert [entry["id"] for entry in run.tree["files"]] == ["a", "b"]
    assert run.tree["overall"]["n_scored"] == 20


def test_a_recording_missing_from_the_hypothesis_is_missed_and_exit_2(file):
    for name in ("a", "b"):
        file(f"hyp/{name}.json", words())
    run = Run(file("ref.rttm", rttm("a", "b", "c")), file("hyp/a.json", words()).parent, "--json")
    assert run.rc == 2
    assert run.errors == ["error: missing from the hypothesis: recording 'c'"]
    assert run.tree["overall"]["der_missed"] == pytest.approx(1 / 3, abs=0.1)
    assert run.tree["overall"]["n_scored"] == 20


def test_a_recording_missing_from_the_reference_is_exit_2_and_the_rest_is_scored(file):
    ref = file("ref.rttm", rttm("a", "b"))
    run = Run(ref, file("hyp.rttm", rttm("b", "c", "a")), "--json")
    assert run.rc == 2
    assert run.errors == ["error: missing from the reference: recording 'c'"]
    assert run.tree["overall"]["der"] == 0.0


def test_no_recording_in_common_is_exit_2(file):
    run = Run(file("ref.rttm", rttm("a", "b")), file("hyp.rttm", rttm("c", "d")))
    assert (run.rc, run.out) == (2, "")
    assert len(run.errors) == 2


def test_one_bad_file_of_a_folder_is_exit_2_and_the_rest_is_scored(file, tmp_path):
    for name in ("a", "b", "c"):
        file(f"ref/{name}.rttm", rttm(name))
        file(f"hyp/{name}.json", words())
    file("hyp/b.json", '{"words": [')
    run = Run(tmp_path / "ref", tmp_path / "hyp", "--json")
    assert run.rc == 2
    assert len(run.errors) == 1
    assert "b.json" in run.errors[0]
    assert [entry["id"] for entry in run.tree["files"]] == ["a", "b", "c"]
    assert [entry["der_missed"] == 1.0 for entry in run.tree["files"]] == [False, True, False]


NOBODY = {
    "empty.rttm": "",
    "comments.rttm": ";; found nobody\n\n# really\n",
    "other.rttm": "NON-SPEECH r 1 0 5 <NA> <NA> <NA> <NA>\n",
    "nolength.rttm": "SPEAKER b 1 3 0 <NA> <NA> x <NA> <NA>\n",
    "list.json": "[]",
    "words.json": '{"words": []}',
    "segments.json": '{"segments": []}',
    "turns.json": '{"diarization": []}',
    "none.stm": ";; nothing\n",
}


@pytest.mark.parametrize("name", NOBODY)
def test_a_hypothesis_in_which_nobody_speaks_is_all_missed(file, ref, tmp_path, name):
    """Alone, and as one of two of a folder; a gate sees it. A reference may be refused for it."""
    run = Run(ref, file(name, NOBODY[name]), "--json", "--fail-if", "der>0.5")
    assert run.rc == 3
    assert "gate failed: der is 1" in run.err
    assert (run.tree["overall"]["der"], run.tree["overall"]["der_missed"]) == (1.0, 1.0)
    assert Run(file(name, NOBODY[name]), ref).rc == 3
    for one in "ab":
        file(f"ref/{one}.rttm", rttm(one))
    file("hyp/a.rttm", rttm("a"))
    file(f"hyp/b{name[name.index('.') :]}", NOBODY[name])
    run = Run(tmp_path / "ref", tmp_path / "hyp", "--json")
    assert (run.rc, run.tree["overall"]["der"]) == (3, 0.5)
    assert run.errors[0].startswith("error: b: the hypothesis ")
    if "no" not in name:
        run = Run(file("both.rttm", rttm("a", "b")), file(name, NOBODY[name]), "--json")
        assert (run.rc, run.tree["overall"]["der"]) == (3, 1.0)


@pytest.mark.parametrize("labels", [" " * 10, ""])
def test_an_empty_hypothesis_never_passes_alone_or_among_others(file, ref, tmp_path, labels):
    texts = TEXT[: len(labels)]
    empty = file("empty.json", words(labels, texts=texts))
    run = Run(ref, empty, "--min-coverage", 0)
    assert run.rc == 3
    assert len(run.errors) == 1
    for name in ("a", "b"):
        file(f"hyp/{name}.json", words())
    file("hyp/c.json", words(labels, texts=texts))
    run = Run(file("ref.rttm", rttm("a", "b", "c")), tmp_path / "hyp", "--json")
    assert run.rc == 3
    assert [entry["id"] for entry in run.tree["errors"]] == ["c"]


def test_a_reference_of_another_recording_is_exit_2_and_said(file, good):
    far = file("far.rttm", "SPEAKER far 1 500 60 <NA> <NA> Ann <NA> <NA>\n")
    run = Run(far, good)
    assert run.rc == 2
    assert "the reference speaks at 500.0-560.0 s, the hypothesis at 0.0-9.9 s" in run.errors[0]
    assert "hint: is one of them of another recording?" in run.err


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"words": [{"word": "so", "sta',
        "SPEAKER r 1\n",
        "SPEAKER r 1 0 x <NA> <NA> A <NA>\n",
        "[3]",
    ],
)
def test_what_cannot_be_read_is_one_error_line_and_exit_2(file, ref, good, content):
    broken = file("broken.txt", content)
    for pair in ((ref, broken), (broken, good)):
        run = Run(*pair)
        assert (run.rc, run.out, len(run.errors)) == (2, "", 1)
        assert "broken.txt" in run.errors[0]
        assert "Traceback" not in run.err


def test_a_path_that_is_not_there_is_exit_2(ref):
    run = Run(ref, "nowhere.json")
    assert (run.rc, run.errors) == (2, ["error: nowhere.json: no such file or directory"])


# --- gates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "rc"),
    [
        ("wser>0.05", 1), ("wser>0.2", 0), ("wser>=0.2", 1), ("wser<0.5", 1), ("wser<=0.1", 0),
        ("islands==1", 1), ("islands!=1", 0), ("cpwer>1", 1), ("wder>1", 1), ("der > 0.9", 0),
    ],
)  # fmt: skip
def test_a_gate_decides_the_exit_code(ref, bad, gate, rc):
    run = Run(ref, bad, "--fail-if", gate)
    assert run.rc == rc
    assert len(run.errors) == rc


def test_every_gate_that_fails_is_told(ref, bad):
    run = Run(ref, bad, "--fail-if", "wser>0.05", "--fail-if", "islands>0", "--fail-if", "der>1")
    assert run.rc == 1
    assert run.errors == [
        "error: gate failed: wser is 0.2, gate wser>0.05",
        "error: gate failed: islands is 1, gate islands>0",
    ]


def test_gates_that_hold_are_told_in_one_line(ref, bad, tmp_path):
    (tmp_path / "old.json").write_text(Run(ref, bad, "--json").out)
    told = [line for line in Run(ref, bad).err.splitlines() if not line.startswith("note: ")]
    assert told == []
    gates = ("--fail-if", "wser>0.3", "--fail-if", "islands>1", "--baseline", tmp_path / "old.json")
    run = Run(ref, bad, *gates)
    assert run.err.splitlines()[-1] == (
        "gates held: wser is 0.2 (gate wser>0.3); islands is 1 (gate islands>1);"
        " none of 2 gated figures is worse than in the baseline"
    )
    assert Run(ref, bad, *gates, "-q").err == ""
    assert "held" not in Run(ref, bad, *gates, "--fail-if", "der>0").err


@pytest.mark.parametrize("gate", ["wsr>0.05", "wser", "wser>x", "island_hist>1"])
def test_a_gate_that_names_nothing_is_exit_2(ref, bad, gate):
    run = Run(ref, bad, "--fail-if", gate)
    assert (run.rc, run.out, len(run.errors)) == (2, "", 1)


def test_coverage_below_the_gate_is_exit_3(file, ref):
    little = file("r.json", words("AA", texts=TEXT[:2]))
    run = Run(ref, little)
    assert run.rc == 3
    assert "coverage is 0.190, at least 0.5 wanted" in run.errors[0]
    assert Run(ref, little, "--min-coverage", "0.1").rc == 0
    assert Run(ref, little, "--min-coverage", "0").rc == 0
    assert Run(ref, little, "--min-coverage", "1.5").rc == 2


def test_one_recording_without_coverage_does_not_hide_among_many(file, tmp_path):
    for name in "abcdef":
        file(f"hyp/{name}.json", words())
    file("hyp/g.json", words("AA", texts=TEXT[:2]))
    run = Run(file("ref.rttm", rttm(*"abcdefg")), tmp_path / "hyp")
    assert run.rc == 3
    assert run.errors == ["error: g: coverage is 0.190, at least 0.5 wanted"]


def test_coverage_without_value_fails_only_where_it_is_asked_for(file, good):
    nlp = file("r.nlp", NLP)
    assert Run(nlp, good).rc == 0
    run = Run(nlp, good, "--min-coverage", "0.5")
    assert (run.rc, run.errors) == (
        3, ["error: r: coverage has no value: the reference has no times"],
    )  # fmt: skip


def test_the_gravest_of_several_codes_is_returned(file, ref, bad, tmp_path):
    little = file("r.json", words("AA", texts=TEXT[:2]))
    assert Run(ref, little, "--fail-if", "n_words>0").rc == 3
    file("both/r.json", words())
    file("both/s.json", "{")
    run = Run(ref, tmp_path / "both", "--fail-if", "n_words>0")
    assert run.rc == 2


def test_a_baseline_that_was_better_fails(file, ref, good, bad):
    before, after = (
        file(n, Run(ref, h, "--json").out) for n, h in (("g.json", good), ("b.json", bad))
    )
    assert Run(ref, good, "--baseline", before).rc == 0
    assert Run(ref, good, "--baseline", after).rc == 0
    run = Run(ref, bad, "--baseline", before)
    assert run.rc == 1
    told = "\n".join(run.errors)
    assert "wser was 0, is 0.2" in told
    assert "boundary_f1" not in told
    shown = run.out[run.out.index("change") :]
    assert ["wser", "0.00", "%", "20.00", "%", "+20.00", "points", "worse,", "fails"] in [
        line.split() for line in shown.splitlines()
    ]
    assert "coverage" in shown
    tree = Run(ref, bad, "--baseline", before, "--json").tree["baseline"]
    assert tree["boundary_f1"] == {
        "old": 1.0, "new": 0.4, "change": -0.6, "verdict": "worse", "fails": False,
    }  # fmt: skip
    told = "\n".join(Run(ref, bad, "--baseline", before, "--gate-all").errors)
    assert "boundary_f1 was 1, is 0.4" in told
    assert "n_words" not in told
    assert Run(ref, bad, "--gate-all").rc == 2
    assert Run(ref, bad, "--baseline", before, "--tolerance", "abs=100").rc == 0
    assert Run(ref, bad, "--baseline", before, "--tolerance", "abs=0.01,rel=0.2").rc == 1


def test_a_metric_that_vanished_fails_whatever_the_tolerance(file, ref, good):
    before = file("before.json", Run(ref, good, "--json").out)
    run = Run(ref, file("h.rttm", rttm("r")), "--baseline", before, "--tolerance", "abs=100")
    assert run.rc == 1
    assert "error: gate failed: wser was 0 and has no value now" in run.errors


def test_a_baseline_of_other_settings_is_noted(file, ref, good):
    before = file("before.json", Run(ref, good, "--json", "--collar", "0.25").out)
    run = Run(ref, good, "--baseline", before, "--tolerance", "abs=100")
    assert "note: the baseline was measured with another collar" in run.err


@pytest.mark.parametrize("content", ["{}", "[]", '{"overall": 3}', "{", '{"overall": '])
def test_a_baseline_that_is_none_is_exit_2(file, ref, good, content):
    run = Run(ref, good, "--baseline", file("x.json", content))
    assert (run.rc, run.out, len(run.errors)) == (2, "", 1)


def test_a_tolerance_needs_a_baseline(file, ref, good):
    assert Run(ref, good, "--tolerance", "abs=1").rc == 2
    before = file("before.json", Run(ref, good, "--json").out)
    assert Run(ref, good, "--baseline", before, "--tolerance", "5").rc == 2


def test_the_self_test_passes():
    run = Run("--self-test")
    assert run.rc == 0
    assert all(line.startswith("ok") for line in run.out.splitlines())


def test_both_sides_are_needed(ref):
    run = Run(ref)
    assert (run.rc, run.errors) == (2, ["error: score needs REF and HYP"])


def test_what_is_within_the_tolerance_is_marked(file, ref, good, bad):
    before = file("before.json", Run(ref, good, "--json").out)
    page = before.parent / "page.md"
    run = Run(ref, bad, "--baseline", before, "--tolerance", "abs=0.5", "--summary", page)
    assert run.rc == 0
    assert "~+20.00 points" in run.out
    assert "| wser | 0.00 % | 20.00 % | ~+20.00 points |  |" in page.read_text()


def test_names_must_agree_without_a_map(file, ref):
    swapped = file("h.json", words(["Ben"] * 5 + ["Ann"] * 5))
    assert Run(ref, swapped, "--json").tree["overall"]["wser"] == 0.0
    run = Run(ref, swapped, "--no-map", "--json")
    assert (run.tree["overall"]["wser"], run.tree["settings"]["no_map"]) == (1.0, True)
    assert run.tree["files"][0]["mapping"] == {"Ben": "Ben", "Ann": "Ann"}
    assert "speakers by name" in Run(ref, swapped, "--no-map").out


# --- how DER is measured -------------------------------------------------------------------------


def test_the_collar_is_on_each_side_of_a_boundary_and_printed(ref, good):
    run = Run(ref, good, "--collar", "0.25", "--json")
    assert run.tree["overall"]["der_scored_seconds"] == 9.0
    assert run.tree["settings"]["collar"] == 0.25
    assert "collar ±0.25 s" in Run(ref, good, "--collar", "0.25").out


@pytest.mark.parametrize("collar", ["-1", "nan", "inf", "x"])
def test_a_collar_is_a_length(ref, good, collar):
    assert Run(ref, good, "--collar", collar).rc == 2


def test_a_uem_limits_der_and_serves_one_recording_whatever_its_name(file, ref, good):
    uem = file("x.uem", "another 1 0 4\n")
    run = Run(ref, good, "--uem", uem, "--json")
    assert run.tree["overall"]["der_scored_seconds"] == 4.0
    assert run.tree["settings"]["extent"] == "uem"
    told = Run(ref, good, "--uem", uem)
    assert "extent UEM" in told.out
    assert told.err == "note: scoring 'r' in the regions of 'another': the only ones given\n"
    assert "expected scoring regions as UEM" in Run(ref, good, "--uem", ref).err
    far = Run(ref, good, "--uem", file("far.uem", "r 1 100 200\n"))
    assert (far.rc, far.out) == (2, "")
    assert "the UEM scores 100.0-200.0 s" in far.err


def test_a_uem_that_lacks_a_recording_is_exit_2(file):
    uem = file("x.uem", "a 1 0 4\n")
    run = Run(file("ref.rttm", rttm("a", "b")), file("hyp.rttm", rttm("a", "b")), "--uem", uem)
    assert (run.rc, len(run.errors)) == (2, 1)


def test_overlap_is_scored_or_skipped(file):
    ref = file("r.rttm", rttm("r") + "SPEAKER r 1 0 2 <NA> <NA> Cis <NA> <NA>\n")
    hyp = file("h.rttm", rttm("r"))
    assert Run(ref, hyp, "--json").tree["overall"]["der_scored_seconds"] == 12.0
    run = Run(ref, hyp, "--skip-overlap", "--json")
    assert run.tree["overall"]["der_scored_seconds"] == 8.0
    assert "overlap skipped" in Run(ref, hyp, "--skip-overlap").out


# --- other people's packages ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "package"), [("--cpwer", "meeteval"), ("--cross-check", "pyannote.metrics")]
)
def test_a_missing_package_is_exit_4_with_the_command_that_mends_it(
    ref, good, monkeypatch, option, package
):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, package.split(".", maxsplit=1)[0], None)
    run = Run(ref, good, option)
    assert (run.rc, run.out, len(run.errors)) == (4, "", 1)
    assert f"{option} needs {package}" in run.err
    assert "hint: pip install 'diarfix[metrics]'" in run.err


def test_cross_check_prints_both(file, ref):
    pytest.importorskip("pyannote.metrics")
    hyp = file("h.rttm", rttm("r").replace("0 5 ", "0 4 "))
    assert "der by pyannote" in Run(ref, hyp, "--cross-check").out
    overall = Run(ref, hyp, "--cross-check", "--json").tree["overall"]
    assert overall["cross_check"]["der"] == pytest.approx(overall["der"])


def test_cpwer_counts_words_under_the_wrong_speaker_twice(file, good):
    pytest.importorskip("meeteval")
    for name in ("stm", "seglst", "words"):
        path, content = SIDES[name]
        run = Run(file(path, content), good, "--cpwer", "--json")
        assert (run.tree["overall"]["cpwer"], run.tree["overall"]["tcpwer"]) == (0.0, 0.0)
    wrong = file("w.json", words("AAAABBBBBB"))
    assert Run(good, wrong, "--cpwer", "--json").tree["overall"]["cpwer"] == 0.2


def test_score_loads_no_package_that_it_does_not_need(ref, good):
    code = (
        "import sys\nfrom diarfix.cli import app\ntry:\n    app()\n"
        "except SystemExit as e:\n    assert not e.code, e.code\n"
        "heavy = {'pyannote', 'meeteval', 'scipy', 'torch', 'onnxruntime', 'pandas'}\n"
        "print(sorted(heavy & {m.split('.')[0] for m in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "score", ref, good, "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"


# --- real data -----------------------------------------------------------------------------------

KARPATHY = DATA / "karpathy_10m"
needs_data = pytest.mark.skipif(not KARPATHY.is_dir(), reason=f"no data in {DATA}")


@needs_data
def test_karpathy_has_the_published_figures_off_and_by_the_rules(tmp_path):
    ref, raw = KARPATHY / "karpathy_10m.ref.rttm", KARPATHY / "karpathy_10m.rawinfer.json"
    smoothed = tmp_path / "karpathy_10m.json"
    done = CliRunner().invoke(app, ["smooth", str(raw), "--method", "rules", "-o", str(smoothed)])
    assert done.exit_code == 0
    for hyp, errors, islands, wser in ((raw, 21, 7, 0.0093), (smoothed, 14, 1, 0.0062)):
        overall = Run(ref, hyp, "--json").tree["overall"]
        assert (overall["n_word_errors"], overall["islands"]) == (errors, islands)
        assert overall["n_scored"] == 2255
        assert round(overall["wser"], 4) == wser


def test_summary_and_annotations_for_pull_requests(tmp_path):
    """Markdown with the figures; a failed gate told a second time as a workflow command."""
    (tmp_path / "ref.rttm").write_text("SPEAKER r 1 0 4 <NA> <NA> A <NA> <NA>\n")
    rows = [{"word": f"w{i}", "start": i, "end": i + 1, "speaker": "xyyy"[i]} for i in range(4)]
    (tmp_path / "hyp.json").write_text(json.dumps(rows))
    ref, hyp = str(tmp_path / "ref.rttm"), str(tmp_path / "hyp.json")
    page = tmp_path / "score.md"
    call = ["score", ref, hyp, "--summary", str(page), "--fail-if", "wser>0.1", "--annotations"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 1
    assert "| wser | 25.00 % |" in page.read_text()
    assert "::error title=diarfix::gate failed: wser is 0.25, gate wser>0.1" in done.stderr


def test_who_says_nothing_stays_in_the_pool_of_every_word_error_rate(tmp_path):
    pytest.importorskip("meeteval")
    spoken = [
        {"word": f"w{i}", "start": i, "end": i + 0.9, "speaker": "AB"[i > 4]} for i in range(9)
    ]
    for name, rows in (("ref/x", spoken), ("ref/y", spoken), ("hyp/x", spoken), ("hyp/y", [])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    run = Run(str(tmp_path / "ref"), str(tmp_path / "hyp"), "--cpwer", "--json")
    overall = json.loads(run.out)["overall"]
    assert (overall["cpwer"], overall["tcpwer"], overall["der"]) == (0.5, 0.5, 0.5)


def test_segments_are_scored_as_turns_with_text(file):
    """A cue of one word has its times, and is not all that is scored."""
    rttm = "SPEAKER t 1 0 4 <NA> <NA> A\nSPEAKER t 1 4 1 <NA> <NA> B\n"
    segments = [
        {"start": 0, "end": 4, "text": "so it was late", "speaker": "A"},
        {"start": 4, "end": 5, "text": "yes", "speaker": "B"},
    ]
    ref, hyp = file("r.rttm", rttm), file("h.json", json.dumps({"segments": segments}))
    run = Run(ref, hyp, "--json")
    found = json.loads(run.out)["overall"]
    assert (run.rc, found["der"], found["wser"]) == (0, 0.0, None)
    words = [{"word": "w", "start": n, "end": n + 1, "speaker": "AAAAB"[n]} for n in range(5)]
    run = Run(hyp, file("w.json", json.dumps(words)), "--json")
    found = json.loads(run.out)["overall"]
    assert (run.rc, found["der"], found["n_scored"], found["wser"]) == (0, 0.0, 5, 0.0)
