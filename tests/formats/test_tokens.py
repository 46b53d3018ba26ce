"""Words made of tokens, labels in a list beside the words, and files that are only read."""

import json

import pytest

from diarfix.errors import InputError
from diarfix.formats.document import read_document
from tests.formats.samples import after, sample


def test_all_tokens_of_a_word_move_and_translations_and_ends_are_no_words():
    tokens = after(sample("soniox"), ["2", "1", "2"])["tokens"]
    assert [t.get("speaker") for t in tokens] == ["2"] * 4 + ["1", None, "1", "2", "2", "2"]


def test_a_word_whose_tokens_differ_has_the_label_of_the_first():
    tree = json.loads(sample("soniox").source)
    tree["tokens"][2]["speaker"] = "2"
    document = read_document(json.dumps(tree), "x")
    assert document.words.labels == ["1", "2", "2"]
    assert document.notes == ("words whose tokens differ in label: 1",)
    assert after(document, ["1", "2", "2"])["tokens"][2]["speaker"] == "1"


def test_scripts_without_spaces_have_a_word_per_token():
    for pieces, words in ((" 지|금| 현재", "지금|현재"), ("今|天|。", "今|天。")):
        tokens = [
            {"text": t, "start_ms": n * 90, "end_ms": n * 90 + 60}
            for n, t in enumerate(pieces.split("|"))
        ]
        found = read_document(json.dumps({"tokens": tokens}), "x").words.text
        assert "|".join(found) == words


def test_seconds_under_the_keys_of_milliseconds_are_seen_by_their_size():
    tokens = [{"text": f" w{n}", "start_ms": n / 2, "end_ms": n / 2 + 0.4} for n in range(3)]
    document = read_document(json.dumps({"tokens": tokens}), "x")
    assert document.words.end.tolist() == pytest.approx([0.4, 0.9, 1.4])
    assert "read as seconds" in document.notes[0]
    named = read_document(json.dumps({"tokens": tokens}), "x", time_unit="ms")
    assert named.words.end[0] == pytest.approx(0.0004)


def test_parakeet_sentences_are_cut_between_words_with_their_length():
    sentences = after(sample("parakeet"), ["A", "B", "B"], "split")["sentences"]
    assert [(s["text"], s["end"], s["duration"], len(s["tokens"])) for s in sentences] == [
        ("Lovely", 0.4, 0.32, 2), ("weather.", 1.2, 0.72, 2), ("No.", 2.0, 0.4, 2),
    ]  # fmt: skip
    assert [t["speaker"] for s in sentences for t in s["tokens"]] == ["A"] * 2 + ["B"] * 4


def test_labels_in_other_messages_are_joined_by_start_and_the_last_counts():
    tree = after(sample("watson"), [0, 0, 0, 1, 1])
    spoken = [[e["speaker"] for e in m["speaker_labels"]] for m in tree["results"][1:]]
    assert spoken == [[0, 0, 0, 1], [1, 1]]


@pytest.mark.parametrize("wrap", [lambda tree: tree, lambda tree: [tree]])
def test_a_word_without_an_entry_for_its_label_cannot_get_one(wrap):
    words = [["so", 0.0, 0.4], ["what", 0.4, 0.9]]
    tree = {
        "results": [{"final": True, "alternatives": [{"timestamps": words}]}],
        "speaker_labels": [{"from": 0, "to": 0.4, "speaker": 1}],
    }
    document = read_document(json.dumps(wrap(tree)), "x")
    assert document.words.labels == [1, None]
    assert document.render(document.words) == document.source
    with pytest.raises(InputError, match="1 words have no place for a label"):
        after(document, [1, 1])


def test_pieces_in_streaming_messages_are_joined_where_a_space_begins_a_word():
    words = [{"word": w, "start": n, "end": n + 0.5} for n, w in enumerate([" 지", "금", " 현재"])]
    tree = [{"is_final": True, "channel": {"alternatives": [{"words": words}]}}]
    assert read_document(json.dumps(tree), "x").words.text == ("지금", "현재")


@pytest.mark.parametrize(
    ("tree", "what"),
    [
        ({"matched_blueprint": {}, "inference_result": {"call_summary": "x"}}, "Bedrock"),
        ({"RecognizedPhrases": [{"Offset": "PT0S"}]}, "Video Indexer"),
        ({"RecognitionStatus": "Success", "NBest": [{"Display": "Hi."}]}, "Speech SDK"),
    ],
)
def test_known_files_that_cannot_be_read_are_named_with_a_way_out(tree, what):
    with pytest.raises(InputError, match=what) as found:
        read_document(json.dumps(tree), "x")
    assert found.value.hint.startswith("give")


def test_the_mark_of_tinydiarize_is_no_word():
    rows = [
        {"offsets": {"from": 0, "to": 900}, "text": " Over. [SPEAKER_TURN]"},
        {"offsets": {"from": 900, "to": 1500}, "text": " Roger."},
    ]
    document = read_document(json.dumps({"transcription": rows}), "x")
    assert document.words.text == ("Over.", "Roger.")
    tokens = [{"text": t, "offsets": {"from": 0, "to": 900}} for t in (" Over", " [SPEAKER_TURN]")]
    rows[0]["tokens"] = tokens
    document = read_document(json.dumps({"transcription": rows}), "x")
    assert document.words.text == ("Over",)


@pytest.mark.parametrize(
    ("name", "why"), [("diarized.json", "no word times"), ("whisper_cpp.json", "read only")]
)
def test_nothing_is_written_back_not_even_unchanged(name, why):
    document = sample(name)
    with pytest.raises(InputError, match=why):
        document.render(document.words)


def test_diarized_segments_time_their_only_word_and_bound_the_others():
    document = sample("diarized.json")
    assert document.dialect.name == "diarized-json"
    assert document.words.labels == ["A"] * 5 + ["Agent"]
    assert document.words.timed.tolist() == [False] * 5 + [True]
    start, end = document.entry
    assert (start[0], end[0], start[5]) == (0.0, 1.5, 1.7)


def test_whisper_cpp_tokens_join_to_words_and_marks_are_left_out():
    document = sample("whisper_cpp.json")
    assert document.words.text == ("And", "so,", "Americans", "你", "好。")
    assert document.words.labels == ["0", "0", "0", None, None]
    assert document.words.start.tolist() == pytest.approx([0.32, 0.37, 0.74, 2.0, 2.3])
    assert document.words.end[2] == pytest.approx(1.6)
