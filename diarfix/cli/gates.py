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
    """Tell every gate that failed.

    metrics   what the gates may name
    changed   what was compared with a baseline
    failures  what failed beside these
    """
    told = [*failures, *(g.failure(metrics[g.name]) for g in gates), *(c.failure for c in changed)]
    for why in filter(None, told):
        say.error(GateFailed(f"gate failed: {why}"))
