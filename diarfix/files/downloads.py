"""Files from the network: fetched once, resumed where they broke off, never half there.

A server may be slow, lie, or never end: every way of that is one error.
"""

from __future__ import annotations

import http.client
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from diarfix.errors import InputError, MissingDependency, os_errors
from diarfix.files.whole import locked, sha256

#: How work says how far it is: ``(done, total, what)``; ``total`` is 0 where it is not known.
Progress = Callable[[int, int, str], None]

#: Seconds in which a server must answer, and in which a connection must bring something.
_PATIENCE = 20.0

#: Bytes a second that must arrive on an average of so many seconds.
_LEAST = 1 << 12

#: No file is larger: a model in ONNX's format cannot be.
_MOST = 2 << 30

_CHUNK = 1 << 18

#: How pages for people begin, which stand where a file was or will be.
_PAGES = (b"<!doctype", b"<html", b"<?xml")


class _LyingServerError(OSError):
    """What was received is of no use: it is no part of the file."""


def download(
    url: str, target: Path, *, expected: str | None = None, progress: Progress | None = None
) -> None:
    """Bring ``url`` (http or https) to ``target``, which appears whole or not at all.

    expected  SHA-256 that the bytes must have, or None
    progress  told of bytes

    What was received stays beside the target as ``.part`` where the server can tell later whether
    the file is still the same one; the next call continues it. Two processes that want one file
    wait for each other.

    Raises MissingDependency if the file cannot be had, InputError if it is another file or the
    folder cannot be written.
    """
    part = target.with_name(target.name + ".part")
    tag = target.with_name(target.name + ".part.tag")
    cure = "DIARFIX_CACHE names another folder for models"
    with os_errors(str(target.parent), "cannot be written", hint=cure):
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(part, wait=True, mode=0o666) as handle, open(handle, "r+b", closefd=False) as f:
            if target.exists():  # another process was faster
                part.unlink(missing_ok=True)
                return
            try:
                _receive(url, f, tag, whole=expected is not None, progress=progress)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if isinstance(error, _LyingServerError) or not _known(tag):
                    part.unlink()
                    tag.unlink(missing_ok=True)
                raise _failure(url, error) from error
            f.flush()
            os.fsync(handle)
            seen = sha256(part)
            if expected is not None and seen != expected:
                part.unlink()
                tag.unlink(missing_ok=True)
                raise InputError(f"{url}: has sha256 {seen}, expected {expected}")
            part.replace(target)
            tag.unlink(missing_ok=True)


def _failure(url: str, error: Exception) -> MissingDependency:
    """What went wrong, in one line: a server chooses the words, but not how many."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return MissingDependency(f"{url}: the server says {error.code} {_short(error.reason)}")
    yourself = "fetch the file yourself and pass --model PATH"
    if isinstance(error, urllib.error.URLError):
        said = f"cannot be reached: {_short(error.reason)}"
        return MissingDependency(f"{url}: {said}", hint=f"run again with a network, or {yourself}")
    said = f"the download broke off: {_short(error)}"
    return MissingDependency(f"{url}: {said}", hint=f"run again to continue, or {yourself}")


def _short(said: object) -> str:
    text = " ".join(str(said).split()) or type(said).__name__
    return text if len(text) <= 200 else text[:200] + "…"


def _receive(
    url: str, file: BinaryIO, tag: Path, *, whole: bool, progress: Progress | None
) -> None:
    """Fill a file with what a server sends, from where it ends if that can be.

    whole  the caller knows whether the file is whole
    """
    have = file.seek(0, os.SEEK_END)
    known = _known(tag) if have else ""
    request = urllib.request.Request(url, headers={"User-Agent": "diarfix"})  # noqa: S310
    if known:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", known)
    try:
        response = _answer(request)
    except urllib.error.HTTPError as error:
        if not known or error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        tag.unlink()
        _receive(url, file, tag, whole=whole, progress=progress)  # without a tag: from the start
        return
    with response:
        if not (known and response.status == http.HTTPStatus.PARTIAL_CONTENT):
            have = 0
            file.truncate(0)
            tag.unlink(missing_ok=True)
        total = _total(response, have, whole=whole)
        etag = response.headers.get("ETag", "")
        # A strong tag alone tells versions apart (RFC 9110, 13.1.5).
        if not have and etag.startswith('"') and etag.isascii():
            tag.write_text(etag)
        file.seek(have)
        what = f"bytes of {url.rsplit('/', 1)[-1]}"
        told = None if progress is None else lambda done: progress(done, total, what)
        _fill(response, file, have, total, told)


def _known(tag: Path) -> str:
    """The version that a part is of, in the server's words; "" where that is not known."""
    try:
        text = tag.read_text("ascii")
    except (OSError, ValueError):
        return ""
    return text if text.startswith('"') and text.isprintable() else ""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server to another only where that is as safe."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, to: str
    ) -> Any:
        if urlsplit(to).scheme not in {"https", urlsplit(req.full_url).scheme}:
            raise _LyingServerError(f"the server points to {to}")
        return super().redirect_request(req, fp, code, msg, headers, to)

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except Exception:
            fp.close()  # urllib leaves that open
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _answer(request: urllib.request.Request) -> http.client.HTTPResponse:
    """The answer to a request, which must be there in time.

    Each read has a time-out of its own, but names may be looked up, and headers sent, for ever.
    """
    found: list[http.client.HTTPResponse | BaseException] = []

    def ask() -> None:
        try:
            found.append(urllib.request.build_opener(_Redirects).open(request, timeout=_PATIENCE))
        except BaseException as error:  # noqa: BLE001 - raised where it was asked for
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    if not found:
        raise TimeoutError(f"no answer within {_PATIENCE:g} s")
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def _total(response: http.client.HTTPResponse, have: int, *, whole: bool) -> int:
    """How many bytes the file has, 0 if the server need not say; refuses what is no such file."""
    headers, first = response.headers, f"bytes {have}-"
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and have:
        if not headers.get("Content-Range", "").startswith(first):
            raise _LyingServerError("the server sends another part than was asked for")
    elif response.status != http.HTTPStatus.OK:
        raise _LyingServerError(f"the server says {response.status} {_short(response.reason)}")
    if headers.get("Content-Encoding", "identity") != "identity":
        raise _LyingServerError("the server sends it packed, which nobody asked for")
    if headers.get_content_type() == "text/html":
        raise _LyingServerError("the server sends a web page")
    length = headers.get("Content-Length")
    if length is None:
        if not (whole or response.chunked):
            raise _LyingServerError("the server does not say how long the file is")
        return 0
    if not (length.isascii() and length.isdecimal() and len(length) < 20):
        raise _LyingServerError(f"the server says it has {_short(length)} bytes")
    if have + int(length) > _MOST:
        raise _LyingServerError(
            f"the file has {have + int(length)} bytes, at most {_MOST} are taken"
        )
    return have + int(length)


def _fill(
    response: http.client.HTTPResponse,
    file: BinaryIO,
    have: int,
    total: int,
    told: Callable[[int], None] | None,
) -> None:
    since, before = time.monotonic(), have
    while chunk := response.read1(_CHUNK):
        if not have and chunk.lstrip()[:9].lower().startswith(_PAGES):
            raise _LyingServerError("the server sends a web page")
        file.write(chunk)
        have += len(chunk)
        if have > _MOST:
            raise _LyingServerError(f"more than {_MOST} bytes")
        if told is not None:
            told(have)
        waited = time.monotonic() - since
        if waited > _PATIENCE:
            if have - before < _LEAST * waited:
                raise TimeoutError(f"{have - before} bytes in {waited:.0f} s are too few")
            since, before = time.monotonic(), have
    if total and have != total:
        raise OSError(f"{have} of {total} bytes arrived")
    if not have:
        raise _LyingServerError("the file is empty")
