"""How far voices can be trusted on one recording, measured on words whose speaker is not in doubt.

A *probe* is a short window of known speaker. Its cosines to the centroids say what a word of that
length would have been told: nothing if its label were right and the voice keeps it, a false move if
the voice takes it away, a true move if its label were wrong and the voice brings it back. From that
follow, for each class of window length, the margin by which another voice must win, and a
likelihood ratio for the label path. docs/recheck.md explains the statistics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from diarfix.core.voice.enrolment import finite_rows
from diarfix.core.words import F64, I64, Bool

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


class Leads(NamedTuple):
    """How W windows stand to K voices, and to those of their present labels.

    present  (W,) int64, place of the present speaker among the voices, -1 for one without
    own      (W,) float64, cosine to that speaker's, NaN where there is none
    nearest  (W,) int64, place of the nearest voice
    best     (W,) float64, cosine to it
    """

    present: I64
    own: F64
    nearest: I64
    best: F64

    def strength(self, offset: F64, least: float) -> F64:
        """How strongly (W,) the nearest voice speaks against the present label: by its lead,
        corrected by ``offset`` (K,). -inf where the label is the nearest, leads by less than
        ``least``, or cannot be compared.
        """
        padded = np.append(offset, 0.0)
        lead = self.best - self.own
        corrected = lead - padded[self.nearest] + padded[self.present]
        counts = (lead >= least - 1e-9) & (self.nearest != self.present)
        return np.where(counts, np.round(corrected, 6), -np.inf)


def leads(scores: F64, present: I64) -> Leads:
    """Compare the cosines (W, K) of windows, NaN for those without vector, to the present (W,)."""
    if not scores.shape[1]:
        scores = np.full((len(scores), 1), np.nan)
    rows, nearest = np.arange(len(scores)), scores.argmax(axis=1)
    own = np.where(present >= 0, scores[rows, present], np.nan)
    return Leads(present, own, nearest, scores[rows, nearest])


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """What probes of one length class showed of K voices.

    n        probes that were heard
    offset   (K,) mean cosine to each centroid over the speakers' probes: what is subtracted so
             that no voice is favoured for lying nearer to everybody
    weight   nats per unit of corrected cosine, 0 if the voices tell nothing
    cap      nats that one window may be worth at most
    false    (n,) strength of the voice against a label that is right, -inf where it has none
    source   (n,) places of the true speakers
    back     (B,) strength against a label that is wrong, ``right`` (B,) whether towards the truth
    share    what each of these counts
    mean, width  (K,) of the corrected lead that the best other voice has over the true one
    """

    n: int
    offset: F64
    weight: float
    cap: float
    false: F64
    source: I64
    back: F64
    right: Bool
    share: float
    mean: F64
    width: F64

    def counts(self, margin: float) -> tuple[float, float]:
        """Moves that would be right and wrong at even odds between a right and a wrong label."""
        moved = self.back >= margin
        right, lost = (moved & self.right).sum(), (self.false >= margin).sum()
        return float(right * self.share), float(lost + (moved.sum() - right) * self.share)

    def false_rate(self, margin: float) -> F64:
        """(K,) share of rightly labelled words of each speaker that would be moved away.

        The larger of the share seen and a logistic tail fitted to the leads: few probes cannot
        show a small rate, and a small rate is what many candidates need.
        """
        taken = np.bincount(self.source[self.false >= margin], minlength=len(self.mean))
        own = np.bincount(self.source, minlength=len(self.mean))
        few = own < _FEW
        seen = np.where(few, taken.sum() / max(self.n, 1), taken / np.maximum(own, 1))
        z = (margin - self.mean) / self.width
        tail = 1.0 / (1.0 + np.exp(np.clip(_LOGISTIC * z, -50.0, 50.0)))
        return np.asarray(np.maximum(seen, tail))


class Precision(NamedTuple):
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


def least_to_show(precision: float) -> float:
    """Right moves, none of them wrong, that show a precision; no number shows a precision of 1.

    >>> least_to_show(0.95)
    52
    """
    return math.inf if precision >= 1.0 else math.ceil(_Z**2 * precision / (1.0 - precision))


def calibrate(scores: F64, speaker: I64, least: float) -> Calibration:
    """Measure on the probes of one length class.

    scores   (P, K) cosines, see :class:`~diarfix.core.voice.enrolment.Voices`
    speaker  (P,) places of who speaks among the voices, -1 for one without
    least    ``acoustic_cosine_margin``
    """
    usable = finite_rows(scores) & (speaker >= 0)
    scores, speaker = scores[usable], speaker[usable]
    n, n_voices = scores.shape
    means = [scores[speaker == k].mean(axis=0) for k in np.unique(speaker).tolist()]
    # Every speaker's probes count as much.
    offset = np.asarray(np.mean(means, axis=0) if means else np.zeros(n_voices)).round(6)
    true = leads(scores, speaker)
    back, right = [np.empty(0)], [np.empty(0, dtype=np.bool_)]
    for claim in range(n_voices):
        claimed = Leads(np.full(n, claim), scores[:, claim], true.nearest, true.best)
        force = claimed.strength(offset, least)
        moves = (speaker != claim) & (force > -np.inf)
        back.append(force[moves])
        right.append((true.nearest == speaker)[moves])
    mean, width = _best_others(scores - offset, speaker)
    return Calibration(
        n=n,
        offset=offset,
        weight=_weight(scores - offset, speaker),
        cap=float(np.log(n + 1.0)),
        false=true.strength(offset, least),
        source=speaker,
        back=np.concatenate(back),
        right=np.concatenate(right),
        share=1.0 / max(n_voices - 1, 1),
        mean=mean,
        width=width,
    )


def _best_others(corrected: F64, speaker: I64) -> tuple[F64, F64]:
    """Mean and width (K,) of the best other voice's corrected lead, by true speaker.

    The width is the deviation of a further one from the mean of those that there are.
    """
    n, n_voices = corrected.shape
    if n < 2 or n_voices < 2:
        return np.zeros(n_voices), np.full(n_voices, np.sqrt(2.0))
    own = (np.arange(n), speaker)
    others = corrected.copy()
    others[own] = -np.inf
    lead = others.max(axis=1) - corrected[own]
    mine = [lead[speaker == k] for k in range(n_voices)]
    samples = [some if len(some) >= _FEW else lead for some in mine]
    spread = np.maximum([some.std(ddof=1) for some in samples], 1e-3)
    width = spread * np.sqrt(1.0 + 1.0 / np.array([len(some) for some in samples]))
    return np.array([some.mean() for some in samples]), width


def _weight(corrected: F64, speaker: I64) -> float:
    """The weight of a softmax over corrected cosines (P, K) that makes ``speaker`` (P,) likeliest.

    One parameter, convex, by bisection; 0 where the voices tell nothing. Targets are softened by
    one part in P + 2 (Platt 1999), so that voices told apart without error do not get an endless
    weight.
    """
    n, n_voices = corrected.shape
    if n < FEWEST or n_voices < 2:
        return 0.0
    soft = 1.0 / (n + 2)
    target = np.full((n, n_voices), soft / (n_voices - 1))
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
