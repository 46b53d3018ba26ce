"""How far voices can be trusted on one recording, measured on words whose speaker is not in doubt.

A *probe* is a short window of known speaker. Its cosines to the centroids say what a word of that
length would have been told: nothing if its label were right and the voice keeps it, a false move if
the voice takes it away, a true move if its label were wrong and the voice brings it back. From that
follow, for each class of window length, the margin by which another voice must win, and a
likelihood ratio for the label path. docs/recheck.md explains the statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core.voice.voices import finite_rows
from diarfix.core.words import F64, I32, I64, Bool

#: One-sided 95 % quantile of the normal distribution: precision must be shown, not just seen.
_Z = 1.6448536269514722

#: Margins are tried in steps of this cosine.
STEP = 0.005

#: A speaker with fewer probes is judged by those of all speakers.
_FEW = 8

#: With fewer probes (of a class) nothing can be said.
FEWEST = 20

#: A logistic distribution of unit variance has this rate: its tails are heavier than the normal's.
_LOGISTIC = np.pi / np.sqrt(3.0)


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """What probes of one length class showed, for S speakers.

    n        probes that were heard
    offset   (S,) mean cosine to each centroid over the speakers' probes: what is subtracted so
             that no voice is favoured for lying nearer to everybody
    weight   nats per unit of corrected cosine, 0 if the voices tell nothing
    cap      nats that one window may be worth at most
    false    (n,) strength of the voice against a label that is right, -inf where it has none
    source   (n,) true speakers
    back     (B,) strength against a label that is wrong, ``right`` (B,) whether towards the truth,
             ``share`` (B,) what each counts
    mean, spread, count  (S,) of the corrected lead that the best other voice has over the true one
    """

    n: int
    offset: F64
    weight: float
    cap: float
    false: F64
    source: I32
    back: F64
    right: Bool
    share: F64
    mean: F64
    spread: F64
    count: I64

    def counts(self, margin: float) -> tuple[float, float]:
        """Moves that would be right and wrong at even odds between a right and a wrong label."""
        true = float(self.share[self.right & (self.back >= margin)].sum())
        wrong = float((self.false >= margin).sum())
        return true, wrong + float(self.share[~self.right & (self.back >= margin)].sum())

    def false_rate(self, margin: float) -> F64:
        """(S,) share of rightly labelled words of each speaker that would be moved away.

        The larger of the share seen and a logistic tail fitted to the leads: few probes cannot
        show a small rate, and a small rate is what many candidates need.
        """
        taken = np.bincount(self.source[self.false >= margin], minlength=len(self.mean))
        own = np.bincount(self.source, minlength=len(self.mean))
        few = own < _FEW
        seen = np.where(few, taken.sum() / max(self.n, 1), taken / np.maximum(own, 1))
        z = (margin - self.mean) / (self.spread * np.sqrt(1.0 + 1.0 / np.maximum(self.count, 1)))
        tail = 1.0 / (1.0 + np.exp(np.clip(_LOGISTIC * z, -50.0, 50.0)))
        return np.asarray(np.maximum(seen, tail))


@dataclass(frozen=True, slots=True)
class Precision:
    """What probes show of a margin, at even odds between a right and a wrong label.

    n      moves there would be, right or wrong
    share  of them that is right, 0 without moves
    low    as much of it as is shown with 95 % confidence: the lower end of a confidence interval
    """

    n: int
    share: float
    low: float


def precision_at(measured: Sequence[Calibration], margin: float) -> Precision:
    """Count the moves on the probes of some length classes together."""
    counts = [one.counts(margin) for one in measured]
    right, wrong = (sum(column) for column in zip(*counts, strict=True))
    n = right + wrong
    return Precision(round(n), right / n if n else 0.0, wilson_low(right, n))


def wilson_low(right: float, n: float) -> float:
    """Lower end of the one-sided 95 % Wilson interval of a share (Wilson 1927); 0 for nothing.

    >>> round(wilson_low(60, 60), 3), round(wilson_low(95, 100), 2)
    (0.957, 0.9)
    """
    if n <= 0:
        return 0.0
    share = right / n
    middle = share + _Z**2 / (2 * n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return float((middle - half) / (1 + _Z**2 / n))


def least_to_show(precision: float) -> int:
    """Right moves, none of them wrong, that show a precision below 1.

    >>> least_to_show(0.95)
    52
    """
    return int(np.ceil(_Z**2 * precision / (1.0 - precision)))


def strength(scores: F64, present: I32, offset: F64, least: float) -> tuple[F64, I64]:
    """How strongly the nearest voice speaks against present labels.

    scores   (W, S) cosines, NaN where there is none
    present  (W,) codes
    least    cosine by which the nearest must lead

    Returns (W,) its lead, corrected by ``offset`` (S,), and (W,) the nearest; -inf where the
    present label is the nearest, leads by less than ``least``, or cannot be compared.
    """
    rows = np.arange(len(scores))
    nearest = np.argmax(np.where(np.isnan(scores), -np.inf, scores), axis=1)
    own = scores[rows, present]
    lead = scores[rows, nearest] - own
    with np.errstate(invalid="ignore"):
        counts = (lead >= least - 1e-9) & (nearest != present) & np.isfinite(own)
    corrected = lead - offset[nearest] + offset[present]
    return np.where(counts, np.round(corrected, 6), -np.inf), nearest


def calibrate(scores: F64, speaker: I32, least: float) -> Calibration:
    """Measure on the probes of one length class.

    scores   (P, S) cosines, see :class:`~diarfix.core.voice.voices.Voices`
    speaker  (P,) codes of who speaks
    least    ``acoustic_cosine_margin``
    """
    known: Bool = np.asarray(np.isfinite(scores).any(axis=0))
    usable = finite_rows(scores[:, known]) & known[speaker]
    scores, speaker = scores[usable], speaker[usable]
    n = len(scores)
    offset = _offset(scores, speaker, known)
    false, _ = strength(scores, speaker, offset, least)
    back, right = [np.empty(0)], [np.empty(0, dtype=np.bool_)]
    for wrong in np.flatnonzero(known).tolist():
        rows = speaker != wrong
        claim = np.full(int(rows.sum()), wrong, dtype=np.int32)
        against, nearest = strength(scores[rows], claim, offset, least)
        back.append(against)
        right.append(nearest == speaker[rows])
    joined = np.concatenate(back)
    mean, spread, count = _leads(scores, speaker, offset, known)
    others = max(int(known.sum()) - 1, 1)
    return Calibration(
        n=n,
        offset=offset,
        weight=_weight(scores[:, known] - offset[known], _ranks(known)[speaker]),
        cap=float(np.log(n + 1.0)),
        false=false,
        source=speaker,
        back=joined,
        right=np.concatenate(right),
        share=np.full(len(joined), 1.0 / others),
        mean=mean,
        spread=spread,
        count=count,
    )


def _ranks(known: Bool) -> I64:
    return np.cumsum(known).astype(np.int64) - 1


def _offset(scores: F64, speaker: I32, known: Bool) -> F64:
    """Mean cosine to each centroid, every speaker's probes counting as much."""
    means = [scores[speaker == k].mean(axis=0) for k in np.unique(speaker).tolist()]
    found = np.zeros(len(known))
    if means:
        found[known] = np.mean(means, axis=0)[known]
    return np.asarray(np.round(found, 6))


def _leads(scores: F64, speaker: I32, offset: F64, known: Bool) -> tuple[F64, F64, I64]:
    """Mean, standard deviation and count per speaker of the best other voice's corrected lead."""
    n, n_speakers = scores.shape
    mean, spread = np.zeros(n_speakers), np.ones(n_speakers)
    count = np.zeros(n_speakers, dtype=np.int64)
    if n < 2 or known.sum() < 2:
        return mean, spread, count
    corrected = np.where(np.isnan(scores), -np.inf, scores - offset)
    rows = np.arange(n)
    own = corrected[rows, speaker]
    corrected[rows, speaker] = -np.inf
    lead = corrected.max(axis=1) - own
    for k in range(n_speakers):
        mine = lead[speaker == k]
        sample = mine if len(mine) >= _FEW else lead
        mean[k], spread[k], count[k] = sample.mean(), sample.std(ddof=1), len(sample)
    return mean, np.maximum(spread, 1e-3), count


def _weight(corrected: F64, speaker: I64) -> float:
    """The weight of a softmax over corrected cosines (P, S) that makes ``speaker`` (P,) likeliest.

    One parameter, convex, by bisection; 0 where the voices tell nothing. Targets are softened by
    one part in P + 2 (Platt 1999), so that voices told apart without error do not get an endless
    weight.
    """
    n, n_speakers = corrected.shape
    if n < FEWEST or n_speakers < 2:
        return 0.0
    soft = 1.0 / (n + 2)
    target = np.full((n, n_speakers), soft / (n_speakers - 1))
    target[np.arange(n), speaker] = 1.0 - soft
    wanted = float((target * corrected).sum())

    def excess(weight: float) -> float:
        nats = weight * corrected
        odds = np.exp(nats - nats.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return float((odds * corrected).sum()) - wanted

    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return round(low, 3)
