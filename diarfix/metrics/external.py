"""What is measured by other people's packages, and what becomes of their failures.

They are imported inside the functions: they belong to the extra ``metrics`` and take long to load.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from diarfix.core import Turns
from diarfix.errors import DiarfixError, MissingDependency
from diarfix.metrics.counts import NotMeasured
from diarfix.metrics.der import DerCounts
from diarfix.metrics.sweep import Uem, regions

_INSTALL = "pip install 'diarfix[metrics]'"


@contextlib.contextmanager
def outside(package: str) -> Iterator[None]:
    """Turn whatever a package raises in the block into NotMeasured."""
    try:
        yield
    except DiarfixError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise NotMeasured(f"{package} failed: {said}") from error


def missing_package(what: str, package: str, reason: ImportError) -> MissingDependency:
    """What is said where ``package`` is not installed."""
    return MissingDependency(f"{what} needs {package} ({reason})", hint=_INSTALL)


def require(*, cpwer: bool, cross_check: bool) -> None:
    """Raise MissingDependency if a package that these options need cannot be imported."""
    wanted = [("--cpwer", "meeteval")] * cpwer + [
        ("--cross-check", "pyannote.metrics")
    ] * cross_check
    for option, package in wanted:
        try:
            importlib.import_module(package)
        except ImportError as reason:
            raise missing_package(option, package, reason) from reason


def pyannote_der(
    ref: Turns,
    hyp: Turns,
    *,
    collar_half_width: float = 0.0,
    skip_overlap: bool = False,
    uem: Uem | None = None,
    no_map: bool = False,
) -> DerCounts:
    """Measure DER by pyannote.metrics, on the turns as they are and the extent that ``der`` uses.

    collar_half_width  s, on each side; pyannote's own argument is the full width
    no_map             speakers are who they are called: what pyannote calls identification

    It differs from :func:`diarfix.metrics.der.der` by design in two places: pyannote maps speakers
    after collar and overlap are removed, and counts a speaker who overlaps himself twice.

    Raises MissingDependency without pyannote.metrics, NotMeasured where it fails.
    """
    try:
        from pyannote.core import Annotation, Segment, Timeline
        from pyannote.metrics.diarization import DiarizationErrorRate
        from pyannote.metrics.identification import IdentificationErrorRate
    except ImportError as reason:
        raise missing_package("--cross-check", "pyannote.metrics", reason) from reason

    def annotation(turns: Turns) -> Any:
        result = Annotation(uri="recording")
        rows = zip(turns.start.tolist(), turns.end.tolist(), turns.speaker.tolist(), strict=True)
        for track, (start, end, code) in enumerate(rows):
            result[Segment(start, end), track] = (
                str(turns.speakers[code]).strip() if no_map else f"S{code}"
            )
        return result

    starts, ends = regions(ref, hyp, uem)
    scored = Timeline(
        [Segment(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    ).support()
    if not scored:
        return DerCounts.zero()
    kind = IdentificationErrorRate if no_map else DiarizationErrorRate
    with outside("pyannote.metrics"):
        metric = kind(collar=2 * collar_half_width, skip_overlap=skip_overlap)
        parts = metric(annotation(ref), annotation(hyp), uem=scored, detailed=True)
    return DerCounts(
        scored=float(parts["total"]),
        missed=float(parts["missed detection"]),
        false_alarm=float(parts["false alarm"]),
        confusion=float(parts["confusion"]),
    )
