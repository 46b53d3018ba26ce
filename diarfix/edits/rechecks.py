"""Hear a document's doubtful words again, then smooth it: the whole pipeline in one process.

The voices come from the sound, from the document, or from a file of voiceprints, JSON or NPZ.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import math
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.config import DEFAULT_METHOD, Settings
from diarfix.core import F64, Assignment, Label, Pieces, Turns, merge, overlap_regions
from diarfix.core.voice import Rechecked, decide, plan_listening
from diarfix.edits.repairs import Repair, repair
from diarfix.edits.turns import Given
from diarfix.embed import Audio, Embedder
from diarfix.errors import InputError, UsageError
from diarfix.files import Progress, read_bytes, read_text
from diarfix.formats import Document, parse

#: Words may reach this far (s) past the end of the audio: recognisers round up.
_PAST_END = 0.5

#: Keys under which a JSON file may hold its vectors; else it is the object of vectors itself.
_INSIDE = ("centroids", "native_speaker_embeddings")

#: Where the model that made the vectors may be named, as in an embedding store.
_TAG = "speaker_embedding_model"

#: Bytes that an array of an NPZ file may have, and all of them together: no voiceprint is longer,
#: and a few packed bytes can claim to be any number.
_MOST_BYTES, _MOST_IN_ALL = 1 << 20, 1 << 27


@dataclass(frozen=True, eq=False, slots=True)
class Centroids:
    """A vector per label, and which model made them.

    name     of the file, for messages
    vectors  label as text -> (D,) float64
    digest   SHA-256 of the model's weights, or None if the file does not say
    """

    name: str
    vectors: Mapping[str, F64]
    digest: str | None = None

    def table(self, speakers: tuple[Label, ...], dim: int) -> F64:
        """The vectors by speaker code (S, D), NaN where there is none.

        Raises InputError for a vector that is zero, not finite or of another dimension.
        """
        found = np.full((len(speakers), dim), np.nan)
        for code, label in enumerate(map(str, speakers)):
            vector, where = self.vectors.get(label), f"{self.name}: centroid of {label!r}"
            if vector is None:
                continue
            if vector.shape != (dim,):
                raise InputError(f"{where} has {vector.size} numbers, the model gives {dim}")
            if not np.isfinite(vector).all():
                raise InputError(f"{where} is not finite")
            if not vector.any():
                raise InputError(f"{where} is zero")
            found[code] = vector
        return found


def recheck(
    document: Document,
    *,
    audio: Audio,
    embedder: Embedder,
    turns: Mapping[str, Given] | None = None,
    method: str = DEFAULT_METHOD,
    settings: Settings | None = None,
    centroids: Centroids | None = None,
    progress: Progress | None = None,
) -> Repair:
    """Run assign, recheck and smooth over a document.

    audio      the recording, from whose start the words' times count
    turns      see :func:`diarfix.edits.repairs.repair`
    centroids  voiceprints of its speakers; those in the document, else the recording's own clean
               speech, if None
    progress   told of windows embedded

    Raises UsageError for a document of several recordings, InputError for centroids that cannot be
    compared or audio of which nothing can be embedded.
    """
    parts = document.parts
    if len(parts) > 1 and any(part.channel is None for part in parts):
        raise UsageError(
            f"{document.name}: holds {len(parts)} recordings, and --audio is one",
            hint="recheck them one by one",
        )
    if centroids is not None and centroids.digest not in {None, embedder.digest}:
        raise InputError(
            f"{centroids.name}: made by another model ({centroids.digest}), this one is"
            f" {embedder.digest}",
            hint="vectors of different models cannot be compared, of whatever length",
        )
    knobs = settings or Settings()

    def listen(base: Assignment, known: Turns | None) -> Rechecked:
        words = base.words
        todo = plan_listening(words, base.margin, _overlapped(document, known), knobs.recheck)
        vectors: F64 = np.full((len(todo.start), embedder.dim), np.nan)
        reasons: tuple[str, ...] = ()
        if len(todo.at):
            heard = embedder.embed(audio, todo.start, todo.end, progress=progress)
            vectors, reasons = heard.vectors.astype(np.float64), heard.reason
        decided = functools.partial(decide, todo, vectors, reasons, knobs.recheck)
        found, notes = _by_centroids(document, centroids, words.speakers, embedder.dim, decided)
        last = np.nanmax(words.end, initial=0.0) if words.timed.any() else 0.0
        if last > audio.seconds + _PAST_END:
            notes.append(f"words reach to {last:.1f} s, the audio ends at {audio.seconds:.1f} s")
        account = dataclasses.replace(found.account, notes=tuple(notes))
        return dataclasses.replace(found, account=account)

    return repair(document, turns=turns, method=method, settings=knobs, listen=listen)


def _overlapped(document: Document, turns: Turns | None) -> Pieces | None:
    """Where several speak, by the turns and by what the document says; None if neither tells."""
    known = [] if turns is None else [overlap_regions(turns)]
    if document.regions is not None:
        known.append(merge(*document.regions))
    if not known:
        return None
    return merge(np.concatenate([p.start for p in known]), np.concatenate([p.end for p in known]))


def _by_centroids(
    document: Document,
    centroids: Centroids | None,
    speakers: tuple[Label, ...],
    dim: int,
    decided: Callable[..., Rechecked],
) -> tuple[Rechecked, list[str]]:
    """What is decided by the best centroids that there are, and what is to be told of them."""
    if centroids is not None:
        extra = sorted(set(centroids.vectors) - {str(label) for label in speakers})
        notes = [f"centroids of nobody in the file: {', '.join(extra)}"] if extra else []
        return decided(given=centroids.table(speakers, dim), source="given"), notes
    if not document.centroids:
        return decided(), []
    try:
        given = from_lists(document.name, document.centroids).table(speakers, dim)
    except InputError as error:
        why = error.message
    else:
        found = decided(given=given, source="file")
        if found.account.trusted:
            return found, []
        why = "centroids in the file do not tell the speakers apart"
    return decided(), [f"{why}; made from the audio instead"]


def read_centroids(path: str) -> Centroids:
    """Read ``{label: [numbers]}`` from JSON, or one array per label from NPZ.

    A JSON file may hold them under ``centroids``, with ``speaker_embedding_model`` {name, digest}
    beside them; an NPZ file the digest as an array ``speaker_embedding_model``. Nothing is
    unpickled. Raises InputError for anything else.
    """
    data = read_bytes(path)
    if data[:4] == b"PK\x03\x04":
        return _from_npz(path, data)
    tree = parse(read_text(path), path)
    if not isinstance(tree, dict):
        raise InputError(f"{path}: expected an object of vectors by speaker")
    inner = next((tree[key] for key in _INSIDE if isinstance(tree.get(key), dict)), None)
    raw = {k: v for k, v in tree.items() if k != _TAG} if inner is None else inner
    tag = tree.get(_TAG)
    digest = tag.get("digest") if isinstance(tag, dict) else None
    return from_lists(path, raw, digest if isinstance(digest, str) else None)


def from_lists(name: str, raw: Mapping[Any, Any], digest: str | None = None) -> Centroids:
    """Centroids of lists of numbers. Raises InputError for what is none."""
    vectors = {}
    for label, value in raw.items():
        try:
            vector = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{name}: centroid of {str(label)!r}: expected numbers") from error
        vectors[str(label)] = _flat(name, str(label), vector)
    if not vectors:
        raise InputError(f"{name}: no centroid in it")
    return Centroids(name, vectors, digest)


def _from_npz(path: str, data: bytes) -> Centroids:
    vectors: dict[str, F64] = {}
    digest = None
    try:
        for label, array in _arrays(path, data):
            if label == _TAG:
                digest = str(array)
            elif array.dtype.kind not in "fiu":
                raise InputError(f"{path}: centroid of {label!r}: expected numbers")
            else:
                vectors[label] = _flat(path, label, array.astype(np.float64))
    except InputError:
        raise
    except Exception as error:  # zipfile and NumPy raise nearly anything on a damaged archive
        raise InputError(f"{path}: no NPZ file of plain arrays: {error}") from error
    if not vectors:
        raise InputError(f"{path}: no centroid in it")
    return Centroids(path, vectors, digest)


def _arrays(path: str, data: bytes) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The arrays of an NPZ file by name; each is measured by its header before it is read."""
    in_all = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            label = entry.filename.removesuffix(".npy")
            # As NumPy writes them; others may need memory of their own to be unpacked.
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise InputError(f"{path}: {label!r} is packed in a way that NPZ does not know")
            with archive.open(entry) as member:
                size = _claimed(member)
            in_all += size
            if size > _MOST_BYTES or in_all > _MOST_IN_ALL:
                raise InputError(f"{path}: {label!r} claims {size:,} bytes, too many for voices")
            with archive.open(entry) as member:
                yield label, np.lib.format.read_array(member, allow_pickle=False)


def _claimed(member: Any) -> int:
    """Bytes of an array of float64 that its header promises, or more."""
    version = np.lib.format.read_magic(member)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, _, dtype = read(member)
    if min(shape, default=0) < 0:
        raise ValueError(shape)
    return math.prod(shape) * max(dtype.itemsize, 8)


def _flat(name: str, label: str, vector: F64) -> F64:
    """(D,) from (D,) or (1, D)."""
    if vector.ndim == 2 and vector.shape[0] == 1:
        vector = vector[0]
    if vector.ndim != 1:
        raise InputError(f"{name}: centroid of {label!r}: expected one row of numbers")
    return vector
