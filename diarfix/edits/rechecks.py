"""Hear a document's doubtful words again, then smooth it: the whole pipeline in one process."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from diarfix.config import DEFAULT_METHOD, Settings
from diarfix.core import F64, Assignment, Label, Pieces, Turns, merge, overlap_regions
from diarfix.core.voice import ListeningPlan, Rechecked, decide, plan_listening
from diarfix.edits.centroids import Centroids, from_lists
from diarfix.edits.repairs import Repair, repair
from diarfix.embed import Audio, Embedded, Embedder
from diarfix.errors import InputError, UsageError
from diarfix.files import Progress
from diarfix.formats import Document

#: Words may reach this far (s) past the end of the audio: recognisers round up.
_PAST_END = 0.5


def recheck(
    document: Document,
    *,
    audio: Audio,
    embedder: Embedder,
    turns: Mapping[str, Turns] | None = None,
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
    listener = _Listener(document, audio, embedder, knobs, centroids, progress)
    return repair(document, turns=turns, method=method, settings=knobs, listen=listener)


@dataclass(frozen=True, eq=False, slots=True)
class _Listener:
    document: Document
    audio: Audio
    embedder: Embedder
    settings: Settings
    centroids: Centroids | None
    progress: Progress | None

    def __call__(self, base: Assignment, turns: Turns | None) -> Rechecked:
        knobs = self.settings.recheck
        todo = plan_listening(base.words, base.margin, self._overlapped(turns), knobs)
        heard = self._embed(todo)
        found = self._decide(todo, heard)
        notes = (*found.account.notes, *self._notes(base))
        account = dataclasses.replace(found.account, notes=notes)
        return dataclasses.replace(found, account=account)

    def _overlapped(self, turns: Turns | None) -> Pieces | None:
        known = [] if turns is None else [overlap_regions(turns)]
        if self.document.regions is not None:
            known.append(merge(*self.document.regions))
        if not known:
            return None
        return merge(
            np.concatenate([p.start for p in known]), np.concatenate([p.end for p in known])
        )

    def _embed(self, todo: ListeningPlan) -> Embedded:
        if not len(todo.at):
            nothing = np.full((len(todo.start), self.embedder.dim), np.nan, dtype=np.float32)
            unheard = ("not needed",) * len(todo.start)
            return Embedded(nothing, unheard, np.zeros(len(todo.start), dtype=np.bool_))
        return self.embedder.embed(self.audio, todo.start, todo.end, progress=self.progress)

    def _decide(self, todo: ListeningPlan, heard: Embedded) -> Rechecked:
        vectors: F64 = heard.vectors.astype(np.float64)
        knobs = self.settings.recheck
        if self.centroids is not None:
            given = self.centroids.table(todo.words.speakers, self.embedder.dim)
            found = decide(todo, vectors, heard.reason, knobs, given=given, source="given")
            return _noted(found, _strangers(self.centroids, todo.words.speakers))
        why = ""
        if self.document.centroids:
            try:
                own = from_lists(self.document.name, self.document.centroids)
                given = own.table(todo.words.speakers, self.embedder.dim)
            except InputError as error:
                why = error.message
            else:
                found = decide(todo, vectors, heard.reason, knobs, given=given, source="file")
                if found.account.trusted:
                    return found
                why = "centroids in the file do not tell the speakers apart"
        found = decide(todo, vectors, heard.reason, knobs)
        return _noted(found, (f"{why}; made from the audio instead",) if why else ())

    def _notes(self, base: Assignment) -> tuple[str, ...]:
        last = np.nanmax(base.words.end, initial=0.0) if base.words.timed.any() else 0.0
        if last <= self.audio.seconds + _PAST_END:
            return ()
        return (f"words reach to {last:.1f} s, the audio ends at {self.audio.seconds:.1f} s",)


def _strangers(centroids: Centroids, speakers: tuple[Label, ...]) -> tuple[str, ...]:
    extra = sorted(set(centroids.vectors) - {str(label) for label in speakers})
    return (f"centroids of nobody in the file: {', '.join(extra)}",) if extra else ()


def _noted(found: Rechecked, notes: tuple[str, ...]) -> Rechecked:
    if not notes:
        return found
    account = dataclasses.replace(found.account, notes=(*found.account.notes, *notes))
    return dataclasses.replace(found, account=account)
