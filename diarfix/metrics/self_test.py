"""Prove that the gates can fail: score pairs known to be bad, and see whether each gate says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diarfix.core import Words, turns_from_rows, words_from_rows
from diarfix.metrics.gates import Tolerance, parse_condition, regressions
from diarfix.metrics.pair import ScoreSettings
from diarfix.metrics.recording import RecordingScore, compare
from diarfix.metrics.run import ScoreTask, score_task
from diarfix.metrics.sides import Side
from diarfix.metrics.word_turns import words_to_turns

_REF = turns_from_rows([(0.0, 10.0, "Ann"), (10.0, 20.0, "Ben"), (20.0, 30.0, "Ann")])


def _side(words: Words) -> Side:
    return Side("bad", words, words_to_turns(words))


def _spoken(labels: str) -> Side:
    """One word a second, labelled by the letters of ``labels``; a space is a word without label."""
    rows = [
        (f"w{i}", float(i), i + 0.9, None if label == " " else label)
        for i, label in enumerate(labels)
    ]
    return _side(words_from_rows(rows))


_GOOD = "A" * 10 + "B" * 10 + "A" * 10
_BAD = "A" * 4 + "B" + "A" * 8 + "B" * 4 + "A" * 10 + "B" * 3


@dataclass(frozen=True, slots=True)
class _Case:
    what: str
    fails: Callable[[], bool]


def _score(hyp: Side) -> RecordingScore:
    return compare("bad", Side("bad", None, _REF), hyp).score


def _gate_fails(gate: str, hyp: Side) -> bool:
    condition = parse_condition(gate)
    return condition.failure(_score(hyp).metrics()[condition.name]) is not None


def _nothing(hyp: Side) -> bool:
    ref = Side("bad", None, _REF)
    task = ScoreTask(name="bad", ref=ref, hyp=hyp, uem=None, options=ScoreSettings())
    return score_task(task).error is not None


def _baseline_fails() -> bool:
    good, bad = _score(_spoken(_GOOD)).metrics(), _score(_spoken(_BAD)).metrics()
    return bool(regressions(good, bad, Tolerance())) and not regressions(bad, good, Tolerance())


def _vanished_fails() -> bool:
    good = _score(_spoken(_GOOD)).metrics()
    return bool(regressions(good, {**good, "wser": None}, Tolerance(1.0, 1.0)))


_CASES = (
    _Case("wser>0.05 on 13 wrong words of 30", lambda: _gate_fails("wser>0.05", _spoken(_BAD))),
    _Case("a perfect pair passes it", lambda: not _gate_fails("wser>0.05", _spoken(_GOOD))),
    _Case("islands>0 on a planted island", lambda: _gate_fails("islands>0", _spoken(_BAD))),
    _Case("der>0.1 on the same pair", lambda: _gate_fails("der>0.1", _spoken(_BAD))),
    _Case("cpwer>1 when cpWER was not measured", lambda: _gate_fails("cpwer>1", _spoken(_GOOD))),
    _Case("an empty hypothesis", lambda: _nothing(_side(words_from_rows([])))),
    _Case("a hypothesis without labels", lambda: _nothing(_spoken(" " * 30))),
    _Case("a baseline that was better", _baseline_fails),
    _Case("a baseline metric that vanished", _vanished_fails),
)


def known_bad() -> list[str]:
    """One line per case that behaves as it must."""
    return [f"ok      {case.what}" for case in _CASES if case.fails()]


def failures() -> list[str]:
    """The cases in which a gate does not say no; empty unless diarfix is broken."""
    return [case.what for case in _CASES if not case.fails()]
