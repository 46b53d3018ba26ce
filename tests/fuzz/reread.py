"""Strict readers of what convert writes for people and annotation tools, without diarfix's code."""

import html.parser
import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import markdown_it


def need(what, message):
    if not what:
        raise ValueError(message)


# --- Advanced SubStation Alpha -----------------------------------------------------------------


def read_ass(text):
    """``(styles, events)``: style name -> fields by name, and events as fields by name."""
    sections, rows = {}, None
    for line in text.split("\n"):
        if line.startswith("["):
            rows = sections.setdefault(line, [])
        elif line:
            rows.append(line.split(": ", 1))
    need(list(sections) == ["[Script Info]", "[V4+ Styles]", "[Events]"], "sections")
    info = dict(row if len(row) == 2 else (row[0].removesuffix(":"), "")
                for row in sections["[Script Info]"])  # fmt: skip
    need(info["ScriptType"] == "v4.00+", "script type")
    (_, columns), *styles = sections["[V4+ Styles]"]
    columns = columns.split(", ")
    found = {}
    for kind, row in styles:
        fields = row.split(",")
        need(kind == "Style" and len(fields) == len(columns), f"style {row!r}")
        need(fields[0] == fields[0].strip().lstrip("*") != "", f"name {row!r}")
        need(fields[0] not in found, f"style twice: {row!r}")
        found[fields[0]] = dict(zip(columns, fields, strict=True))
    (_, columns), *events = sections["[Events]"]
    columns = columns.split(", ")
    lines = []
    for kind, row in events:
        event = dict(zip(columns, row.split(",", len(columns) - 1), strict=True))
        need(kind == "Dialogue" and event["Style"] in found, f"event {row!r}")
        need(not re.search(r"[{}]|\\(?!N|\u2060)", event["Text"]), f"commands in {row!r}")
        event["Start"], event["End"] = map(_seconds, (event["Start"], event["End"]))
        event["Lines"] = [
            part.replace("\\\u2060", "\\").replace("｛", "{").replace("｝", "}")
            for part in event["Text"].split("\\N")
        ]
        lines.append(event)
    for a, b in itertools.pairwise(lines):
        need(a["Start"] < a["End"] <= b["Start"], "cues overlap")
    return found, lines


def _seconds(clock):
    hours, minutes, rest = re.fullmatch(r"(\d+):(\d\d):(\d\d\.\d\d)", clock).groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


# --- Praat -------------------------------------------------------------------------------------

_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<!\S)(?:(-?\d+(?:\.\d+)?)|(<\w+>))(?!\S)')


def read_textgrid(text):
    """``{tier: [(start, end, text)]}``, silences left out; as Praat reads: values, in order.

    Whatever is no string in quotes, no number that stands by itself and no flag is passed over.
    """
    values = iter(
        [
            m[1].replace('""', '"') if m[1] is not None else m[3] or float(m[2])
            for m in _TOKEN.finditer(text)
        ]
    )
    need([next(values), next(values)] == ["ooTextFile", "TextGrid"], "header")
    xmin, xmax = next(values), next(values)
    need(xmin == 0 < xmax and next(values) == "<exists>", "extent")
    found = {}
    for _ in range(int(next(values))):
        kind, name = next(values), next(values)
        need(kind == "IntervalTier" and name not in found, f"tier {name!r}")
        need((next(values), next(values)) == (xmin, xmax), "extent of a tier")
        clock, rows = 0, []
        for _ in range(int(next(values))):
            start, end, said = next(values), next(values), next(values)
            need(start == clock < end, f"interval {start} {end}")
            clock = end
            rows.append((start, end, said))
        need(clock == xmax, "a tier ends early")
        found[name] = [row for row in rows if row[2]]
    need(next(values, None) is None, "more than was announced")
    return found


# --- ELAN --------------------------------------------------------------------------------------


def read_eaf(text):
    """``{tier: (participant, parent, [(start, end, text)])}``, times in s."""
    root = ET.fromstring(text.encode())
    need(root.tag == "ANNOTATION_DOCUMENT", "root")
    need({"AUTHOR", "DATE", "VERSION", "FORMAT"} <= root.attrib.keys(), "attributes of the root")
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
    tags = [child.tag for child in root]
    need(tags == sorted(tags, key=order.index), "order of elements")
    need(root.find("HEADER").get("TIME_UNITS") == "milliseconds", "unit")
    slots = {s.get("TIME_SLOT_ID"): int(s.get("TIME_VALUE")) for s in root.iter("TIME_SLOT")}
    need(len(slots) == sum(1 for _ in root.iter("TIME_SLOT")), "slot ids")
    need(list(slots.values()) == sorted(slots.values()), "order of slots")
    stereotypes = {c.get("STEREOTYPE") for c in root.iter("CONSTRAINT")}
    kinds = {t.get("LINGUISTIC_TYPE_ID"): t for t in root.iter("LINGUISTIC_TYPE")}
    ids = [a.get("ANNOTATION_ID") for a in root.iter("ALIGNABLE_ANNOTATION")]
    need(len(set(ids)) == len(ids), "annotation ids")
    used = [a.get(f"TIME_SLOT_REF{n}") for a in root.iter("ALIGNABLE_ANNOTATION") for n in (1, 2)]
    need(sorted(used) == sorted(slots), "slots that nobody or several refer to")
    found = {}
    for tier in root.iter("TIER"):
        name, parent = tier.get("TIER_ID"), tier.get("PARENT_REF")
        need(name not in found, f"tier {name!r}")
        kind = kinds[tier.get("LINGUISTIC_TYPE_REF")]
        need(kind.get("TIME_ALIGNABLE") == "true", "type")
        need((kind.get("CONSTRAINTS") in stereotypes) == (parent is not None), "constraint")
        rows = []
        for a in tier.findall("ANNOTATION/ALIGNABLE_ANNOTATION"):
            start, end = (slots[a.get(f"TIME_SLOT_REF{n}")] for n in (1, 2))
            need(start < end and (not rows or rows[-1][1] <= start), "annotations overlap")
            rows.append((start, end, a.find("ANNOTATION_VALUE").text or ""))
        if parent is not None:
            wholes = found[parent][2]
            inside = all(any(a <= s and e <= b for a, b, _ in wholes) for s, e, _ in rows)
            need(inside, "a word outside its turn")
        found[name] = (tier.get("PARTICIPANT"), parent, rows)
    return found


# --- prose -------------------------------------------------------------------------------------


@dataclass
class Prose:
    """A document: its headings, and ``(name or "", text)`` of each paragraph."""

    title: str = ""
    headings: list = field(default_factory=list)
    paragraphs: list = field(default_factory=list)

    def speakers(self):
        """Who says each paragraph: the name stands at the first of a turn."""
        names = [name for name, _ in self.paragraphs]
        return list(itertools.accumulate(names, lambda last, name: name or last))


def read_html(text):
    reader = _Html()
    reader.feed(text)
    reader.close()
    need(not reader.open, f"left open: {reader.open}")
    return reader.prose


class _Html(html.parser.HTMLParser):
    tags = frozenset({"html", "head", "meta", "title", "body", "h1", "p", "b", "bdi"})

    def __init__(self):
        super().__init__()
        self.open, self.prose, self.name, self.text = [], Prose(), "", ""

    def handle_starttag(self, tag, attrs):
        need(tag in self.tags, f"element {tag}")
        need({key for key, _ in attrs} <= {"dir", "http-equiv", "content"}, f"attributes {attrs}")
        if tag != "meta":
            self.open.append(tag)
        if tag in {"title", "h1", "p"}:
            self.name, self.text = "", ""

    def handle_endtag(self, tag):
        need(self.open.pop() == tag, f"element {tag}")
        if tag == "title":
            self.prose.title = self.text
        elif tag == "h1":
            self.prose.headings.append(self.text)
        elif tag == "p":
            text = self.text[1:] if self.name else self.text
            self.prose.paragraphs.append((self.name, text.strip(" ")))

    def handle_data(self, data):
        if "b" in self.open:
            self.name += data
        else:
            self.text += data

    def handle_comment(self, data):
        need(False, f"comment {data!r}")

    def handle_pi(self, data):
        need(False, f"instruction {data!r}")


def read_markdown(text):
    """As CommonMark, with tables and struck words, which many readers know."""
    found = Prose()
    tokens = iter(
        markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    )
    for token in tokens:
        inline = next(tokens)
        need(token.type in {"heading_open", "paragraph_open"}, f"block {token.type}")
        need(inline.type == "inline", f"block {inline.type}")
        need(next(tokens).type.endswith("_close"), "block in a block")
        name, said, strong = "", "", False
        for child in inline.children:
            if child.type in {"strong_open", "strong_close"}:
                need(child.type == "strong_close" or not (said or name), "bold inside a text")
                strong = child.type == "strong_open"
            else:
                need(child.type in {"text", "text_special"}, f"markup {child.type}")
                name, said = (
                    (name + child.content, said) if strong else (name, said + child.content)
                )
        if token.type == "heading_open":
            need(not name, "bold heading")
            found.headings.append(said)
        else:
            found.paragraphs.append((name.removesuffix(":"), said.strip(" ")))
    found.title = ", ".join(found.headings)
    return found
