"""``--fail-if`` and ``--baseline``: what must hold for exit code 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diarfix.cli.console import Messages
from diarfix.cli.options import GateOptions
from diarfix.errors import GateFailed, UsageError
from diarfix.metrics import Condition, MetricChange, parse_condition, parse_tolerance


def conditions(options: GateOptions) -> list[Condition]:
    """What ``--fail-if`` says. Raises UsageError for this and for what lacks its ``--baseline``."""
    for name, given in (
        ("tolerance", options.tolerance is not None),
        ("gate-all", options.gate_all),
    ):
        if given and options.baseline is None:
            raise UsageError(f"--{name} goes with --baseline")
    parse_tolerance(options.tolerance)  # before anything is read
    return [parse_condition(text) for text in options.fail_if or []]


def check_gates(
    gates: Sequence[Condition],
    metrics: Mapping[str, object],
    changed: Sequence[MetricChange],
    say: Messages,
    *,
    failures: Iterable[str] = (),
) -> None:
    """Tell every gate that failed, or in one line that all held.

    metrics   what the gates may name
    changed   what was compared with a baseline
    failures  what failed beside these
    """
    told = [*failures, *(g.failure(metrics[g.name]) for g in gates), *(c.failure for c in changed)]
    failed = [why for why in told if why is not None]
    for why in failed:
        say.error(GateFailed(f"gate failed: {why}"))
    held = [f"{g.name} is {metrics[g.name]:.6g} (gate {g})" for g in gates if not failed]
    if changed and not failed:
        gated = sum(change.gated for change in changed)
        held.append(f"none of {gated} gated figures is worse than in the baseline")
    if held:
        say.say(f"gates held: {'; '.join(held)}")
