"""Who is asked, and which seconds belong to a word alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.config import RecheckKnobs
from diarfix.core.overlap import overlap_regions
from diarfix.core.voice.plan import find_candidates, windows
from diarfix.core.words import turns_from_rows, words_from_rows

KNOBS = RecheckKnobs()


def test_who_is_asked():
    """Disputed words, overlapped words and words beside a seam, if timed, labelled and short."""
    words = words_from_rows(
        [
            ("far", 0.0, 0.4, "A"),
            ("disputed", 0.5, 0.9, "A"),
            ("far", 1.0, 1.4, "A"),
            ("overlapped", 1.5, 1.9, "A"),
            ("far", 2.0, 2.4, "A"),
            ("seam", 2.5, 2.9, "A"),
            ("lost", None, None, "A"),
            ("nobody's", 2.95, 2.99, None),
            ("long", 3.0, 4.5, "B"),
            ("far", 4.6, 4.9, "B"),
        ]
    )
    margin = np.array([0.4, 0.05, 0.4, 0.4, 0.4, 0.4, np.nan, 0.0, 1.5, 0.3])
    overlapped = overlap_regions(turns_from_rows([(0, 1.6, "A"), (1.55, 9, "B")]))
    candidate, clean = find_candidates(words, margin, overlapped, KNOBS)
    assert np.flatnonzero(candidate).tolist() == [1, 3, 5]
    assert np.flatnonzero(clean).tolist() == [0, 2, 4, 9]
    candidate, _ = find_candidates(words, None, None, KNOBS)
    assert np.flatnonzero(candidate).tolist() == [5]


word_rows = st.lists(
    st.tuples(
        st.floats(-0.3, 0.6), st.floats(0, 1.2), st.sampled_from(["A", "B", None]), st.booleans()
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(word_rows, st.floats(0, 0.5))
def test_windows_hold_the_word_and_nobody_else(rows, pad):
    """A window reaches at most ``pad`` past its word, and never into another speaker's word."""
    at, table = 0.5, []
    for gap, length, label, timed in rows:
        at = max(at + gap, 0.0)
        table.append(("w", at, at + length, label) if timed else ("w", None, None, label))
        at += length
    words = words_from_rows(table)
    candidate, clean = find_candidates(words, None, None, KNOBS)
    index = np.flatnonzero(candidate).astype(np.int64)
    start, end = windows(words, clean, index, pad)
    own_start, own_end = words.start[index], words.end[index]
    assert (start <= own_start).all()
    assert (end >= own_end).all()
    assert (start >= own_start - pad - 1e-9).all()
    assert (end <= own_end + pad + 1e-9).all()
    for row, i in enumerate(index.tolist()):
        for j in np.flatnonzero(words.timed).tolist():
            same = words.speaker[j] == words.speaker[i] and clean[j]
            if j == i or same:
                continue
            for a, b in ((start[row], own_start[row]), (own_end[row], end[row])):
                reach = min(b, words.end[j]) - max(a, words.start[j])
                assert reach <= 1e-9, (i, j)
