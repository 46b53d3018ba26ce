"""Which file ``--model`` means: a path, a URL with its checksum, or a published name.

Models are kept in ``$DIARFIX_CACHE``, else ``$XDG_CACHE_HOME/diarfix``, else ``~/.cache/diarfix``,
or, for who has no home, in a folder of their own among the temporary files.
No checksum is shipped for the published names; the one seen on the first download is recorded in a
``.sha256`` file beside the model and must hold ever after.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from diarfix.errors import InputError, MissingDependency, UsageError, nearest, os_errors
from diarfix.files import Progress, download, is_web, sha256, write_file

_HUB = "https://huggingface.co/Wespeaker/"

#: The runtime models of WeSpeaker's docs/pretrained.md that are hosted on its hub, by file name.
PUBLISHED: dict[str, str] = {
    name: f"{_HUB}{repository}/resolve/main/{name}.onnx"
    for name, repository in {
        "voxceleb_resnet34_LM": "wespeaker-resnet34-LM",
        "voxceleb_resnet34": "wespeaker-voxceleb-resnet34",
        "voxceleb_resnet152_LM": "wespeaker-voxceleb-resnet152-LM",
        "voxceleb_resnet221_LM": "wespeaker-voxceleb-resnet221-LM",
        "voxceleb_resnet293_LM": "wespeaker-voxceleb-resnet293-LM",
        "voxceleb_CAM++": "wespeaker-voxceleb-campplus",
        "voxceleb_CAM++_LM": "wespeaker-voxceleb-campplus-LM",
        "voxceleb_ECAPA512": "wespeaker-voxceleb-ecapa-tdnn512",
        "voxceleb_ECAPA512_LM": "wespeaker-ecapa-tdnn512-LM",
        "voxceleb_ECAPA1024": "wespeaker-voxceleb-ecapa-tdnn1024",
        "voxceleb_ECAPA1024_LM": "wespeaker-voxceleb-ecapa-tdnn1024-LM",
        "voxceleb_gemini_dfresnet114_LM": "wespeaker-voxceleb-gemini-DFresnet114-LM",
        "cnceleb_resnet34": "wespeaker-cnceleb-resnet34",
        "cnceleb_resnet34_LM": "wespeaker-cnceleb-resnet34-LM",
    }.items()
}

DEFAULT_MODEL = "voxceleb_resnet34_LM"

_CURE = "DIARFIX_CACHE names another folder"

_CHECKSUM = re.compile(r"sha256=([0-9a-fA-F]{64})")
_RECORD = re.compile(rb"[0-9a-f]{64}(?=\s)")


def cache_dir() -> Path:
    """The folder for downloads and cached embeddings; it need not exist.

    Raises InputError where nobody is at home and the folder for that is somebody else's.
    """
    if named := os.environ.get("DIARFIX_CACHE"):
        return Path(named)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "diarfix"
    home = os.path.expanduser("~")  # noqa: PTH111 - it does not fail where nobody is at home
    return Path(home) / ".cache" / "diarfix" if Path(home).is_absolute() else _own_folder()


def _own_folder() -> Path:
    """A folder for temporary files that nobody else can write to."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"diarfix-{user}"
    with os_errors(str(folder), "cannot be a cache", hint=_CURE):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    if os.name == "posix" and (found.st_uid != user or stat.S_IMODE(found.st_mode) & 0o022):
        raise InputError(f"{folder}: others can write there, so it is no cache", hint=_CURE)
    return folder


def find(
    model: str | None = None, *, offline: bool = False, progress: Progress | None = None
) -> Path:
    """The file of an ONNX model, downloaded once if it is not a path.

    Raises UsageError for a URL without checksum, MissingDependency for what is not there or cannot
    be had, InputError for bytes with another checksum than the one given or recorded.
    """
    model = DEFAULT_MODEL if model is None else model
    if model in PUBLISHED:
        return _by_name(model, offline=offline, progress=progress)
    if is_web(model):
        return _by_url(model, offline=offline, progress=progress)
    path = Path(model)
    if not os.path.isfile(path):  # noqa: PTH113 - a name too long for the system is no file
        close = nearest(model, PUBLISHED)
        raise MissingDependency(
            f"{model}: no such model file, and no published model has this name",
            hint=f"did you mean {close}?" if close else f"published: {', '.join(PUBLISHED)}",
        )
    return path


def recorded_digest(model: str | None = None) -> str | None:
    """The SHA-256 that a model must have, known without the model; None where nothing says."""
    model = DEFAULT_MODEL if model is None else model
    if model in PUBLISHED:
        return _recorded(cache_dir() / "models" / f"{model}.onnx.sha256")
    given = _CHECKSUM.fullmatch(model.partition("#")[2])
    return given[1].lower() if given and is_web(model) else None


def _recorded(record: Path) -> str | None:
    """The digest in a record; None where there is none, or it is damaged."""
    try:
        found = _RECORD.match(record.read_bytes())
    except OSError:
        return None
    return found[0].decode() if found else None


def _by_name(name: str, *, offline: bool, progress: Progress | None) -> Path:
    target = cache_dir() / "models" / f"{name}.onnx"
    record = target.with_name(f"{target.name}.sha256")
    recorded = _recorded(record)
    _fetch(name, PUBLISHED[name], target, recorded, offline, progress)
    with os_errors(str(target)):
        seen = sha256(target)
    if recorded is None:
        with os_errors(str(record), "cannot be written", hint=_CURE):
            write_file(str(record), f"{seen}  {target.name}\n".encode())  # as sha256sum -c reads it
    elif seen != recorded:
        raise InputError(
            f"{target}: has sha256 {seen}, recorded at the first download: {recorded}",
            hint=f"remove {target} to fetch it again, and {record} to accept another version",
        )
    return target


def _by_url(model: str, *, offline: bool, progress: Progress | None) -> Path:
    url, _, fragment = model.partition("#")
    given = _CHECKSUM.fullmatch(fragment)
    if given is None:
        raise UsageError(
            f"{model}: a model from a URL needs its checksum",
            hint=f"{url}#sha256=HEX, where HEX is what sha256sum prints (64 digits)",
        )
    try:
        parts = urlsplit(url)
        fine = bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:  # a port or host that is none
        fine = False
    if not fine or not re.fullmatch(r"[!-~]+", url):
        raise UsageError(f"{url}: not an address that a model can be fetched from")
    expected = given[1].lower()
    # Named by content, so one cache serves every URL; the end is for people.
    base = re.sub(r"[^\w.+-]", "_", Path(urlsplit(url).path).name)[-80:] or "model"
    target = cache_dir() / "models" / f"{expected[:16]}-{base}"
    with os_errors(str(target)):
        if target.exists() and sha256(target) != expected:
            target.unlink()
    _fetch(url, url, target, expected, offline, progress)
    return target


def _fetch(
    name: str,
    url: str,
    target: Path,
    expected: str | None,
    offline: bool,
    progress: Progress | None,
) -> None:
    if target.exists():
        return
    if offline:
        raise MissingDependency(
            f"the model {name} is not in the cache ({target.parent}), and --offline forbids"
            " fetching it",
            hint=f"run once without --offline, or fetch {url} and pass --model PATH",
        )
    download(url, target, expected=expected, progress=progress)
