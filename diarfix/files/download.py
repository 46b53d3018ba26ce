"""Files from the network: fetched once, resumed where they broke off, never half there."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

from diarfix.errors import InputError, MissingDependency, os_errors
from diarfix.files.progress import Progress
from diarfix.files.whole import locked, sha256

#: Seconds without a byte after which a connection counts as broken.
_PATIENCE = 30

_CHUNK = 1 << 18


def download(
    url: str, target: Path, *, expected: str | None = None, progress: Progress | None = None
) -> None:
    """Bring ``url`` (http or https) to ``target``, which appears whole or not at all.

    expected  SHA-256 that the bytes must have, or None
    progress  told of bytes

    What was received stays beside the target as ``.part``; the next call continues it if the server
    says that the file is still the same one. Two processes that want one file wait for each other.

    Raises MissingDependency if the file cannot be had, InputError if it is another file or the
    folder cannot be written.
    """
    part = target.with_name(target.name + ".part")
    cure = "DIARFIX_CACHE names another folder for models"
    with os_errors(str(target.parent), "cannot be written", hint=cure):
        target.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
    tag = target.with_name(target.name + ".part.tag")
    with locked(part, wait=True, mode=0o666) as handle, open(handle, "r+b", closefd=False) as file:
        if target.exists():  # another process was faster
            part.unlink(missing_ok=True)
            return
        try:
            _receive(url, file, tag, progress)
        except urllib.error.HTTPError as error:
            error.close()
            raise MissingDependency(
                f"{url}: the server says {error.code} {error.reason}"
            ) from error
        except urllib.error.URLError as error:
            raise MissingDependency(
                f"{url}: cannot be reached: {error.reason}",
                hint="run again with a network, or fetch the file yourself and pass --model PATH",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise MissingDependency(
                f"{url}: the download broke off: {error}",
                hint="run again to continue, or fetch the file yourself and pass --model PATH",
            ) from error
        file.flush()
        os.fsync(file.fileno())
        seen = sha256(part)
        if expected is not None and seen != expected:
            part.unlink()
            tag.unlink(missing_ok=True)
            raise InputError(f"{url}: has sha256 {seen}, expected {expected}")
        part.replace(target)
        tag.unlink(missing_ok=True)


def _receive(url: str, file: BinaryIO, tag: Path, progress: Progress | None) -> None:
    have = file.seek(0, os.SEEK_END)
    known = tag.read_text() if have and tag.exists() else ""
    request = urllib.request.Request(url, headers={"User-Agent": "diarfix"})  # noqa: S310
    if known:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", known)
    try:
        response = urllib.request.urlopen(request, timeout=_PATIENCE)  # noqa: S310 - see find()
    except urllib.error.HTTPError as error:
        if not known or error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        tag.unlink()
        _receive(url, file, tag, progress)  # from the start: without a tag nothing is continued
        return
    with response:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0
            file.truncate(0)
            tag.write_text(_validator(response))
        file.seek(have)
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else 0
        what = f"bytes of {url.rsplit('/', 1)[-1]}"
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            have += len(chunk)
            if progress is not None:
                progress(have, total, what)
        if total and have != total:
            raise OSError(f"{have} of {total} bytes arrived")


def _validator(response: http.client.HTTPResponse) -> str:
    """What tells the server which version a part is of (RFC 9110, 13.1.5); "" if nothing does."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
