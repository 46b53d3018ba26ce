"""The knobs: one frozen dataclass per concern, each field with its unit, range and reason.

A default stands here and nowhere else: the command line, the settings files, the environment and
the documentation all read it from these fields.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class KnobSpec:
    """What is known of one knob.

    name     the key in files, and the option with hyphens
    kind     bool, int or float
    default  the value when nobody sets it
    unit     "s", "words", "nats", ... or ""
    help     one sentence
    low, high  the allowed range, ends included unless ``open_low``
    env      an environment name of another tool that is honoured too, or None
    group    the field of :class:`Settings` that holds it, "" for Settings itself
    """

    name: str
    kind: type
    default: bool | int | float
    unit: str
    help: str
    low: float
    high: float
    open_low: bool
    env: str | None
    group: str

    @property
    def range(self) -> str:
        """The allowed values, as a person writes them."""
        if self.kind is bool:
            return "true | false"
        if math.isinf(self.high):
            return f"{'>' if self.open_low else '>='} {self.low:g}"
        return f"{self.low:g} ... {self.high:g}"

    def allows(self, value: float) -> bool:
        """Whether a value of the right type lies in the range."""
        if self.kind is bool:
            return True
        above = value > self.low if self.open_low else value >= self.low
        return above and value <= self.high and math.isfinite(value)


def setting(
    default: bool | float,
    help: str,  # noqa: A002 - the word every command-line library uses
    *,
    unit: str = "",
    low: float = 0.0,
    high: float = math.inf,
    open_low: bool = False,
    env: str | None = None,
) -> Any:
    """Declare a knob as a dataclass field."""
    meta = {"unit": unit, "help": help, "low": low, "high": high, "open_low": open_low, "env": env}
    return field(default=default, metadata=meta)


def smooths(
    function: str, *takes: Literal["turns", "heard", "margin", "settings"]
) -> dict[str, object]:
    """The row of a smoothing method, kept with the field that bears its name and holds its knobs.

    function, takes  see :class:`~diarfix.config.choices.Method`
    """
    return {"function": function, "takes": takes}


_ENGINE = "ENGINE_BOUNDARY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesKnobs:
    """When the published rule collapses an island."""

    max_island_words: int = setting(
        3, "longest island that collapses", unit="words", low=1, env=_ENGINE + "MAX_ISLAND_WORDS"
    )
    max_island_duration: float = setting(
        1.5,
        "longest island that collapses",
        unit="s",
        open_low=True,
        env=_ENGINE + "MAX_ISLAND_DURATION",
    )
    min_flank_words: int = setting(
        3,
        "shortest flank that swallows an island",
        unit="words",
        low=1,
        env=_ENGINE + "MIN_FLANK_WORDS",
    )
    min_silent_gap: float = setting(
        0.4,
        "a seam with more silence than this protects the island",
        unit="s",
        env=_ENGINE + "MIN_SILENT_GAP",
    )
    margin_threshold: float = setting(
        0.0,
        "above 0, islands of any number of words collapse if every word's overlap margin is at"
        " most this",
        unit="s",
        env=_ENGINE + "MARGIN_THRESHOLD",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViterbiKnobs:
    """Costs and weights of the label path (docs/method.md says what each was chosen on)."""

    change_cost: float = setting(
        5.25,
        "cost of a change of speaker inside a sentence, after a comma too",
        unit="nats",
        high=1000,
    )
    sentence_end_cost: float = setting(
        0.6, "cost of a change after a sentence end", unit="nats", high=1000
    )
    pause_share: float = setting(
        0.05, "part of the cost that is left where the speakers change in a pause", high=1
    )
    pause_scale: float = setting(
        0.03, "silence that takes the cost most of the way there", unit="s", low=0.001
    )
    pause_offset: float = setting(
        0.15,
        "at most this much silence between words counts as the recogniser's habit, not as a pause",
        unit="s",
    )
    full_word: float = setting(
        0.5, "words of this length or longer have full weight", unit="s", low=0.001
    )
    coverage_floor: float = setting(
        0.03,
        "how credible a speaker is whose turns miss the word, against one whose turns cover it",
        low=0.001,
        high=1,
    )
    depth_weight: float = setting(
        1.75, "where turns overlap: worth of standing deep inside a turn", unit="nats", high=1000
    )
    depth_scale: float = setting(
        0.275, "distance from a turn's edge that is deep enough", unit="s", low=0.001
    )
    talk_weight: float = setting(
        0.2, "where turns overlap: worth of talking e times as much in all", unit="nats", high=1000
    )
    brevity_weight: float = setting(
        0.35, "where turns overlap: worth of a turn e times as short", unit="nats", high=1000
    )
    brevity_shortest: float = setting(
        1.5, "turns shorter than this count as this long", unit="s", low=0.001
    )
    brevity_longest: float = setting(
        15.0, "turns longer than this count as this long", unit="s", low=0.001
    )
    opinion_weight: float = setting(
        0.6, "of several diarizers: worth of what one says, as a share", low=0.05, high=10
    )
    opinion_brief_weight: float = setting(
        1.5, "of several diarizers: by how much more a very short turn counts", high=100
    )
    opinion_brief: float = setting(
        3.0, "of several diarizers: turns several times as long count as any", unit="s", low=0.001
    )
    opinion_overlap_weight: float = setting(
        0.7, "of several diarizers: worth of one's turns where they overlap, as a share", high=10
    )
    label_weight: float = setting(
        3.0, "without turns: worth of the label that a word carries", unit="nats", high=1000
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedKnobs:
    """What the learned path adds to the costs and weights of the label path."""

    learned_weight: float = setting(
        0.35,
        "with turns: worth of what was learned of words beside what they say, as a share",
        high=10,
    )
    learned_change_weight: float = setting(
        1.0,
        "with turns: worth of what was learned of changes beside what they cost, as a share",
        high=10,
    )
    opinion_edge_weight: float = setting(
        2.0,
        "of several diarizers: by how much more it counts where speakers begin and end",
        high=10,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckKnobs:
    """Which words are heard again, and when the voice moves one."""

    acoustic_cosine_margin: float = setting(
        0.05,
        "least cosine by which another speaker must win",
        high=1,
        env=_ENGINE + "ACOUSTIC_COSINE_MARGIN",
    )
    acoustic_max_word_dur: float = setting(
        1.0,
        "longest word that is heard again",
        unit="s",
        low=0.1,
        high=5,
        env=_ENGINE + "ACOUSTIC_MAX_WORD_DUR",
    )
    acoustic_pad: float = setting(0.10, "longest extension of a window on each side", unit="s")
    acoustic_disputed_margin: float = setting(
        0.05, "a word with an overlap margin of at most this is disputed", unit="s"
    )
    acoustic_min_word_dur: float = setting(
        0.3, "below this length the voice alone never decides", unit="s"
    )
    acoustic_precision: float = setting(
        0.95,
        "precision that moves must reach on the recording's own undisputed words",
        low=0.5,
        high=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All knobs of one run; those of a method stand in the field of its name."""

    smoothing_enabled: bool = setting(
        True, "repair labels; off leaves them as assigned", env=_ENGINE + "SMOOTHING_ENABLED"
    )
    acoustic_recheck_enabled: bool = setting(
        False,
        "library pipeline only: hear doubtful words again (needs audio)",
        env=_ENGINE + "ACOUSTIC_RECHECK_ENABLED",
    )
    rules: RulesKnobs = field(
        default=RulesKnobs(),
        metadata=smooths("diarfix.core.smooth.rules:collapse_islands", "margin"),
    )
    viterbi: ViterbiKnobs = field(
        default=ViterbiKnobs(),
        metadata=smooths("diarfix.core.smooth.viterbi:viterbi", "turns", "heard"),
    )
    learned: LearnedKnobs = field(
        default=LearnedKnobs(),
        metadata=smooths("diarfix.core.smooth.learned:learned", "turns", "heard", "settings"),
    )
    recheck: RecheckKnobs = RecheckKnobs()

    def flat(self) -> dict[str, bool | int | float]:
        """Every knob by name."""
        return {
            name: getattr(getattr(self, spec.group) if spec.group else self, name)
            for name, spec in knob_specs().items()
        }

    def replace(self, values: Mapping[str, bool | float]) -> Settings:
        """Return settings with some knobs changed, by name. Raises KeyError on an unknown one."""
        by_group: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            by_group.setdefault(knob_specs()[name].group, {})[name] = value
        changed: dict[str, Any] = by_group.pop("", {})
        for group, part in by_group.items():
            changed[group] = dataclasses.replace(getattr(self, group), **part)
        return dataclasses.replace(self, **changed)


#: What holds the knobs of each group, as nobody has changed them.
_GROUPS: dict[str, Any] = {"": Settings()} | {
    f.name: f.default for f in dataclasses.fields(Settings) if "help" not in f.metadata
}
_SPECS: dict[str, KnobSpec] = {
    f.name: KnobSpec(f.name, type(value), value, group=group, **f.metadata)
    for group, knobs in _GROUPS.items()
    for f in dataclasses.fields(knobs)
    if "help" in f.metadata and (value := getattr(knobs, f.name)) is not None
}


def knob_specs() -> Mapping[str, KnobSpec]:
    """All knobs by name, in the order in which they are shown."""
    return _SPECS


def knob_names(group: str) -> tuple[str, ...]:
    """The names of one group's knobs."""
    return tuple(name for name, spec in _SPECS.items() if spec.group == group)
