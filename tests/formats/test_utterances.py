"""Segment files: speakers per sentence, phrase or cue, and no word by itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows
from diarfix.edits.renames import rename
from diarfix.edits.repairs import repair
from diarfix.errors import InputError
from diarfix.formats.detect import TARGETS
from diarfix.formats.document import read_document
from diarfix.formats.recordings import recordings_of, turns_of_text
from tests.formats.converted import WriteOptions

SAID = [
    (0.0, 2.0, "Ann", "We leave at nine."),
    (2.0, 3.0, "Ben", "All right."),
    (3.5, 5.0, "Ann", "Do not forget the map."),
]


def listed(*keys, unit=1):
    a, b, who, what = keys
    rows = ((start * unit, end * unit, name, text) for start, end, name, text in SAID)
    return [{a: start, b: end, who: name, what: text} for start, end, name, text in rows]


def srt(prefix):
    return "\n".join(
        f"{n}\n00:00:0{int(a)},{a % 1 * 1000:03.0f} --> 00:00:0{int(b)},{b % 1 * 1000:03.0f}\n"
        f"{prefix.format(who)}{text}\n"
        for n, (a, b, who, text) in enumerate(SAID, start=1)
    )


WHISPER = {
    "text": "x",
    "segments": [
        row | {"id": n} for n, row in enumerate(listed("start", "end", "speaker", "text"))
    ],
}
FILES = {
    "whisper": json.dumps(WHISPER),
    "list": json.dumps(listed("start", "end", "speaker", "text")),
    "milliseconds": json.dumps(listed("start", "end", "speaker", "text", unit=1000)).replace(
        ".0", ""
    ),
    "utterances": json.dumps({"utterances": listed("start", "end", "speaker", "transcript")}),
    "podcast": json.dumps(
        {"version": "1.0.0", "segments": listed("startTime", "endTime", "speaker", "body")}
    ),
    "mistral": json.dumps(
        {
            "segments": [
                row | {"type": "transcription_segment"}
                for row in listed("start", "end", "speaker_id", "text")
            ]
        }
    ),
    "sarvam": json.dumps(
        {
            "diarized_transcript": {
                "entries": listed(
                    "start_time_seconds", "end_time_seconds", "speaker_id", "transcript"
                )
            }
        }
    ),
    "pairs": json.dumps(
        {
            "speakers": [
                {"speaker": who, "text": text, "timestamp": [a, b]} for a, b, who, text in SAID
            ],
            "chunks": [{"text": text, "timestamp": [a, b]} for a, b, _, text in SAID],
        }
    ),
    "duration": json.dumps(
        [{"speaker": who, "text": text, "time": a, "duration": b - a} for a, b, who, text in SAID]
    ),
    "srt-brackets": srt("[{}]: "),
    "srt-colon": "\ufeff" + srt("{}: ").replace("\n", "\r\n"),
    "vtt-colon": "WEBVTT\n\n" + srt("{}: ").replace(",", "."),
    "vtt-voice": "WEBVTT\n\nNOTE made by hand\n\n" + srt("<v {}>").replace(",", "."),
}


def phrases(spell):
    """As Azure writes them, with the times that ``spell`` makes of start and duration."""
    return [spell(a, b - a) | {"channel": 0, "speaker": who, "text": t} for a, b, who, t in SAID]


def best(phrase):
    return phrase | {"nBest": [{"lexical": "x", "display": phrase["text"]}]}


AZURE = {
    "iso": lambda a, n: {"offset": f"PT{a}S", "duration": f"PT{n}S"},
    "ticks": lambda a, n: {"offsetInTicks": a * 1e7, "durationInTicks": n * 1e7},
    "ms": lambda a, n: {"offsetMilliseconds": int(a * 1e3), "durationMilliseconds": int(n * 1e3)},
}
FILES |= {
    f"azure-{name}": json.dumps({"recognizedPhrases": [*map(best, phrases(spell))]})
    for name, spell in AZURE.items()
} | {"azure-fast": json.dumps({"durationMilliseconds": 5000, "phrases": phrases(AZURE["ms"])})}


def sample(name):
    return read_document(FILES[name], name)


@pytest.mark.parametrize("name", FILES)
def test_who_said_what_when_is_read(name):
    document = sample(name)
    found = [(u.start, u.end, u.speaker, u.text.strip()) for u in document.utterances]
    assert found == SAID
    assert not document.words.timed.any()


@pytest.mark.parametrize("name", FILES)
def test_no_label_moves_word_by_word_and_the_way_to_word_times_is_named(name):
    turns = {"": turns_from_rows([(0.0, 9.0, "Ann")])}
    with pytest.raises(
        InputError, match=r"3 (segments|cues|phrases) with text and no word times"
    ) as found:
        repair(sample(name), turns=turns)
    assert found.value.hint


def test_word_times_are_asked_of_who_made_the_file():
    with pytest.raises(InputError) as found:
        repair(sample("mistral"))
    assert found.value.hint == "ask the recogniser for the times of words"


@pytest.mark.parametrize("name", FILES)
def test_its_turns_are_turns_and_its_text_becomes_cues_and_entries(name):
    turns = turns_of_text(FILES[name], name)[name]
    assert [*zip(turns.start, turns.end, turns.labels, strict=True)] == [u[:3] for u in SAID]
    recordings = recordings_of(sample(name))
    cues = TARGETS["vtt"].write(recordings, WriteOptions())
    again = read_document(cues, "again").utterances
    assert [(u.start, u.speaker, u.text) for u in again] == [
        (start, who, text) for start, _, who, text in SAID
    ]
    entries = json.loads(TARGETS["seglst"].write(recordings, WriteOptions()))
    assert [(e["start_time"], e["end_time"], e["words"]) for e in entries] == [
        (start, end, text) for start, end, _, text in SAID
    ]
    rttm = TARGETS["rttm"].write(recordings, WriteOptions())
    assert [line.split()[3:5] for line in rttm.splitlines()] == [
        [f"{a:.3f}", f"{b - a:.3f}"] for a, b, *_ in SAID
    ]


@pytest.mark.parametrize("name", FILES)
def test_renaming_changes_the_bytes_of_the_names_alone(name):
    renamed = rename(sample(name), [("Ann", "Zoë & co")]).document
    assert [u.speaker for u in renamed.utterances] == ["Zoë & co", "Ben", "Zoë & co"]
    spelled = "Zoë &amp; co" if name.startswith("vtt") else "Zoë & co"
    assert renamed.source == FILES[name].replace("Ann", spelled)


def test_channels_of_phrases_are_channels_and_the_way_to_word_times_is_the_products_own():
    tree = json.loads(FILES["azure-fast"])
    tree["phrases"][1]["channel"] = 1
    document = read_document(json.dumps(tree), "x")
    assert [part.name for part in document.parts] == ["channel 0", "channel 1"]
    assert "wordLevelTimestampsEnabled" in sample("azure-iso").dialect.timing
    assert "wordLevelTimestampsEnabled" not in document.dialect.timing


def test_a_name_said_once_is_no_speaker_and_a_cue_without_one_is_the_speakers_before():
    cues = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\n{}\n\n3\n00:00:05,000 --> 00:00:06,000\nand so on\n\n4\n00:00:07,000 --> 00:00:08,000\nand on\n"  # noqa: E501
    plain = read_document(cues.format("Remember this: we go", "at nine"), "x")
    assert [u.speaker for u in plain.utterances] == [None] * 4
    assert plain.utterances[0].text == "Remember this: we go"
    named = read_document(cues.format("Ann: we go", "Ben: at nine"), "x")
    assert [u.speaker for u in named.utterances] == ["Ann", "Ben", "Ben", "Ben"]
    assert named.notes == ("cues without a name, said by the speaker before: 2",)


def test_two_speakers_share_a_cue():
    vtt = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v.loud Ann>Hi</v> <v Ben>Yo &amp; you</v>\n"
    found = read_document(vtt, "x").utterances
    assert [(u.speaker, u.text, u.start) for u in found] == [
        ("Ann", "Hi", 1.0), ("Ben", "Yo & you", 1.0),
    ]  # fmt: skip
    dashes = "1\n0:00:01,000 --> 0:00:03,000\n- ANN: Hi\n- BEN: Yo\n"
    assert [u.speaker for u in read_document(dashes, "x").utterances] == ["ANN", "BEN"]


def test_turns_without_text_serve_as_turns_and_nothing_else():
    text = json.dumps(
        [{"speaker": "A", "start": 0, "end": 2}, {"speaker": "B", "start": 2, "end": 3}]
    )
    assert turns_of_text(text, "t")["t"].labels == ["A", "B"]
    with pytest.raises(InputError, match="2 turns without text"):
        repair(read_document(text, "t"))


@pytest.mark.parametrize(
    "texts",
    [
        ["Hello", "there,", "Ann."],
        ["你", "好", "吗？"],
        ["—", "so"],
        ["New York", "is", "big", "now"],
    ],
)
def test_a_list_of_words_stays_one(texts):
    rows = [{"text": t, "start": n, "end": n + 1, "speaker": "A"} for n, t in enumerate(texts)]
    assert read_document(json.dumps(rows), "x").dialect.name == "words"


def test_sentences_of_a_script_without_spaces_are_no_words():
    said = ["今天天气很好我们去公园吧。", "好的我马上就来等我一下。"]
    rows = [{"text": t, "start": n, "end": n + 1, "speaker": "A"} for n, t in enumerate(said)]
    assert len(read_document(json.dumps(rows), "x").utterances) == 2


def test_the_words_of_another_file_are_turns_too():
    words = [{"word": "w", "start": n, "end": n + 0.9, "speaker": "AAB"[n]} for n in range(3)]
    turns = turns_of_text(json.dumps(words), "talk.json")["talk"]
    assert [*zip(turns.start, turns.end, turns.labels, strict=True)] == [
        (0.0, 1.9, "A"), (2.0, 2.9, "B"),
    ]  # fmt: skip


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.booleans())
def test_whatever_stands_in_subtitles_is_read_or_refused(text, webvtt):
    head = "WEBVTT\n\n" if webvtt else ""
    clock = "00:00:01.000 --> 00:00:02.000" if webvtt else "00:00:01,000 --> 00:00:02,000"
    try:
        document = read_document(f"{head}{clock}\n{text}", "x")
    except InputError:
        return
    renamed = document.renamed({label: f"{label}2" for label in document.labels()[:1]})
    assert [u.text for u in renamed.utterances] == [u.text for u in document.utterances]


def cues(*texts):
    return "\n".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n" for n, text in enumerate(texts, start=1)
    )


@pytest.mark.parametrize(
    ("odd", "said"),
    [("[Applause]: oh", None), ("Ben: he typed <v Bob>", "he typed <v Bob>"),
     ("Ben: see <v Bob> there", "see <v Bob> there"), ("Ben: at 10: so", "at 10: so"),
     ("Ben: <i>so</i> it is", "so it is")],
)  # fmt: skip
def test_one_odd_cue_takes_no_name_from_the_others(odd, said):
    found = read_document(cues("Ann: hi", odd, "Ann: fine", "Ben: ok", "Ann: bye"), "f").utterances
    assert [u.speaker for u in found if u.text != odd] == (
        ["Ann", "Ann", "Ben", "Ann"] if said is None else ["Ann", "Ben", "Ann", "Ben", "Ann"]
    )
    assert said is None or found[1].text == said


def test_numbers_are_names_where_many_cues_begin_with_one():
    named = read_document(cues("0: hi", "1: yo", "0: so"), "f").utterances
    assert [u.speaker for u in named] == ["0", "1", "0"]
    once = read_document(cues("10: 30 it is", *["so it went"] * 7), "f").utterances
    assert [u.speaker for u in once] == [None] * 8


def test_what_would_be_a_tag_is_read_back_as_it_was_said():
    rows = [{"start": 0, "end": 3, "speaker": "Ann", "text": "type <i>x</i> or <v Bob> {\\an8}"}]
    rows.append({"start": 3, "end": 5, "speaker": "Ben", "text": "so I did"})
    recordings = recordings_of(read_document(json.dumps(rows), "f"))
    again = read_document(TARGETS["srt"].write(recordings, WriteOptions()), "g").utterances
    assert [u.speaker for u in again] == ["Ann", "Ben"]
    assert again[0].text.replace(" ", "") == rows[0]["text"].replace(" ", "")


def test_what_nobody_says_stays_nobodys():
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hi\n\n00:02.000 --> 00:03.000\nOk then\n"
    recordings = recordings_of(read_document(vtt, "f"))
    again = read_document(TARGETS["vtt"].write(recordings, WriteOptions()), "g").utterances
    assert [u.speaker for u in again] == ["Ann", None]
    assert TARGETS["txt"].write(recordings, WriteOptions()) == "Ann: Hi\nOk then\n"
