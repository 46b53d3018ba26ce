"""Which candidates move, on cosines made by hand: how much has to be shown, and by whom."""

import dataclasses

import numpy as np
import pytest

from diarfix.config import RecheckKnobs
from diarfix.core.voice.calibration import leads
from diarfix.core.voice.enrolment import Enrolment, Voices, Windows, finite_rows
from diarfix.core.voice.plan import ListeningPlan
from diarfix.core.voice.verdict import judge, why_not
from diarfix.core.words import words_from_rows

KNOBS = RecheckKnobs()
STAYS, MOVES = (0.8, 0.2), (0.2, 0.8)


def probes(n, seconds, right=1.0, scores=(STAYS, MOVES)):
    """``n`` probes of two speakers by turns: seconds, speaker, cosines; a share of them right."""
    speaker = np.arange(n) % 2
    told = np.where(np.arange(n) < round(right * n), speaker, 1 - speaker)
    return np.full(n, seconds), speaker, np.array(scores)[told].reshape(-1, 2)


def scene(candidates, *tried, seconds=0.4, labels="A", centroids=((1.0, 0.0), (0.0, 1.0))):
    """A plan, its voices and how its ``candidates``, labelled ``labels`` in turn, stand to them.

    tried    see :func:`probes`
    seconds  how long the candidates' windows are, one for all or one each
    """
    n = len(candidates)
    length = np.broadcast_to(np.asarray(seconds, dtype=float), n)
    who = [labels[i % len(labels)] for i in range(n)]
    start = 10 + 2.0 * np.arange(n)
    rows = [("first", 0.0, 5.0, "A"), ("then", 5.0, 9.0, "B")]
    rows += [("w", a, a + s, x) for a, s, x in zip(start, length, who, strict=True)]
    words = words_from_rows(rows)
    tried = tried or (probes(0, 0.4),)
    lasts = np.concatenate([t[0] for t in tried])
    speaker = np.concatenate([t[1] for t in tried]).astype(np.int32)
    begin = 1000.0 + np.arange(len(lasts))
    nothing = np.empty(0)
    enrolment = Enrolment(
        Windows(nothing, nothing, np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)),
        Windows(begin, begin + lasts, speaker, np.zeros(len(lasts), dtype=np.int64)),
    )
    plan = ListeningPlan(
        words,
        np.arange(2, n + 2),
        np.append(start, begin),
        np.append(start + length, begin + lasts),
        enrolment,
    )
    known = np.flatnonzero(finite_rows(np.array(centroids)))
    scores = np.concatenate([t[2] for t in tried])
    voices = Voices(known, np.array(centroids)[known], scores[:, known])
    cosines = np.array(candidates, dtype=float).reshape(-1, 2)[:, known]
    return plan, voices, leads(cosines, voices.places(words.speaker[plan.at]))


def judged(*arguments, knobs=KNOBS, **more):
    return judge(*scene(*arguments, **more), knobs)


def told(*arguments, knobs=KNOBS, embedded=True, **more):
    plan, voices, heard = scene(*arguments, **more)
    verdict = judge(plan, voices, heard, knobs)
    return why_not(plan, voices, np.resize(embedded, len(plan.at)), verdict, knobs)


# --- moves ---------------------------------------------------------------------------------------


def test_a_clear_voice_moves_a_word_and_the_rest_stay():
    found = judged([STAYS, MOVES, (0.5, 0.52), MOVES], probes(120, 0.4))
    assert found.kind.tolist() == [1] * 4
    assert found.moves.tolist() == [False, True, False, True]
    assert found.needed.tolist() == [0.05] * 4
    assert found.margins == {1: 0.0}
    assert found.reached == {1}
    assert list(found.telling) == list(found.calibration) == [1]
    # Four labels, each lost in less than one of 121 though right, against two moves.
    assert found.precision == pytest.approx(1 - 4 / 121 / 2)


def test_the_margin_in_force_is_needed_beyond_the_lean_of_the_voices():
    """A voice that lies nearer to everybody has to win by that much more."""
    tried = probes(120, 0.4, scores=((0.8, 0.4), (0.2, 1.0)))
    found = judged([(0.3, 0.85), (0.3, 0.5), (0.3, 0.499), (0.8, 0.3)], tried)
    assert found.calibration[1].offset.tolist() == [0.5, 0.7]
    assert found.margins == {1: 0.0}
    assert found.needed.tolist() == pytest.approx([0.2, 0.2, 0.2, 0.05])
    assert found.moves.tolist() == [True, True, False, False]


def test_expected_false_moves_are_weighed_against_the_moves():
    """Of words that are mostly right each could be lost: too many of them, and nothing moves."""
    for stay, moves in ((10, 2), (11, 0)):
        found = judged([STAYS] * stay + [MOVES] * 2, probes(120, 0.4))
        assert found.moves.sum() == moves
        assert found.reached == {1}
        assert found.margins == {1: 0.0 if moves else None}
        assert (found.precision is None) == (not moves)
    assert np.isnan(found.needed).all()


def test_labels_of_both_speakers_count_each_by_its_own_rate():
    """Ben's words are lost four times in sixty, Ann's never: only Ann's let a move through."""
    seconds, speaker, scores = probes(120, 0.4)
    scores[[1, 3, 5, 7]] = (0.45, 0.42)
    knobs = RecheckKnobs(acoustic_cosine_margin=0.0, acoustic_precision=0.9)
    for labels, moves in (("A", True), ("B", False)):
        rows = [MOVES] * 3 if labels == "A" else [STAYS] * 3
        rest = [STAYS] * 9 if labels == "A" else [MOVES] * 9
        found = judged(rows + rest, (seconds, speaker, scores), labels=labels, knobs=knobs)
        assert found.margins[1] is not None
        assert (found.margins[1] == 0.0) is moves
        assert found.moves.tolist() == [True] * 3 + [False] * 9


def test_a_margin_rises_until_it_shows_the_precision():
    """Probes err by 0.3 at most: the first step beyond that tells."""
    seconds, speaker, scores = probes(120, 0.4)
    scores[:8] = np.where(np.eye(2, dtype=bool)[speaker[:8]], 0.35, 0.65)
    found = judged([MOVES, (0.3, 0.6), STAYS], (seconds, speaker, scores))
    assert found.margins[1] == pytest.approx(0.305)
    assert found.moves.tolist() == [True, False, False]
    assert found.precision == pytest.approx(
        1 - 3 * max(1 / 121, found.calibration[1].false_rate(0.305)[0])
    )


def test_precision_is_over_all_classes():
    """Two classes, each with its own rate: the false moves of both over the moves of both."""
    tried = (probes(120, 0.4), probes(200, 0.6))
    found = judged([MOVES, MOVES, STAYS, MOVES, STAYS], *tried, seconds=[0.4, 0.4, 0.4, 0.6, 0.6])
    assert found.precision == pytest.approx(1 - (3 / 121 + 2 / 201) / 3)
    knobs = RecheckKnobs(acoustic_precision=0.5)
    assert judged([MOVES], probes(20, 0.4), knobs=knobs).precision == pytest.approx(1 - 1 / 21)
    knobs = RecheckKnobs(acoustic_precision=0.9)
    for stay, precision in ((3, 0.9), (4, None)):
        found = judged([MOVES] + [STAYS] * stay, probes(39, 0.4), knobs=knobs)
        assert found.precision == precision


# --- who may move, and on whose word -------------------------------------------------------------


def test_a_short_word_or_one_of_a_speaker_without_voice_never_moves():
    knobs = RecheckKnobs(acoustic_min_word_dur=0.4)
    found = judged(
        [MOVES, MOVES, (np.nan, 0.8)], probes(120, 0.4), seconds=[0.4, 0.399, 0.4], knobs=knobs
    )
    assert found.moves.tolist() == [True, False, False]
    assert np.isnan(found.needed).tolist() == [False, True, True]
    assert found.precision == pytest.approx(1 - 1 / 121)


def test_twenty_probes_are_needed_whatever_the_precision():
    knobs = RecheckKnobs(acoustic_precision=0.5)
    assert judged([MOVES], probes(20, 0.4), knobs=knobs).moves.tolist() == [True]
    few = judged([MOVES], probes(19, 0.4), knobs=knobs)
    assert (few.moves.tolist(), few.reached, few.margins) == ([False], frozenset(), {1: None})
    assert few.telling == {}


def test_fifty_two_clear_probes_show_the_precision_and_no_fewer():
    assert judged([MOVES], probes(52, 0.4)).reached == {1}
    assert judged([MOVES], probes(51, 0.4)).reached == frozenset()


def test_the_next_shorter_class_speaks_too_where_probes_are_few():
    short, long = probes(60, 0.4), probes(30, 0.6)
    assert judged([MOVES, MOVES], short, long, seconds=[0.4, 0.6]).reached == {1, 2}
    assert judged([MOVES, MOVES], short, long, seconds=[0.4, 0.6]).moves.all()
    few = probes(19, 0.6)
    assert judged([MOVES, MOVES], short, few, seconds=[0.4, 0.6]).reached == {1}
    # Not the longer one, not the next but one, and none that no candidate belongs to.
    short, long = probes(30, 0.4), probes(60, 0.6)
    assert judged([MOVES, MOVES], short, long, seconds=[0.4, 0.6]).reached == {2}
    short, long = probes(60, 0.4), probes(30, 0.9)
    assert judged([MOVES, MOVES], short, long, seconds=[0.4, 0.9]).reached == {1}
    assert judged([MOVES], probes(60, 0.4), probes(30, 0.6), seconds=0.6).reached == frozenset()


def test_a_class_with_twice_what_it_takes_speaks_for_itself():
    """The shorter class errs half the time: 104 probes do without it, 103 do not."""
    bad = probes(60, 0.4, right=0.5)
    assert judged([STAYS, MOVES], bad, probes(104, 0.6), seconds=[0.4, 0.6]).reached == {2}
    assert judged([STAYS, MOVES], bad, probes(103, 0.6), seconds=[0.4, 0.6]).reached == frozenset()


def test_borrowed_probes_count_in_what_has_been_tried():
    found = judged([STAYS, MOVES], probes(60, 0.4), probes(40, 0.6), seconds=[0.4, 0.6])
    assert found.precision == pytest.approx(1 - 1 / 101)


# --- what the label path may go by ---------------------------------------------------------------


def test_a_class_tells_the_path_only_where_it_tells_voices_apart_as_they_are():
    """With a margin it may move words all the same; and a class may tell that shows too little."""
    seconds, speaker, scores = probes(120, 0.4)
    scores[:8] = np.where(np.eye(2, dtype=bool)[speaker[:8]], 0.35, 0.65)
    found = judged([MOVES], (seconds, speaker, scores))
    assert (found.reached, list(found.telling)) == ({1}, [])
    found = judged([MOVES, MOVES], probes(120, 0.4), probes(20, 0.9), seconds=[0.4, 0.9])
    assert (found.reached, list(found.telling)) == ({1}, [1, 3])
    found = judged([MOVES, MOVES], probes(120, 0.4), probes(19, 0.9), seconds=[0.4, 0.9])
    assert list(found.telling) == [1]
    assert list(judged([MOVES], probes(51, 0.4)).telling) == []


def test_what_the_path_may_go_by_is_right_often_enough_with_no_margin_at_all():
    knobs = RecheckKnobs(acoustic_cosine_margin=0.0, acoustic_precision=0.75)
    some = judged(
        [MOVES, MOVES],
        probes(40, 0.4),
        probes(40, 0.9, right=0.75),
        seconds=[0.4, 0.9],
        knobs=knobs,
    )
    assert list(some.telling) == [1, 3]
    seconds, speaker, scores = probes(120, 0.4)
    scores[:40] = np.where(np.eye(2, dtype=bool)[speaker[:40]], 0.5, 0.505)
    found = judged([MOVES], (seconds, speaker, scores), knobs=knobs)
    assert (found.margins, list(found.telling)) == ({1: 0.01}, [])


def test_where_nothing_may_move_the_margin_still_tells_how_far_voices_are_apart():
    knobs = RecheckKnobs(acoustic_min_word_dur=0.9)
    found = judged([MOVES], probes(120, 0.4), knobs=knobs)
    assert (found.reached, found.margins, found.precision) == ({1}, {1: 0.0}, None)
    assert judged([STAYS], probes(120, 0.4)).margins == {1: None}


# --- why nothing moved ---------------------------------------------------------------------------


def test_the_reason_is_the_first_thing_that_is_missing():
    tried = probes(120, 0.4)
    assert told([], tried) == "no word is in doubt"
    assert told([STAYS], tried, embedded=False) == "no window could be embedded"
    assert "clearly" in told([STAYS, STAYS], tried, embedded=[True, False])
    alone = ((1.0, 0.0), (np.nan, np.nan))
    one = [(0.8, np.nan)]
    assert told(one, tried, centroids=alone) == (
        "fewer than two speakers have 3 s of clean speech to compare with"
    )
    knobs = RecheckKnobs(acoustic_min_word_dur=0.45)
    assert told([MOVES], tried, knobs=knobs) == "no word in doubt lasts 0.45 s"
    assert told([STAYS], tried) == "no voice speaks clearly enough against a label"
    exact = RecheckKnobs(acoustic_precision=1.0)
    assert told([MOVES], tried, knobs=exact) == "a precision of 1 cannot be shown"


def test_too_few_probes_are_told_from_voices_that_are_alike():
    assert told([MOVES], probes(30, 0.4)) == (
        "too little undisputed speech to show a precision of 0.95:"
        " 1.00 right on 30 windows of known speaker; 52 without error would do"
    )
    seconds, speaker, scores = probes(40, 0.4)
    scores[:8] = np.where(np.eye(2, dtype=bool)[speaker[:8]], 0.35, 0.65)
    assert "1.00 right on 32 windows" in told([STAYS], (seconds, speaker, scores))
    alike = np.where(np.eye(2, dtype=bool)[[*speaker[:30], *(1 - speaker[30:])]], 0.8, 0.2)
    assert told([STAYS], (seconds, speaker, alike)) == (
        "the voices cannot be told apart: 0.75 right on 40 windows of known speaker, 0.95 needed"
    )
    knobs = RecheckKnobs(acoustic_precision=0.75)
    assert told([STAYS], (seconds, speaker, alike), knobs=knobs).startswith("too little undisputed")
    assert told([STAYS], probes(0, 0.4)) == (
        "the voices cannot be told apart: no window of a known speaker is clear enough to count,"
        " 0.95 needed"
    )


def test_only_classes_of_words_that_last_are_told_of():
    """The long class shows enough, but every word that could move is in the short one."""
    knobs = dataclasses.replace(KNOBS, acoustic_min_word_dur=0.4)
    found = told([STAYS, STAYS], probes(30, 0.4), probes(120, 0.9), seconds=[0.4, 0.9], knobs=knobs)
    assert found == "no voice speaks clearly enough against a label"
    found = told([STAYS, STAYS], probes(120, 0.2), probes(30, 0.9), seconds=[0.2, 0.9], knobs=knobs)
    assert found.startswith("too little undisputed speech")
