"""What is chosen by name: methods, embedders and variants, a row each, which everything reads.

A row names its functions as ``module:name``. They are imported when they are first called, so that
names can be listed and checked before anything heavy loads.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from diarfix.config.knobs import Settings
from diarfix.errors import unknown

#: Where a model runs; "auto" takes CUDA where the installed packages offer it.
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Method:
    """A way to smooth the labels of one recording; its row is a field of ``Settings``.

    name      its name, and that of its knobs among the settings
    function  takes the words, ``knobs=``, ``pinned=`` and what the row says that it ``takes``;
              returns :class:`~diarfix.core.smooth.method.Smoothed`
    takes     more of the arguments of :func:`~diarfix.core.smooth.method.smooth`
    """

    name: str
    function: str
    takes: tuple[Literal["turns", "heard", "margin", "settings"], ...]

    @property
    def by_turns(self) -> bool:
        """Whether it goes by turns where any are known, and not by the labels present."""
        return "turns" in self.takes

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of knobs that it goes by: its own, and those of the path it builds on."""
        return (self.name, "viterbi") if "settings" in self.takes else (self.name,)


METHODS: Mapping[str, Method] = {
    f.name: Method(f.name, **f.metadata)
    for f in dataclasses.fields(Settings)
    if "function" in f.metadata
}
DEFAULT_METHOD = "viterbi"


@dataclass(frozen=True, slots=True)
class EmbedderKind:
    """What runs a model that turns audio into voices.

    digest  gives the SHA-256 that tags its vectors, and does not load the model
    load    gives the embedder
    """

    digest: str
    load: str


EMBEDDERS: Mapping[str, EmbedderKind] = {
    "onnx": EmbedderKind("diarfix.embed.onnx:onnx_digest", "diarfix.embed.onnx:load_onnx"),
    "wespeaker": EmbedderKind(
        "diarfix.embed.torch_wespeaker:wespeaker_digest",
        "diarfix.embed.torch_wespeaker:load_wespeaker",
    ),
}
DEFAULT_EMBEDDER = "onnx"


@dataclass(frozen=True, slots=True)
class VariantKind:
    """A way to label.

    groups  groups of knobs that matter to it
    method  smooths; None: the method of the settings, or nothing does where no knob matters
    blind   smooths without the turns that the labels are from
    hears   hears doubtful words again before it smooths
    """

    name: str
    groups: tuple[str, ...] = ()
    method: str | None = None
    blind: bool = False
    hears: bool = False


BASE = "off"
DEFAULT_VARIANTS = (BASE, *METHODS)

#: Every kind by name; a method that goes by turns is also tried without.
VARIANTS: Mapping[str, VariantKind] = {
    kind.name: kind
    for kind in (
        VariantKind(BASE),
        *(VariantKind(m.name, ("", *m.groups), m.name) for m in METHODS.values()),
        *(
            VariantKind(f"{m.name}-labels", ("", *m.groups), m.name, blind=True)
            for m in METHODS.values()
            if m.by_turns
        ),
        VariantKind("recheck", ("", "recheck", *METHODS), hears=True),
    )
}


def find_method(name: str) -> Method:
    """The method of a name. Raises UsageError if there is none."""
    if name not in METHODS:
        raise unknown("method", name, METHODS)
    return METHODS[name]


def find_embedder(name: str) -> EmbedderKind:
    """The embedder of a name. Raises UsageError if there is none."""
    if name not in EMBEDDERS:
        raise unknown("embedder", name, EMBEDDERS)
    return EMBEDDERS[name]


def imported(function: str) -> Any:
    """The function that a row names."""
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)
