"""Known files inside of what was put around them: an envelope, a list of responses.

Envelopes are those of programs that keep a response beside data of their own (``full_response``,
``data.transcription``), of services (Replicate, RunPod, webhooks) and of vCon, which may hold the
JSON text in a string.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diarfix.files import STREAM, show
from diarfix.formats.json.flat import word_root
from diarfix.formats.json.keys import PAIR, SPEAKER, START
from diarfix.formats.jsonfields import is_dicts
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.jsontext import STRICT
from diarfix.formats.layout import Dialect, Json

#: A key, or a number in a list.
Step = str | int

#: So many keys and numbers lead to a file at most, and so many values are looked at on the way.
_DEEPEST, _MOST = 4, 2000

#: Lists of responses in each other that are looked into.
_LISTS = 2

#: Of a list so many are looked at to know whether responses stand in it.
_FIRST = 5

#: Lists of objects: what fits them may be anything, and there is more to ask.
_GENERIC = frozenset({"words", "segments"})

#: Lists of what could have been said instead.
_ALTERNATIVES = frozenset({"alternatives", "nBest", "n_best", "NBest", "candidates"})

#: Lists of what is smaller than a word.
_PIECES = frozenset({"tokens", "chars", "phones"})

#: Keys of who speaks, beside words or around them.
_WHO = frozenset({*SPEAKER, "participant", "ParticipantRole"})

#: Keys of times by which an object is a word or a segment, and no response.
TIMES = frozenset({*START, "time", "timestamp", "offset", "start_ms", "start_timestamp"})

#: Keys under which a file keeps what was said.
_TEXT = frozenset({
    "text", "transcript", "transcripts", "word", "words", "punctuated_word", "token", "content",
    "value", "display", "displayText", "lexical", "itn", "maskedITN", "sentence", "utterance",
    "body", "caption", "full_transcript", "transcription",
})  # fmt: skip

#: A time, and no date.
_CLOCK = re.compile(r"[\d.]+s?")
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Root:
    """A known file in a parsed one: where, what, and the element of a list in which it stands."""

    path: tuple[Step, ...]
    tree: Json
    entry: Json = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """JSON text in a string: its object and key, what it says, and how many steps lead to it."""

    holder: Holder
    key: str
    tree: Json
    steps: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What a parsed file holds: known files of one dialect.

    path     the value under which they stand; () is the file itself
    roots    the files, one or more
    quoted   the string they stand in, as JSON text
    passed   elements of the list that hold no transcript
    """

    dialect: Dialect
    path: tuple[Step, ...]
    roots: tuple[Root, ...]
    quoted: Quoted | None = None
    passed: tuple[tuple[Step, ...], ...] = ()


class StrangerError(Exception):
    """An element of a list of responses that is none; ``path`` leads to it."""

    def __init__(self, path: tuple[Step, ...]) -> None:
        super().__init__(path)
        self.path = path


class Search:
    """A search for files of some dialects, the first that fits before others.

    timed  a list of words at the top counts only if they have times
    """

    def __init__(self, dialects: Sequence[Dialect], *, timed: bool = False) -> None:
        self._timed = timed
        self._special = [d for d in dialects if d.name not in _GENERIC]
        self._generic = [d for d in dialects if d.name in _GENERIC]
        self._left = _MOST
        self._within = 0

    def here(self, tree: Json, path: tuple[Step, ...] = ()) -> Opened | None:
        """What a value is by itself: a known file, or a list of them.

        Raises StrangerError for a list of which only some elements are known.
        """
        dialect = next((d for d in self._special if d.fits(tree)), None)
        if dialect is None and isinstance(tree, list):
            found = self._listed(tree, path)
            if found is not None:
                return found
        if dialect is None:
            dialect = next((d for d in self._generic if d.fits(tree)), None)
            words = dialect is not None and dialect.name == "words"  # segments have times
            if words and (path or self._timed) and not _timed(tree):
                return None
        return None if dialect is None else Opened(dialect, path, (Root(path, tree),))

    def inside(
        self, tree: Json, path: tuple[Step, ...] = (), depth: int = _DEEPEST
    ) -> Iterator[Opened]:
        """Known files under the keys and in the lists of a value, outer ones for those in them."""
        for step, held in _members(tree):
            self._left -= 1
            if self._left < 0:
                return
            at = (*path, step)
            value = _spoken(held) if isinstance(held, str) else held
            if not isinstance(value, (dict, list)) or not value:
                continue
            try:
                found = self.here(value, at)
            except StrangerError:
                found = None
            inner = [found] if found else self.inside(value, at, depth - 1) if depth > 1 else []
            for opened in inner:
                if not isinstance(held, str):
                    yield opened
                elif isinstance(tree, dict) and opened.quoted is None:
                    yield replace(opened, quoted=Quoted(tree, str(step), value, len(at)))

    def only(self, tree: Json, path: tuple[Step, ...] = ()) -> list[Opened]:
        """The known files inside a value; those without text do not count where there is text."""
        found = list(self.inside(tree, path))
        told = [o for o in found if any(has_text(root.tree) for root in o.roots)]
        if told or not has_text(tree):
            return told or found
        return [o for o in found if o.dialect in self._special]

    def _listed(self, tree: list[Json], path: tuple[Step, ...]) -> Opened | None:
        """A list of which each element holds a known file, or no transcript."""
        if self._within >= _LISTS:  # each list is looked through for itself and for what holds it
            return None
        self._within += 1
        try:
            return self._elements(tree, path)
        finally:
            self._within -= 1

    def _elements(self, tree: list[Json], path: tuple[Step, ...]) -> Opened | None:
        if not any(self._element(v, (*path, n)) for n, v in enumerate(tree[:_FIRST])):
            return None
        found: list[Opened] = []
        passed = []
        for n, value in enumerate(tree):
            self._left = _MOST
            opened = self._element(value, at := (*path, n))
            if opened is not None:
                found.append(opened)
            elif has_text(value):
                raise StrangerError(at)
            else:
                passed.append(at)
        kinds = {o.dialect.name: o.dialect for o in found}
        dialect = next((d for d in kinds.values() if all(_is(d, o) for o in found)), None)
        if dialect is None:
            other = next(o for o in found if o.dialect is not found[0].dialect)
            raise StrangerError(other.path[: len(path) + 1])
        roots = tuple(
            Root(o.roots[0].path, o.roots[0].tree, tree[int(o.path[len(path)])]) for o in found
        )
        return Opened(dialect, path, roots, passed=tuple(passed))

    def _element(self, value: Json, path: tuple[Step, ...]) -> Opened | None:
        """The one known file that an element of a list is or holds."""
        if isinstance(value, dict):
            if any(_is_time(value[key]) for key in TIMES if key in value):
                return None
        elif not isinstance(value, list) or any(isinstance(v, list) for v in value[:_FIRST]):
            return None
        opened = self.here(value, path)
        if opened is None:
            inner = self.only(value, path)
            opened = inner[0] if len(inner) == 1 else None
        if opened is None or opened.quoted is not None or len(opened.roots) != 1:
            return None
        silent = opened.dialect in self._generic and not has_text(value)
        return None if silent else opened


def _is(dialect: Dialect, opened: Opened) -> bool:
    """Whether what was found can be read as another dialect: one walk, or nothing in it."""
    if opened.dialect is dialect:
        return True
    tree = opened.roots[0].tree
    return dialect.fits(tree) and (opened.dialect.walk is dialect.walk or not has_text(tree))


def _is_time(value: Json) -> bool:
    return bool(_CLOCK.fullmatch(value)) if isinstance(value, str) else value is not None


def _members(tree: Json) -> Iterator[tuple[Step, Json]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if not (isinstance(value, list) and key in _ALTERNATIVES | _PIECES):
                yield key, value
    elif isinstance(tree, list):
        yield from enumerate(tree)


def _spoken(text: str) -> Json:
    """What JSON text in a string says; None where there is none."""
    if text[:1] not in {"{", "["}:
        return None
    try:
        return STRICT.decode(text)
    except (ValueError, RecursionError):
        return None


def _timed(tree: Json) -> bool:
    words: Json = tree.get(word_root(tree)) if isinstance(tree, dict) else tree
    keys = (*START, *PAIR)
    return bool(words) and is_dicts(words) and any(key in w for w in words[:50] for key in keys)


def speaker_named(tree: Json) -> tuple[Step, ...] | None:
    """Where something in a list names a speaker; None where nothing does."""
    waiting: list[tuple[Json, tuple[Step, ...]]] = [(tree, ())]
    while waiting:
        at, where = waiting.pop()
        listed = any(isinstance(step, int) for step in where)
        for step, value in at.items() if isinstance(at, dict) else enumerate(at):
            if listed and step in _WHO and value not in (None, "", 0):
                if isinstance(value, (str, int, dict)):
                    return (*where, step)
            elif isinstance(value, (dict, list)):
                waiting.append((value, (*where, step)))
    return None


def has_text(tree: Json) -> bool:
    """Whether anything that was said stands somewhere in a parsed file."""
    waiting = [tree]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            for key, value in at.items():
                if isinstance(value, (dict, list)):
                    waiting.append(value)
                elif isinstance(value, str) and key in _TEXT and value.strip():
                    return True
        elif isinstance(at, list):
            waiting += at
    return False


def json_path(path: Sequence[Step]) -> str:
    """A path as messages spell it.

    >>> json_path(["data", 0, "by file"])
    'data[0]["by file"]'
    """
    found = ""
    for step in path:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            found += f".{step}" if found else step
        else:
            found += f"[{json.dumps(step, ensure_ascii=False)}]"
    return found


def cut(path: Sequence[Step], name: str, jq: str = "jq", quoted: Quoted | None = None) -> str:
    """The command that cuts a value out of a file; ``quoted`` if it stands in JSON text.

    >>> cut(["data", 0], "talk.json")
    "jq '.data[0]' talk.json"
    """
    steps = [path] if quoted is None else [path[: quoted.steps], path[quoted.steps :]]
    spelled = [json_path(part) for part in steps]
    spelled = [part if part.startswith(".") else f".{part}" for part in spelled]
    program = " | fromjson | ".join(spelled).removesuffix(" | .")
    return jq_command(jq, program, name)


def jq_command(jq: str, program: str, name: str) -> str:
    """A call of jq over a file, as a shell takes it."""
    file = "" if name == show(STREAM) else f" {shlex.quote(name)}"
    return f"{jq} {shlex.quote(program)}{file}"
