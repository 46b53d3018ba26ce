"""Centroids of speakers, and cosines to them: a probe never meets a centroid that holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.core.voice.enrolment import Enrolment
from diarfix.core.words import F64, Bool

#: Cosines are rounded to this many digits, so that the order of a sum decides nothing.
_DIGITS = 6


@dataclass(frozen=True, eq=False, slots=True)
class Voices:
    """What is known of S speakers' voices.

    centroids  (S, D) float64, unit length; NaN for a speaker without
    probes     (P, S) float64, cosine of each probe to each centroid; to its own speaker's without
               the piece that the probe was cut from. NaN where one of the two has no vector
    """

    centroids: F64
    probes: F64

    @property
    def known(self) -> Bool:
        """(S,) bool: the speaker has a centroid."""
        return finite_rows(self.centroids)


def finite_rows(table: F64) -> Bool:
    """(W,) bool: the row of a table (W, D) holds numbers only."""
    return np.asarray(np.isfinite(table).all(axis=1))


def unit(vectors: F64) -> F64:
    """Rows (W, D) at unit length; NaN where a row is zero or not finite.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [nan, nan]]
    """
    rows = np.asarray(vectors, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        norm = np.linalg.norm(rows, axis=1, keepdims=True)
        good = np.isfinite(norm) & (norm > 0)
        return np.where(good, rows / np.where(good, norm, 1.0), np.nan)


def cosines(vectors: F64, centroids: F64) -> F64:
    """(W, S) cosines between unit rows (W, D) and (S, D); NaN where one is NaN."""
    # A product, not matmul: one NaN row must not reach the others through the BLAS.
    known, heard = finite_rows(centroids), finite_rows(vectors)
    found = np.full((len(vectors), len(centroids)), np.nan)
    found[np.ix_(heard, known)] = vectors[heard] @ centroids[known].T
    return np.asarray(np.round(found, _DIGITS))


def from_pieces(enrolment: Enrolment, pieces: F64, probes: F64, n_speakers: int) -> Voices:
    """Voices of ``n_speakers`` from vectors of the pieces (Q, D) and probes (P, D).

    A centroid is the mean of the unit vectors of two pieces at least, so that every probe can be
    tried against one that does not hold it.
    """
    rows, tries = unit(pieces), unit(probes)
    heard = finite_rows(rows)
    speaker = enrolment.pieces.speaker
    total = np.zeros((n_speakers, rows.shape[1]))
    np.add.at(total, speaker[heard], rows[heard])
    count = np.bincount(speaker[heard], minlength=n_speakers)
    centroids = np.where((count >= 2)[:, None], unit(total), np.nan)
    scores = cosines(tries, centroids)
    own, piece = enrolment.probes.speaker, enrolment.probes.piece
    inside = np.where(heard[piece, None], rows[piece], 0.0)
    without = np.where((count >= 2)[own, None], unit(total[own] - inside), np.nan)
    scores[np.arange(len(own)), own] = np.round((tries * without).sum(axis=1), _DIGITS)
    return Voices(centroids, scores)


def from_given(given: F64, probes: F64) -> Voices:
    """Voices from given centroids (S, D); whether they hold the probes (P, D) is not known."""
    centroids = unit(given)
    return Voices(centroids, cosines(unit(probes), centroids))
