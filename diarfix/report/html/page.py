"""One HTML file that loads nothing: style, script and data inside, each allowed by its digest."""

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

#: What could end a script element, begin markup, or is no character at all (lone surrogates).
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def page(
    title: str, summary: str, body: str, scripts: Sequence[str], blocks: Mapping[str, object]
) -> str:
    """Put a page together.

    title    shown above the page and by the browser
    summary  one sentence for link previews, and for readers without scripts
    body     name of the file with the page's own markup, which holds no data
    scripts  names of the files with its code, in order
    blocks   element id -> JSON value that the code reads
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
        title=html.escape(title.encode("utf-8", "replace").decode()),
        summary=html.escape(summary),
        policy=policy,
        version=version("diarfix"),
        style=style,
        body=_read(body),
        blocks=data,
        script=code,
    )


def embedded(value: object) -> str:
    r"""JSON that is inert inside an HTML script element.

    >>> embedded("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{found}'"
