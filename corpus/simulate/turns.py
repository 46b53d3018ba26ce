"""Errors of whole turns: swallowed, flickering, given to the wrong speaker, merged, made exclusive.

No function here brings in a speaker that the turns do not have.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from diarfix.core.overlap import overlap_regions, pieces_by_speaker
from diarfix.core.words import F64, I32, Bool, Turns
from simulate.draws import (
    Range,
    Seed,
    generator,
    other_speakers,
    require_amount,
    require_range,
    require_share,
    uniform,
)

#: One turn while its neighbours are still changing: start, end (s), speaker code.
_Row = list[float]


def absorb(
    turns: Turns, seed: Seed, *, rate: float, max_duration: float = 1.0, max_gap: float = 0.5
) -> Turns:
    """Let the neighbour swallow a share of the short turns.

    rate          share of the short turns that vanish
    max_duration  longest turn that can be swallowed, s
    max_gap       a neighbour further away does not swallow, s

    If one other speaker stands on both sides, the three become one turn; else the longer neighbour
    is stretched over the place::

        before   AAAAAAA b AAAAAA        before   AAAAAAA b CC
        after    AAAAAAAAAAAAAAAA        after    AAAAAAAAA CC
    """
    require_share("rate", rate)
    if not rate:
        return turns
    order = np.argsort(turns.start, kind="stable")
    drawn = generator(seed).random(len(turns)) < rate
    rows = [
        [turns.start[i].item(), turns.end[i].item(), turns.speaker[i].item()]
        for i in order.tolist()
    ]
    kept: list[_Row] = []
    for place, (row, hit) in enumerate(zip(rows, drawn.tolist(), strict=True)):
        before = kept[-1] if kept else None
        after = rows[place + 1] if place + 1 < len(rows) else None
        short = row[1] - row[0] <= max_duration
        hosts = (
            [r for r in (before, after) if r and _hosts(r, row, max_gap)] if short and hit else []
        )
        if not hosts:
            kept.append(row)
        elif len(hosts) == 2 and hosts[0][2] == hosts[1][2]:
            kept.pop()
            hosts[1][0] = min(hosts[0][0], hosts[1][0])
            hosts[1][1] = max(hosts[0][1], hosts[1][1])
        else:
            host = max(hosts, key=lambda r: r[1] - r[0])
            host[0], host[1] = min(host[0], row[0]), max(host[1], row[1])
    return _from_rows(kept, turns)


def _hosts(host: _Row, row: _Row, max_gap: float) -> bool:
    gap = max(host[0] - row[1], row[0] - host[1])
    return host[2] != row[2] and gap <= max_gap


def flicker(
    turns: Turns,
    seed: Seed,
    *,
    per_minute: float,
    duration: Range = (0.15, 0.6),
    margin: float = 0.5,
) -> Turns:
    """Put short turns of a wrong speaker inside long ones.

    per_minute  expected number per minute of turns long enough to hold one
    duration    shortest and longest flicker, s
    margin      what is left of the turn on each side and between two, at least, s

    The turn is cut, so the flicker stands alone: ``AAAAAAAA`` becomes ``AAA b AAAA``.
    """
    require_amount("per_minute", per_minute)
    require_range("duration", duration)
    length = turns.end - turns.start
    room = np.maximum(length - 2 * margin - duration[1], 0.0)
    present = np.unique(turns.speaker)
    if not per_minute or len(present) < 2 or not room.any():
        return turns
    rng = generator(seed)
    n = int(rng.poisson(per_minute * length[room > 0].sum() / 60))
    edge = np.cumsum(room)
    host = np.minimum(
        np.searchsorted(edge, rng.random(n) * edge[-1], side="right"),
        int(np.flatnonzero(room)[-1]),
    )
    begin = turns.start[host] + margin + rng.random(n) * room[host]
    stop = begin + uniform(rng, duration, n)
    wrong = other_speakers(rng, turns.speaker[host], present)
    return _cut_in(turns, host, begin, stop, wrong, margin)


def confuse(turns: Turns, seed: Seed, *, rate: float, max_duration: float = math.inf) -> Turns:
    """Give a share of the turns, whole, to another speaker.

    rate          share of the turns that change speaker
    max_duration  longer turns are left alone, s
    """
    require_share("rate", rate)
    present = np.unique(turns.speaker)
    if not rate or len(present) < 2:
        return turns
    rng = generator(seed)
    chosen = (rng.random(len(turns)) < rate) & (turns.end - turns.start <= max_duration)
    speaker = turns.speaker.copy()
    speaker[chosen] = other_speakers(rng, turns.speaker, present)[chosen]
    return Turns(turns.start, turns.end, speaker, turns.speakers)


def confuse_stretches(
    turns: Turns, seed: Seed, *, per_minute: float, duration: Range = (1.0, 4.0)
) -> Turns:
    """Give stretches inside turns to another speaker: a flicker of several words.

    per_minute  expected number per minute of turns long enough to hold one
    duration    shortest and longest stretch, s
    """
    return flicker(turns, seed, per_minute=per_minute, duration=duration, margin=0.0)


def _cut_in(
    turns: Turns, host: NDArray[np.intp], begin: F64, stop: F64, speaker: I32, margin: float
) -> Turns:
    """Cut ``[begin, stop)`` (K,) out of the turn ``host`` (K,) each lies in, for ``speaker`` (K,).

    Of two cuts in one turn that leave less than ``margin`` between them only the earlier is made.
    """
    rows: list[_Row] = []
    order = np.lexsort((begin, host))
    first = np.searchsorted(host[order], np.arange(len(turns) + 1))
    for turn in range(len(turns)):
        at, owner = turns.start[turn].item(), turns.speaker[turn].item()
        for k in order[first[turn] : first[turn + 1]].tolist():
            if begin[k] < at + margin:
                continue
            rows += [
                [at, begin[k].item(), owner],
                [begin[k].item(), stop[k].item(), speaker[k].item()],
            ]
            at = stop[k].item()
        rows.append([at, turns.end[turn].item(), owner])
    return _from_rows(rows, turns)


def merge_pauses(turns: Turns, *, max_gap: float) -> Turns:
    """Join the turns of each speaker over short silences, whoever speaks in them.

    max_gap  longest silence that is closed, s (pyannote calls it ``min_duration_off``)
    """
    require_amount("max_gap", max_gap)
    if not max_gap:
        return turns
    rows = [
        [start, end, code]
        for code, pieces in enumerate(pieces_by_speaker(turns, gap=max_gap))
        for start, end in zip(pieces.start.tolist(), pieces.end.tolist(), strict=True)
    ]
    return _from_rows(rows, turns)


def drop_overlap(turns: Turns, seed: Seed, *, rate: float = 1.0) -> Turns:
    """Leave one speaker only in a share of the stretches where several have a turn.

    rate  share of the stretches; 1 makes the output exclusive

    The longest turn there wins (of equal ones, the one that stands first), so a listener's "yeah"
    inside it vanishes, as it does in the exclusive output of real diarizers.
    """
    require_share("rate", rate)
    regions = overlap_regions(turns)
    if not rate or not len(regions.start):
        return turns
    dropped = generator(seed).random(len(regions.start)) < rate
    edge = np.unique(np.append(turns.start, turns.end))
    middle = (edge[:-1] + edge[1:]) / 2
    region = np.searchsorted(regions.start, middle, side="right") - 1
    contested = (region >= 0) & (middle < regions.end[region]) & dropped[region]
    first, stop = np.searchsorted(edge, turns.start), np.searchsorted(edge, turns.end)
    winner = np.full(len(middle), -1, dtype=np.int32)
    for turn in np.lexsort((-np.arange(len(turns)), turns.end - turns.start)).tolist():
        winner[first[turn] : stop[turn]] = turns.speaker[turn]
    rows: list[_Row] = []
    for turn in range(len(turns)):
        cells = slice(int(first[turn]), int(stop[turn]))
        keep = ~contested[cells] | (winner[cells] == turns.speaker[turn])
        for a, b in _stretches(keep):
            bounds = edge[first[turn] + a].item(), edge[first[turn] + b].item()
            rows.append([*bounds, turns.speaker[turn].item()])
    return _from_rows(rows, turns)


def _stretches(keep: Bool) -> list[tuple[int, int]]:
    """The maximal ranges ``[a, b)`` in which ``keep`` is true."""
    change = np.flatnonzero(np.diff(keep.astype(np.int8), prepend=0, append=0))
    return list(zip(change[::2].tolist(), change[1::2].tolist(), strict=True))


def _from_rows(rows: list[_Row], turns: Turns) -> Turns:
    """Turns in order of their start, under the speakers of ``turns``."""
    rows.sort(key=lambda row: row[0])
    return Turns(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.float64),
        np.array([int(row[2]) for row in rows], dtype=np.int32),
        turns.speakers,
    )
