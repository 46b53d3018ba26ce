"""One small file per dialect and quirk, written by hand as each tool writes it."""

import json
from pathlib import Path

import numpy as np
import pytest

from diarfix.core.segments import SEGMENT_MODES
from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import read_turns

DATA = Path(__file__).parent / "data"

#: file -> dialect, words as shown, labels, times of the first word in seconds
SAMPLES = {
    "whisperx.json": (
        "whisperx",
        "So what brings you here today? Room 12, naïve me.",
        ["SPEAKER_00"] * 2
        + ["SPEAKER_01"]
        + ["SPEAKER_00"] * 3
        + ["SPEAKER_01", None, "SPEAKER_01", None],
        (0.031, 0.2),
    ),
    "whisperx_chars.json": ("whisperx", "I do. No?", ["A", "A", "B"], (0.0, 0.05)),
    "whisper.json": ("whisper", " Well  hello  there.  Hi.", ["A", "A", "A", "B"], (0.0, 0.3)),
    "rawinfer.json": ("rawinfer", " One  two  three.  Four.", [None] * 4, (0.0, 0.4)),
    "deepgram.json": (
        "deepgram",
        "Good morning. Hello, how are you?",
        [0, 0, 1, 1, 1, 1],
        (0.08, 0.4),
    ),
    "deepgram_multichannel.json": (
        "deepgram",
        "yes i do so do you",
        [0, 0, 0, 1, 1, 1],
        (0.1, 0.4),
    ),
    "assemblyai.json": ("assemblyai", "Did it work? Of course.", list("AAABB"), (0.1, 0.32)),
    "assemblyai_null_speaker.json": ("assemblyai", "Did it work?", [None] * 3, (0.1, 0.32)),
    "aws.json": ("aws", "Hi there. Yes.", ["spk_0", "spk_0", "spk_1"], (0.02, 0.3)),
    "aws_old.json": ("aws", "Go on. Fine", ["spk_0", "spk_0", "spk_1"], (0.0, 0.4)),
    "seglst.json": (
        "seglst",
        "hello world yes many words in one",
        ["Ann"] * 2 + ["Bo"] + ["Cy"] * 4,
        (0.0, 0.5),
    ),
    "talk.nlp": ("nlp", "Good evening. Thanks, all.", ["0", "0", "1", "1"], (0.1, 0.4)),
    "flat.json": ("words", "你好 谢谢", ["甲", "乙"], (0.0, 0.5)),
    "flat_wsm_ms.json": ("words", "Hello yes", [0, 1], (0.08, 0.4)),
    "flat_content.json": ("words", "Да нет", ["Ольга", "Пётр"], (0.5, 0.9)),
    "flat_token.json": ("words", "a b c", [1, 1, 2], (0.0, 0.5)),
    "words_object.json": ("words", "left right", ["s0", "s1"], (0.0, 0.4)),
    "nemo_words.json": ("words", "um ok", ["speaker_0", "speaker_1"], (0.0, 0.3)),
    "verbose_json.json": ("words", "Fine thanks", [None, None], (0.0, 0.44)),
    "speechmatics.json": (
        "speechmatics",
        "Well, I came yesterday. ¿Qué hm now then",
        ["S1"] * 3 + ["S2", "S1", None, "S1", "S1"],
        (0.1, 0.3),
    ),
    "elevenlabs.json": (
        "elevenlabs",
        "So we left. Oh at noon, right?",
        ["speaker_0"] * 3 + ["speaker_1"] + ["speaker_0"] * 3,
        (0.1, 0.3),
    ),
    "google_v1.json": ("google", "yes but why not now", list("11211"), (0.0, 0.4)),
    "google_v2.json": (
        "google",
        "good morning all thanks",
        ["1", "1", "2", None],
        (0.0, 0.3),
    ),
    "pyannoteai.json": (
        "pyannoteai",
        "Good day. Hello to you.",
        ["SPEAKER_00"] * 2 + ["SPEAKER_01"] * 2 + ["SPEAKER_00"],
        (0.0, 0.3),
    ),
    "revai.json": (
        "revai",
        "Hi, my name's <inaudible>. Oh? Nice one.",
        [0] * 5 + [1] * 2,
        (0.1, 0.3),
    ),
    "rev_editor.json": (
        "rev-editor",
        "Shall we, then? Gladly. After you.",
        [0] * 3 + [1] * 3,
        (0.3, 0.5699999),
    ),
    "gecko.json": (
        "gecko",
        "rain again. so what",
        ["speaker_0"] * 2 + ["speaker_1"] * 2,
        (0.2, 0.6),
    ),
    "aws_calls.json": (
        "aws-calls",
        "Harbour office, hello. Is the pier open?",
        ["AGENT"] * 3 + ["CUSTOMER"] * 4,
        (0.06, 0.5),
    ),
    "aws_post_call.json": (
        "aws-post-call",
        "Ticket,  please.  Thanks. Here.",
        ["spk_0"] * 3 + ["spk_1"],
        (0.1, 0.5),
    ),
    "aws_bda.json": ("aws-bda", "Tea, anyone? Me. Milk", ["spk_0"] * 3 + ["spk_1"], (0.12, 0.4)),
    "assemblyai_owned.json": (
        "assemblyai",
        "Two fares. Return? Single.",
        list("AAAB"),
        (0.1, 0.32),
    ),
    "assemblyai_copies.json": ("assemblyai", "Two fares. Single.", list("AAB"), (0.1, 0.32)),
    "assemblyai_sentences.json": (
        "assemblyai",
        "Is it far? Two stops.",
        list("AAABB"),
        (0.12, 0.3),
    ),
    "assemblyai_seconds.json": ("assemblyai", "Low tide. Noon?", list("AAB"), (0.5, 0.75)),
    "whisper_owned.json": ("whisper", " Cold  out  there.  Very.", list("AAAB"), (0.0, 0.4)),
    "deepgram_live.json": ("deepgram-live", "Ahoy. Who goes?", [0, 1, 1], (0.5, 0.9)),
    "soniox.json": ("soniox", "Remarkable! Is it?", ["1", "2", "2"], (0.06, 0.54)),
    "parakeet.json": ("parakeet", "Lovely weather. No.", [None] * 3, (0.08, 0.4)),
    "watson.json": ("watson", "mind the gap please pardon", [0, 0, 0, 0, 1], (0.2, 0.5)),
    "google_batch.json": ("google", "lock up not yet", list("1112"), (0.0, 0.3)),
    "elevenlabs_channels.json": (
        "elevenlabs",
        "Any news? None.",
        ["speaker_0"] * 2 + ["speaker_1"],
        (0.1, 0.4),
    ),
    "elevenlabs_segments.json": (
        "elevenlabs",
        "Any news? None.",
        ["speaker_0"] * 2 + ["speaker_1"],
        (0.1, 0.4),
    ),
    "azure.json": ("azure", "It costs $20. Really? Yes.", [1] * 4 + [2], (0.5, 0.7)),
    "azure_fast.json": ("azure-fast", "Good day. Thank you.", [1] * 3 + [2], (0.04, 0.24)),
    "gladia.json": (
        "gladia",
        "Bonjour  à  tous.  Merci. Oui.",
        [0] * 4 + [1],
        (0.2, 0.6),
    ),
    "dpe.json": (
        "words",
        "Where is Oslo? Up north. Thanks.",
        ["Ida"] * 3 + ["Ole"] * 2 + ["Ida"],
        (0.3, 0.62),
    ),
    "trint.json": ("words", "Mind the gap.", ["s1", "s1", "s2"], (0.04, 0.36)),
    "speechmatics_v1.json": ("words", "Tea, please Milk?", [None] * 3, (0.2, 0.5)),
    "hf_speakers.json": (
        "words",
        " Who  rang?  Nobody.",
        ["SPEAKER_00"] * 2 + ["SPEAKER_01"],
        (0.0, 0.32),
    ),
    "hf_grouped.json": (
        "words",
        " Who  rang  just  now?  Nobody.",
        ["SPEAKER_00"] * 4 + ["SPEAKER_01"],
        (0.0, 0.32),
    ),
    "word_timestamps.json": (
        "words",
        "Ready now? Sure.",
        ["speaker_0"] * 2 + ["speaker_1"],
        (0.0, 0.4),
    ),
    "vcon_wtf.json": ("words", "Is it raining? Not yet.", [0] * 3 + [1] * 2, (0.1, 0.3)),
    "counted_segments.json": ("words", "Is it raining? Not yet.", list("AAABB"), (0.1, 0.3)),
    "podcast_words.json": ("words", "So soon? Yes.\n", ["Nora", "Nora", "Emil"], (0.4, 0.7)),
    "fireworks.json": (
        "whisper",
        "Is that all? Yes.",
        ["speaker_0"] * 3 + ["speaker_1"],
        (0.1, 0.3),
    ),
    "amberscript.json": (
        "whisper",
        "More soup? Yes, please.",
        ["spk2"] * 2 + ["spk1"] * 2,
        (0.5, 0.9),
    ),
    "stable_ts.json": (
        "whisper",
        " Go  on.  Why  me?",
        ["SPEAKER_00"] * 2 + ["SPEAKER_01"] * 2,
        (0.0, 0.4),
    ),
    "recall.json": ("recall", "Can you hear Yes", ["Ana"] * 3 + ["Raj"], (0.2, 0.4)),
    "kaldi.json": ("kaldi", "Who's next? I am.", ["S1"] * 2 + ["S4"] * 2, (1.02, 1.3)),
    "autoedit.json": (
        "autoedit",
        "Keep left. Right here. Stop!",
        ["Una"] * 4 + ["Ben"],
        (0.2, 0.5),
    ),
    "transcribee.json": ("transcribee", "Guten  Tag  Na?", ["u-1", "u-1", "u-2"], (0.1, 0.4)),
    "gemini.json": ("gemini", "Left or right? Left.", ["spk_1"] * 3 + ["spk_2"], (0.1, 0.45)),
    "vosk.json": ("vosk", "good luck thanks", [None] * 3, (0.1, 0.5)),
}

#: Read, never written: see tests/formats/test_readonly.py.
READ_ONLY = {"diarized.json", "whisper_cpp.json"}  # fmt: skip


def sample(name):
    return read_document(read_text(str(DATA / name)), name)


def relabelled(document, index, code):
    codes = document.words.speaker.copy()
    codes[index] = code
    return document.words.with_speaker(codes)


def test_every_sample_is_listed_and_small():
    word_files = {p.name for p in DATA.iterdir() if p.suffix in {".json", ".nlp"}}
    assert word_files - {"pyannote.json"} - READ_ONLY == set(SAMPLES)
    assert all(p.stat().st_size <= 2400 for p in DATA.iterdir())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_known_by_its_shape_and_read_in_seconds(name):
    dialect, text, labels, (start, end) = SAMPLES[name]
    document = sample(name)
    assert document.dialect.name == dialect
    assert " ".join(document.words.text) == text
    assert [(type(v), v) for v in document.words.labels] == [(type(v), v) for v in labels]
    assert document.words.start[0] == pytest.approx(start)
    assert document.words.end[0] == pytest.approx(end)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_changed_is_byte_for_byte_what_was_read(name):
    document = sample(name)
    data = (DATA / name).read_bytes()
    assert document.render(document.words).encode() == data
    # Read by name, the shape says the same.
    again = read_document(document.source, name, format=document.dialect.name)
    assert again.words.labels == document.words.labels


@pytest.mark.parametrize("mode", SEGMENT_MODES)
@pytest.mark.parametrize("name", [n for n, (*_, v, _) in SAMPLES.items() if v[0] != v[-1]])
def test_moved_words_are_read_back_from_its_own_file(name, mode):
    document = sample(name)
    last = document.words.speaker[document.words.speaker >= 0][-1]
    new = relabelled(document, document.words.speaker == last, document.words.speaker[0])
    out = document.render(new, segments=mode)
    assert out != document.source
    again = read_document(out, name)
    assert again.words.labels == new.labels
    assert again.words.text == new.text
    np.testing.assert_array_equal(again.words.start, new.start)
    assert (out[:1] == "\ufeff", out.endswith("\n"), "\r\n" in out) == (
        document.source[:1] == "\ufeff",
        document.source.endswith("\n"),
        "\r\n" in document.source,
    )


def tree_after(name, index, code, *, segments="keep"):
    document = sample(name)
    return json.loads(document.render(relabelled(document, index, code), segments=segments))


def test_whisperx_word_segments_and_segment_follow_their_words():
    tree = tree_after("whisperx.json", [0, 1, 3], 1)
    inner = [w.get("speaker", "-") for s in tree["segments"] for w in s["words"]]
    assert [w.get("speaker", "-") for w in tree["word_segments"]] == inner
    assert [s["speaker"] for s in tree["segments"]] == ["SPEAKER_01", "SPEAKER_01"]
    assert "start" not in tree["segments"][1]["words"][1]
    assert "speaker" not in tree["segments"][1]["words"][3]


def test_whisperx_split_cuts_text_times_and_chars():
    tree = tree_after("whisperx_chars.json", [1], 1, segments="split")
    first, second = tree["segments"]
    assert (first["text"], first["start"], first["end"], first["speaker"]) == ("I", 0.0, 0.05, "A")
    assert (second["text"], second["start"], second["end"]) == ("do. No?", 0.1, 0.6)
    assert "".join(c["char"] for c in second["chars"]) == second["text"]
    assert [w["word"] for w in second["words"]] == ["do.", "No?"]


def test_whisper_split_keeps_leading_spaces_and_numbers_segments_anew():
    tree = tree_after("whisper.json", [2], 1, segments="split")
    assert [(s["id"], s["text"]) for s in tree["segments"]] == [
        (0, " Well hello"),
        (1, " there. Hi."),
    ]
    assert [s["speaker"] for s in tree["segments"]] == ["A", "B"]


def test_deepgram_utterances_paragraphs_and_headings_follow_their_words():
    tree = tree_after("deepgram.json", [0, 1], 1)
    alternative = tree["results"]["channels"][0]["alternatives"][0]
    assert [w["speaker"] for w in alternative["words"]] == [1] * 6
    assert [u["speaker"] for u in tree["results"]["utterances"]] == [1, 1]
    assert {w["speaker"] for u in tree["results"]["utterances"] for w in u["words"]} == {1}
    assert [p["speaker"] for p in alternative["paragraphs"]["paragraphs"]] == [1, 1]
    assert alternative["paragraphs"]["transcript"] == (
        "\nSpeaker 1: Good morning.\n\nHello, how are you?"
    )


def test_deepgram_channels_are_recordings_of_their_own():
    document = sample("deepgram_multichannel.json")
    parts = [(part.name, part.index.tolist(), part.channel) for part in document.parts]
    assert parts == [("channel 0", [0, 1, 2], 1), ("channel 1", [3, 4, 5], 2)]


def test_assemblyai_utterances_and_opinions_follow_their_words():
    tree = tree_after("assemblyai.json", [3, 4], 0)
    assert [w["speaker"] for w in tree["words"]] == ["A"] * 5
    assert [u["speaker"] for u in tree["utterances"]] == ["A", "A"]
    assert {w["speaker"] for u in tree["utterances"] for w in u["words"]} == {"A"}
    assert [s["speaker"] for s in tree["sentiment_analysis_results"]] == ["A", "A"]
    assert tree["words"][3]["start"] == 1200


def test_aws_punctuation_and_every_list_follow_their_words_and_times_stay_strings():
    results = tree_after("aws.json", [2], 0)["results"]
    assert {i["speaker_label"] for i in results["items"]} == {"spk_0"}
    segments = results["speaker_labels"]["segments"]
    assert [s["speaker_label"] for s in segments] == ["spk_0", "spk_0"]
    assert {i["speaker_label"] for s in segments for i in s["items"]} == {"spk_0"}
    assert [s["speaker_label"] for s in results["audio_segments"]] == ["spk_0", "spk_0"]
    assert results["items"][1]["end_time"] == "0.80"


def test_aws_split_cuts_punctuation_with_its_word():
    results = tree_after("aws.json", [1], 1, segments="split")["results"]
    audio = results["audio_segments"]
    assert [(s["id"], s["transcript"], s["items"]) for s in audio] == [
        (0, "Hi", [0]),
        (1, "there.", [1, 2]),
        (2, "Yes.", [3, 4]),
    ]
    assert [s["end_time"] for s in results["speaker_labels"]["segments"]] == ["0.3", "0.81", "1.5"]


def test_the_older_aws_form_gets_no_label_on_items():
    results = tree_after("aws_old.json", [2], 0)["results"]
    assert not any("speaker_label" in item for item in results["items"])
    assert [s["speaker_label"] for s in results["speaker_labels"]["segments"]] == ["spk_0"] * 2


def test_seglst_sessions_are_recordings_of_their_own_and_only_single_words_have_times():
    document = sample("seglst.json")
    assert [(p.name, p.index.tolist()) for p in document.parts] == [
        ("s1", [0, 1, 3, 4, 5, 6]),
        ("s2", [2]),
    ]
    assert document.words.timed.tolist() == [True] * 3 + [False] * 4
    assert document.notes


def test_nlp_lines_keep_their_other_columns():
    document = sample("talk.nlp")
    out = document.render(relabelled(document, [2], 0))
    assert out == document.source.replace("Thanks|1|", "Thanks|0|")


def test_milliseconds_are_recognised_and_said():
    assert "milliseconds" in sample("flat_wsm_ms.json").notes[0]
    text = (DATA / "flat_wsm_ms.json").read_text(encoding="utf-8")
    assert read_document(text, "x", time_unit="s").words.start[0] == 80.0


def test_escapes_stay_escapes():
    document = sample("flat.json")
    out = document.render(relabelled(document, [1], 0))
    assert out == document.source.replace("\\u4e59", "\\u7532")


def test_a_raw_inference_file_tells_turns_centroids_and_overlap():
    document = sample("rawinfer.json")
    assert document.turns.labels == ["SPEAKER_00", "SPEAKER_01"]
    assert document.centroids["SPEAKER_01"] == [0.25, 1e-05]
    assert [x.tolist() for x in document.regions] == [[1.2], [1.4]]
    assert not document.keyed.any()


def test_nemo_sentences_follow_their_words():
    tree = tree_after("nemo_words.json", [1], 0)
    assert [s["speaker_label"] for s in tree["sentences"]] == ["speaker_0", "speaker_0"]


def test_pyannote_json_and_rttm_are_read_as_turns():
    assert read_turns(str(DATA / "pyannote.json"))[""].labels == ["SPEAKER_00", "SPEAKER_01"]
    assert set(read_turns(str(DATA / "wild.rttm"))) == {"talk", "other"}


@pytest.mark.parametrize("name", ["wild.rttm", "regions.uem", "words.ctm", "segments.stm"])
def test_read_only_formats_are_called_by_their_name(name):
    kind = {"rttm": "RTTM", "uem": "UEM", "ctm": "CTM", "stm": "STM"}[name[-4:].strip(".")]
    with pytest.raises(InputError, match=f"this is an? {kind} file"):
        sample(name)
