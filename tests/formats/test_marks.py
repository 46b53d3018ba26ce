"""Marks that stand as words of their own: no words, and in step with the word they follow."""

import itertools
import json

import pytest

from diarfix.core.segments import is_mark
from diarfix.edits.repairs import repair
from diarfix.formats.document import read_document


def tree(words, **more):
    """A WhisperX file of ``(text, label)`` words, one segment; marks begin as the word before."""
    rows = [
        {"word": text, "start": n * 1.0, "end": n + 0.9, "score": 0.9, "speaker": label}
        for n, (text, label) in zip(
            itertools.accumulate(not is_mark(t) for t, _ in words), words, strict=True
        )
    ]
    return {"segments": [{"text": " ".join(t for t, _ in words), "words": rows, **more}]}


def read(content):
    return read_document(json.dumps(content), "x")


def labels_after(content, **how):
    document = read(content)
    text = document.render(repair(document, **how).words)
    words = json.loads(text)["segments"][0]["words"]
    return [word.get("speaker") for word in words]


@pytest.mark.parametrize("mark", ["—", "…", "♪", "。", " -", "?!", "💬", "»"])
@pytest.mark.parametrize("method", ["rules", "viterbi"])
def test_a_mark_is_no_word_and_takes_the_label_of_the_word_it_follows(mark, method):
    said = [("so", "A"), ("it", "A"), ("was", "A"), (mark, "B"), ("late", "A"), ("then", "A")]
    document = read(tree(said))
    assert len(document.words) == 5
    assert document.words.text[2].replace(" ", "") == f"was{mark.strip()}"
    assert labels_after(tree(said), method=method) == ["A"] * 6


def test_a_mark_that_opens_or_comes_first_follows_the_word_after_it():
    said = [("—", "A"), ("yes", "A"), ("¿", "A"), ("why", "B")]
    assert read(tree(said)).words.text == ("— yes", "¿why")
    assert labels_after(tree(said), method="rules") == ["A", "A", "B", "B"]


def test_marks_move_with_their_word_once_and_for_all():
    said = [(f"w{n}", "A") for n in range(4)] + [("no", "B"), (",", "B")]
    said += [(f"v{n}", "A") for n in range(4)]
    document = read(tree(said))
    text = document.render(repair(document, method="rules").words)
    assert [w["speaker"] for w in json.loads(text)["segments"][0]["words"]] == ["A"] * 10
    again = read_document(text, "x")
    assert again.render(repair(again, method="rules").words) == text


def test_a_mark_without_a_label_beside_a_labelled_word_gets_none():
    content = tree([("so", "A"), ("—", "A"), ("well", "A")])
    del content["segments"][0]["words"][1]["speaker"]
    document = read(content)
    assert document.render(repair(document).words) == document.source


def test_a_container_of_marks_keeps_its_label_and_is_read_after_the_word_before():
    content = tree([("so", "A"), ("well", "A")])
    music = {"word": "♪", "start": 5.0, "end": 9.0, "speaker": "B"}
    content["segments"].append({"text": "♪", "words": [music], "speaker": "B"})
    document = read(content)
    assert document.words.text == ("so", "well ♪")
    assert document.render(repair(document).words) == document.source


def test_where_nothing_but_marks_stands_they_stay_words():
    assert read(tree([("…", "A"), ("♪", "B")])).words.text == ("…", "♪")


def test_a_segment_is_cut_in_its_own_text_where_marks_stand_apart():
    said = [("so", "A"), ("it", "A"), (",", "A"), ("was", "B"), ("!", "B"), ("then", "B")]
    document = read(tree(said))
    cut = json.loads(document.render(document.words, segments="split"))["segments"]
    assert [s["text"] for s in cut] == ["so it ,", "was ! then"]
    assert [[w["word"] for w in s["words"]] for s in cut] == [
        ["so", "it", ","],
        ["was", "!", "then"],
    ]


def test_an_azure_phrase_is_divided_between_the_words_that_part():
    tick = 10_000_000
    entries = [
        {"displayText": text, "offsetInTicks": n * tick, "durationInTicks": tick}
        for n, text in enumerate(["—", "so", "it", ",", "was", "!"])
    ]
    best = {"display": "— so it, was!", "displayWords": entries}
    phrase = {"speaker": 1, "offsetInTicks": 0, "durationInTicks": 6 * tick, "nBest": [best]}
    document = read({"recognizedPhrases": [phrase]})
    assert document.words.text == ("— so", "it,", "was!")
    after = document.words.with_speaker([0, 0, 1], [1, 2])
    pieces = json.loads(document.render(after))["recognizedPhrases"]
    texts = [[w["displayText"] for w in p["nBest"][0]["displayWords"]] for p in pieces]
    assert texts == [["—", "so", "it", ","], ["was", "!"]]
    assert [p["speaker"] for p in pieces] == [1, 2]


def test_the_words_of_other_lists_follow_too():
    words = [{"word": w, "start": n, "end": n + 0.5, "speaker": "A"} for n, w in enumerate("a-b")]
    assert read(words).words.text == ("a -", "b")
    entries = [
        {"session_id": "s", "speaker": "A", "start_time": 0, "end_time": 2, "words": "a — b"}
    ]
    assert read(entries).words.text == ("a —", "b")


@pytest.mark.parametrize("text", ["a", "7", "ก", "า", "é", " ", "", "l'", "ा", "\ud801"])
def test_what_has_a_letter_a_digit_or_a_vowel_sign_is_no_mark(text):
    assert not is_mark(text)
