"""Dialects whose containers own the labels, and those that mix words with other items."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.segments import SEGMENT_MODES
from diarfix.errors import InputError
from diarfix.formats.document import read_document
from diarfix.formats.json.azure import iso_seconds, iso_text
from diarfix.formats.recordings import turns_of_text
from tests.formats.samples import after, relabelled, sample

OWNED = ["revai", "azure", "azure_fast", "gladia", "rev_editor", "gecko", "aws_calls",
         "aws_post_call", "aws_bda", "assemblyai_owned", "whisper_owned"]  # fmt: skip
OTHERS = ["speechmatics", "elevenlabs", "elevenlabs_channels", "google_v1", "google_v2",
          "google_batch", "pyannoteai", "soniox", "watson"]  # fmt: skip


@pytest.mark.parametrize("name", OWNED + OTHERS)
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_labelling_is_read_back_and_words_stay(name, data):
    document = sample(name)
    present = document.words.labels
    known = sorted({label for label in present if label is not None})
    # A label never goes: what has none may keep none.
    labels = [
        data.draw(st.sampled_from(known if label is not None else [None, *known]))
        for label in present
    ]
    wanted = relabelled(document, labels)
    mode = data.draw(st.sampled_from(SEGMENT_MODES))
    out = document.render(wanted, segments=mode)
    again = read_document(out, name)
    assert again.words.labels == labels
    assert again.words.text == document.words.text
    np.testing.assert_array_equal(again.words.start, document.words.start)
    np.testing.assert_array_equal(again.words.end, document.words.end)
    assert again.render(again.words, segments=mode) == out


def test_a_revai_monologue_is_cut_before_the_word_and_keeps_its_punctuation():
    monologues = after("revai", {4: 1})["monologues"]
    assert [m["speaker"] for m in monologues] == [0, 1, 1]
    text = ["".join(e["value"] for e in m["elements"]) for m in monologues]
    assert text == ["Hi, my name's <inaudible>. ", "Oh?", "Nice one."]


def test_a_container_all_of_whose_words_move_is_not_cut():
    monologues = after("revai", {5: 0, 6: 0})["monologues"]
    assert [m["speaker"] for m in monologues] == [0, 0]


def test_an_azure_phrase_divides_every_list_text_and_spelling_of_its_times():
    phrases = after("azure", {3: 2})["recognizedPhrases"]
    assert [p["speaker"] for p in phrases] == [1, 2, 2]
    first, second, _ = phrases
    assert [first["nBest"][0][k] for k in ("display", "lexical")] == [
        "It costs $20.",
        "it costs twenty dollars",
    ]
    assert [second["nBest"][0][k] for k in ("display", "lexical")] == ["Really?", "really"]
    assert [len(p["nBest"][0]["words"]) for p in phrases] == [4, 1, 1]
    assert (first["offset"], first["duration"]) == ("PT0.5S", "PT1.2S")
    assert (second["offset"], second["duration"]) == ("PT2S", "PT0.4S")
    assert repr(second["offsetInTicks"]) == "20000000.0"


def test_an_azure_fast_phrase_divides_text_and_milliseconds():
    phrases = after("azure_fast", {2: 2})["phrases"]
    assert [(p["text"], p["offsetMilliseconds"], p["durationMilliseconds"]) for p in phrases] == [
        ("Good day.", 40, 540),
        ("Thank", 700, 300),
        ("you.", 1040, 300),
    ]


def test_a_gladia_utterance_divides_text_times_and_words_and_merge_joins_them_again():
    tree = after("gladia", {3: 1})["result"]["transcription"]["utterances"]
    assert [(u["text"], u["start"], u["end"], u["speaker"]) for u in tree] == [
        ("Bonjour à tous.", 0.2, 1.1, 0),
        ("Merci.", 1.4, 2.0, 1),
        ("Oui.", 2.1, 2.4, 1),
    ]
    merged = after("gladia", {3: 1}, "merge")["result"]["transcription"]["utterances"]
    assert [(u["text"], u["end"]) for u in merged] == [
        ("Bonjour à tous.", 1.1),
        ("Merci. Oui.", 2.4),
    ]


def test_a_speaker_inside_an_object_is_renamed_there_and_a_cut_copies_the_object():
    monologues = after("gecko", {1: "speaker_1"})["monologues"]
    assert [m["speaker"] for m in monologues] == [
        {"name": None, "id": "speaker_0"}, {"name": None, "id": "speaker_1"},
        {"name": None, "id": "speaker_1"},
    ]  # fmt: skip
    assert [len(m["terms"]) for m in monologues] == [1, 2, 2]
    source = sample("gecko").source
    renamed = sample("gecko").renamed({"speaker_0": "Ann"})
    assert renamed.source == source.replace('"speaker_0"', '"Ann"')


def test_a_call_is_cut_with_its_text_and_punctuation_and_its_participants_are_renamed_too():
    turns = after("aws_calls", {2: "CUSTOMER"})["Transcript"]
    assert [(t["Content"], t["EndOffsetMillis"], t["ParticipantRole"]) for t in turns] == [
        ("Harbour office,", 980, "AGENT"),
        ("hello.", 1400, "CUSTOMER"),
        ("Is the pier open?", 3100, "CUSTOMER"),
    ]
    renamed = json.loads(sample("aws_calls").renamed({"AGENT": "Ann"}).source)
    assert renamed["Participants"][0]["ParticipantRole"] == "Ann"


def test_both_texts_of_a_post_call_segment_are_cut():
    turns = after("aws_post_call", {2: "spk_1"})["SpeechSegments"]
    assert [(t["DisplayText"], t["OriginalText"]) for t in turns[:2]] == [
        ("Ticket, please.", "Ticket, please."), ("Thanks.", "Thanks."),
    ]  # fmt: skip


def test_bedrock_numbers_items_segments_and_topics_anew():
    tree = after("aws_bda", {2: "spk_1"})
    segments = tree["audio_segments"]
    assert [(s["segment_index"], s["audio_item_indices"], s["text"]) for s in segments] == [
        (0, [0, 1, 2, 3], "Tea, anyone?"),
        (1, [4, 5], "Me."),
        (2, [6], "Milk"),
    ]
    assert [item["audio_segment_index"] for item in tree["audio_items"]] == [0] * 4 + [1, 1, 2]
    assert tree["topics"][0]["audio_segment_indices"] == [0, 1, 2]


def test_labels_of_containers_count_where_no_word_has_one_and_a_relabel_cuts():
    tree = after("whisper_owned", {0: "B"})
    assert [(s["id"], s["speaker"], s["text"]) for s in tree["segments"]] == [
        (0, "B", " Cold"), (1, "A", " out there."), (2, "B", " Very."),
    ]  # fmt: skip
    assert "speaker" not in tree["segments"][0]["words"][0]
    tree = after("assemblyai_owned", {2: "B"})
    assert [(u["speaker"], len(u["words"])) for u in tree["utterances"]] == [
        ("A", 2), ("B", 1), ("B", 1),
    ]  # fmt: skip
    assert {word["speaker"] for word in tree["words"]} == {None}


@pytest.mark.parametrize("key", ["sentences", "paragraphs", "utterances", ""])
def test_a_list_of_stretches_that_hold_words_is_read_by_its_words(key):
    entries = json.loads(sample("assemblyai_sentences").source)["sentences"]
    document = read_document(json.dumps({key: entries} if key else entries), "x")
    assert (document.dialect.name, document.words.labels) == ("assemblyai", list("AAABB"))
    assert document.words.end[-1] == pytest.approx(2.1)
    for entry in entries:
        for word in entry["words"]:
            word["speaker"] = None
    again = read_document(json.dumps({key: entries} if key else entries), "x")
    assert again.words.labels == document.words.labels


def test_labels_of_copies_count_before_those_of_containers():
    tree = after("assemblyai_copies", {1: "B"})
    assert [[w["speaker"] for w in u["words"]] for u in tree["utterances"]] == [["A", "B"], ["B"]]
    assert {word["speaker"] for word in tree["words"]} == {None}


def test_speechmatics_punctuation_follows_its_word_in_the_direction_it_says():
    results = after("speechmatics", {3: "S1", 4: "S2"})["results"]
    spoken = [(r["alternatives"][0]["content"], r["alternatives"][0]["speaker"]) for r in results]
    assert spoken[4:8] == [("yesterday", "S1"), (".", "S1"), ("¿", "S2"), ("Qué", "S2")]


def test_speechmatics_uu_means_nobody_and_stays_until_somebody_is_named():
    assert sample("speechmatics").words.labels[5] is None
    results = after("speechmatics", {3: "S1"})["results"]
    assert results[8]["alternatives"][0]["speaker"] == "UU"


def test_scribe_spaces_move_with_their_word_and_another_voice_s_laughter_stays():
    words = after("elevenlabs", {3: "speaker_0"})["words"]
    assert [w["speaker_id"] for w in words] == ["speaker_0"] * 13 + ["speaker_1"]


def test_google_words_come_from_the_result_with_speakers_and_tags_stay_in_step():
    document = sample("google_v1")
    assert len(document.words) == 5
    assert document.notes
    results = after("google_v1", {2: "1"})["results"]
    assert [w["speakerTag"] for w in results[2]["alternatives"][0]["words"]] == [1] * 5
    assert "speakerTag" not in results[1]["alternatives"][0]["words"][0]


def test_google_tag_zero_and_a_first_word_without_start():
    document = sample("google_v2")
    assert document.words.labels[3] is None
    assert document.words.start[0] == 0.0


def test_an_empty_last_result_repeats_nothing():
    tree = json.loads(sample("google_v2").source)
    (tree.get("response") or tree)["results"].append({"resultEndOffset": "9s"})
    assert not read_document(json.dumps(tree), "x").notes


def test_files_of_a_batch_are_recordings_and_each_begins_at_zero():
    document = sample("google_batch")
    assert [(part.name, part.index.tolist()) for part in document.parts] == [
        ("one", [0, 1]), ("two", [2, 3]),
    ]  # fmt: skip
    assert document.words.start.tolist() == [0.0, 0.3, 0.0, 0.5]
    assert not document.notes


def test_a_batch_whose_words_stand_elsewhere_says_where():
    held = {"uri": "gs://b/one_transcript.json"}
    tree = {"response": {"results": {"gs://b/one.wav": held}}}
    with pytest.raises(InputError, match=r"gs://b/one_transcript\.json"):
        read_document(json.dumps(tree), "x")


def test_transcripts_of_channels_are_channels():
    document = sample("elevenlabs_channels")
    assert [(part.name, part.index.tolist()) for part in document.parts] == [
        ("channel 0", [0, 1]), ("channel 1", [2]),
    ]  # fmt: skip
    words = after("elevenlabs_channels", {2: "speaker_0"})["transcripts"][1]["words"]
    assert [w["speaker_id"] for w in words] == ["speaker_1", "speaker_0"]


def test_exclusive_turns_serve_where_no_others_are():
    turns = [{"speaker": "A", "start": 0.0, "end": 1.0}]
    words = [{"text": "hm", "start": 0.1, "end": 0.4, "speaker": "A"}]
    job = {"output": {"exclusiveDiarization": turns, "wordLevelTranscription": words}}
    assert read_document(json.dumps(job), "x").turns.labels == ["A"]
    del job["output"]["wordLevelTranscription"]
    assert turns_of_text(json.dumps(job), "x")[""].labels == ["A"]


def test_pyannoteai_turns_follow_and_are_cut_on_request():
    tree = after("pyannoteai", {2: "SPEAKER_00", 3: "SPEAKER_00"})["output"]
    assert [t["speaker"] for t in tree["turnLevelTranscription"]] == ["SPEAKER_00"] * 2
    tree = after("pyannoteai", {2: "SPEAKER_00"}, "split")["output"]
    assert [(t["text"], t["speaker"]) for t in tree["turnLevelTranscription"]] == [
        ("Good day.", "SPEAKER_00"),
        ("Hello", "SPEAKER_00"),
        ("to", "SPEAKER_01"),
        ("you.", "SPEAKER_00"),
    ]
    assert sample("pyannoteai").turns.labels == ["SPEAKER_00", "SPEAKER_01"]


@given(st.integers(0, 10**12))
def test_iso_durations_are_read_as_they_are_written(ticks):
    assert iso_seconds(iso_text(ticks * 1e-7), "x") == pytest.approx(ticks * 1e-7, abs=1e-9)


HOSTILE = [None, True, -1, 1e308, 10**400, "x", "", [], {}, [1], float("nan"), "UU", 0, [{}]]


def places(tree, at=()):
    yield at
    if not isinstance(tree, (dict, list)):
        return
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from places(value, (*at, key))


@pytest.mark.parametrize("name", OWNED + OTHERS + ["diarized", "whisper_cpp"])
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_value_anywhere_is_read_or_refused_and_what_is_read_can_be_rewritten(name, data):
    tree = json.loads(sample(name).source)
    *way, last = data.draw(st.sampled_from([p for p in places(tree) if p]))
    node = tree
    for key in way:
        node = node[key]
    node[last] = data.draw(st.sampled_from(HOSTILE))
    try:
        document = read_document(json.dumps(tree), name)
        known = [label for label in document.words.labels if label is not None]
        labels = [
            None if label is None else data.draw(st.sampled_from(known))
            for label in document.words.labels
        ]
        out = document.render(relabelled(document, labels), segments="split")
    except InputError:
        return
    again = read_document(out, name, format=document.dialect.name)
    assert (again.words.labels, again.words.text) == (labels, document.words.text)
