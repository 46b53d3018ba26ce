"""Word lists in their many forms, speakers that stand beside them, and units told by size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import encode, turns_from_rows
from diarfix.edits.renames import rename
from diarfix.edits.repairs import repair
from diarfix.errors import InputError
from diarfix.formats.document import read_document
from tests.formats.samples import after, sample


def read(rows, **options):
    return read_document(json.dumps(rows), "x", **options)


def test_a_paragraph_is_cut_where_its_words_part_and_words_get_no_label():
    tree = after("dpe", {3: "Ida"})
    assert [(p["id"], p["start"], p["end"], p["speaker"]) for p in tree["paragraphs"]] == [
        (0, 0.3, 1.3, "Ida"),
        (1, 1.7, 2.0, "Ida"),
        (2, 2.0, 2.6, "Ole"),
        (3, 2.9, 3.4, "Ida"),
    ]
    assert not any("speaker" in word for word in tree["words"])
    whole = after("dpe", {3: "Ida", 4: "Ida"})["paragraphs"]
    assert [p["speaker"] for p in whole] == ["Ida"] * 3


def test_turns_of_an_option_go_to_the_paragraphs_too():
    document = sample("dpe")
    result = repair(document, turns={"": turns_from_rows([(0.0, 1.9, "Ida"), (1.9, 4.0, "Ole")])})
    tree = json.loads(document.render(result.off))
    assert [p["speaker"] for p in tree["paragraphs"]] == ["Ida", "Ida", "Ole", "Ole"]
    assert tree["words"] == json.loads(document.source)["words"]


def test_words_that_no_time_tells_apart_are_refused_with_the_way_out():
    tree = json.loads(sample("dpe").source)
    tree["words"][1]["start"] = tree["words"][0]["start"]
    document = read(tree)
    codes, speakers = encode(["Ole", "Ida", "Ida", "Ole", "Ole", "Ida"])
    with pytest.raises(InputError, match=r"words\[0\]: no time tells it") as found:
        document.render(document.words.with_speaker(codes, speakers))
    assert "--to words" in found.value.hint


def test_words_between_paragraphs_are_read_with_the_one_before_and_counted():
    tree = json.loads(sample("dpe").source)
    del tree["paragraphs"][1]
    document = read(tree)
    assert document.words.labels == ["Ida"] * 6
    assert document.notes == ("words outside all paragraphs, read as if in those before them: 2",)
    tree["paragraphs"] = [{"start": 900, "end": 950, "speaker": "Ida"}]
    assert read(tree).words.labels == [None] * 6  # those of another recording


def test_labels_of_words_come_before_those_beside_them_which_follow():
    tree = json.loads(sample("dpe").source)
    for word, label in zip(tree["words"], "AAABBA", strict=True):
        word["speaker"] = label
    document = read(tree)
    assert document.words.labels == list("AAABBA")
    codes, speakers = encode(list("AAAAAA"))
    out = json.loads(document.render(document.words.with_speaker(codes, speakers)))
    assert [p["speaker"] for p in out["paragraphs"]] == ["Ida", "A", "Ida"]


def test_durations_and_pairs_are_divided_with_their_container():
    paragraphs = after("trint", {0: "s2"})["paragraphs"]
    assert [(p["time"], p["duration"], p["speaker"]) for p in paragraphs] == [
        (40, 320, "s2"), (360, 140, "s1"), (500, 510, "s2"),
    ]  # fmt: skip
    grouped = after("hf_grouped", {3: "SPEAKER_01"})["speakers"]
    assert [(s["timestamp"], s["text"]) for s in grouped] == [
        ([0.0, 0.9], " Who rang just"), ([0.9, 1.3], " now?"), ([1.5, 2.0], " Nobody."),
    ]  # fmt: skip
    segments = after("kaldi", {2: "S1"})["retval"]["segmentation"]["segments"]
    assert [(s["start"], s["duration"]) for s in segments] == [(1, 0.9), (2.0, 0.3), (2.3, 0.9)]


def test_who_speaks_is_told_with_all_that_the_file_knows_of_them():
    segments = after("kaldi", {2: "S1"})["retval"]["segmentation"]["segments"]
    assert [s["speaker"] for s in segments] == [
        {"@id": "S1", "gender": "F"}, {"@id": "S1", "gender": "F"}, {"@id": "S4", "gender": "M"},
    ]  # fmt: skip
    turns = after("recall", {2: "Raj"})
    assert [(t["participant"]["id"], len(t["words"])) for t in turns] == [(7, 2), (8, 1), (8, 1)]
    assert [t["participant"]["id"] for t in after("recall", {3: "Ana"})] == [7, 7]


def test_numbers_of_words_are_divided_with_their_segment():
    segments = after("counted_segments", {2: "B"})["segments"]
    assert [(s["id"], s["text"], s["words"], s["speaker"]) for s in segments] == [
        (0, "Is it", [0, 1], "A"), (1, "raining?", [2], "B"), (2, "Not yet.", [3, 4], "B"),
    ]  # fmt: skip
    split = after("vcon_wtf", {2: 1}, "split")["segments"]
    assert [(s["words"], s["speaker"]) for s in split] == [([0, 1], 0), ([2, 3], 1), ([4, 5], 1)]


def test_lists_inside_paragraphs_and_parts_are_divided():
    first, second, _ = after("autoedit", {3: "Ben"})["text"]
    assert [[line["id"] for line in p["line"]] for p in first["paragraph"]] == [[0, 1], [2]]
    assert [[line["id"] for line in p["line"]] for p in second["paragraph"]] == [[3]]
    assert second["paragraph"][0]["startTime"] == 1.5
    parts = after("gemini", {2: "spk_2"})["candidates"][0]["content"]["parts"]
    heard = [part["audioTranscription"] for part in parts]
    assert [(h["speakerLabel"], [w["word"] for w in h["words"]]) for h in heard] == [
        ("spk_1", ["Left", "or"]), ("spk_2", ["right?"]), ("spk_2", ["Left."]),
    ]  # fmt: skip


def test_copies_at_the_top_and_spaces_follow_their_words():
    tree = after("fireworks", {2: "speaker_1"})
    assert [w["speaker_id"] for w in tree["words"]] == ["speaker_0"] * 2 + ["speaker_1"] * 2
    assert [s["speaker_id"] for s in tree["segments"]] == ["speaker_0", "speaker_1"]
    texts = after("word_timestamps", {0: "speaker_1", 1: "speaker_1"})["utterances"]
    assert [u["speaker"] for u in texts] == ["speaker_1"] * 2


def test_a_name_is_changed_wherever_a_table_has_it():
    def renamed(name, *pairs):
        return json.loads(rename(sample(name), pairs).document.source)

    assert renamed("amberscript", ("spk1", "Ann"))["speakers"][0]["spkid"] == "Ann"
    assert list(renamed("transcribee", ("u-1", "Ann"))["speaker_names"]) == ["Ann", "u-2"]
    assert renamed("speechmatics_v1", ("F1", "Ann"))["speakers"][0]["name"] == "Ann"
    kaldi = renamed("kaldi", ("S1", "Ann"))["retval"]["segmentation"]
    assert (kaldi["speakers"][0]["@id"], kaldi["segments"][0]["speaker"]["@id"]) == ("Ann", "Ann")


def test_a_table_of_speakers_is_keyed_by_the_text_of_their_labels():
    tree = json.loads(sample("vcon_wtf").source)
    document = read(tree | {"speakers": {"0": {"id": 0}, "1": {"id": 1}}})
    assert document.labels() == [0, 1]
    assert list(json.loads(document.renamed({0: "Ann"}).source)["speakers"]) == ["Ann", "1"]


def test_turns_beside_words_that_are_called_names_label_them():
    document = sample("speechmatics_v1")
    assert document.turns.labels == ["F1", "M1"]
    assert repair(document).off.labels == ["F1", "F1", "M1"]


def test_a_voiceprint_is_no_label():
    document = sample("vosk")
    result = repair(document, turns={"": turns_from_rows([(0.0, 1.0, "A"), (1.5, 3.0, "B")])})
    first, second, _ = json.loads(document.render(result.words))
    assert [w["speaker"] for w in (*first["result"], *second["result"])] == ["A", "A", "B"]
    assert first["spk"] == [-0.5, 0.25, 1.0]


LENGTHS = st.lists(st.floats(0.06, 1.2), min_size=3, max_size=12)


@given(LENGTHS, st.booleans(), st.sampled_from(["end", "duration", "pair"]))
def test_milliseconds_are_told_by_size_in_every_form(lengths, whole, form):
    rows, at = [], 0.0
    for length in lengths:
        start, end = (round(t * 1000, None if whole else 3) for t in (at, at + length))
        time = {
            "end": {"start": start, "end": end},
            "duration": {"time": start, "duration": end - start},
            "pair": {"timestamp": [start, end]},
        }[form]
        rows.append({"text": "word"} | time)
        at += length + 0.1
    document = read(rows)
    assert document.words.end[-1] == pytest.approx(at - 0.1, abs=0.01)
    assert document.notes[0].startswith("times read as milliseconds")
    assert read(rows, time_unit="s").words.end[-1] > 50


def test_a_long_word_or_a_broken_time_makes_no_milliseconds():
    rows = [{"word": "a", "start": n, "end": n + 0.3} for n in range(5)]
    rows += [{"word": "a", "start": 5.0, "end": 9e9}]
    assert read(rows).notes == ()
    [note] = read([{"word": "you", "start": 0.0, "end": 29.98}]).notes
    assert note == "a word lasts 30 s at the median (--time-unit ms if times are milliseconds)"


def test_seconds_in_a_dialect_of_milliseconds_are_told_by_size():
    rows = [{"text": "So", "start": n + 0.1, "end": n + 0.4, "speaker": "A"} for n in range(4)]
    document = read({"words": rows, "audio_duration": 4.5})
    assert document.dialect.name == "assemblyai"
    assert document.words.end[-1] == 3.4
    assert document.notes[0].startswith("times read as seconds")


#: Words of many scripts: those written without spaces, those of long words, those with marks.
WORDS = {
    "en": ["so", "we", "went", ",", "and", "“", "thought", "”", "—", "no", "."],
    "de": ["Donaudampfschifffahrtsgesellschaft", "Rindfleischetikettierungsgesetz", "ja."],
    "fi": ["epäjärjestelmällisyydellänsä.", "Kyllä.", "Juoksentelisinkohan?"],
    "zh": ["我们", "昨天", "去", "了", "北京大学", "。"],
    "ja": ["コミュニケーション", "は", "大切", "です", "。"],
    "th": ["มหาวิทยาลัย", "อยู่", "ที่", "ไหน", "ครับ"],
    "km": ["សាលា", "រៀន", "នៅ", "ឯណា"],
    "ko": ["안녕하세요.", "저는", "학생입니다."],
    "ar": ["السلام", "عليكم", "يا", "أصدقاء."],
    "hi": ["नमस्ते,", "आप", "कैसे", "हैं?"],
    "fr": ["Bonjour !", "Ça", "va ?", "Aujourd’hui,", "oui."],
    "long names": ["New York", "is", "big", "now"],
    "one": ["Absolutely."],
}
SENTENCES = {
    "en": ["So we went home.", "Fine."],
    "short": ["All right.", "I know,", "Hi there"],
    "zh": ["我们昨天去了北京大学。", "很好", "你今天怎么样？"],
    "zh bare": ["我们昨天去了北京大学", "那里的人真的很多", "后来我们回家了"],
    "ja": ["今日はどこへ行きましたか。", "学校です。"],
    "th": ["วันนี้คุณไปไหนมาครับ", "ผมไปโรงเรียนมา"],
    "ko": ["저는 학생입니다.", "안녕하세요."],
    "ar": ["السلام عليكم يا أصدقاء", "نعم"],
}


def timed(texts):
    return [
        {"text": text, "start": n, "end": n + 0.4, "speaker": "AB"[n % 2]}
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize("script", WORDS)
def test_no_list_of_words_is_taken_for_sentences(script):
    assert read(timed(WORDS[script])).dialect.name == "words"
    assert read({"results": timed(WORDS[script])}).dialect.name == "words"


@pytest.mark.parametrize("script", SENTENCES)
@pytest.mark.parametrize("key", ["", "words", "results", "blocks"])
def test_no_list_of_sentences_is_read_as_words(script, key):
    rows = timed(SENTENCES[script])
    document = read({key: rows, "title": "x"} if key else rows)
    assert document.dialect.name == "segments"
    assert len(document.utterances) == len(rows)


def test_parts_of_words_and_lists_of_containers_are_no_words():
    pieces = [
        {"text": t, "start": n, "end": n + 1} for n, t in enumerate([" Won", "der", "ful", " day"])
    ]
    held = [{"text": "Hi", "start": 0.0, "end": 1.0, "words": [{"text": "Hi"}]}]
    for rows in (pieces, held):
        with pytest.raises(InputError, match="no known word file"):
            read({"tokens": rows})


def test_a_remix_of_several_recordings_is_refused():
    rows = timed(SENTENCES["en"])
    blocks = [row | {"media": f"m{n}"} for n, row in enumerate(rows)]
    with pytest.raises(InputError, match="no known word file"):
        read({"blocks": blocks})


def test_sentences_without_times_are_no_words_either():
    rows = [{"speaker": "Sam", "text": text} for text in SENTENCES["en"]]
    for tree in (rows, {"words": rows}):
        with pytest.raises(InputError, match="no known word file"):
            read(tree)
    assert len(read([{"word": word, "speaker": "Sam"} for word in WORDS["de"]]).words) == 3


def test_counted_containers_keep_their_pairs_of_times():
    words = [{"text": t, "start": n * 0.5, "end": n * 0.5 + 0.4} for n, t in enumerate("abcd")]
    segments = [
        {"words": [0, 1, 2], "timestamp": [0, 1.4], "speaker": "A", "text": "a b c"},
        {"words": [3], "timestamp": [1.5, 1.9], "speaker": "B", "text": "d"},
    ]
    document = read_document(json.dumps({"words": words, "segments": segments}), "f")
    out = json.loads(document.render(document.words.with_speaker([0, 1, 1, 1])))["segments"]
    assert [s["timestamp"] for s in out] == [[0, 0.4], [0.5, 1.4], [1.5, 1.9]]
    assert [s["words"] for s in out] == [[0], [1, 2], [3]]


def test_turns_beside_words_are_in_the_unit_of_the_words_however_that_is_known():
    words = [{"word": w, "start": n * 1000, "end": n * 1000 + 900} for n, w in enumerate("abcd")]
    speakers = [{"name": n, "time": k * 2000, "duration": 2000} for k, n in enumerate("AB")]
    text = json.dumps({"words": words, "speakers": speakers})
    for unit in ("auto", "ms"):
        document = read_document(text, "f", time_unit=unit)
        assert document.turns.end.tolist() == [2.0, 4.0]
        assert document.renamed({"A": "Ann"}).turns.end.tolist() == [2.0, 4.0]


def test_a_duration_has_a_unit_of_its_own():
    words = [{"word": w, "start": n * 0.4, "duration_ms": 300} for n, w in enumerate("abc")]
    document = read_document(json.dumps(words), "f")
    assert document.words.end.tolist() == pytest.approx([0.3, 0.7, 1.1])
