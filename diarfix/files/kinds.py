"""What a file is that is no text, by its first bytes."""

from __future__ import annotations

#: Offset, first bytes, what a person calls it.
_SIGNS = (
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"\x1f\x8b", "gzip-compressed"),
    (0, b"BZh", "bzip2-compressed"),
    (0, b"\xfd7zXZ\x00", "xz-compressed"),
    (0, b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"PK\x03\x04", "a zip archive (.docx, .xlsx, .npz and .pt files are zip archives too)"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"{\\rtf", "an RTF document"),
    (8, b"WAVE", "audio (WAV)"),
    (8, b"AVI ", "video (AVI)"),
    (0, b"fLaC", "audio (FLAC)"),
    (0, b"OggS", "audio (Ogg)"),
    (0, b"ID3", "audio (MP3)"),
    (8, b"AIFF", "audio (AIFF)"),
    (0, b"#!AMR", "audio (AMR)"),
    (0, b"NIST_1A", "audio (NIST SPHERE)"),
    (0, b".snd", "audio (AU)"),
    (0, b"caff", "audio (CAF)"),
    (4, b"ftyp", "audio or video (MP4, M4A)"),
    (0, b"\x1a\x45\xdf\xa3", "audio or video (Matroska, WebM)"),
    (0, b"\x89PNG", "a picture (PNG)"),
    (0, b"\xff\xd8\xff", "a picture (JPEG)"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"bplist", "a binary property list"),
    (0, b"\x7fELF", "a program"),
)

#: Byte order marks; UTF-32 little-endian begins as UTF-16 does.
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def encoding_of(data: bytes) -> str | None:
    """The name of a text's encoding where it is plainly not UTF-8, None elsewhere.

    >>> encoding_of('{"a": 1}'.encode("utf-16-le"))
    'UTF-16LE'
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    even, odd = data[:200:2], data[1:200:2]
    if len(odd) > 1 and all(even) and not any(odd):
        return "UTF-16LE"
    return "UTF-16BE" if len(odd) > 1 and all(odd) and not any(even) else None


def binary_kind(data: bytes) -> str | None:
    r"""What a person calls a file that is no text; None for text and for what nobody knows.

    >>> binary_kind(b"SQLite format 3\x00...")
    'an SQLite database'
    """
    for at, sign, name in _SIGNS:
        if data.startswith(sign, at):
            return name
    if data[:1] == b"\x80" and data[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return "a Python pickle"
    # An MPEG frame: eleven bits that are set, then a layer that exists.
    if data[:1] == b"\xff" and data[1:2] >= b"\xe0" and data[1:2] not in {b"\xfe", b"\xff"}:
        return "audio (MP3 or AAC)"
    return "binary data" if b"\x00" in data[:1000] else None
