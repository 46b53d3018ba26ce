"""Setting labels is editing text: whatever a file looks like, all other bytes stay."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diarfix.errors import InputError
from diarfix.formats.document import read_document
from diarfix.formats.jsonedit import Edits, set_members
from diarfix.formats.jsonsource import JsonLines, JsonText
from tests import strategies
from tests.formats import odd
from tests.formats.samples import relabelled

DATA = Path(__file__).parent / "data"
TREES = {p.stem: json.loads(p.read_text(encoding="utf-8-sig")) for p in sorted(DATA.glob("*.json"))}
for other in ("pyannote", "diarized", "whisper_cpp"):
    del TREES[other]
SLOTS = {"speaker", "speaker_label", "speaker_id", "speakerLabel", "speakerId", "spk",
         "speakerTag", "speaker_tag", "ParticipantRole", "SegmentSpeaker", "Speaker", "spkid",
         "@id", "name"}  # fmt: skip
#: The lists of which containers are cut if their words part ways, whatever is asked for.
OWNING = {"revai": "monologues", "azure": "recognizedPhrases", "azure_fast": "phrases",
          "gladia": "utterances", "rev_editor": "monologues", "aws_calls": "Transcript",
          "aws_post_call": "SpeechSegments", "assemblyai_owned": "utterances",
          "whisper_owned": "segments", "amberscript": "segments", "stable_ts": "segments",
          "counted_segments": "segments", "kaldi": "segments", "dpe": "paragraphs",
          "trint": "paragraphs", "hf_grouped": "speakers", "autoedit": "text",
          "transcribee": "children", "gemini": "parts", "recall": ""}  # fmt: skip
#: Labels in an object of the container, under a key that others have, or with numbers that follow.
NESTED = {"gecko", "aws_bda"}
#: Containers that hold no words.
BESIDE = {"pyannoteai", "counted_segments", "kaldi", "dpe", "trint", "hf_grouped"}
#: The lists that split and merge cut.
CUT = {"whisperx": ["segments"], "whisperx_chars": ["segments"], "whisper": ["segments"],
       "rawinfer": ["raw_segments"], "aws": ["segments", "audio_segments"], "aws_old": ["segments"],
       "deepgram": ["utterances"], "assemblyai": ["utterances"],
       "assemblyai_copies": ["utterances"], "assemblyai_sentences": ["sentences"],
       "parakeet": ["sentences"], "elevenlabs_segments": ["segments"],
       "pyannoteai": ["turnLevelTranscription"], "vcon_wtf": ["segments"],
       "fireworks": ["segments"]}  # fmt: skip

laws = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])


def drawn(data, name):
    """A sample written oddly, read, and other labels for it; None may get one, none goes."""
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    text = odd.written(TREES[name], rng, keys=data.draw(st.booleans()))
    document = read_document(text, name)
    labels = list(document.words.labels)
    known = [label for label in labels if label is not None] or ["Zoë"]
    # The words of a SegLST line of several move together or not at all.
    alone = [i for i in range(len(labels)) if name != "seglst" or document.words.timed[i]]
    for i in data.draw(st.lists(st.sampled_from(alone), min_size=1, max_size=3)):
        labels[i] = data.draw(st.sampled_from(known))
    return text, document, labels


@pytest.mark.parametrize("name", sorted(TREES.keys() - OWNING - NESTED))
@laws
@given(st.data())
def test_moved_labels_change_the_bytes_of_labels_alone(name, data):
    text, document, labels = drawn(data, name)
    out = document.render(relabelled(document, labels))
    if labels == document.words.labels:
        assert out is text
    assert read_document(out, name).words.labels == labels
    assert odd.blanked(out, SLOTS, without=text) == odd.blanked(text, SLOTS)


@pytest.mark.parametrize("name", sorted(OWNING.keys() | CUT))
@laws
@given(st.data(), st.sampled_from(["split", "merge"]))
def test_only_containers_that_are_cut_or_joined_are_written_anew(name, data, mode):
    text, document, labels = drawn(data, name)
    if name in OWNING:
        mode = data.draw(st.sampled_from([mode, "keep"]))
    out = document.render(relabelled(document, labels), segments=mode)
    assert read_document(out, name).words.labels == labels
    before, after = (odd.blanked(t, SLOTS) for t in (bare(text, name), bare(out, name)))
    names = CUT.get(name, [OWNING.get(name)])
    assert outside(before, names) == outside(after, names)
    if name not in {*BESIDE, "recall", "autoedit"}:
        assert leaves(before) == leaves(after)


def bare(text, name):
    """The text without labels that were not everywhere from the start."""
    if name not in {
        "rawinfer",
        "whisper",
        "whisperx",
        "whisperx_chars",
        "parakeet",
        "elevenlabs_segments",
    }:
        return text
    like = odd.nodes(text)
    drop = [
        (node.members[i - 1].end, m.end)
        for node in like
        for i, m in enumerate(node.members)
        if m.key in SLOTS and i
    ]
    for start, end in sorted(drop, reverse=True):
        text = text[:start] + text[end:]
    return text


def outside(text, names):
    """The text without what stands inside the lists of those names, "" for the whole."""
    if "" in names:
        return ""
    spans = [(m.start, m.end) for n in odd.nodes(text) for m in n.members if m.key in names]
    for start, end in sorted(spans, reverse=True):
        if text[start] in "[{":
            text = text[:start] + "0" + text[end:]
    return text


def leaves(text):
    """The text of every object that holds no other: words and the like; cuts leave them whole."""
    found = (n for n in odd.nodes(text) if n.leaf and n.members and n.members[0].key)
    # The space between two words goes where they part, and with it what WhisperX says of it.
    return sorted(text[n.start : n.end] for n in found if "char" not in {m.key for m in n.members})


@pytest.mark.parametrize("name", sorted(TREES))
@laws
@given(st.data(), st.sampled_from(["keep", "split", "merge"]))
def test_how_a_file_is_written_says_nothing_of_what_becomes_of_it(name, data, mode):
    text, document, labels = drawn(data, name)
    plain = read_document(json.dumps(json.loads(text.removeprefix("\ufeff"))), name)
    out, other = (d.render(relabelled(d, labels), segments=mode) for d in (document, plain))
    assert repr(json.loads(out.removeprefix("\ufeff"))) == repr(json.loads(other))


@pytest.mark.parametrize("name", sorted(TREES.keys() - NESTED))
@laws
@given(st.data())
def test_other_names_change_the_bytes_of_names_alone(name, data):
    text, document, _ = drawn(data, name)
    present = document.labels()
    book = {label: data.draw(st.sampled_from(["Ann", "Bo \u00e9", *present])) for label in present}
    book = {old: new for old, new in book.items() if old != new}
    renamed = document.renamed(book)
    assert renamed.words.labels == [book.get(v, v) for v in document.words.labels]
    tables = {"native_speaker_embeddings", "speaker_names"}
    before, after = (outside(t, tables) for t in (text, renamed.source))
    assert odd.blanked(after, SLOTS) == odd.blanked(before, SLOTS)


@laws
@given(st.data())
def test_a_line_of_a_table_changes_in_its_label_alone(data):
    made = data.draw(strategies.documents(dialect="nlp"))
    document = read_document(made.text, "f.nlp")
    labels = list(document.words.labels)
    i = data.draw(st.integers(0, len(labels) - 1))
    labels[i] = "Zoë"
    out = document.render(relabelled(document, labels))
    rows = [[line.split("|") for line in text.split("\n")] for text in (made.text, out)]
    differ = [
        (at, column)
        for at, (old, new) in enumerate(zip(*rows, strict=True))
        for column, (a, b) in enumerate(zip(old, new, strict=True))
        if a != b
    ]
    assert differ == [(i + 1, 1)]
    assert read_document(out, "f.nlp").words.labels == labels


def words(text, *labels):
    document = read_document(text, "f")
    return document.render(relabelled(document, list(labels)))


@pytest.mark.parametrize(
    ("text", "out"),
    [
        # A key with escapes is the key all the same, and what looks like one is none.
        ('[{"word":"a","sp\\u0065aker":"A"},{"word":"b","speaker":"B"}]',
         '[{"word":"a","sp\\u0065aker":"B"},{"word":"b","speaker":"B"}]'),
        ('[{"word":"a","say \\"speaker":"A","speaker":"A"},{"word":"b","speaker":"B"}]',
         '[{"word":"a","say \\"speaker":"A","speaker":"B"},{"word":"b","speaker":"B"}]'),
        ('[{"word":"\\"speaker\\":","speaker" :\n"A"},{"word":"speaker","speaker":"B"}]',
         '[{"word":"\\"speaker\\":","speaker" :\n"B"},{"word":"speaker","speaker":"B"}]'),
        # A member is added as the others are written.
        ('[{"word":"a"},{"word":"b","speaker":"B"}]',
         '[{"word":"a","speaker":"B"},{"word":"b","speaker":"B"}]'),
        ('[{"word" : "a" , "x" : [ ] }, {"word": "b","speaker":"B"}]',
         '[{"word" : "a" , "x" : [ ], "speaker" : "B" }, {"word": "b","speaker":"B"}]'),
        ('[{\n  "word": "a"\n },\n {"word": "b", "speaker": "B"}]',
         '[{\n  "word": "a",\n  "speaker": "B"\n },\n {"word": "b", "speaker": "B"}]'),
        # Labels are spelled as the file spells what is not ASCII, and keep their type.
        ('[{"word":"a","speaker":1},{"word":"b","speaker":"1"}]',
         '[{"word":"a","speaker":"1"},{"word":"b","speaker":"1"}]'),
        ('[{"word":"\\u00e9","speaker":"A"},{"word":"b","speaker":"\\u00eb"}]',
         '[{"word":"\\u00e9","speaker":"\\u00eb"},{"word":"b","speaker":"\\u00eb"}]'),
        ('[{"word":"é","speaker":"A"},{"word":"b","speaker":"\\ud83d"}]',
         '[{"word":"é","speaker":"\\ud83d"},{"word":"b","speaker":"\\ud83d"}]'),
        # A spoken word is a word, and a number no number reaches stays what it was.
        ('[{"word":"Infinity","speaker":"A","x":1e999},{"word":"b","speaker":"B"}]',
         '[{"word":"Infinity","speaker":"B","x":1e999},{"word":"b","speaker":"B"}]'),
    ],
)  # fmt: skip
def test_a_label_is_set_at_its_place(text, out):
    second = read_document(text, "f").words.labels[1]
    assert words(text, second, second) == out


def test_a_word_without_any_member_gets_its_first():
    text = '{"results":{"channels":[{"alternatives":[{"words":[{}, {"word":"b","speaker":1}]}]}]}}'
    assert words(text, 1, 1) == text.replace("{}", '{"speaker": 1}')


def test_a_cut_takes_over_what_it_can_and_lets_no_bad_number_out():
    text = """{"segments": [
  {"start": 0.0, "end": 1e400, "text": "I do. No?", "temperature": 0.10000,
   "words": [ {"word": "I", "start":0.0,"end":0.5, "speaker":"A"} ,
              {"word": "do.", "start":1e400, "end":0.60, "speaker":"A"},{"word": "No?"}]},
  {"start":-0, "end":2e0,"text":"b",   "words":[{"word":"b","speaker":"B"}]}
], "word_segments": []}"""
    document = read_document(text, "f")
    out = document.render(relabelled(document, list("ABBB")), segments="split")
    assert (
        out
        == """{"segments": [
  {"start": 0.0, "end": 0.5, "text": "I", "temperature": 0.10000,
   "words": [ {"word": "I", "start":0.0,"end":0.5, "speaker":"A"}], "speaker": "A"},
  {"start": 1e999, "end": 1e400, "text": "do. No?", "temperature": 0.10000,
   "words": [ {"word": "do.", "start":1e400, "end":0.60, "speaker":"B"} ,
              {"word": "No?", "speaker": "B"}], "speaker": "B"},
  {"start":-0, "end":2e0,"text":"b",   "words":[{"word":"b","speaker":"B"}],   "speaker":"B"}
], "word_segments": []}"""
    )


def test_headings_change_where_they_stand_and_their_text_stays_as_it_is_spelled():
    text = (DATA / "deepgram.json").read_text(encoding="utf-8")
    text = text.replace("Good morning.\\n", "Good\\u0020morn\\u0069ng.\\n")
    assert "morn\\u0069ng" in text
    document = read_document(text, "f")
    out = document.render(relabelled(document, [1 - v for v in document.words.labels]))
    parts = out.split("Speaker ")
    assert "morn\\u0069ng" in out
    assert [p[:2] for p in parts[1:]] == ["1:", "0:"]
    joined = document.render(relabelled(document, [0] * 6))
    assert '"\\nSpeaker 0: Good\\u0020morn\\u0069ng.\\n\\nHello' in joined


def test_two_voiceprints_under_one_name_leave_the_first():
    tree = {"raw_segments": [{"words": [{"word": "a", "speaker": "A"}]}],
            "native_speaker_embeddings": {"A": [1], "B": [2], "C": [3]}}  # fmt: skip
    text = json.dumps(tree).replace(' "B"', '  "B"')
    out = read_document(text, "f").renamed({"A": "C", "B": "C"}).source
    assert out == text.replace('"A"', '"C"').replace(',  "B": [2], "C": [3]', "")


@pytest.mark.parametrize("text", ['[{"word":"a","word":"b"}]', '[{"word":"a","w\\u006frd":"b"}]'])
def test_a_key_that_stands_twice_is_refused_however_it_is_spelled(text):
    with pytest.raises(InputError, match="key 'word' stands twice"):
        read_document(text, "f")


def test_edits_that_set_what_is_there_are_none():
    tree = {"a": 1, "b": [{"c": "x"}]}
    text = '{"a": 1, "b": [{"c": "\\u0078"}]}'
    edits = Edits()
    edits.set(tree, "a", 1)
    edits.set(tree["b"][0], "c", "x")
    assert JsonText(text, tree).edited(edits) is text
    edits.set(tree, "a", 1.0)
    assert edits.get(tree, "a") == 1.0
    assert JsonText(text, tree).edited(edits) == text.replace("1", "1.0")
    assert tree["a"] == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=4), json_values, min_size=1, max_size=5)
styles = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": "\t"},
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"indent": 4, "separators": (",", " : ")},
    ]
)


@given(objects, objects, styles)
def test_set_members_equals_setting_the_keys_of_the_dict(old, new, style):
    text = set_members(json.dumps(old, **style), new, after={})
    assert list(json.loads(text).items()) == list({**old, **new}.items())


@given(objects, st.lists(st.integers(), max_size=3), styles)
def test_a_text_of_json_dumps_becomes_what_dumps_would_write(old, numbers, style):
    # Values of one-line lists and of expanded ones alike: the style is that of the text.
    old = {**old, "vector": [1.5, 2.5]}
    new = {"vector": numbers, "tag": {"name": "m", "dim": 3}, "version": 3}
    text = set_members(json.dumps(old, **style), new, after={})
    assert text == json.dumps({**old, **new}, **style)


def test_all_other_characters_stay():
    text = '{ "id":1.10,\t"x" : "\\u00e9\\/", "v": [1, 2] ,"big": 1e5 }'
    assert set_members(text, {"v": None}, after={}) == text.replace("[1, 2]", "null")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_missing_member_goes_behind_its_anchor_with_the_file_s_line_ends(newline):
    text = '{\n  "id": 1,\n  "v": null,\n  "z": 2\n}'.replace("\n", newline)
    want = '{\n  "id": 1,\n  "v": null,\n  "m": {\n    "n": 1\n  },\n  "z": 2\n}'
    assert set_members(text, {"m": {"n": 1}}, after={"m": "v"}) == want.replace("\n", newline)


def test_a_vector_on_one_line_stays_on_one_line_in_an_indented_object():
    text = '{\n  "id": 1,\n  "v": [0.5,1.5]\n}'
    assert set_members(text, {"v": [2.5, 3.5]}, after={}) == text.replace("0.5,1.5", "2.5,3.5")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_a_line_is_cut_into_stands_on_lines_of_its_own(ends):
    text = ends.join(['\ufeff{"a": 1.50, "b": [1,  2]}', '{"a": 2, "b": []}', ""])
    lines = JsonLines(text, "f")
    edits = Edits()
    pieces = [edits.copy(lines.tree[0]), edits.copy(lines.tree[0])]
    for n, piece in enumerate(pieces):
        edits.set(piece, "a", n)
    edits.relist(lines.tree, [*pieces, lines.tree[1]])
    edits.set(lines.tree[1], "a", 7)
    assert lines.edited(edits) == ends.join(
        ['\ufeff{"a": 0, "b": [1,  2]}', '{"a": 1, "b": [1,  2]}', '{"a": 7, "b": []}', ""]
    )
