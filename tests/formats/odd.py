"""JSON written as no program would write it, and where its values stand, without diarfix's code."""

import json
import re
from dataclasses import dataclass
from json.decoder import scanstring

GAPS = ["", "", "", " ", "  ", "\n    ", "\t", "\r\n", " \n"]
#: Numbers and strings that do not come back from json.dumps as they were.
LITERALS = [
    "-0", "-0.0", "1e-400", "0.10000", "1E400", "-1e999", "1e2", "0.1000000000000000055511151231",
    "123456789012345678901234567890", '"Infinity"', '"\\u0041\\/"', '"\\ud83d"', "[ ]", "true",
    '"\\"speaker\\": 1"', '"speaker"', '":"',
]  # fmt: skip
_HEADING = re.compile(r"\n+Speaker [^:\n]{1,9}: |\n\n")
_WORD = re.compile(r"[^\s,\[\]{}]+")


def written(value, rng, *, keys=False, more=True):
    """A tree as text, by a seeded random.Random.

    keys  keys are spelled with escapes too, not only strings
    more  members of odd value are put between the others
    """

    def gap():
        return rng.choice(GAPS)

    def item(inner):
        return gap() + write(inner) + gap()

    def member(key, text):
        return gap() + (_string(key, rng) if keys else json.dumps(key)) + gap() + ":" + text

    def write(node):
        if isinstance(node, list):
            return "[" + (",".join(map(item, node)) or gap()) + "]"
        if isinstance(node, dict):
            members = [member(k, item(v)) for k, v in node.items()]
            if more and node and rng.random() < 0.3:
                odd = member("zz", gap() + rng.choice(LITERALS) + gap())
                members.insert(rng.randint(0, len(members)), odd)
            return "{" + (",".join(members) or gap()) + "}"
        return _string(node, rng) if isinstance(node, str) else _scalar(node, rng)

    return rng.choice(["", "\ufeff"]) + item(value)


def _string(text, rng):
    if rng.random() < 0.7:
        return json.dumps(text, ensure_ascii=rng.random() < 0.5)
    return '"' + "".join(
        json.dumps(c)[1:-1] if rng.random() < 0.7 or ord(c) > 0xFFFF else f"\\u{ord(c):04X}"
        for c in text
    ) + '"'  # fmt: skip


def _scalar(value, rng):
    text = json.dumps(value)
    if type(value) is float and re.fullmatch(r"-?\d+\.\d+", text):
        return text + rng.choice(["", "0", "000000000000000000", "e0", "E+00"])
    return "-0" if text == "0" and rng.random() < 0.5 else text


@dataclass
class Member:
    """A member of an object: its key, and where its value stands."""

    key: str
    start: int
    end: int


@dataclass
class Node:
    """An object or a list: where it stands, what is in it, and whether it holds others."""

    start: int
    end: int
    members: list
    leaf: bool


def nodes(text):
    """Every object and list of a text, in the order in which they begin."""
    found = []

    def blank(at):
        return re.compile(r"[ \t\r\n]*").match(text, at).end()

    def value(at):
        if text[at] == '"':
            return scanstring(text, at + 1)[1]
        if text[at] not in "{[":
            return _WORD.match(text, at).end()
        node = Node(at, at, [], leaf=True)
        found.append(node)
        known = len(found)
        closing = "}" if text[at] == "{" else "]"
        at = blank(at + 1)
        while text[at] != closing:
            key = ""
            if closing == "}":
                key, at = scanstring(text, at + 1)
                at = blank(blank(at) + 1)
            end = value(at)
            node.members.append(Member(key, at, end))
            at = blank(end)
            at = blank(at + 1) if text[at] == "," else at
        node.end = at + 1
        node.leaf = len(found) == known
        return node.end

    value(blank(text.startswith("\ufeff")))
    return found


def blanked(text, slots, *, without=None):
    """The text with every value under a key of ``slots`` as 0, and the headings of Deepgram too.

    without  another text: members of ``slots`` that its objects lack, one for one, are left out
    """
    edits = []
    here = nodes(text)
    there = here if without is None else nodes(without)
    for node, other in zip(here, there, strict=True):
        known = [m.key for m in other.members]
        for i, member in enumerate(node.members):
            if member.key in slots and member.key not in known:
                edits.append((node.members[i - 1].end, member.end, ""))
            elif member.key in slots and text[member.start] != "{":
                edits.append((member.start, member.end, "0"))
            elif member.key == "transcript" and text[member.start] == '"':
                plain = json.loads(text[member.start : member.end])
                edits.append((member.start, member.end, json.dumps(_HEADING.sub("", plain))))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
