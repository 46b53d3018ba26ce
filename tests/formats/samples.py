"""The samples of formats, read, and written with other labels."""

import json
from pathlib import Path

from diarfix.core.words import encode
from diarfix.formats.document import read_document

DATA = Path(__file__).parent / "data"


def sample(name):
    """A sample by its name, ``.json`` where it has no suffix."""
    file = DATA / (name if "." in name else f"{name}.json")
    return read_document(file.read_text(encoding="utf-8"), name)


def relabelled(document, labels):
    """The words of a document with other labels."""
    return document.words.with_speaker(*encode(labels))


def after(document, moves, segments="keep"):
    """The tree that is written when some labels of a document, or of a sample, have moved.

    moves  position of a word -> its new label, or the labels of all words
    """
    document = sample(document) if isinstance(document, str) else document
    labels = list(document.words.labels) if isinstance(moves, dict) else moves
    for i, label in moves.items() if isinstance(moves, dict) else ():
        labels[i] = label
    return json.loads(document.render(relabelled(document, labels), segments=segments))
