"""Files that nobody reads are named for what they are, with the way out."""

import gzip
import io
import json
import pickle
import zipfile

import pytest

from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import turns_of_text


def zipped():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"SQLite format 3\x00\x10\x00", "SQLite"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio (WAV)"),
        (b"ID3\x04\x00\x00", "audio (MP3)"),
        (b"\xff\xfb\x90\x64\x00", "audio (MP3"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio or video"),
        (b"fLaC\x00\x00", "audio (FLAC)"),
        (gzip.compress(b"[]", mtime=0), "gzip"),
        (zipped(), "zip archive"),
        (pickle.dumps([1]), "pickle"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x01\x02\x00\x00\x05", "binary data"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        ('{"a": 1}'.encode("utf-16-le"), "UTF-16LE"),
        ('{"a": 1}'.encode("utf-16-be"), "UTF-16BE"),
        ('{"a": 1}'.encode("utf-32"), "UTF-32"),
        ('{"a": "é"}'.encode("latin-1"), "byte 0xe9 is not UTF-8"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, data, named):
    path = tmp_path / "talk.json"
    path.write_bytes(data)
    with pytest.raises(InputError) as found:
        read_text(str(path))
    assert named in found.value.message
    assert str(path) in found.value.message
    assert "UTF-8" in found.value.message or "expected text" in found.value.message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[Script Info]\nTitle: x\n", "subtitle file (SSA"),
        ("<?xml version='1.0'?>\n<ANNOTATION_DOCUMENT/>", "ELAN"),
        ('<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>', "XML of subtitles"),
        ("<!DOCTYPE html>\n<html></html>", "HTML"),
        ("start\tend\tspeaker\ttext\n0\t1\tA\tso\n", "a table"),
        ("Start,End,Speaker\n0,1,A\n", "a table"),
        ("Line\tSpkr\tStTime\tContent\tEnTime\n1\tA\t0.4\tYes.\t0.9\n", "a table"),
        ("\ufeffSpeaker 0: Hello. \n\nSpeaker 1: Fine: thanks. \n", "whisper-diarization"),
        ("[SPEAKER_01]: Hola.\n[SPEAKER_00]: Bon dia.\n", "whisper-ctranslate2"),
        ("[00:00:02.410] - Teacher\nGood morning\n\n", "Happy Scribe"),
        ("[00:00.000 --> 00:04.000]  Good morning\n", "Whisper prints"),
        ("Ann Lee  0:03  \nGood morning.\n\nBen  0:09  \nHi.\n", "Otter"),
        ("Ann: Good morning.\nBen: Hi.\n", "plain text"),
        ("{'result': [{'conf': 0.4, 'word': 'so'}]}", "Python prints"),
        ("[{'word': 'so'}]", "Python prints"),
        ("export default {\n results: {} };", "JavaScript"),
        ("{\\rtf1\\ansi so}", "RTF"),
        ('File type = "ooTextFile"\nObject class = "TextGrid"\n', "TextGrid"),
    ],
)
def test_texts_of_other_kinds_are_named_and_the_way_out_too(text, named):
    for read in (read_document, turns_of_text):
        with pytest.raises(InputError) as found:
            read(text, "f")
        assert found.value.message.startswith("f: this is ")
        assert named in found.value.message
        assert "not read" in found.value.message
        assert found.value.hint


def test_an_unknown_shape_names_its_keys_and_the_way_to_a_list():
    with pytest.raises(InputError) as found:
        read_document('{"speech": 1, "people": []}', "f")
    assert "an object with keys 'speech', 'people'" in found.value.message
    assert '"word"' in found.value.hint
    with pytest.raises(InputError, match="a list of objects with keys 'who'"):
        read_document('[{"who": "A"}]', "f")


def test_texts_without_times_are_told_from_an_unknown_shape():
    tree = {"title": "x", "transcript": [{"speaker": "Ann", "text": "So we went."}]}
    with pytest.raises(InputError, match="texts without times under 'transcript': an object with"):
        read_document(json.dumps(tree), "f")
