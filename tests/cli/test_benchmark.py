"""``diarfix benchmark`` from the command line: outputs, gates, exit codes, the frozen corpus."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from diarfix.cli import app
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
    done = run(*args, "--variants", "off,rules")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "error: gate failed: variant viterbi of the baseline was not run"
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
