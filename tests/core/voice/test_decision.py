"""Recheck on synthetic voices: what is heard, when a word moves, and when none."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.config import RecheckKnobs, RulesKnobs, ViterbiKnobs
from diarfix.core.assign import baseline_of
from diarfix.core.overlap import overlap_regions
from diarfix.core.smooth.rules import collapse_islands
from diarfix.core.smooth.viterbi import viterbi
from diarfix.core.voice import enrolment
from diarfix.core.voice.calibration import Calibration
from diarfix.core.voice.decision import VOICE, as_evidence, decide
from diarfix.core.voice.enrolment import CLASSES, Voices
from diarfix.core.voice.plan import plan_listening
from diarfix.core.words import Words, turns_from_rows, words_from_rows

KNOBS = RecheckKnobs()
DIM = 16
ANSWERS = 12


def conversation(answers=ANSWERS, seed=0):
    """Ann talks in 7 s turns, Ben in others; Ben's one-word answers lie under both speakers' turns.

    Returns words labelled by overlap (ties go to who began earlier, so every answer is Ann's),
    turns, and the true labels.
    """
    rng = np.random.default_rng(seed)
    rows, turns, truth, at = [], [], [], 0.0

    def say(who, n, turn):
        nonlocal at
        begin = at
        for _ in range(n):
            length = float(rng.uniform(0.3, 0.5))
            rows.append(("word", round(at, 3), round(at + length, 3), None))
            truth.append(who)
            at += length + 0.02
        rows[-1] = ("end.", *rows[-1][1:])
        if turn:
            turns.append((begin, at, who))

    for i in range(answers):
        begin = at
        say("Ann", 8, turn=False)
        answer = at
        say("Ben", 1, turn=False)
        turns.append((answer, at, "Ben"))
        middle = at
        say("Ann", 8, turn=False)
        turns.append((begin, at, "Ann"))
        assert middle > answer
        say("Ben", 10 + i % 3, turn=True)
    words = words_from_rows(rows)
    found = turns_from_rows(sorted(turns))
    return baseline_of(words, found), found, truth


def voice(who, n, rng, spread=0.25, apart=1.0):
    """n vectors (n, DIM) around the voice of ``who``."""
    axis = np.zeros(DIM)
    axis[0] = 1.0
    axis[1 + int(who == "Ben")] = apart
    return axis + rng.standard_normal((n, DIM)) * spread


def heard(todo, truth, *, spread=0.25, apart=1.0, seed=0):
    """Vectors of a plan's windows by who truly speaks there."""
    rng = np.random.default_rng(seed)
    middle = (todo.start + todo.end) / 2
    starts = todo.words.start
    who = [truth[int(np.searchsorted(starts, at, side="right")) - 1] for at in middle]
    return np.concatenate([voice(w, 1, rng, spread, apart) for w in who])


def listen(base, turns, truth, knobs=KNOBS, **voices):
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), knobs)
    vectors = heard(todo, truth, **voices)
    return todo, decide(todo, vectors, ("",) * len(vectors), knobs)


def test_absorbed_answers_come_back():
    """One-word answers under both speakers' turns go to who spoke them, and nothing else moves."""
    base, turns, truth = conversation()
    assert sum(a != b for a, b in zip(base.words.labels, truth, strict=True)) == ANSWERS
    _, found = listen(base, turns, truth, spread=0.1)
    assert found.words.labels == truth
    assert found.account.moved == ANSWERS == len(found.changes)
    assert found.account.estimated_precision >= KNOBS.acoustic_precision
    assert {change.rule for change in found.changes} == {VOICE}
    for change in found.changes:
        assert change.evidence["margin"] >= change.evidence["needed_margin"] >= 0.05
        gap = change.evidence["cosine_after"] - change.evidence["cosine_before"]
        assert gap == pytest.approx(change.evidence["margin"], abs=2e-4)


def test_like_voices_move_nothing_and_say_so():
    """Voices that the undisputed words do not tell apart move no word, and give no evidence."""
    base, turns, truth = conversation()
    _, found = listen(base, turns, truth, apart=0.02)
    assert found.account.moved == 0
    assert found.heard is None
    assert "cannot be told apart" in found.account.why


def test_too_little_speech_moves_nothing_and_says_so():
    """Proof is asked for, and named where it is missing."""
    base, turns, truth = conversation(answers=1)
    _, found = listen(base, turns, truth, spread=0.05)
    assert found.account.moved == 0
    assert "too little undisputed speech" in found.account.why


def test_a_precision_of_one_cannot_be_precision_at():
    """No number of windows shows it, and the account says that."""
    base, turns, truth = conversation()
    _, found = listen(base, turns, truth, RecheckKnobs(acoustic_precision=1.0), spread=0.05)
    assert found.account.moved == 0
    assert found.account.why == "a precision of 1 cannot be shown"


def test_short_words_do_not_move_on_voice_alone():
    """Below acoustic_min_word_dur nothing moves, however clear the voice."""
    base, turns, truth = conversation()
    _, found = listen(base, turns, truth, RecheckKnobs(acoustic_min_word_dur=0.9), spread=0.05)
    assert found.account.moved == 0
    assert found.account.why == "no word in doubt lasts 0.9 s"
    assert found.heard is not None


def test_failed_windows_keep_their_labels_and_are_counted():
    """A row of NaN moves nothing, is counted with its reason, and says nothing to the path."""
    base, turns, truth = conversation()
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), KNOBS)
    vectors = heard(todo, truth, spread=0.1)
    reasons = [""] * len(vectors)
    lost = [0, 3]
    for row in lost:
        vectors[row] = np.nan
        reasons[row] = "silence"
    found = decide(todo, vectors, tuple(reasons), KNOBS)
    kept = todo.at[lost]
    assert (found.words.speaker[kept] == base.words.speaker[kept]).all()
    assert found.account.failed == {"silence": 2}
    assert found.account.embedded == len(todo.at) - 2
    assert not np.isin(found.heard.word, kept).any()


def test_all_windows_failing_moves_nothing():
    """Then the account says that none was heard."""
    base, turns, _ = conversation()
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), KNOBS)
    vectors = np.full((len(todo.start), DIM), np.nan)
    found = decide(todo, vectors, ("silence",) * len(vectors), KNOBS)
    assert found.words.labels == base.words.labels
    assert found.account.why == "no window could be embedded"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), lost=st.floats(0, 1), spread=st.floats(0, 2))
def test_only_candidates_move_and_only_to_known_voices(seed, lost, spread):
    """Whatever the vectors: no label but a candidate's moves, none is invented, NaN moves none."""
    base, turns, truth = conversation(answers=6)
    rng = np.random.default_rng(seed)
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), KNOBS)
    vectors = heard(todo, truth, spread=spread, seed=seed)
    failed = rng.random(len(vectors)) < lost
    vectors[failed] = rng.choice([np.nan, np.inf, 0.0])
    found = decide(todo, vectors, ("",) * len(vectors), KNOBS)
    moved = found.words.speaker != base.words.speaker
    assert found.words.speakers == base.words.speakers
    assert np.isin(np.flatnonzero(moved), todo.at).all()
    assert not moved[todo.at[failed[: len(todo.at)]]].any()
    assert (found.pinned == moved).all()
    assert [c.index for c in found.changes] == np.flatnonzero(moved).tolist()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 999))
def test_order_of_speakers_and_turns_is_irrelevant(seed):
    """Turns given in another order, so that speakers are numbered otherwise: the same moves."""
    base, turns, truth = conversation()
    rows = list(zip(turns.start, turns.end, turns.labels, strict=True))
    mixed = turns_from_rows([rows[i] for i in np.random.default_rng(seed).permutation(len(rows))])
    other = baseline_of(words_from_rows(_rows(base.words)), mixed)
    _, one = listen(base, turns, truth, spread=0.2)
    _, two = listen(other, mixed, truth, spread=0.2)
    assert one.words.labels == two.words.labels
    assert one.account == two.account


def _rows(words):
    times = zip(words.start.tolist(), words.end.tolist(), strict=True)
    return [(w, a, b, None) for w, (a, b) in zip(words.text, times, strict=True)]


def test_probes_never_meet_a_centroid_that_holds_them():
    """Probes lie inside pieces, pieces hold no candidate, and candidates' windows no probe."""
    base, turns, truth = conversation()
    todo, _ = listen(base, turns, truth)
    pieces, probes = todo.enrolment.pieces, todo.enrolment.probes
    assert len(pieces) >= 4
    assert len(probes) >= 52
    assert (probes.start >= pieces.start[probes.piece] - 1e-9).all()
    assert (probes.end <= pieces.end[probes.piece] + 1e-9).all()
    assert (probes.speaker == pieces.speaker[probes.piece]).all()
    for i in todo.at.tolist():
        a, b = base.words.start[i], base.words.end[i]
        assert not ((pieces.start < b - 1e-9) & (pieces.end > a + 1e-9)).any()


def test_pinned_words_stay_under_either_smoother():
    """What recheck moved is not taken back by rules or by the label path."""
    labels = ["A"] * 6 + ["B"] + ["A"] * 6
    words = words_from_rows([(f"w{i}", i * 0.4, i * 0.4 + 0.4, s) for i, s in enumerate(labels)])
    pinned = np.arange(len(labels)) == 6
    for pins in (None, pinned):
        kept = pins is not None
        by_rules = collapse_islands(words, RulesKnobs(), pinned=pins).words.labels
        by_path = viterbi(words, None, ViterbiKnobs(), pinned=pins).words.labels
        assert (by_rules[6] == "B") is kept
        assert (by_path[6] == "B") is kept


def test_voices_move_what_turns_leave_open():
    """Short words that no voice may move alone go where voice, turns and pauses agree."""
    base, turns, truth = conversation()
    knobs = RecheckKnobs(acoustic_min_word_dur=0.9)
    _, found = listen(base, turns, truth, knobs, spread=0.15)
    without = viterbi(found.words, turns, ViterbiKnobs()).words.labels
    with_voice = viterbi(found.words, turns, ViterbiKnobs(), heard=found.heard).words.labels
    wrong = [sum(a != b for a, b in zip(x, truth, strict=True)) for x in (without, with_voice)]
    assert wrong[1] == 0 < wrong[0]


def test_nothing_in_doubt():
    """One speaker: nothing to hear."""
    words = words_from_rows([(f"w{i}", i, i + 0.5, "A") for i in range(9)])
    todo = plan_listening(words, None, None, KNOBS)
    found = decide(todo, np.empty((len(todo.start), DIM)), ("",) * len(todo.start), KNOBS)
    assert found.account.why == "no word is in doubt"
    empty = plan_listening(Words((), np.empty(0), np.empty(0), np.empty(0), ()), None, None, KNOBS)
    assert len(empty.start) == 0


def test_given_centroids_count_as_far_as_probes_bear_them_out():
    """Centroids of the voices move the answers; those that lead astray move nothing."""
    base, turns, truth = conversation()
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), KNOBS)
    vectors = heard(todo, truth, spread=0.1)
    rng = np.random.default_rng(5)
    mine = np.stack([voice(s, 50, rng, 0.1).mean(axis=0) for s in base.words.speakers])
    foreign = mine[::-1]
    reasons = ("",) * len(vectors)
    right = decide(todo, vectors, reasons, KNOBS, given=mine, source="given")
    wrong = decide(todo, vectors, reasons, KNOBS, given=foreign, source="given")
    assert right.words.labels == truth
    assert wrong.account.moved == 0
    assert not wrong.account.trusted


def test_what_was_found_is_accounted_for():
    """Probes and margins by length class, and the change as it was measured."""
    base, turns, truth = conversation()
    todo, found = listen(base, turns, truth, spread=0.1)
    account = found.account
    assert account.candidates == account.embedded == len(todo.at)
    assert sum(account.probes.values()) == len(todo.enrolment.probes)
    assert set(account.probes) == set(account.margins) <= set(CLASSES)
    assert (account.trusted, account.why, account.centroids, account.notes) == (
        True,
        "",
        "audio",
        (),
    )
    for change in found.changes:
        row = int(np.flatnonzero(todo.at == change.index)[0])
        assert change.evidence["heard_s"] == round(todo.end[row] - todo.start[row], 3)
        assert base.words.speakers[change.before] == "Ann"
        assert found.words.labels[change.index] == base.words.speakers[change.after] == "Ben"


def test_windows_without_reason_or_vector_have_one_all_the_same():
    base, turns, truth = conversation(answers=2)
    todo = plan_listening(base.words, base.margin, overlap_regions(turns), KNOBS)
    vectors = heard(todo, truth)
    vectors[0] = np.nan
    found = decide(todo, vectors, ("",) * len(vectors), KNOBS)
    assert found.account.failed == {"the model gave no finite vector": 1}


def test_voices_are_worth_their_weight_in_nats_up_to_a_cap():
    """Corrected cosines times the weight, above the voice that fits least; NaN says nothing."""
    like = {"n": 9, "false": np.empty(0), "source": np.empty(0), "back": np.empty(0), "share": 0.5}
    like |= dict.fromkeys(("right", "mean", "width"), np.empty(0))
    telling = {
        1: Calibration(offset=np.array([0.1, 0.0, 0.0]), weight=2.0, cap=9.0, **like),
        2: Calibration(offset=np.zeros(3), weight=10.0, cap=3.0, **like),
    }
    scores = np.array(
        [[0.6, 0.2, 0.1], [0.9, 0.1, 0.2], [0.8, 0.3, 0.1], [0.9, 0.1, 0.2], [np.nan] * 3]
    )
    plan = SimpleNamespace(at=np.array([2, 3, 5, 6, 7]))
    voices = Voices(np.array([0, 2, 5]), np.eye(3), np.empty((0, 3)))
    comparable = np.array([True, True, True, False, False])
    verdict = SimpleNamespace(kind=np.array([2, 0, 1, 1, 1]), telling=telling)
    found = as_evidence(plan, voices, scores, comparable, verdict)
    assert found.word.tolist() == [2, 5, 5]
    assert found.speaker.tolist() == [0, 0, 2]
    assert found.gain.tolist() == [3_000_000, 1_200_000, 400_000]
    nobody = np.zeros(5, dtype=bool)
    assert not len(as_evidence(plan, voices, scores, nobody, verdict).word)


def test_some_words_at_a_time_come_to_the_same(monkeypatch):
    base, turns, truth = conversation()
    _, whole = listen(base, turns, truth, spread=0.15)
    monkeypatch.setattr(enrolment, "_CELLS", 5)
    _, apart = listen(base, turns, truth, spread=0.15)
    assert apart.changes == whole.changes
    assert apart.account == whole.account
    for column in ("word", "speaker", "gain"):
        assert getattr(apart.heard, column).tolist() == getattr(whole.heard, column).tolist()


def test_thousands_of_words_never_meet_thousands_of_voices_at_once():
    """Each of 6,000 words is another speaker's, and all voices are known: 36 million cosines."""
    n = 6_000
    words = words_from_rows([("w", i * 0.5, i * 0.5 + 0.4, f"S{i}") for i in range(n)])
    todo = plan_listening(words, None, None, KNOBS)
    assert len(todo.at) == n
    voices = np.random.default_rng(0).standard_normal((n, 8))
    tracemalloc.start()
    found = decide(todo, voices, ("",) * n, KNOBS, given=voices, source="given")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.account.embedded == n
    assert most < 60e6
