"""Bytes in and bytes out, wherever a name leads: a file, a store, a standard stream."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

from diarfix.errors import InputError, os_errors, reason
from diarfix.files.paths import STREAM, is_url
from diarfix.files.remote import Remote
from diarfix.files.whole import descriptor, write_durably, write_file

BOM = "\ufeff"

#: The number of standard output.
STDOUT = 1

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


def read_text(path: str, *, blank: bool = False) -> str:
    """Read a UTF-8 text file, or standard input for ``-``. A byte order mark is kept as U+FEFF.

    blank  it may be empty

    Raises InputError if it cannot be read, is empty, or is not UTF-8.
    """
    data = read_bytes(path)
    if not data.strip() and not blank:
        raise InputError(f"{show(path)}: empty file, expected JSON, RTTM or another known format")
    if encoding := encoding_of(data):
        raise InputError(
            f"{show(path)}: the file is {encoding}, expected UTF-8",
            hint=f"convert it first: iconv -f {encoding} -t UTF-8",
        )
    if kind := binary_kind(data):
        raise InputError(
            f"{show(path)}: this is {kind}, expected text: JSON, RTTM or another known format"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{show(path)}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8"
        ) from error


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


def read_bytes(path: str) -> bytes:
    """Read a file whole, or standard input for ``-``. Raises InputError if that fails."""
    if path == STREAM:
        with os_errors(show(path), "cannot be read"):
            return sys.stdin.buffer.read()
    if is_url(path):
        return Remote(path).read()
    with os_errors(path):
        return Path(path).read_bytes()


def show(path: str) -> str:
    """The name of a file in messages."""
    return "<stdin>" if path == STREAM else path


def write_text(path: str, text: str) -> None:
    """Write UTF-8 text: to standard output for ``-``, else by :func:`write_bytes`."""
    # Lone surrogates reach here only inside strings of JSON, whose own spelling of them this is.
    data = text.encode("utf-8", errors="backslashreplace")
    if path == STREAM:
        write_stdout(data)
    else:
        write_bytes(path, data)


def write_stdout(data: bytes) -> None:
    """Write all bytes to standard output. Raises InputError if it takes them no more."""
    try:
        sys.stdout.flush()
        view = memoryview(data)
        while view:
            # Under PYTHONUNBUFFERED this is the bare file, which may take a part and say nothing.
            view = view[sys.stdout.buffer.write(view) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = None  # what waits in its buffer would fail once more at shutdown
        raise InputError(f"<stdout>: cannot be written: {reason(error)}") from error


def write_bytes(path: str, data: bytes) -> None:
    """Replace a file atomically: a reader sees the old bytes or the new, never a part.

    What belongs to an existing file is kept: see :func:`~diarfix.files.whole.write_file`.

    Raises InputError if the place cannot be written.
    """
    if is_url(path):
        Remote(path).write(data)
        return
    if descriptor(path) == STDOUT:
        write_stdout(data)
        return
    with os_errors(path, "cannot be written"):
        write_file(path, data)


def back_up(path: str, suffix: str) -> str:
    """Copy a file to a name that ends in ``suffix``, and a number where that is taken; return it.

    Nothing that is there is replaced. The copy has what belongs to the file, and is safely on disk.
    Raises InputError if it cannot be written.
    """
    data = read_bytes(path)
    number = 0
    while True:
        copy = f"{path}{suffix}{number or ''}"
        number += 1
        if is_url(copy):
            if not Remote(copy).exists():
                Remote(copy).write(data)
                return copy
            continue
        with os_errors(copy, "cannot be written"):
            try:
                write_durably(Path(copy), [data], like=Path(path))
            except FileExistsError:
                continue
            return copy


def check_writable(path: str) -> None:
    """Raise InputError where nothing could be written, before there is anything to be written."""
    if path == STREAM or is_url(path):
        return
    with os_errors(path, "cannot be written"):
        number = descriptor(path)
        if number is not None:
            os.fstat(number)
            return
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 - Path knows not every name
        except FileNotFoundError:
            mode = stat.S_IFREG
        if stat.S_ISDIR(mode) or path.endswith(("/", os.sep)):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if stat.S_ISREG(mode):
            with tempfile.TemporaryFile(dir=Path(os.path.realpath(path)).parent):
                return
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
