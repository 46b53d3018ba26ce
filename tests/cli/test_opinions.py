"""``--turns`` more than once: what is read, what is told, where a file's own labels count too."""

import json
from pathlib import Path

import pytest

TRUTH = "A" * 10 + "B" * 5 + "A" * 10 + "B" * 5
MISSED = "A" * 25 + "B" * 5


def save_words(name="talk.json", labels=None, shift=0.0):
    """A flat list of words, a sentence and a pause every five."""
    rows = []
    for i in range(len(TRUTH)):
        start = i * 0.3 + i // 5 * 0.5 + shift
        row = {"word": f"w{i}{'.' * (i % 5 == 4)}", "start": round(start, 3)}
        row["end"] = round(start + 0.3, 3)
        rows.append(row | ({} if labels is None else {"speaker": labels[i]}))
    Path(name).write_text(json.dumps(rows), encoding="utf-8")
    return rows


def save_turns(name, labels, shift=0.0, recording="talk"):
    rows, lines, first = save_words("x.json"), [], 0
    for i in range(1, len(labels) + 1):
        if i == len(labels) or labels[i] != labels[first]:
            start = max(rows[first]["start"] + shift, 0)
            length = rows[i - 1]["end"] + shift - start
            who = f"<NA> <NA> {labels[first]} <NA> <NA>"
            lines.append(f"SPEAKER {recording} 1 {start:.3f} {length:.3f} {who}\n")
            first = i
    Path("x.json").unlink()
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("".join(lines), encoding="utf-8")


def labels_of(text):
    return "".join(row["speaker"] for row in json.loads(text))


@pytest.fixture
def talk(cli):
    save_words()
    save_turns("one.rttm", MISSED)
    save_turns("two.rttm", TRUTH, 0.03)
    save_turns("three.rttm", TRUTH, -0.05)
    return cli


def heard(*names):
    return [part for name in names for part in ("--turns", name)]


def test_several_turns_are_weighed_and_what_each_counted_is_told(talk):
    ran = talk("smooth", "talk.json", *heard("one.rttm", "two.rttm", "three.rttm"))
    assert (ran.code, labels_of(ran.text)) == (0, TRUTH)
    note = next(
        line for line in ran.err.splitlines() if line.startswith("note: talk.json: heard: ")
    )
    for name in ("one.rttm (weight 0.", "two.rttm (weight 0.", "agrees on 100.0%"):
        assert name in note
    assert "5 words of 30 moved" in ran.err


def test_programs_get_the_same_figures(talk):
    names = heard("one.rttm", "two.rttm", "./two.rttm")
    ran = talk("smooth", "talk.json", *names, "--json", "--check")
    (file,) = json.loads(ran.text)["files"]
    told = file["opinions"]
    assert [one["turns"] for one in told] == ["one.rttm", "two.rttm", "./two.rttm"]
    assert told[2]["copy_of"] == "two.rttm"
    assert all(0 < one["weight"] < 2 and 0.5 < one["agreement"] <= 1 for one in told)
    alone = talk("smooth", "talk.json", *heard("one.rttm"), "--json", "--check")
    assert "opinions" not in json.loads(alone.text)["files"][0]


def test_a_second_run_moves_nothing(talk):
    names = heard("one.rttm", "two.rttm", "three.rttm")
    assert talk("smooth", "talk.json", *names, "-i").code == 0
    assert talk("smooth", "talk.json", *names, "--check").code == 0


def test_the_labels_of_the_file_are_an_opinion_if_they_are_asked_for(talk):
    save_words("labelled.json", [{"A": "Ann", "B": "Ben"}[label] for label in TRUTH])
    ran = talk("smooth", "labelled.json", *heard("labels", "one.rttm", "three.rttm"))
    assert {row["speaker"] for row in json.loads(ran.text)} == {"Ann", "Ben"}
    assert ran.text == Path("labelled.json").read_text(encoding="utf-8")
    ran = talk("smooth", "talk.json", *heard("one.rttm", "labels"))
    assert (ran.code, labels_of(ran.text)) == (0, MISSED)
    assert "note: talk.json: labels says nothing" in ran.err
    ran = talk("smooth", "talk.json", *heard("labels"))
    assert (ran.code, ran.out) == (2, b"")
    assert "no word of it has a speaker" in ran.err


def test_a_word_file_is_an_opinion_by_its_runs(talk):
    save_words("cloud.json", TRUTH, shift=0.02)
    ran = talk("smooth", "talk.json", *heard("one.rttm", "cloud.json", "two.rttm"))
    assert labels_of(ran.text) == TRUTH


def test_folders_of_turns_may_lack_a_recording(talk):
    for name in ("day", "eve"):
        save_words(f"{name}.json")
        save_turns(f"a/{name}.rttm", MISSED, recording=name)
        save_turns(f"b/{name}.rttm", TRUTH, 0.03, recording=name)
    save_turns("c/day.rttm", TRUTH, -0.05, recording="day")
    ran = talk("smooth", "day.json", "eve.json", *heard("a", "b", "c"), "--output-dir", "out")
    assert ran.code == 0
    assert labels_of(Path("out/day.json").read_text(encoding="utf-8")) == TRUTH
    assert "note: eve.json: c says nothing" in ran.err
    assert "c (silent)" in ran.err


def test_turns_of_another_recording_are_refused_among_others_too(talk):
    save_turns("far.rttm", TRUTH, 5000.0)
    ran = talk("smooth", "talk.json", *heard("one.rttm", "far.rttm"))
    assert (ran.code, ran.out) == (2, b"")
    assert "error: far.rttm: talk.json: these turns are not of these words" in ran.err


def test_rules_go_by_the_first_and_say_so(talk):
    names = heard("one.rttm", "two.rttm")
    ran = talk("smooth", "talk.json", *names, "--method", "rules")
    assert ran.out == talk("smooth", "talk.json", *heard("one.rttm"), "--method", "rules").out
    assert "goes by the first --turns alone, one.rttm" in ran.err


def test_one_place_given_twice_counts_once(talk):
    ran = talk("smooth", "talk.json", *heard("one.rttm", "one.rttm"))
    assert ran.out == talk("smooth", "talk.json", *heard("one.rttm")).out
    assert "note: --turns one.rttm stands twice, and counts once" in ran.err


def test_no_output_may_be_any_of_the_turns(talk):
    ran = talk("smooth", "talk.json", *heard("one.rttm", "two.rttm"), "--rttm", "two.rttm")
    assert ran.code == 2
    assert "--turns two.rttm" in ran.err


def test_an_empty_file_among_several_is_silent(talk):
    Path("empty.rttm").write_text("\n", encoding="utf-8")
    ran = talk("smooth", "talk.json", *heard("one.rttm", "empty.rttm", "two.rttm"))
    assert (ran.code, labels_of(ran.text)) == (0, TRUTH)
    assert "note: empty.rttm: an empty file, says nothing" in ran.err
    assert talk("smooth", "talk.json", *heard("empty.rttm")).code == 2


def test_an_opinion_that_nobody_bears_out_is_doubted(talk):
    save_turns("odd.rttm", "".join("AB"[i % 2] for i in range(30)))
    ran = talk("smooth", "talk.json", *heard("two.rttm", "odd.rttm", "three.rttm"))
    assert labels_of(ran.text) == TRUTH
    assert "odd.rttm (weight 0.0" in ran.err
    assert ": is it right?)" in ran.err
