"""Every combination of sides has its metrics; what has no value says why."""

from __future__ import annotations

import numpy as np
import pytest

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.errors import InputError
from diarfix.formats.fileformat import Utterance
from diarfix.metrics import sweep as sweep_module
from diarfix.metrics.pair import ScoreSettings
from diarfix.metrics.recording import RecordingScore, compare, pool
from diarfix.metrics.run import ScoreTask, score_task
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import extent
from diarfix.metrics.word_turns import words_to_turns

TEXT = ["so", "we", "go", "on", "and", "then", "we", "stop", "it", "there"]
TRUE = "AAAAABBBBB"


def word_side(labels=TRUE, *, texts=TEXT, timed=True, name="r"):
    rows = [
        (text, float(i) if timed else None, i + 0.9 if timed else None, None if c == " " else c)
        for i, (text, c) in enumerate(zip(texts, labels, strict=True))
    ]
    words = words_from_rows(rows)
    return Side(name, words, words_to_turns(words) if timed else None)


def turn_side(name="r"):
    return Side(name, None, turns_from_rows([(0.0, 5.0, "Ann"), (5.0, 10.0, "Ben")]))


def metrics(ref, hyp, **kwargs):
    return compare("r", ref, hyp, **kwargs).score.metrics()


def why(ref, hyp, family):
    return compare("r", ref, hyp).score.reason(family)


def test_turns_against_words_give_word_and_turn_metrics():
    m = metrics(turn_side(), word_side("AAAABBBBBB"))
    assert m["wser"] == 0.1
    assert m["n_scored"] == 10
    assert 0 < m["der"] < 1
    assert m["coverage"] == pytest.approx(0.99)
    assert m["wder"] is None
    assert why(turn_side(), word_side(), "wder") == "the reference has no words"


def test_turns_against_turns_give_turn_metrics_alone():
    m = metrics(turn_side(), turn_side())
    assert (m["der"], m["jer"], m["coverage"]) == (0.0, 0.0, 1.0)
    assert m["wser"] is m["islands"] is m["island_hist"] is m["n_words"] is m["wder"] is None
    assert why(turn_side(), turn_side(), "wser") == "the hypothesis has turns, no words"


def test_parallel_words_are_scored_by_place_without_any_times_in_the_reference():
    m = metrics(word_side(timed=False), word_side("AAAABBBBBB"))
    assert m["wser"] == 0.1
    assert m["der"] is m["jer"] is m["coverage"] is m["wder"] is None
    assert why(word_side(timed=False), word_side(), "der") == "the reference has no times"


def test_parallel_words_are_scored_by_place_without_any_times_in_the_hypothesis():
    m = metrics(word_side(), word_side("AAAABBBBBB", timed=False))
    assert m["wser"] == 0.1
    assert m["t_wser"] is None
    # Nothing is known of when it speaks: that is no speech missed.
    assert m["der"] is m["coverage"] is None


def test_other_words_with_times_are_scored_by_their_turns_and_by_alignment():
    other = word_side("AAAABBBBBB", texts=[*TEXT[:-1], "here"])
    m = metrics(word_side(), other)
    assert (m["wser"], m["wder"]) == (0.1, 0.1)
    assert m["der"] is not None


def test_other_words_without_times_are_scored_by_alignment_alone():
    ref = word_side(TRUE[:-1], texts=TEXT[:-1], timed=False)
    m = metrics(ref, word_side("AAAABBBBBB"))
    assert m["wder"] == pytest.approx(1 / 9)
    assert m["wser"] is m["der"] is None
    assert why(ref, word_side(), "wser") == "the reference has other words and no times"


def test_nothing_to_compare_by_is_an_error():
    strange = word_side(texts=[f"x{i}" for i in range(10)], timed=False)
    with pytest.raises(InputError, match="no times and no words are shared"):
        compare("r", strange, word_side())
    with pytest.raises(InputError, match="the reference has no times"):
        compare("r", word_side(timed=False), turn_side())


def test_a_transcript_by_utterance_is_scored_at_midpoints():
    spoken = (Utterance("Ann", 0.0, 5.0, "so we go"), Utterance("Ben", 5.0, 10.0, "we stop"))
    rows = [(t, None, None, u.speaker) for u in spoken for t in u.text.split()]
    ref = Side("r", words_from_rows(rows), turn_side().turns, spoken)
    m = metrics(ref, word_side())
    assert (m["wser"], m["wder"]) == (0.0, 0.0)


def test_hypothesis_words_without_times_against_other_words_are_aligned():
    m = metrics(word_side(), word_side(TRUE[1:], texts=TEXT[1:], timed=False))
    assert m["wder"] == 0.0
    assert m["wser"] is m["der"] is None


def test_the_reference_extent_is_that_of_the_uem():
    hyp = word_side()
    inside = metrics(turn_side(), hyp, uem=([0.0], [1.0]))
    assert inside["der_scored_seconds"] == 1.0
    assert extent(turn_side().turns, hyp.turns) == (0.0, 10.0)


def test_collar_and_overlap_reach_der():
    plain = metrics(turn_side(), word_side())
    with_collar = metrics(turn_side(), word_side(), options=ScoreSettings(collar=0.5))
    assert plain["der_scored_seconds"] == 10.0
    assert with_collar["der_scored_seconds"] == 8.0


def test_pooled_is_rates_of_sums():
    one = compare("1", turn_side(), word_side("AAAABBBBBB")).score
    short = Side("r", None, turns_from_rows([(0.0, 1.0, "Ann")]))
    two = compare("2", short, word_side("A", texts=TEXT[:1])).score
    both = pool([one, two]).metrics()
    assert both["wser"] == pytest.approx(1 / 11)
    assert both["n_words"] == 11
    assert both["ref_speakers"] == 3


def test_pooled_over_nothing_has_no_values():
    empty = pool([]).metrics()
    assert empty == RecordingScore(name="").metrics()
    assert empty["wser"] is empty["der"] is empty["n_words"] is None


def test_pooled_keeps_the_reasons():
    score = pool([compare("r", turn_side(), turn_side()).score])
    assert score.reason("wser") == "the hypothesis has turns, no words"
    assert score.reason("cpwer") == "the reference has no words"


def test_speakers_are_those_who_say_something_and_are_somebody():
    named = ("Ann", "?", "OVERLAP", "Ann", "Ben")
    ref = Side("r", None, turns_from_rows([(i, i + 1.0, name) for i, name in enumerate(named)]))
    assert metrics(ref, word_side())["ref_speakers"] == 2
    one = word_side().words.take(np.array([0]))
    m = metrics(Side("r", one, None), Side("r", one, None))
    assert (m["ref_speakers"], m["hyp_speakers"]) == (1, 1)


# --- one task ------------------------------------------------------------------------------------


def run(ref, hyp):
    return score_task(ScoreTask(name="r", ref=ref, hyp=hyp, uem=None, options=ScoreSettings()))


SILENT = [
    (word_side(" " * 10), "names no speaker"),
    (word_side("", texts=[]), "has no words"),
    (Side("r", None, turns_from_rows([])), "names no speaker"),
]


@pytest.mark.parametrize(("hyp", "lacks"), SILENT)
def test_a_hypothesis_that_names_nobody_is_missed_speech_and_said(hyp, lacks):
    result = run(turn_side(), hyp)
    assert result.error.exit_code == 3
    assert result.error.message == f"r: the hypothesis {lacks}"
    m = result.score.metrics()
    assert (m["der"], m["der_missed"], m["jer"]) == (1.0, 1.0, 1.0)
    assert m["wser"] in {None, 1.0}
    good = run(turn_side(), word_side()).score
    half = pool([good, result.score]).metrics()["der_missed"]
    assert half == pytest.approx((1 + good.metrics()["der_missed"]) / 2)


@pytest.mark.parametrize(("ref", "lacks"), SILENT)
def test_a_reference_that_names_nobody_is_refused(ref, lacks):
    for hyp in (word_side(), None, *(side for side, _ in SILENT)):
        result = run(ref, hyp)
        assert result.score is None
        assert result.error.exit_code == 3
        assert result.error.message == f"r: the reference {lacks}"


def test_all_words_of_an_empty_hypothesis_are_deleted():
    pytest.importorskip("meeteval")
    cpwer = ScoreSettings(cpwer=True)
    for hyp in (word_side("", texts=[]), None):
        task = ScoreTask(name="r", ref=word_side(timed=False), hyp=hyp, uem=None, options=cpwer)
        assert score_task(task).score.metrics()["cpwer"] == 1.0


def test_another_package_that_fails_costs_its_own_metric_alone(monkeypatch):
    meeteval = pytest.importorskip("meeteval.wer.wer.time_constrained")
    pyannote = pytest.importorskip("pyannote.metrics.diarization")

    def fail(*_, **__):
        raise AssertionError("no\nway")

    monkeypatch.setattr(meeteval, "tcp_word_error_rate", fail)
    monkeypatch.setattr(pyannote, "DiarizationErrorRate", fail)
    options = ScoreSettings(cpwer=True, cross_check=True)
    found = compare("r", word_side(), word_side("AAAABBBBBB"), options=options)
    m = found.score.metrics()
    assert (m["wser"], m["cpwer"], m["tcpwer"]) == (0.1, 0.2, None)
    assert found.score.cross is None
    assert found.score.reason("tcpwer") == "meeteval failed: no way"
    assert list(found.failed) == [
        "tcpwer not measured: meeteval failed: no way",
        "no cross-check: pyannote.metrics failed: no way",
    ]


def test_too_many_speakers_cost_the_metrics_that_need_a_map_of_them_alone(monkeypatch):
    """Words still have their figures; turns alone have none, which is an error."""
    monkeypatch.setattr(sweep_module, "_MOST", 3)
    m = run(word_side("ABABABABAB"), word_side("AAAABBBBBB"))
    assert (m.score.metrics()["wser"], m.score.metrics()["der"]) == (0.5, None)
    assert "der not measured: 10 pairs of turns overlap, at most 3 can be told apart" in m.notes
    turns = Side("r", None, turns_from_rows([(0.0, 9.0, name) for name in "ABC"]))
    result = run(turns, turns)
    assert (result.score, result.error.exit_code) == (None, 2)
    assert "der not measured: 9 pairs" in result.error.message


def test_without_a_map_names_must_agree():
    options = ScoreSettings(no_map=True, cross_check=True)
    pytest.importorskip("pyannote.metrics")
    swapped = Side("r", None, turns_from_rows([(0.0, 5.0, "Ben"), (5.0, 10.0, "Ann")]))
    m = metrics(turn_side(), swapped, options=options)
    assert (m["der"], m["der_confusion"], m["jer"]) == (1.0, 1.0, 1.0)
    assert compare("r", turn_side(), swapped, options=options).score.cross.rate == 1.0
    assert metrics(turn_side(), turn_side(), options=options)["der"] == 0.0
    for texts, name in ((TEXT, "wser"), (["oh", *TEXT[1:]], "wder")):
        hyp = word_side("AAAABBBBBA", texts=texts)
        assert metrics(word_side(), hyp, options=options)[name] == pytest.approx(0.2)
        hyp = word_side("BBBBBAAAAA", texts=texts)
        assert metrics(word_side(), hyp)[name] == 0.0
        assert metrics(word_side(), hyp, options=options)[name] == 1.0
    task = ScoreTask(name="r", ref=turn_side(), hyp=swapped, uem=None, options=options)
    assert score_task(task).mapping == {"Ben": "Ben", "Ann": "Ann"}


def test_a_recording_that_the_hypothesis_lacks_is_missed():
    m = run(turn_side(), None).score.metrics()
    assert (m["der"], m["der_missed"], m["jer"], m["coverage"]) == (1.0, 1.0, 1.0, 0.0)
    assert m["wser"] is None


def test_the_map_names_whom_each_label_stands_for():
    assert run(turn_side(), word_side()).mapping == {"A": "Ann", "B": "Ben"}
    assert run(turn_side(), turn_side()).mapping == {"Ann": "Ann", "Ben": "Ben"}
    assert run(turn_side(), word_side("AAAAABBBBC")).mapping == {"A": "Ann", "B": "Ben", "C": None}


def test_meeteval_counts_a_transcript_by_utterance_and_words_alike():
    pytest.importorskip("meeteval")
    spoken = (
        Utterance("A", 0.0, 5.0, " ".join(TEXT[:5])),
        Utterance("B", 5.0, 10.0, " ".join(TEXT[5:])),
    )
    rows = [(t, None, None, u.speaker) for u in spoken for t in u.text.split()]
    ref = Side("r", words_from_rows(rows), turn_side().turns, spoken)
    moved = word_side("AAAABBBBBB")
    m = metrics(ref, moved, options=ScoreSettings(cpwer=True))
    # A word under the wrong speaker is one deletion and one insertion.
    assert (m["cpwer"], m["tcpwer"]) == (0.2, 0.2)
