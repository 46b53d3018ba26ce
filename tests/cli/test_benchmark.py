"""``diarfix benchmark`` from the command line: outputs, gates, exit codes, the frozen corpus."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from diarfix.cli import app, load_command
from diarfix.core.words import turns_from_rows
from diarfix.formats.text.rttm import write_rttm
from diarfix.report.benchmark_text import benchmark_table

ROOT = Path(__file__).parents[2]
TRUTH = [(0, 20, "A"), (20, 40, "B"), (40, 60, "A")]
ISLAND = [(0, 10, "x"), (10, 11, "y"), (11, 20, "x"), (20, 42, "y"), (42, 60, "x")]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DIARFIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def corpus(tmp_path):
    """Two datasets of one recording each: one with an island, one without error."""
    words = [{"word": f"w{i}", "start": i + 0.1, "end": i + 0.9} for i in range(60)]
    files = []
    for name, dataset, turns in (("one", "d1", ISLAND), ("three", "d2", TRUTH)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"words": words}))
        for kind, rows in (("hyp", turns), ("ref", TRUTH)):
            text = write_rttm({name: turns_from_rows(rows)})
            (tmp_path / f"{name}.{kind}.rttm").write_text(text)
        files.append(
            {
                "id": name,
                "dataset": dataset,
                "role": "tune",
                "words": f"{name}.json",
                "turns": f"{name}.hyp.rttm",
                "ref_rttm": f"{name}.ref.rttm",
            }
        )
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps({"version": "1", "files": files}))
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["benchmark", *map(str, arguments)])


def results_of(corpus, *arguments):
    done = run("--corpus", corpus, "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_json_has_the_contract_s_keys(corpus):
    """One document: settings, variants, files, datasets, overall."""
    tree = results_of(corpus, "--variants", "off,rules")
    assert list(tree) == [
        "schema_version", "settings", "variants", "files", "datasets", "overall",
    ]  # fmt: skip
    assert tree["variants"] == ["off", "rules"]
    assert {"repaired", "broken", "regression"} <= set(tree["files"][0]["variants"]["rules"])
    delta = tree["datasets"]["d1"]["rules"]["delta"]
    assert {"mean", "ci_low", "ci_high", "n", "unit", "significant"} <= set(delta)
    assert tree["datasets"]["d1"]["n_files"] == 1
    assert tree["overall"]["off"]["n_word_errors"] == 3
    assert tree["overall"]["rules"]["n_word_errors"] == 2


def test_out_writes_results_summary_and_report_and_replays(corpus, tmp_path):
    """DIR holds the three files; --config results.json runs the same again."""
    done = run(
        "--corpus", corpus, "--variants", "rules", "--sweep", "max_island_words=1,2", "--out",
        "out", "--min-silent-gap", "0.25", "--seed", "3",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    first = json.loads((tmp_path / "out/results.json").read_text())
    assert first["settings"]["knobs"]["min_silent_gap"] == 0.25
    assert "| overall |" in (tmp_path / "out/summary.md").read_text()
    assert "<html" in (tmp_path / "out/report.html").read_text()[:200].lower()
    again = results_of(corpus, "--config", "out/results.json")
    assert again == first


def written(tmp_path, **settings):
    """The results of an earlier run whose settings were others."""
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"settings": {"knobs": {}, **settings}}))
    return path


def test_a_replay_takes_everything_that_was_recorded(corpus, tmp_path):
    """Corpus, variants, sweep, datasets, sample, seed, draws, embedder, model, knobs; not less."""
    first = results_of(
        corpus, "--variants", "off,rules,recheck", "--sweep", "min_flank_words=2,3",
        "--dataset", "d1", "--sample", "1", "--seed", "5", "--bootstrap", "70",
        "--embedder", "wespeaker", "--model", "voices", "--min-silent-gap", "0.25",
    )  # fmt: skip
    settings = first["settings"]
    assert (settings["embedder"], settings["model"]) == ("wespeaker", "voices")
    (tmp_path / "r.json").write_text(json.dumps(first))
    again = run("--config", "r.json", "--json")
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout) == first
    other = json.loads(run("--config", "r.json", "--json", "--seed", "6").stdout)["settings"]
    assert other == {**settings, "seed": 6}
    onnx = json.loads(run("--config", "r.json", "--json", "--embedder", "onnx").stdout)["settings"]
    assert onnx == {**settings, "embedder": "onnx", "model": None}
    model = json.loads(run("--config", "r.json", "--json", "--model", "m").stdout)["settings"]
    assert model == {**settings, "model": "m"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"variants": "off"}, "settings.variants is 'off', expected a list of strings"),
        ({"variants": ["off", 1]}, "settings.variants is ['off', 1], expected a list of strings"),
        ({"sweep": {"a": 1}}, "settings.sweep is {'a': 1}, expected a list of strings"),
        ({"datasets": "d1"}, "settings.datasets is 'd1', expected a list of strings"),
        ({"sample": "2"}, "settings.sample is '2', expected a whole number >= 1"),
        ({"sample": 0}, "settings.sample is 0, expected a whole number >= 1"),
        ({"seed": True}, "settings.seed is True, expected a whole number >= 0"),
        ({"seed": -1}, "settings.seed is -1, expected a whole number >= 0"),
        ({"bootstrap": 1.5}, "settings.bootstrap is 1.5, expected a whole number >= 1"),
        ({"embedder": 3}, "settings.embedder is 3, expected a string"),
        ({"model": ["m"]}, "settings.model is ['m'], expected a string"),
        ({"bootstap": 5}, "settings.bootstap is unknown"),
        ({"variants": ["off", "ruels"]}, "unknown variant 'ruels'"),
        ({"sweep": ["max_island_word=1"]}, "no knob 'max_island_word'"),
        ({"datasets": ["d9"]}, "no dataset 'd9'"),
        ({"embedder": "onyx", "variants": ["off"]}, "unknown embedder 'onyx'"),
        ({"knobs": {"method": "virterbi"}}, "unknown method 'virterbi'"),
        ({"knobs": {"max_island_words": []}}, "max_island_words is []"),
        ({"knobs": 3}, "expected settings by name"),
    ],
)
def test_a_replay_of_what_cannot_have_been_recorded_is_refused(corpus, tmp_path, settings, says):
    """Exit 2, one error."""
    done = run("--corpus", corpus, "--config", written(tmp_path, **settings))
    assert done.exit_code == 2
    assert done.stderr.count("error:") == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sample_is_never_silent(corpus):
    """What was left out is said on stderr and recorded."""
    done = run("--corpus", corpus, "--sample", "1", "--json")
    assert "note: 1 of 2 recordings: a sample of 1 by seed 0" in done.stderr
    assert len(json.loads(done.stdout)["settings"]["sampled"]) == 1
    only = run("--corpus", corpus, "--dataset", "d2", "--json")
    assert [f["id"] for f in json.loads(only.stdout)["files"]] == ["three"]
    assert "1 of 2 recordings: dataset d2" in only.stderr


def test_jobs_and_cache_change_nothing(corpus):
    """Two processes, a cold or a warm cache: the same document."""
    cold = results_of(corpus)
    assert results_of(corpus) == cold
    assert results_of(corpus, "-j", "2", "--no-cache") == cold


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ("rules.wser>0.01", 1),
        ("rules.wser>0.5", 0),
        ("d1/rules.repaired<1", 0),
        ("d1/rules.repaired<2", 1),
        ("rules.regressions>0", 0),
        ("d2/rules.delta.ci_low<0", 1),  # one unit has no interval
        ("rules.cpwer>1", 1),
        ("rules.nonsense>1", 2),
        ("majority.wser>1", 2),
        ("rules.wser", 2),
    ],
)
def test_fail_if(corpus, gate, code):
    """True fails, null fails, unknown is a usage error."""
    assert run("--corpus", corpus, "--fail-if", gate).exit_code == code


def test_baseline_update_and_drift(corpus, tmp_path):
    """A written baseline passes; a better old figure, or a vanished entry, fails."""
    args = ("--corpus", corpus, "--variants", "off,rules", "--baseline", "base.json")
    assert run(*args, "--update-baseline").exit_code == 0
    assert run(*args).exit_code == 0
    tree = json.loads((tmp_path / "base.json").read_text())
    tree["files"][0]["variants"]["rules"]["wser"] -= 0.01
    (tmp_path / "base.json").write_text(json.dumps(tree))
    done = run(*args)
    assert done.exit_code == 1
    assert "gate failed: one: rules.wser was 0.0233333, is 0.0333333" in done.stderr
    assert run(*args, "--tolerance", "abs=0.02").exit_code == 0
    tree["files"].append({"id": "gone", "variants": {"rules": {"wser": 0.1}}})
    (tmp_path / "base.json").write_text(json.dumps(tree))
    assert "gone: rules.wser was 0.1 and has no value now" in run(*args).stderr


def test_a_comparison_is_shown_and_the_headline_decides(corpus, tmp_path):
    """Fewer wrong words in the baseline fail only where all that is worse is to."""
    args = ("--corpus", corpus, "--variants", "off,rules", "--baseline", "base.json")
    assert run(*args, "--update-baseline").exit_code == 0
    tree = json.loads((tmp_path / "base.json").read_text())
    tree["overall"]["rules"]["islands"] -= 1
    tree["overall"]["off"]["wser"] += 0.1
    (tmp_path / "base.json").write_text(json.dumps(tree))
    done = run(*args)
    assert done.exit_code == 0
    table = [line.split() for line in done.stdout[done.stdout.index("change") :].splitlines()]
    assert ["overall:", "rules.islands", "-1", "0", "+1", "worse"] in table
    assert [row[-1] for row in table if row[1:2] == ["off.wser"]] == ["better"]
    assert run(*args, "--gate-all").exit_code == 1
    assert run("--corpus", corpus, "--gate-all").exit_code == 2


def test_an_entry_in_which_nobody_speaks_is_missed_and_told(corpus, tmp_path):
    """It stays in the pool, as silence: alone it would leave figures too good."""
    whole = json.loads(run("--corpus", corpus, "--json").stdout)["overall"]["off"]
    (tmp_path / "three.json").write_text('{"words": []}')
    for again in range(2):
        done = run("--corpus", corpus, "--json")
        assert done.exit_code == 3
        assert "error: three: the words name no speaker" in done.stderr
        off = json.loads(done.stdout)["overall"]["off"]
        assert off["n_files"] == 2
        assert off["der_missed"] > 0.3 > whole["der_missed"], again
    (tmp_path / "three.ref.rttm").write_text("SPEAKER three 1 500 20 <NA> <NA> A <NA> <NA>\n")
    (tmp_path / "three.json").write_text((tmp_path / "one.json").read_text())
    done = run("--corpus", corpus)
    assert done.exit_code == 2
    assert "error: three: three: the reference speaks at 500.0-520.0 s" in done.stderr


def test_a_variant_that_the_baseline_has_and_the_run_has_not_fails_in_one_line(corpus):
    """Not a line per recording and metric."""
    args = ("--corpus", corpus, "--baseline", "base.json")
    assert run(*args, "--update-baseline").exit_code == 0
    done = run(*args, "--variants", "off,rules,viterbi")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "error: gate failed: variant learned of the baseline was not run"
    ]


@pytest.mark.parametrize("columns", [80, 100])
def test_a_narrow_terminal_gets_a_table_without_cut_cells(corpus, columns):
    """All lines fit, no cell ends in dots; a wide one gets all columns."""
    tree = results_of(corpus)
    console = Console(width=columns, file=io.StringIO())
    console.print(benchmark_table(tree, columns))
    shown = console.file.getvalue()
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= columns
    assert "viterbi" in shown
    assert len(benchmark_table(tree, 200).columns) == 12


def test_a_missing_entry_is_told_and_the_rest_runs(corpus, tmp_path):
    """Exit 2, or 0 with --allow-missing; 3 if nothing is left."""
    (tmp_path / "one.json").unlink()
    done = run("--corpus", corpus, "--json")
    assert done.exit_code == 2
    assert "error: one: " in done.stderr
    tree = json.loads(done.stdout)
    assert [f["id"] for f in tree["files"]] == ["three"]
    assert tree["errors"][0]["id"] == "one"
    assert run("--corpus", corpus, "--allow-missing").exit_code == 0
    (tmp_path / "three.hyp.rttm").write_text("")
    assert run("--corpus", corpus, "--allow-missing").exit_code == 3
    assert run("--corpus", corpus).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--corpus", "nowhere.json"],
        ["--corpus", "corpus.json", "--variants", "majority"],
        ["--corpus", "corpus.json", "--dataset", "d9"],
        ["--corpus", "corpus.json", "--sweep", "x=1"],
        ["--corpus", "corpus.json", "--tolerance", "abs=1"],
        ["--corpus", "corpus.json", "--update-baseline"],
        ["--corpus", "corpus.json", "--baseline", "corpus.json"],
    ],
)
def test_usage_errors(corpus, arguments):
    """Exit 2 and one line."""
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")


def test_the_shipped_corpus_has_not_drifted():
    """corpus/baseline.json freezes errors and islands of every entry under off, rules, viterbi."""
    done = run(
        "--corpus", ROOT / "corpus/corpus.json", "--variants", "off,rules,viterbi", "--json",
        "--baseline", ROOT / "corpus/baseline.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    frozen = json.loads((ROOT / "corpus/baseline.json").read_text())
    now = {f["id"]: f["variants"] for f in json.loads(done.stdout)["files"]}
    assert len(now) >= 10
    assert {f["id"] for f in frozen["files"]} == set(now)
    for entry in frozen["files"]:
        for variant, figures in entry["variants"].items():
            # Better than frozen is drift as well: the baseline is renewed on purpose, not by luck.
            for name in ("n_word_errors", "islands"):
                assert now[entry["id"]][variant][name] == figures[name], (entry["id"], variant)


def test_the_real_corpus_agrees_with_its_readme(data_dir):
    """Independent counts of error words, within 1 %, and islands of the interview exactly."""
    done = run("--corpus", data_dir / "corpus.json", "--variants", "off,rules", "--json")
    assert done.exit_code == 0, done.stderr
    tree = json.loads(done.stdout)
    assert len(tree["files"]) == 36
    published = {
        "karpathy": (21, 14),
        "ami-vbx": (500, 500),
        "ami-rpn": (2724, 2731),
        "ami-pyannote": (845, 846),
        "earnings21-sim": (392, 220),
    }
    for dataset, (off, rules) in published.items():
        found = tree["datasets"][dataset]
        assert found["off"]["n_word_errors"] == pytest.approx(off, rel=0.01)
        assert found["rules"]["n_word_errors"] == pytest.approx(rules, rel=0.01)
    assert tree["datasets"]["karpathy"]["off"]["islands"] == 7
    assert tree["datasets"]["karpathy"]["rules"]["islands"] == 1


def test_gates_that_hold_are_told_in_one_line(corpus):
    """What was gated, with its figures; nothing where nothing was, or under -q."""
    args = ("--corpus", corpus, "--variants", "off,rules", "--baseline", "base.json")
    assert "gates held" not in run(*args, "--update-baseline").stderr
    done = run(*args, "--fail-if", "rules.wser>0.5")
    assert done.stderr == (
        "gates held: rules.wser is 0.0166667 (gate rules.wser>0.5);"
        " none of 20 gated figures is worse than in the baseline\n"
    )
    assert run(*args, "--fail-if", "rules.wser>0.5", "-q").stderr == ""
    assert "gates held" not in run(*args, "--fail-if", "rules.wser>0").stderr
    assert run("--corpus", corpus).stderr == ""


@pytest.mark.parametrize(
    ("gate", "hint"),
    [
        ("wser>0.05", "learned.wser"),
        ("d1/der>1", "d1/learned.der"),
        ("delta.ci_low<0", "learned.delta.ci_low"),
        ("repaired<1", "learned.repaired"),
    ],
)
def test_a_gate_without_a_variant_is_refused_before_anything_runs(corpus, tmp_path, gate, hint):
    """The hint names a variant that repairs: to gate on what is there before proves nothing."""
    (tmp_path / "one.json").unlink()
    done = run("--corpus", corpus, "--fail-if", gate)
    assert done.exit_code == 2
    name = gate.rstrip("0123456789.").rstrip("<>")
    assert done.stderr.splitlines() == [
        f"error: --fail-if: {name!r} is of no variant", f"hint: did you mean '{hint}'?"
    ]  # fmt: skip


def test_the_gates_that_help_shows_can_be_given(corpus):
    (told,) = (p.help for p in load_command("benchmark").params if p.name == "fail_if")
    gates = re.findall("'(.*?)'", told)
    assert len(gates) == 2
    for gate in gates:
        done = run("--corpus", corpus, "--fail-if", gate.replace("ami/", "d1/"))
        assert done.exit_code in {0, 1}, done.stderr


@pytest.fixture
def wide(corpus, tmp_path):
    """The corpus with a third recording, of the first dataset, and a baseline of all."""
    tree = json.loads(corpus.read_text())
    for kind in (".json", ".hyp.rttm", ".ref.rttm"):
        text = (tmp_path / f"one{kind}").read_text().replace(" one ", " two ")
        (tmp_path / f"two{kind}").write_text(text)
    two = {k: str(v).replace("one", "two") for k, v in tree["files"][0].items()}
    tree["files"].insert(1, two)
    corpus.write_text(json.dumps(tree))
    assert run("--corpus", corpus, "--baseline", "all.json", "--update-baseline").exit_code == 0
    return corpus


def test_a_part_of_the_corpus_is_held_against_that_part_of_the_baseline(wide, tmp_path):
    """A whole dataset keeps all its pooled figures, which are then those of the whole run."""
    args = ("--corpus", wide, "--baseline", "all.json")
    done = run(*args, "--dataset", "d2")
    assert done.exit_code == 0, done.stderr
    assert "note: 2 of 3 recordings of the baseline are left out\n" in done.stderr
    tree = json.loads((tmp_path / "all.json").read_text())
    tree["datasets"]["d2"]["rules"]["der"] -= 0.1
    (tmp_path / "all.json").write_text(json.dumps(tree))
    failed = run(*args, "--dataset", "d2").stderr
    assert failed.count("gate failed: ") == 2
    assert "gate failed: d2: rules.der was -0.09, is 0.01" in failed
    assert "gate failed: overall: rules.der was -0.09, is 0.01" in failed


def test_pooled_figures_of_a_part_are_of_the_same_recordings(wide, tmp_path):
    """Errors and WSER of two of three recordings, as a run of those alone gives them."""
    done = run("--corpus", wide, "--baseline", "all.json", "--sample", "2", "--json", "--gate-all")
    assert done.exit_code == 0, done.stderr
    assert "not comparable: t_wser, boundary_f1, der of " in done.stderr
    sampled = json.loads(done.stdout)
    tree = json.loads((tmp_path / "all.json").read_text())
    for entry in tree["files"]:
        entry["variants"]["off"]["n_word_errors"] -= entry["id"] in sampled["settings"]["sampled"]
    (tmp_path / "all.json").write_text(json.dumps(tree))
    off = sampled["overall"]["off"]
    failed = run("--corpus", wide, "--baseline", "all.json", "--sample", "2").stderr
    old = f"{(off['n_word_errors'] - 2) / off['n_scored']:.6g}"
    assert f"gate failed: overall: off.wser was {old}, is {off['wser']:.6g}" in failed


def test_a_recording_that_was_asked_for_is_never_left_out(wide, tmp_path):
    """What cannot be run fails against the baseline, as ever."""
    (tmp_path / "two.json").unlink()
    done = run("--corpus", wide, "--baseline", "all.json", "--dataset", "d1", "--allow-missing")
    assert done.exit_code == 1
    assert "gate failed: two: off.wser was" in done.stderr


@pytest.mark.parametrize(
    ("variants", "code"), [("recheck", 3), ("off,recheck", 0), ("recheck,rules", 0)]
)
def test_exit_3_where_no_variant_that_was_asked_for_has_scored(corpus, tmp_path, variants, code):
    """However it came about: no audio anywhere, or no entry that can be run."""
    done = run("--corpus", corpus, "--variants", variants)
    assert done.exit_code == code
    said = "error: no entry could be scored: no audio for recheck"
    assert (said in done.stderr) == (code == 3)
    (tmp_path / "one.json").unlink()
    assert run("--corpus", corpus, "--variants", variants, "--allow-missing").exit_code == code
    (tmp_path / "three.json").unlink()
    assert run("--corpus", corpus, "--variants", variants, "--allow-missing").exit_code == 3


def test_a_gate_on_a_variant_that_was_skipped_fails(corpus):
    """It has no value; it is no unknown name."""
    for gate in ("recheck.wser>1", "d1/recheck.repaired<0", "recheck.delta.ci_low<-1"):
        done = run("--corpus", corpus, "--variants", "off,recheck", "--fail-if", gate)
        assert (done.exit_code, "has no value" in done.stderr) == (1, True), done.stderr


def test_knobs_that_no_variant_goes_by_are_told(corpus):
    given = ("--corpus", corpus, "--change-cost", "3", "--max-island-words", "2")
    assert "ignored" not in run(*given).stderr
    assert "note: --change-cost: ignored, only --method viterbi" in run(
        *given, "--variants", "rules"
    ).stderr  # fmt: skip


def test_one_table_says_what_each_diarizer_adds(corpus, tmp_path):
    tree = json.loads(corpus.read_text())
    for name, shift in (("b", 0.03), ("c", -0.04)):
        moved = turns_from_rows([(max(a + shift, 0), b + shift, who) for a, b, who in TRUTH])
        (tmp_path / f"one.{name}.rttm").write_text(write_rttm({"one": moved}))
    tree["files"][0]["turns"] = ["one.hyp.rttm", "one.b.rttm", "one.c.rttm"]
    corpus.write_text(json.dumps(tree))
    found = results_of(corpus, "--variants", "off,off:each,viterbi:upto")
    assert found["variants"] == [
        "off", "off:1", "off:2", "off:3", "viterbi:1", "viterbi:1+2", "viterbi:1+2+3",
    ]  # fmt: skip
    one, three = (file["variants"] for file in found["files"])
    assert [one[name]["n_word_errors"] for name in ("off", "off:1", "off:2")] == [3, 3, 0]
    assert one["viterbi:1+2+3"]["n_word_errors"] == 0
    assert three["viterbi:1+2"] == {"skipped": "no opinion 1+2"}
    assert three["off:1"]["n_word_errors"] == 0
    assert found["overall"]["viterbi:1+2"]["n_files"] == 1
    told = run("--corpus", corpus, "--variants", "viterbi:1", "--json").stderr
    assert "note: diarizers: 1 hyp.rttm, 2 b.rttm, 3 c.rttm\n" in told
    done = run("--corpus", corpus, "--variants", "viterbi:4")
    assert (done.exit_code, "expected diarizers from 1 to 3" in done.stderr) == (2, True)
    gated = run(
        "--corpus", corpus, "--variants", "viterbi:1+2", "--fail-if", "viterbi:1+2.wser>0.9"
    )
    assert gated.exit_code == 0, gated.stderr


def test_a_cell_knows_which_file_is_what(corpus, tmp_path):
    """The same files in other roles are another cell."""
    tree = json.loads(corpus.read_text())
    tree["files"] = tree["files"][:1]
    (entry,) = tree["files"]
    words = json.loads((tmp_path / "one.json").read_text())["words"]
    for i, word in enumerate(words):
        word["speaker"] = "B" if 20 <= i < 40 else "A"
    (tmp_path / "ref.json").write_text(json.dumps({"words": words}))
    entry |= {"turns": ["one.hyp.rttm", "one.ref.rttm"], "ref_words_json": "ref.json"}
    del entry["ref_rttm"]
    corpus.write_text(json.dumps(tree))
    several = results_of(corpus, "--variants", "viterbi")
    entry |= {"turns": ["one.hyp.rttm"], "ref_rttm": "one.ref.rttm"}
    corpus.write_text(json.dumps(tree))
    kept = results_of(corpus, "--variants", "viterbi")
    anew = results_of(corpus, "--variants", "viterbi", "--no-cache")
    assert kept["files"] == anew["files"] != several["files"]
