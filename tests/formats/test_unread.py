"""Files that nobody reads are named for what they are, with the way out."""

import gzip
import io
import json
import pickle
import zipfile

import pytest

from diarfix.errors import InputError
from diarfix.files.local import read_text
from diarfix.formats.detect import turns_of_text
from diarfix.formats.document import read_document


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


CUES = "1\n00:00:01,000 --> 00:00:02,000\n[SPEAKER_01]: Good day.\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (CUES, "a SubRip subtitle file"),
        (CUES.replace("\n", "\r\n"), "a SubRip subtitle file"),
        ("\ufeff" + CUES, "a SubRip subtitle file"),
        ("WEBVTT - a talk\n\n00:01.000 --> 00:02.000\n<v Ann>Good day.\n", "a WebVTT subtitle"),
        ("[Script Info]\nTitle: x\n", "subtitle file (SSA"),
        ("<?xml version='1.0'?>\n<ANNOTATION_DOCUMENT/>", "ELAN"),
        ('<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>', "XML of subtitles"),
        ("<!DOCTYPE html>\n<html></html>", "HTML"),
        ("start\tend\tspeaker\ttext\n0\t1\tA\tso\n", "a table"),
        ("Start,End,Speaker\n0,1,A\n", "a table"),
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


def test_json_lines_are_named():
    line = json.dumps({"word": "so", "start": 0.0, "end": 0.5})
    with pytest.raises(InputError, match=r"f: line 3: a second JSON document: this is JSON Lines"):
        read_document(f"{line}\n\n{line}\n", "f")
    with pytest.raises(InputError, match="bad JSON"):
        read_document(f"{line}\n{line[:9]}\n", "f")


def test_an_unknown_shape_names_its_keys_and_the_way_to_a_list():
    with pytest.raises(InputError) as found:
        read_document('{"speech": 1, "people": []}', "f")
    assert "an object with keys 'speech', 'people'" in found.value.message
    assert '"word"' in found.value.hint
    with pytest.raises(InputError, match="a list of objects with keys 'who'"):
        read_document('[{"who": "A"}]', "f")


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda inner: {"status": "ok", "raw_result": inner}, ".raw_result"),
        (lambda inner: {"data": {"result": inner}}, ".data.result"),
        (lambda inner: [inner], ".[0]"),
        (lambda inner: {"by file": {"a.wav": inner}}, '.["by file"].["a.wav"]'),
    ],
)
def test_an_envelope_is_told_and_the_key_to_cut_out(wrap, path):
    inner = {"results": {"channels": [{"alternatives": [{"words": []}]}]}}
    with pytest.raises(InputError) as found:
        read_document(json.dumps(wrap(inner)), "f.json")
    assert (
        found.value.hint == f"a deepgram file stands under {path}: cut it out (jq '{path}' f.json)"
    )
