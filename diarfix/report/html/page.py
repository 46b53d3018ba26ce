"""One HTML file that loads nothing: style, script and data inside, each allowed by its digest.

With the words that both pages use, and the page of a benchmark, which is no more than its data.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from string import Template
from typing import Any

from diarfix.metrics import frozen_names, on_pages
from diarfix.report.benchmark_text import interval_units
from diarfix.report.visible import one_line

#: What could end a script element or begin markup, what moves or hides text, and what is no
#: character at all (lone surrogates).
_UNSAFE = re.compile(
    "[<>&\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)

#: Kind of error -> (name for people, sketch of true and given speakers, one sentence).
KINDS: dict[str, tuple[str, tuple[str, str], str]] = {
    "island": (
        "Island",
        ("spoken    A A A A A", "labelled  A A B A A"),
        "A few words inside one person's sentence carry another name.",
    ),
    "seam": (
        "Seam",
        ("spoken    A A A B B", "labelled  A A B B B"),
        "Words beside a real change of speaker fell to the wrong side of it.",
    ),
    "absorption": (
        "Absorption",
        ("spoken    A A B A A", "labelled  A A A A A"),
        "A short turn of one to three words was swallowed by the speaker around it.",
    ),
    "turn": (
        "Turn",
        ("spoken    A B B B B A", "labelled  A A A A A A"),
        "A whole turn of four words or more was given to somebody else.",
    ),
    "confusion": (
        "Confusion",
        ("spoken    A A A A A A", "labelled  A B B B B A"),
        "A stretch inside one person's turn carries another name, and is no island.",
    ),
}

#: Why a word is not scored, by its number in ``LEFT_OUT``: of one word, and of several.
WHY_LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("", ""),
    ("it has no time", "without a time"),
    ("nobody speaks there in the reference", "where nobody speaks in the reference"),
    (
        "several people speak there in the reference",
        "where several people speak in the reference",
    ),
    ("the reference does not say whose it is", "whose speaker the reference does not name"),
)

#: Other words the pages use.
TERMS: dict[str, str] = {
    "reference": "Who really spoke when, as a person marked it. Everything is measured against it.",
    "off": "The labels as the diarizer gave them to the words, without repair: what every variant"
    " is compared with.",
    "repaired, broken": "Words that went from the wrong speaker to the right one, and from the"
    " right one to a wrong one.",
    "95 % interval": "Where the true change probably lies, found by drawing recordings again and"
    " again at random. An interval that spans zero (~) says the change may be chance.",
    "regression": "A recording that a variant made worse: its word speaker error rate by more than"
    " 5 %, or more islands, or a higher diarization error rate.",
}


def page(
    title: str, summary: str, body: str, scripts: Sequence[str], blocks: Mapping[str, object]
) -> str:
    """Put a page together.

    title    shown above the page and by the browser
    summary  one sentence for link previews, and for readers without scripts
    body     name of the file with the page's own markup, which holds no data
    scripts  names of the files with its code, in order
    blocks   element id -> JSON value that the code reads

    Whatever moves, hides or is no character in a text is spelled where a person reads it.
    """
    # One function around all files keeps their names to themselves.
    code = "\n".join(["(() => {", '"use strict";', *(_read(name) for name in scripts), "})();"])
    style = _read("page.css")
    # 'self' does not cover files next to a page that was opened as a file itself.
    policy = (
        f"default-src 'none'; script-src {_digest(code)}; style-src {_digest(style)};"
        " media-src 'self' file: blob:; base-uri 'none'; form-action 'none'"
    )
    data = "\n".join(
        f'<script type="application/json" id="{html.escape(name)}">{embedded(value)}</script>'
        for name, value in blocks.items()
    )
    return Template(_read("page.html")).substitute(
        title=html.escape(one_line(title)),
        summary=html.escape(summary),
        policy=policy,
        version=version("diarfix"),
        style=style,
        body=_read(body),
        blocks=data,
        script=code,
    )


def _seen(value: Any) -> Any:
    """A JSON value with all text in it as people are shown it."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {one_line(key): _seen(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_seen(item) for item in value]
    return value


def embedded(value: object) -> str:
    r"""JSON that is inert inside an HTML script element, its text as people are shown it.

    >>> embedded("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(_seen(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{found}'"


def metric_rows() -> dict[str, dict[str, str]]:
    """What a page must know to show the metrics, in its order: all else is figures."""
    return {
        row.name: {"title": row.title, "sentence": row.sentence, "shown": row.shown or ""}
        for row in on_pages()
    }


def benchmark_page(tree: Mapping[str, Any], notes: Sequence[str] = ()) -> str:
    """Make ``report.html`` of the content of ``results.json``.

    notes  what a reader must know first, such as a sample instead of the whole corpus
    """
    shown = {
        "settings": tree["settings"],
        "variants": tree["variants"],
        "files": [_slim(file) for file in tree["files"]],
        "datasets": tree["datasets"],
        "overall": tree["overall"],
        "errors": tree.get("errors", []),
        "notes": [*notes, *interval_units(tree)],
        "metrics": metric_rows(),
        "terms": TERMS,
    }
    scripts = ("common.js", "table.js", "charts.js", "benchmark.js", "benchmark_tables.js")
    summary = (
        f"{len(tree['files'])} recordings, {len(tree['variants'])} variants:"
        " words with the wrong speaker before and after."
    )
    return page("diarfix benchmark", summary, "benchmark.html", scripts, {"data": shown})


def _slim(file: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one recording that a baseline keeps too, and why it stands out."""
    keys = (*frozen_names(), "regression_reasons", "skipped")
    variants = {
        name: {key: m[key] for key in keys if key in m} for name, m in file["variants"].items()
    }
    return {key: file[key] for key in ("id", "dataset", "role")} | {"variants": variants}
