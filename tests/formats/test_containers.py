"""What becomes of segments and utterances when their words part ways, one rule a test."""

import json

import pytest

from diarfix.core.words import encode
from diarfix.formats.document import read_document


def rendered(tree, labels=None, mode="merge"):
    document = read_document(json.dumps(tree), "f")
    codes, speakers = encode(document.words.labels if labels is None else labels)
    return json.loads(document.render(document.words.with_speaker(codes, speakers), segments=mode))


def segment(start, words, labels, **more):
    """A segment of words of 1 s each."""
    rows = [
        {"word": w, "start": start + i, "end": start + i + 1.0, "score": 1, "speaker": v}
        for i, (w, v) in enumerate(zip(words.split(), labels, strict=True))
    ]
    spoken = {"start": start, "end": start + len(rows), "text": words, "words": rows}
    return spoken | {"speaker": labels[0]} | more


def told(tree):
    return [(s["text"], s["start"], s["end"], s.get("speaker")) for s in tree["segments"]]


def test_merge_joins_neighbours_of_one_speaker_though_no_label_moved():
    tree = {"segments": [segment(0.0, "a b", "AA"), segment(2.0, "c", "A"), segment(3.0, "d", "B")]}
    out = rendered(tree)
    assert told(out) == [("a b c", 0.0, 3.0, "A"), ("d", 3.0, 4.0, "B")]
    joined = [*tree["segments"][0]["words"], *tree["segments"][1]["words"]]
    assert out["segments"][0]["words"] == joined


def test_split_and_merge_leave_a_file_that_has_nothing_to_cut_or_join_as_it_is():
    tree = {"segments": [segment(0.0, "a b", "AA"), segment(2.0, "c", "B")]}
    for mode in ("split", "merge"):
        document = read_document(json.dumps(tree), "f")
        assert document.render(document.words, segments=mode) is document.source


@pytest.mark.parametrize(("first", "numbers"), [(0, [0, 1, 2]), (7, [7, 8, 9])])
def test_numbered_containers_are_numbered_anew_from_their_first(first, numbers):
    tree = {"segments": [segment(0.0, "a b", "AA", id=first), segment(2.0, "c", "B", id=first + 1)]}
    out = rendered(tree, list("ABB"), "split")
    assert [s["id"] for s in out["segments"]] == numbers


def test_a_cut_and_a_join_that_leave_as_many_containers_number_them_anew_too():
    parts = [segment(0.0, "a b", "AA", id=1), segment(2.0, "c", "B", id=2)]
    out = rendered({"segments": parts}, list("ABB"))
    assert [(s["text"], s["id"]) for s in out["segments"]] == [("a", 1), ("b c", 2)]


def test_names_that_are_no_row_of_numbers_stay_with_every_piece():
    parts = [segment(0.0, "a b", "AA", id=3), segment(2.0, "c", "B", id=9)]
    out = rendered({"segments": parts}, list("ABB"), "split")
    assert [s["id"] for s in out["segments"]] == [3, 3, 9]


def test_an_owner_is_cut_at_every_change_and_a_word_of_nobody_gets_a_container_of_nobody():
    words = [{"type": "text", "value": v, "ts": i, "end_ts": i + 1} for i, v in enumerate("abc")]
    tree = {"monologues": [{"elements": words}]}
    out = rendered(tree, [0, None, 0], "keep")["monologues"]
    assert [(m.get("speaker"), [e["value"] for e in m["elements"]]) for m in out] == [
        (0, ["a"]), (None, ["b"]), (0, ["c"]),
    ]  # fmt: skip
    # Elsewhere a word of nobody goes with those before it.
    tree = {"segments": [segment(0.0, "a b c", "AAA")]}
    assert told(rendered(tree, ["A", None, "B"], "split")) == [
        ("a b", 0.0, 2.0, "A"), ("c", 2.0, 3.0, "B"),
    ]  # fmt: skip


def test_a_container_without_a_label_gets_none_by_votes_and_one_by_a_cut():
    parts = [segment(0.0, "a b", "AA"), segment(2.0, "c", "B")]
    for part in parts:
        del part["speaker"]
    moved = list("BAB")
    assert [s for *_, s in told(rendered({"segments": parts}, moved, "keep"))] == [None, None]
    assert [s for *_, s in told(rendered({"segments": parts}, moved, "split"))] == ["B", "A", "B"]


def test_text_and_times_of_pieces_are_those_of_their_words_and_of_the_whole():
    tree = {"segments": [segment(0.0, "a b c", "AAA") | {"start": -0.5, "end": 9.0}]}
    tree["segments"][0]["words"][1]["end"] = None
    assert told(rendered(tree, list("AAB"), "split")) == [
        ("a b", -0.5, 1.0, "A"), ("c", 2.0, 9.0, "B"),
    ]  # fmt: skip


def test_what_is_joined_is_joined_up_to_thirty_seconds_in_the_unit_of_the_file():
    words = [
        {"text": "abc"[i], "start": i * 15000, "end": i * 15000 + 15000, "speaker": "A"}
        for i in range(3)
    ]
    utterances = [{**w, "words": [w]} for w in words]
    tree = {"language_code": "en", "words": words, "utterances": utterances}
    out = rendered(tree)["utterances"]
    assert [(u["text"], u["start"], u["end"]) for u in out] == [
        ("a b", 0, 30000),
        ("c", 30000, 45000),
    ]


def test_words_of_two_channels_never_stand_in_one_container():
    def channel(*rows):
        return {"alternatives": [{"words": list(rows)}]}

    def word(text, start):
        return {"word": text, "start": start, "end": start + 1.0, "speaker": 0}

    left, right = [word("a", 0.0), word("b", 1.0)], [word("c", 2.0), word("d", 3.0)]
    utterances = [{**w, "transcript": w["word"], "words": [w]} for w in (*left, *right)]
    results = {"channels": [channel(*left), channel(*right)], "utterances": utterances}
    out = rendered({"results": results})["results"]["utterances"]
    assert [(u["transcript"], u["end"]) for u in out] == [("a b", 2.0), ("c d", 4.0)]


def test_a_tie_keeps_the_label_and_a_container_with_no_moved_word_keeps_any():
    parts = [segment(0.0, "a b", "AA"), segment(2.0, "c d", "BB", speaker="X")]
    out = rendered({"segments": parts}, list("ABBB"), "keep")
    assert [s for *_, s in told(out)] == ["A", "X"]
    assert [s for *_, s in told(rendered({"segments": parts}, list("BBBB"), "keep"))] == ["B", "X"]
