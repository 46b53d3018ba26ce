"""The laws of the contract, over generated documents of every dialect."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarfix.config import Settings
from diarfix.core.segments import SEGMENT_MODES
from diarfix.edits.repairs import repair
from diarfix.edits.turns import with_types
from diarfix.formats.document import read_document
from tests import strategies

METHODS = st.sampled_from(["rules", "viterbi", "learned"])
MODES = st.sampled_from(SEGMENT_MODES)
DIALECTS = [*strategies.BUILDERS, "nlp"]
SLOTS = {"speaker", "speaker_label", "speakerLabel", "spk"}
#: What split and merge may make anew, by container.
RECUT = {"segments", "utterances", "audio_segments", "word_segments"}

laws = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


#: The defaults, and knobs under which nearly every short run goes.
KNOBS = st.sampled_from([
    {}, {}, {"min_flank_words": 1, "min_silent_gap": 2.0, "max_island_duration": 9.0},
    {"min_flank_words": 2, "margin_threshold": 0.3, "max_island_duration": 4.0},
])  # fmt: skip


OPINIONS = st.dictionaries(st.sampled_from("abc"), strategies.turns, min_size=2)


def run(text, *, method="rules", segments="keep", turns=None, knobs=None):
    document = read_document(text, "file.json")
    given_ = None
    if turns is not None:
        several = turns if isinstance(turns, dict) else {"": turns}
        found = {n: with_types(one, document.words.speakers) for n, one in several.items()}
        fitted = found if isinstance(turns, dict) else found[""]
        given_ = {part.name: fitted for part in document.parts}
    chosen = Settings().replace(knobs or {})
    result = repair(document, method=method, turns=given_, settings=chosen)
    return document, result, document.render(result.words, segments=segments)


def bare(tree):
    """A tree without label slots and without the text that repeats them, key order kept."""
    if isinstance(tree, dict):
        return [(k, bare(v)) for k, v in tree.items() if k not in SLOTS]
    if isinstance(tree, list):
        return [bare(v) for v in tree]
    if isinstance(tree, str) and "\nSpeaker " in tree:
        return "headings"
    return "NaN" if isinstance(tree, float) and math.isnan(tree) else (type(tree), tree)


def outside(tree):
    """As :func:`bare`, without the containers that split and merge may cut."""
    if isinstance(tree, dict):
        return [(k, outside(v)) for k, v in tree.items() if k not in SLOTS | RECUT]
    return [outside(v) for v in tree] if isinstance(tree, list) else bare(tree)


def words_of(text):
    words = read_document(text, "file.json").words
    return words.text, words.start.tolist(), words.end.tolist()


def load(text):
    return json.loads(text.removeprefix("\ufeff"))


def typed(labels):
    return {(type(label), label) for label in labels if label is not None}


@pytest.mark.parametrize("dialect", DIALECTS)
@laws
@given(st.data(), METHODS, MODES, KNOBS)
def test_only_labels_move_and_none_is_invented(dialect, data, method, mode, knobs):
    made = data.draw(strategies.documents(dialect=dialect))
    document, result, out = run(made.text, method=method, segments=mode, knobs=knobs)
    again = read_document(out, "file.json")
    assert repr(words_of(out)) == repr(words_of(made.text))
    assert again.words.labels == result.words.labels
    assert typed(again.words.labels) <= typed(document.words.labels)
    had = [label is not None for label in document.words.labels]
    assert had == [label is not None for label in again.words.labels]


@pytest.mark.parametrize("dialect", DIALECTS)
@laws
@given(st.data(), METHODS, MODES, KNOBS)
def test_a_second_run_changes_no_byte(dialect, data, method, mode, knobs):
    made = data.draw(strategies.documents(dialect=dialect))
    turns = data.draw(st.none() | strategies.turns | OPINIONS)
    once = run(made.text, method=method, segments=mode, turns=turns, knobs=knobs)[2]
    assert run(once, method=method, segments=mode, turns=turns, knobs=knobs)[2] == once


@pytest.mark.parametrize("dialect", DIALECTS)
@laws
@given(st.data(), METHODS, KNOBS)
def test_all_but_label_slots_survives_byte_by_byte(dialect, data, method, knobs):
    made = data.draw(strategies.documents(dialect=dialect))
    document, result, out = run(made.text, method=method, knobs=knobs)
    if result.words.labels == document.words.labels:
        assert out == made.text
    if dialect == "nlp":
        cells = [[line.split("|") for line in t.split("\n")] for t in (made.text, out)]
        drop = [[[c for k, c in enumerate(row) if k != 1] for row in t] for t in cells]
        assert drop[0] == drop[1]
    else:
        tree = load(out)
        assert bare(tree) == bare(made.tree)
        assert made.style.write(tree) == out


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d not in {"nlp", "seglst", "words"}])
@laws
@given(st.data(), METHODS, MODES, KNOBS)
def test_recut_containers_leave_the_rest_of_the_file_as_it_was(dialect, data, method, mode, knobs):
    made = data.draw(strategies.documents(dialect=dialect))
    out = run(made.text, method=method, segments=mode, knobs=knobs)[2]
    tree = load(out)
    assert outside(tree) == outside(made.tree)
    assert out == made.text or made.style.write(tree) == out
    if mode == "split" and out != made.text:
        for _, labels in strategies.containers(tree, dialect):
            if dialect != "deepgram":  # paragraphs are not cut
                assert len(typed(labels)) <= 1


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d not in {"nlp", "seglst", "words"}])
@laws
@given(st.data(), METHODS, MODES, KNOBS)
def test_every_copy_of_a_label_stays_in_step(dialect, data, method, mode, knobs):
    made = data.draw(strategies.documents(dialect=dialect))
    turns = data.draw(st.none() | strategies.turns)
    out = run(made.text, method=method, segments=mode, turns=turns, knobs=knobs)[2]
    tree = load(out)
    first, *others = strategies.copies(tree, dialect)
    assert all(other == first for other in others)
    for label, labels in strategies.containers(tree, dialect):
        votes = [v for v in labels if v is not None]
        if votes and label is not None:
            assert votes.count(label) == max(map(votes.count, votes))


@laws
@given(st.data(), METHODS)
def test_with_turns_every_timed_word_has_a_label_of_the_turns_and_types_survive(data, method):
    made = data.draw(strategies.documents(dialect="words"))
    turns = data.draw(strategies.turn_rows(labels=["0", "1", "B"]).map(strategies.turns_from_rows))
    document, result, _ = run(made.text, method=method, turns=turns)
    first = reversed(document.words.speakers)
    known = {str(v): v for v in sorted(first, key=lambda v: isinstance(v, str))}
    allowed = typed(known.get(label, label) for label in turns.labels)
    timed = document.words.timed
    assert typed(v for v, t in zip(result.words.labels, timed, strict=True) if t) <= allowed
    assert all(v is not None for v, t in zip(result.words.labels, timed, strict=True) if t)


@laws
@given(
    strategies.rows(labels=["A"], unlabelled=False),
    strategies.turn_rows(),
    METHODS,
    MODES,
    KNOBS,
)
def test_turns_inside_a_raw_inference_file_label_it_and_then_leave_it_alone(
    table, turns, method, mode, knobs
):
    segment = {"words": [{"word": t, "start": s, "end": e} for t, s, e, _ in table]}
    records = [{"start": a, "end": b, "speaker": v} for a, b, v in turns]
    text = json.dumps({"raw_segments": [segment], "diarize_records": records})
    document, result, out = run(text, method=method, segments=mode, knobs=knobs)
    assert typed(result.words.labels) <= typed(v for *_, v in turns)
    labelled = [v is not None for v in result.words.labels]
    assert all(v or not t for v, t in zip(labelled, document.words.timed, strict=True))
    assert run(out, method=method, segments=mode, knobs=knobs)[2] == out


def test_three_word_runs_of_two_speakers_come_back_as_they_were():
    table = [(f"w{i}", i / 2, i / 2 + 0.4, "AB"[i // 3 % 2]) for i in range(15)]
    text = json.dumps(
        [dict(zip(("word", "start", "end", "speaker"), r, strict=True)) for r in table]
    )
    assert run(text)[2] == text
