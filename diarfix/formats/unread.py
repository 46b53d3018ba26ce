"""Files that nobody here reads: what each is, and what to give instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.jsonfields import is_dicts, reach
from diarfix.formats.layout import Json

#: The way out for whoever has no word file.
WORDS_WANTED = (
    "give the recogniser's own JSON with a time for each word, or make a flat list:"
    ' [{"word": "hi", "start": 0.1, "end": 0.3, "speaker": "A"}]'
)

_SUBTITLES = "export SubRip (.srt) or WebVTT (.vtt) with the names of speakers, or JSON with words"
_TEXT = "it has no times: " + _SUBTITLES
_TABLE = (
    "make a list of its rows: of words"
    ' [{"word": "hi", "start": 0.1, "end": 0.3, "speaker": "A"}], or of segments with "text"'
)

#: How a text of each kind begins, what it is, and the way out.
_KINDS = tuple(
    (re.compile(begins, re.IGNORECASE), name, way_out)
    for begins, name, way_out in (
        (r"\[Script Info\]", "a subtitle file (SSA, ASS)", _SUBTITLES),
        (r"<!doctype html|<html", "an HTML page", _SUBTITLES),
        (r"<(?:[\s\S]*<)?ANNOTATION_DOCUMENT", "XML of ELAN (.eaf)",
         "export its tiers as a table and make a list of segments, or export SubRip (.srt)"),
        (r"<(?:[\s\S]*<)?tt\b", "XML of subtitles (TTML)", _SUBTITLES),
        (r"<", "XML", WORDS_WANTED),
        (r'(?:File type = )?"ooTextFile', "a Praat TextGrid", WORDS_WANTED),
        (r"---\s", "YAML", WORDS_WANTED),
        (r"\{\\rtf", "a text document (RTF)", _SUBTITLES),
        (r"[\[{]\s*(?:\{\s*)?'", "a result as Python prints it, not JSON",
         "write it with json.dump(result, file)"),
        (r"(?:export|const|var|let|module\.exports)\b[^\n]*[={]", "JavaScript, not JSON",
         "cut off what stands before the first brace and after the last"),
        (r"\[[\d:.]+\]\s*-\s*\S", "a Happy Scribe transcript (TXT)",
         "export from Happy Scribe as SRT, VTT or JSON"),
        (r"\[[\d:.,]+ --> [\d:.,]+\]", "what Whisper prints",
         "take the JSON that it writes (--output_format json, --word_timestamps True)"),
        (r"\[SPEAKER_\d+\]:", "a transcript of whisper-ctranslate2 (TXT)",
         "take the .json, .srt or .vtt that it writes (--output_format)"),
        (r"Speaker \d+: ", "a transcript in plain text (whisper-diarization and others)",
         "take the .srt that whisper-diarization writes beside it"),
        (r"(?:[^\n]*\n){0,6}?[^\n:]{1,60}?\s\s?\d?\d:\d\d(?::\d\d)?[ \t]*\r?\n\S",
         "a transcript in plain text (Otter and others)",
         "it has no end times: export SubRip (.srt) with the names of speakers"),
        (r"[A-Z][\w .'-]{0,40}: \S[^\n]*\n(?:\s*\n)?[A-Z][\w .'-]{0,40}: \S",
         "a transcript in plain text", _TEXT),
    )
)  # fmt: skip

#: What tells a file, what it is called, and the way out.
_KNOWN: tuple[tuple[Callable[[Json], bool], str, str], ...] = (
    (
        lambda tree: reach(tree, "inference_result") is not None and "matched_blueprint" in tree,
        "the custom output of Bedrock Data Automation, which holds no transcript",
        "give its standard output, with audio_items and audio_segments",
    ),
    (
        lambda tree: is_dicts(reach(tree, "RecognizedPhrases")),
        "the raw output of Video Indexer, which is not read",
        "give what Azure's batch transcription writes (recognizedPhrases), or make a flat list",
    ),
    (
        lambda tree: is_dicts(reach(tree, "NBest")) and "RecognitionStatus" in tree,
        "one result of Azure's Speech SDK, which is not read",
        "give a whole transcript of batch or fast transcription, or make a flat list",
    ),
)

_CUE = re.compile(r"^(?:\d+:)?\d+:\d\d[.,]\d{1,3}\s*-->", re.MULTILINE)

#: Names of columns by which a table is known.
_COLUMNS = {
    "start", "end", "speaker", "text", "word", "spkr", "sttime", "entime", "content", "duration",
    "start_time", "end_time", "transcript", "line",
}  # fmt: skip


def kind_of_text(text: str) -> tuple[str, str] | None:
    r"""What a text is that no reader here takes, and the way out; None where that is not plain.

    >>> kind_of_text("---\ntalk: hi\n")[0]
    'YAML'
    """
    head = text[:20_000].removeprefix(BOM).lstrip()
    named = next(((name, way) for begins, name, way in _KINDS if begins.match(head)), None)
    if named is not None:
        return named
    if _CUE.search(head[:2000]):
        return "subtitles with a text before the first cue", "take out what stands before it"
    first = head.partition("\n")[0]
    cells = {cell.strip(' "\r').lower() for cell in re.split("[\t;,]", first)}
    return ("a table (CSV, TSV)", _TABLE) if len(cells & _COLUMNS) > 1 else None


def refuse(text: str, name: str, expected: str = "a file with words and labels") -> None:
    """Raise InputError for a text that is plainly of a kind that nobody here reads."""
    found = kind_of_text(text)
    if found is not None:
        raise InputError(
            f"{name}: this is {found[0]}, which is not read: expected {expected}", hint=found[1]
        )


def unread(tree: Json) -> tuple[str, str] | None:
    """What a file is that is known and not read, and the way out; None for all others."""
    return next(((what, hint) for fits, what, hint in _KNOWN if fits(tree)), None)
