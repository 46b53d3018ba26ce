"""What the tests of the writers share: words in, recordings out."""

from diarfix.core.words import words_from_rows
from diarfix.formats.detect import TARGETS
from diarfix.formats.recordings import Recording, WriteOptions, placed


def recording(rows, *, name="talk", part="", channel=1):
    words = words_from_rows(rows)
    return Recording(name, part, channel, words, *placed(words))


def write(to, rows, **options):
    recordings = [recording(rows)] if not rows or isinstance(rows[0], tuple) else rows
    return TARGETS[to].write(recordings, WriteOptions(**options))


def talk(spec, *, length=0.25, pause=0.05, texts=None):
    """``"A3 B1"`` as rows: three words of A, then one of B."""
    rows, at = [], 0.0
    for run in spec.split():
        for _ in range(int(run[1:])):
            text = texts[len(rows)] if texts else f"word{len(rows)}"
            rows.append((text, round(at, 3), round(at + length, 3), run[0]))
            at += length + pause
    return rows
