"""Which file ``--model`` means: a path, a URL with its checksum, or a published name.

Models are kept in ``$DIARFIX_CACHE``, else ``$XDG_CACHE_HOME/diarfix``, else ``~/.cache/diarfix``.
No checksum is shipped for the published names; the one seen on the first download is recorded in a
``.sha256`` file beside the model and must hold ever after.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from diarfix.errors import InputError, MissingDependency, UsageError, nearest
from diarfix.files.download import download
from diarfix.files.progress import Progress
from diarfix.files.whole import sha256

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

_CHECKSUM = re.compile(r"sha256=([0-9a-fA-F]{64})")


def cache_dir() -> Path:
    """The folder for downloads and cached embeddings; it need not exist.

    Raises InputError if none is named and the user has no home.
    """
    if named := os.environ.get("DIARFIX_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "diarfix"
    except RuntimeError as error:  # no HOME, no entry in passwd: a container's --user
        raise InputError(
            "the user has no home folder, where models and results are kept",
            hint="name a folder: DIARFIX_CACHE",
        ) from error


def find(
    model: str | None = None, *, offline: bool = False, progress: Progress | None = None
) -> Path:
    """Return the file of an ONNX model, downloaded once if it is not a path.

    Raises UsageError for a URL without checksum, MissingDependency for what is not there or cannot
    be had, InputError for bytes with another checksum than the one given or recorded.
    """
    model = DEFAULT_MODEL if model is None else model
    if model in PUBLISHED:
        return _by_name(model, offline=offline, progress=progress)
    if urlsplit(model).scheme in {"http", "https"}:
        return _by_url(model, offline=offline, progress=progress)
    path = Path(model)
    if not path.is_file():
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
        record = cache_dir() / "models" / f"{model}.onnx.sha256"
        return record.read_text().split()[0] if record.exists() else None
    given = _CHECKSUM.fullmatch(model.partition("#")[2])
    return given[1].lower() if given and urlsplit(model).scheme in {"http", "https"} else None


def _by_name(name: str, *, offline: bool, progress: Progress | None) -> Path:
    target = cache_dir() / "models" / f"{name}.onnx"
    record = target.with_name(f"{target.name}.sha256")
    recorded = record.read_text().split()[0] if record.exists() else None
    if not target.exists():
        _refuse_offline(offline, name, target, PUBLISHED[name])
        download(PUBLISHED[name], target, expected=recorded, progress=progress)
    seen = sha256(target)
    if recorded is None:
        record.write_text(f"{seen}  {target.name}\n")  # as sha256sum -c reads it
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
    expected = given[1].lower()
    # Named by content, so one cache serves every URL; the end is for people.
    base = re.sub(r"[^\w.+-]", "_", Path(urlsplit(url).path).name) or "model"
    target = cache_dir() / "models" / f"{expected[:16]}-{base}"
    if target.exists() and sha256(target) != expected:
        target.unlink()
    if not target.exists():
        _refuse_offline(offline, url, target, url)
        download(url, target, expected=expected, progress=progress)
    return target


def _refuse_offline(offline: bool, name: str, target: Path, url: str) -> None:
    if offline:
        raise MissingDependency(
            f"the model {name} is not in the cache ({target.parent}), and --offline forbids"
            " fetching it",
            hint=f"run once without --offline, or fetch {url} and pass --model PATH",
        )
