"""Errors of turn edges: they wobble, lean outwards, run into each other, and fall on a frame grid.

No function here adds, drops or relabels a turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diarfix.core.words import F64, TIME_EPS, Turns
from simulate.draws import (
    Range,
    Seed,
    generator,
    require_amount,
    require_range,
    require_share,
    uniform,
)

#: An edge moves into a turn by at most this share of its length, so that two edges never meet.
REACH = 0.45

Quantiles = tuple[float, float, float, float, float]
_AT = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class EdgeProfile:
    """Where a diarizer puts the edges of a turn, relative to its first and last word.

    start  least, quartiles, and largest of (turn start - start of first word), s
    end    the same of (turn end - end of last word), s
    """

    start: Quantiles
    end: Quantiles


#: The quartiles of pyannote 3.1 on eight AMI meetings (headset mix) against forced alignment; the
#: outermost values are cut where the tails become overlapped speech.
PYANNOTE_EDGES = EdgeProfile(
    start=(-0.80, -0.52, -0.04, 0.00, 0.10), end=(-0.15, -0.01, 0.10, 0.59, 0.90)
)
#: The same for a region proposal network: it starts earlier still, and its turns overlap more.
RPN_EDGES = EdgeProfile(
    start=(-0.95, -0.66, -0.13, -0.02, 0.05), end=(-0.05, 0.04, 0.14, 0.59, 0.90)
)


def jitter(turns: Turns, seed: Seed, *, sigma: float) -> Turns:
    """Move every edge by a normal draw.

    sigma  standard deviation, s

    Edges at one instant are one boundary between two speakers and move together, so turns that
    touched still touch. A move is cut at 45 % of the shortest turn it belongs to.
    """
    require_amount("sigma", sigma)
    if not sigma or not len(turns):
        return turns
    edge = np.append(turns.start, turns.end)
    boundary = _boundaries(edge)
    limit = np.full(int(boundary.max()) + 1, np.inf)
    np.minimum.at(limit, boundary, REACH * np.tile(turns.end - turns.start, 2))
    shift = np.clip(generator(seed).normal(0.0, sigma, len(limit)), -limit, limit)
    moved = edge + shift[boundary]
    return _with_edges(turns, moved[: len(turns)], moved[len(turns) :])


def _boundaries(edge: F64) -> NDArray[np.intp]:
    """Number the instants of ``edge``; times within 1 us of the one before are the same."""
    order = np.argsort(edge, kind="stable")
    opens = np.diff(edge[order], prepend=-np.inf) > TIME_EPS
    boundary = np.empty(len(edge), dtype=np.intp)
    boundary[order] = np.cumsum(opens) - 1
    return boundary


def shift_edges(
    turns: Turns, seed: Seed, *, rate: float, profile: EdgeProfile = PYANNOTE_EDGES
) -> Turns:
    """Move a share of the edges as a real diarizer does: starts early, ends late.

    rate     share of the edges that move
    profile  where they go; values between the quantiles are drawn evenly

    A move inwards is cut at 45 % of the turn, a move outwards at nothing but 0 s: neighbours come
    to overlap, as they do in real output.
    """
    require_share("rate", rate)
    if not rate or not len(turns):
        return turns
    rng = generator(seed)
    room = REACH * (turns.end - turns.start)
    moves = rng.random((2, len(turns))) < rate
    draw = rng.random((2, len(turns)))
    early = np.minimum(np.interp(draw[0], _AT, profile.start), room)
    late = np.maximum(np.interp(draw[1], _AT, profile.end), -room)
    return _with_edges(
        turns, turns.start + np.where(moves[0], early, 0), turns.end + np.where(moves[1], late, 0)
    )


def overlap_handovers(
    turns: Turns,
    seed: Seed,
    *,
    rate: float,
    duration: Range = (0.1, 0.8),
    max_gap: float = 0.5,
) -> Turns:
    """Let a share of the hand-overs run into each other.

    rate      share of the hand-overs that come to overlap
    duration  shortest and longest overlap, s
    max_gap   a longer silence between two turns is no hand-over, s

    Both turns meet the other half-way, neither by more than 45 % of the other. Turns that overlap
    already are left alone.
    """
    require_share("rate", rate)
    require_range("duration", duration)
    if not rate or len(turns) < 2:
        return turns
    rng = generator(seed)
    order = np.argsort(turns.start, kind="stable")
    start, end, speaker = turns.start[order], turns.end[order], turns.speaker[order]
    gap = start[1:] - end[:-1]
    handover = (speaker[1:] != speaker[:-1]) & (gap >= -TIME_EPS) & (gap <= max_gap)
    chosen = handover & (rng.random(len(gap)) < rate)
    amount = np.where(chosen, (uniform(rng, duration, len(gap)) + gap) / 2, 0.0)
    length = end - start
    new_start, new_end = turns.start.copy(), turns.end.copy()
    new_end[order[:-1]] += np.minimum(amount, gap + REACH * length[1:]) * chosen
    new_start[order[1:]] -= np.minimum(amount, gap + REACH * length[:-1]) * chosen
    return _with_edges(turns, new_start, new_end)


def quantise(turns: Turns, *, step: float) -> Turns:
    """Round every edge to a frame grid; a turn that would vanish keeps one frame.

    step  length of a frame, s (pyannote 3.1: 0.016875); below 1 us there is no grid
    """
    require_amount("step", step)
    if step < TIME_EPS:
        return turns
    first = np.rint(turns.start / step)
    # Frames are counted before they are multiplied: k * step + step is not always (k + 1) * step.
    stop = np.maximum(np.rint(turns.end / step), first + 1)
    return _with_edges(turns, first * step, stop * step)


def _with_edges(turns: Turns, start: F64, end: F64) -> Turns:
    return Turns(np.maximum(start, 0.0), end, turns.speaker, turns.speakers)
