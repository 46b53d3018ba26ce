"""What the figures and the kinds of error mean, for a person who meets them for the first time."""

from __future__ import annotations

from diarfix.metrics import on_pages


def metric_rows() -> dict[str, dict[str, str]]:
    """What a page must know to show the metrics, in its order: all else is figures."""
    return {
        row.name: {"title": row.title, "sentence": row.sentence, "shown": row.shown or ""}
        for row in on_pages()
    }


#: Kind of error -> (name for people, sketch of true and given speakers, one sentence).
KINDS: dict[str, tuple[str, str, str]] = {
    "island": (
        "Island",
        "spoken    A A A A A\nlabelled  A A B A A",
        "A few words inside one person's sentence carry another name.",
    ),
    "seam": (
        "Seam",
        "spoken    A A A B B\nlabelled  A A B B B",
        "Words beside a real change of speaker fell to the wrong side of it.",
    ),
    "absorption": (
        "Absorption",
        "spoken    A A B A A\nlabelled  A A A A A",
        "A short turn of one to three words was swallowed by the speaker around it.",
    ),
    "turn": (
        "Turn",
        "spoken    A B B B B A\nlabelled  A A A A A A",
        "A whole turn of four words or more was given to somebody else.",
    ),
    "confusion": (
        "Confusion",
        "spoken    A A A A A A\nlabelled  A B B B B A",
        "A stretch inside one person's turn carries another name, and is no island.",
    ),
}

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
