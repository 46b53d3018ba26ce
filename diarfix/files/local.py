"""Bytes in and bytes out, wherever a name leads: a file, a store, a standard stream."""

from __future__ import annotations

import sys
from pathlib import Path

from diarfix.errors import InputError, os_errors, reason
from diarfix.files.kinds import binary_kind, encoding_of
from diarfix.files.paths import STREAM, is_url
from diarfix.files.remote import Remote
from diarfix.files.whole import write_file

BOM = "\ufeff"


def read_text(path: str) -> str:
    """Read a UTF-8 text file, or standard input for ``-``. A byte order mark is kept as U+FEFF.

    Raises InputError if it cannot be read, is empty, or is not UTF-8.
    """
    data = read_bytes(path)
    if not data.strip():
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


def read_bytes(path: str) -> bytes:
    """Read a file whole, or standard input for ``-``. Raises InputError if that fails."""
    if path == STREAM:
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

    The permissions of an existing file are kept, and a symbolic link stays one. What is not a
    regular file (a pipe, /dev/null) is written to directly.

    Raises InputError if the place cannot be written.
    """
    if is_url(path):
        Remote(path).write(data)
        return
    with os_errors(path, "cannot be written"):
        write_file(path, data)
