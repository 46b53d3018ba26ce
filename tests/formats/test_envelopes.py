"""A known file stays what it is in an envelope, in a list, in JSON Lines and in a string."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarfix.core.segments import SEGMENT_MODES
from diarfix.edits.renames import rename
from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import recordings_of, turns_of_text
from tests.formats.test_samples import DATA, SAMPLES
from tests.formats.test_utterances import FILES

laws = settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.too_slow])

TEXTS = {name: read_text(str(DATA / name)).removeprefix("\ufeff") for name in SAMPLES}
#: Speechmatics 1.0 has its words under "name", which is no sign of a word inside another file.
JSON = {n: t for n, t in TEXTS.items() if n.endswith(".json") and n != "speechmatics_v1.json"}
#: What brings turns along that label its words is one recording, and so is what is a list.
LISTED = {
    n: text for n, text in JSON.items() if n not in {"rawinfer.json", "recall.json", "vosk.json"}
}

WRAPS = {
    "key": '{{"status": "ok", "full_response": {0}, "n": 1}}',
    "keys": '{{"id": "j-1",\r\n "data":{{"by file":{{"a.wav" : {0} }} }}}}\r\n',
    "text beside": '{{"output": {0}, "text": "so it went", "took": 1.50}}',
    "vcon": '\ufeff{{"vcon": "0.0.1", "parties": [{{"name": "Ann"}}], "dialog": [{{"type":'
    ' "recording"}}], "analysis": [{{"type": "transcript", "body": {0}}}, {{"type": "summary",'
    ' "body": "so"}}]}}',
    "list of one": "[ {0} ]",
}
#: Of the same recording twice.
TWICE = {
    "list": "[{0},\n {1}]\n",
    "list of envelopes": '[{{"file": "/a/one.wav", "result": {0}}},'
    ' {{"file": "/a/two.x.wav", "result": {1}}}]',
    "list in an envelope": '{{"output":[{0},{1}],"status":"done"}}',
    "one after another": "\ufeff{0}\r\n\r\n{1}\n",
}


def moved(document, data):
    """The words of a document with one label of another there is."""
    words = document.words
    known = [i for i, code in enumerate(words.speaker.tolist()) if code >= 0]
    codes = words.speaker.copy()
    if known:
        at = data.draw(st.sampled_from(known))
        codes[at] = data.draw(st.integers(0, len(words.speakers) - 1))
    return words.with_speaker(codes)


def typed(labels):
    return [(type(label), label) for label in labels]


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("name", JSON)
@laws
@given(st.data(), st.sampled_from(SEGMENT_MODES))
def test_one_file_is_read_and_written_in_its_envelope_as_it_is_alone(name, wrap, data, mode):
    if (name, wrap) == ("recall.json", "list of one"):
        return  # a list is a recording there
    alone = read_document(JSON[name], name)
    text = WRAPS[wrap].format(JSON[name])
    document = read_document(text, name)
    assert document.dialect is alone.dialect
    assert document.words.text == alone.words.text
    assert typed(document.words.labels) == typed(alone.words.labels)
    assert document.notes[0].startswith("read under ")
    assert document.render(document.words) == text
    words = moved(document, data)
    assert document.render(words, segments=mode) == WRAPS[wrap].format(
        alone.render(words, segments=mode)
    )


@pytest.mark.parametrize("ascii_", [True, False])
@pytest.mark.parametrize("name", JSON)
@laws
@given(st.data(), st.sampled_from(SEGMENT_MODES))
def test_json_text_in_a_string_is_edited_in_place(name, ascii_, data, mode):
    def wrap(inner):
        spelled = json.dumps(inner, ensure_ascii=ascii_)
        return f'{{"statusCode": 200, "body": {spelled}}}'

    alone = read_document(JSON[name], name)
    document = read_document(wrap(JSON[name]), name)
    assert document.words.text == alone.words.text
    assert document.render(document.words) == wrap(JSON[name])
    words = moved(document, data)
    assert document.render(words, segments=mode) == wrap(alone.render(words, segments=mode))


@pytest.mark.parametrize("wrap", TWICE)
@pytest.mark.parametrize("name", LISTED)
@laws
@given(st.data(), st.sampled_from(SEGMENT_MODES))
def test_several_are_recordings_and_a_label_moves_in_its_own(name, wrap, data, mode):
    alone = read_document(LISTED[name], name)
    text = TWICE[wrap].format(LISTED[name], LISTED[name])
    document = read_document(text, name)
    assert document.words.text == alone.words.text * 2
    assert typed(document.words.labels) == typed(alone.words.labels * 2)
    names = ["one", "two"] if wrap == "list of envelopes" else ["1", "2"]
    assert {part.name.split(".")[0] for part in document.parts} == set(names)
    assert sum(len(part.index) for part in document.parts) == len(document.words)
    assert document.render(document.words) == text
    other = moved(alone, data)
    edited = alone.render(other, segments=mode)
    # To split and merge, any change is an occasion to cut all that there is.
    both = mode != "keep" or data.draw(st.booleans())
    codes = np.concatenate([other.speaker, other.speaker if both else alone.words.speaker])
    wanted = TWICE[wrap].format(edited, edited if both else LISTED[name])
    assert document.render(document.words.with_speaker(codes), segments=mode) == wanted


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("name", [n for n, text in FILES.items() if text[0] in "[{"])
def test_segments_are_read_in_an_envelope_and_their_names_changed_in_place(name, wrap):
    text = WRAPS[wrap].format(FILES[name])
    document = read_document(text, name)
    assert document.utterances == read_document(FILES[name], name).utterances
    renamed = rename(document, [("Ben", "Zoë")]).document
    assert renamed.source == text.replace('"Ben"', '"Zoë"')
    assert turns_of_text(text, "talk")["talk"].labels == ["Ann", "Ben", "Ann"]


WORDS = [{"word": w, "start": n, "end": n + 0.9, "speaker": "AAB"[n]} for n, w in enumerate("abc")]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\n\n", "\n \n"])
@pytest.mark.parametrize("final", ["", "\n", "\r\n\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_lines_of_words_are_one_list_and_keep_their_ends(ends, final, bom):
    text = bom + ends.join(map(json.dumps, WORDS)) + final
    document = read_document(text, "talk.jsonl")
    assert (document.dialect.name, document.words.labels) == ("words", ["A", "A", "B"])
    assert document.render(document.words) is text
    other = document.words.with_speaker([1, 0, 1])
    assert document.render(other) == bom + (ends.join(map(json.dumps, WORDS)) + final).replace(
        '"speaker": "A"', '"speaker": "B"', 1
    )
    # A label that is missing is added in its line.
    bare = text.replace(', "speaker": "B"', "")
    document = read_document(bare, "talk.jsonl")
    assert document.render(document.words.with_speaker([0, 0, 0])) == text.replace('"B"', '"A"')


def test_lines_of_segments_and_of_entries_are_what_lists_of_them_are():
    rows = json.loads(FILES["list"])
    text = "".join(json.dumps(row) + "\n" for row in rows)
    document = read_document(text, "x")
    assert document.utterances == read_document(FILES["list"], "x").utterances
    assert rename(document, [("Ann", "Cy")]).document.source == text.replace('"Ann"', '"Cy"')
    entries = json.loads(TEXTS["seglst.json"])
    document = read_document("\n".join(map(json.dumps, entries)), "x")
    assert document.dialect.name == "seglst"
    assert set(document.entries()) == {"s1", "s2"}


def test_a_container_on_a_line_of_its_own_is_cut_into_two_lines():
    def line(who, *words):
        made = [{"type": "text", "value": w, "ts": n, "end_ts": n + 0.5} for n, w in words]
        return json.dumps({"speaker": who, "elements": made})

    whole = {"monologues": [json.loads(line(0, (0, "a"), (1, "b"))), json.loads(line(1, (2, "c")))]}
    text = f"{json.dumps(whole)}\r\n{json.dumps(whole)}\r\n"
    document = read_document(text, "x")
    codes = document.words.speaker.copy()
    codes[4] = document.words.speaker[5]
    out = document.render(document.words.with_speaker(codes))
    first, second, end = out.split("\r\n")
    assert (first, end) == (json.dumps(whole), "")
    assert [m["speaker"] for m in json.loads(second)["monologues"]] == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n\n{"word": "b", "sta', "f: line 3, column 15: bad JSON"),
        ('{"word": "a"}\n{"word": "a", "word": "b"}\n', "f: key 'word' stands twice"),
        ('{"word": "a"}\n{"word": "b"} {"word": "c"}', "f: line 2, column 15: bad JSON: expected"),
        ('{"word": "a"}\n7\n', "f: line 2, column 1: bad JSON: Extra data"),
        ('{"word": "a"}\n{}\n7\n', "f: line 3, column 1: bad JSON: expected an object"),
        ('{"word": "a", "start": 1}\n\n{"word": "b", "start": "soon"}', "f: line 3: start: 'soon'"),
        ('{"word": "a", "start": 1}\n{"start": 2}', "f: line 2: expected a key 'word'"),
        ('{"text": "so it goes"}\n{"text": "on"}', "f: no known word file: JSON Lines, texts with"),
        ('{"audio_filepath": "a.wav", "text": "-"}\n' * 2, "f: this is a manifest of audio files"),
    ],
)
def test_lines_that_cannot_be_read_are_named(text, message):
    with pytest.raises(InputError) as found:
        read_document(text, "f")
    assert found.value.message.startswith(message)


def test_a_place_in_an_envelope_is_named_from_the_top():
    words = [WORDS[0], WORDS[1] | {"start": "soon"}]
    for wrapped, place in (
        ({"a": {"b c": {"words": words}}}, 'a["b c"].words[1].start'),
        ([{"words": WORDS}, {"words": words}], "[1].words[1].start"),
        ({"body": json.dumps(words)}, "body[1].start"),
    ):
        with pytest.raises(InputError) as found:
            read_document(json.dumps(wrapped), "f")
        assert found.value.message.startswith(f"f: {place}: 'soon' is not a time")


def parts(tree):
    return [part.name for part in read_document(json.dumps(tree), "f").parts]


def test_recordings_have_the_names_that_tell_them_apart():
    words = {"words": WORDS}
    assert parts([words | {"id": "x"}, words | {"id": "y"}]) == ["x", "y"]
    assert parts([words | {"id": "x"}, words | {"id": "x"}]) == ["1", "2"]
    assert parts([words | {"id": 1, "file": f} for f in ("d/a.wav", "d/b.x.wav")]) == ["a", "b"]
    assert parts([{"name": n, "data": words} for n in "pq"]) == ["p", "q"]
    document = read_document(json.dumps([words, words]), "f")
    assert [r.id for r in recordings_of(document)] == ["1", "2"]


def test_responses_that_follow_in_time_are_pieces_of_one_recording():
    later = [w | {"start": w["start"] + 5, "end": w["end"] + 5} for w in WORDS]
    pieces = [{"result": WORDS, "text": "a b c"}, {"result": later, "text": "a"}, {"text": ""}]
    text = "\n".join(json.dumps(piece, indent=1) for piece in pieces)
    document = read_document(text, "f")
    assert len(document.parts) == 1
    assert document.words.labels == list("AABAAB")
    assert "pieces of one recording" in document.notes[0]
    assert "without a transcript, passed over: 1" in document.notes[1]
    # Those that name different files are recordings all the same.
    assert len(parts([p | {"file": f"{n}.wav"} for n, p in enumerate(pieces[:2])])) == 2


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda a, b: {"a": a, "b": {"c d": b}}, ["jq .a f.json", """jq '.b["c d"]' f.json"""]),
        (lambda a, b: {"x": [a, 1], "y": b}, ["jq .x f.json", "jq .y f.json"]),
        (
            lambda a, b: {"body": json.dumps(a), "y": b},
            ["jq '.body | fromjson' f.json", "jq .y f.json"],
        ),
    ],
)
def test_several_known_files_are_named_with_what_cuts_each_out(wrap, path):
    deepgram = json.loads(TEXTS["deepgram.json"])
    with pytest.raises(InputError) as found:
        read_document(json.dumps(wrap(deepgram, {"words": WORDS})), "f.json")
    assert "2 known files" in found.value.message
    assert found.value.hint == "cut one out: " + ", or ".join(path)


def test_the_way_out_says_what_is_segments_and_leaves_out_what_would_lose_speakers():
    segments = json.loads(FILES["list"])
    bare = [{k: v for k, v in word.items() if k != "speaker"} for word in WORDS]
    monologues = [{"speaker": "A", "said": bare}, {"speaker": "B", "more": 1}]
    tree = {"a": {"x y": segments}, "b": {"words": WORDS}, "c": {"d": monologues}}
    with pytest.raises(InputError) as found:
        read_document(json.dumps(tree), "f")
    assert found.value.hint == """cut one out: jq '.a["x y"]' f (segments), or jq .b f"""


@pytest.mark.parametrize(
    "tree",
    [
        {"monologues": [{"speaker": "A", "terms": [{"text": "so", "start": 0, "end": 1}]}]},
    ],
)
def test_words_whose_speakers_stand_elsewhere_are_not_read_without_them(tree):
    with pytest.raises(InputError):
        read_document(json.dumps(tree), "f")


def test_an_element_that_is_none_of_the_others_is_named_with_what_takes_it_out():
    deepgram = json.loads(TEXTS["deepgram.json"])
    whisper = json.loads(TEXTS["whisper.json"])
    for odd in ({"text": "so", "sure": 1}, whisper):
        lines = "\n".join(map(json.dumps, [deepgram, deepgram, odd]))
        with pytest.raises(InputError) as found:
            read_document(lines, "f.json")
        assert found.value.message.startswith("f.json: line 3: not such a file as the others")
        assert "jq -s 'del(.[2])' f.json" in found.value.hint
    words = {"words": WORDS}
    for odd in (
        {"words": [{**w, "start": w["start"] * 1000, "end": n * 1000 + 900}
                   for n, w in enumerate(WORDS)]},
        {"words": [{"word": "a", "start": 0, "end": 1, "speaker_id": "A"}]},
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"f: \[1\]\.words\[0\]: .* than the recording"):
            read_document(json.dumps([words, odd]), "f")


def test_turns_beside_words_are_not_taken_for_the_file():
    turns = [{"start": 0.0, "end": 3.0, "speaker": "A"}]
    document = read_document(
        json.dumps({"audio": "a.wav", "out": {"words": WORDS}, "t": turns}), "f"
    )
    assert document.words.labels == ["A", "A", "B"]
    text = json.dumps({"output": {"exclusiveDiarization": turns, "n": 1}})
    (found,) = turns_of_text(text, "f").values()
    assert found.labels == ["A"]


def test_a_format_given_by_name_chooses_in_an_envelope_too():
    tree = {"a": json.loads(TEXTS["deepgram.json"]), "b": {"words": WORDS}}
    assert read_document(json.dumps(tree), "f", format="deepgram").dialect.name == "deepgram"
    with pytest.raises(InputError, match="f: not a revai file"):
        read_document(json.dumps(tree), "f", format="revai")


@pytest.mark.parametrize("depth", [5, 200])
def test_deep_and_wide_trees_are_refused_in_time(depth):
    tree = {"words": [{"a": 1}]}
    for n in range(depth):
        tree = [tree, n]
    with pytest.raises(InputError):
        read_document(json.dumps({"x": tree, "y": {str(n): {} for n in range(5000)}}), "f")


def test_lists_in_lists_are_looked_through_a_few_levels_deep():
    """Each level costs once more: without an end to it this would never end."""
    tree = {"words": WORDS}
    for _ in range(60):
        tree = {"data": [tree, {"text": "so"}]}
    with pytest.raises(InputError):
        read_document(json.dumps(tree), "f")


def test_words_without_a_place_for_a_label_are_told_in_a_list_too():
    """And names beside the words are changed in every recording."""
    said = [["so", 0.0, 0.4], ["yes", 0.5, 0.9], ["no", 1.0, 1.4]]
    labels = [{"from": a, "to": b, "speaker": n} for n, (_, a, b) in enumerate(said[1:])]
    results = [{"alternatives": [{"transcript": "so yes no ", "timestamps": said}], "final": True}]
    alone = {"results": results, "result_index": 0, "speaker_labels": labels}
    document = read_document(json.dumps([alone, alone]), "f")
    codes = document.words.speaker.copy()
    codes[document.words.speaker < 0] = 0
    with pytest.raises(InputError, match="no place for a label"):
        document.render(document.words.with_speaker(codes))
    kaldi = TEXTS["kaldi.json"].strip()
    several = read_document(f"{kaldi}\n{kaldi}\n", "f.jsonl")
    old = several.labels()[0]
    assert f'"{old}"' not in several.renamed({old: "Ann"}).source


def test_a_channel_that_a_word_does_not_name_is_that_of_the_word_before():
    words = [
        {"text": t, "start": n * 500, "end": n * 500 + 400, "channel": c, "speaker": "A"}
        for n, (t, c) in enumerate(zip("abcdef", "112212", strict=True))
    ]
    del words[2]["channel"]
    document = read_document(json.dumps({"words": words, "utterances": None}), "f")
    assert [part.index.tolist() for part in document.parts] == [[0, 1, 2, 4], [3, 5]]
