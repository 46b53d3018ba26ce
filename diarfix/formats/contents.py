"""The layout of what was found in a file: one word file, or several that are its recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from diarfix.files import recording_id
from diarfix.formats.envelopes import Opened, Root, json_path, speaker_named
from diarfix.formats.jsonfields import reach, times
from diarfix.formats.layout import Json, Layout, ShapeError, containers_tell
from diarfix.formats.marks import marks_follow
from diarfix.formats.several import combined, in_sequence, prefixed, under
from diarfix.formats.text.unread import WORDS_WANTED
from diarfix.formats.units import rescale, settle_unit

#: Keys under which a response tells of which file it is, and under which an id.
_FILES = ("file", "filename", "file_name", "file_path", "path", "audio", "audio_file", "audio_path",
          "audio_filepath", "audio_url", "media_url", "uri", "url", "source", "name")  # fmt: skip
_IDS = ("recording_id", "session_id", "call_id", "jobName", "job_id", "transcript_id", "id",
        "request_id")  # fmt: skip

#: A longer name is none.
_LONGEST = 120


def laid_out(found: Opened, tree: Json, scale: float | None = None) -> Layout:
    """The layout of all that was found in a file, its JSON paths from the top of the file.

    tree   the whole file
    scale  seconds per unit of its times, None where the dialect says

    Raises ShapeError for a shape that breaks, for recordings that cannot stand in one document, and
    for words in an envelope whose speakers are named where they are not read.
    """
    layouts = [_read(found, root, scale) for root in found.roots]
    if len(layouts) > 1 and scale is None:
        for one in layouts:  # each has its unit
            begins, ends = (
                times(values, one.scale, one.path, key)
                for values, key in ((one.start, "start"), (one.end, "end"))
            )
            settle_unit(one, begins, ends)
    layout = layouts[0] if len(layouts) == 1 else _together(found, layouts)
    inside = json_path(found.path or found.roots[0].path)
    if inside and layout.turns is None and not _labelled(layout):
        where = speaker_named(tree)
        if where is not None:
            raise ShapeError(
                f"{json_path(where)}: names a speaker for the words under {inside}, where it is"
                " not read: they would be without",
                hint=WORDS_WANTED,
            )
    if found.path or (len(layouts) == 1 and inside):
        layout.notes.insert(0, f"read under {inside}")
    if found.passed:
        layout.notes.append(f"responses without a transcript, passed over: {len(found.passed)}")
    return layout


def _labelled(layout: Layout) -> bool:
    owner = layout.tracks[0]
    return any(u.speaker is not None for u in layout.utterances) or any(
        holder.get(owner.key) not in (None, "", *layout.unknown) for holder in owner.holders
    )


def _read(found: Opened, root: Root, scale: float | None) -> Layout:
    prefix = json_path(root.path)
    try:
        layout = found.dialect.walk(root.tree)
        if not layout.utterances:
            containers_tell(layout)
            layout = marks_follow(layout)
    except ShapeError as error:
        raise ShapeError(under(prefix, error.message), hint=error.hint) from error
    if scale is not None:
        rescale(layout, scale)
    return prefixed(layout, prefix) if prefix else layout


def _together(found: Opened, layouts: list[Layout]) -> Layout:
    """Several layouts as one: recordings, or pieces of one recording."""
    said = [layout for layout in layouts if layout.text]
    for differ, what in (
        (lambda one: one.tracks[0].key, "names its speakers under another key"),
        (lambda one: one.scale, "has its times in another unit"),
        (lambda one: bool(one.utterances), "times its words otherwise"),
    ):
        odd = next((one for one in said if differ(one) != differ(said[0])), None)
        if odd is not None:
            raise ShapeError(
                f"{odd.path(0)}: {what} than the recording before it",
                hint="cut the recordings out one by one (jq)",
            )
    _without_turns(found, layouts)
    files, ids = _names(found.roots, _FILES), _names(found.roots, _IDS)
    if not files and not any(one.parts for one in layouts) and in_sequence(layouts):
        whole = combined(layouts, ())
        whole.notes.append(f"{len(layouts)} pieces of one recording, each after the one before")
        return whole
    return combined(layouts, files or ids or [str(n) for n in range(1, len(layouts) + 1)])


def _without_turns(found: Opened, layouts: Iterable[Layout]) -> None:
    """Pass over the turns that recordings of one document bring along, if words are labelled."""
    for root, layout in zip(found.roots, layouts, strict=True):
        if layout.turns is None and not layout.centroids:
            continue
        owner = layout.tracks[0]
        if not all(owner.key in holder for holder in owner.holders):
            raise ShapeError(
                f"{json_path(root.path)}: has turns of its own, which label its words",
                hint="cut the recordings out one by one (jq)",
            )
        layout.turns, layout.centroids, layout.regions = None, {}, None
        layout.notes.append("several recordings: the diarizer's turns in them are not used")


def _names(roots: Sequence[Root], keys: Iterable[str]) -> list[str]:
    """What recordings are called under the first key that tells them apart; none if none does."""
    for key in keys:
        names = [next(_told(root, key), "") for root in roots]
        if key in _FILES:
            names = [recording_id(name) if name else "" for name in names]
        if all(0 < len(name) <= _LONGEST for name in names) and len({*names}) == len(names):
            return names
    return []


def _told(root: Root, key: str) -> Iterator[str]:
    for holder in (root.entry, root.tree, reach(root.tree, "metadata")):
        value: Json = reach(holder, key)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            yield " ".join(str(value).split())
