"""Advanced SubStation Alpha: subtitles in which every speaker has a colour."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import legible, told_apart

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Colours of the speakers in the order in which they speak, then again from the first: those that
#: broadcasters use, then each as far as can be from all before it (OKLab, at least 0.1), all of
#: contrast 7 or more to their black outline.
COLOURS = (
    "FFFFFF", "FFFF00", "00FFFF", "00FF00", "FF2DFF", "FF691E", "7896FF", "69A55A",
    "FFA5F0", "F0C378", "B49696", "FF5AA5", "87E187", "00B4C3", "B4D2FF", "C378E1",
    "00C300", "C39600", "FF9696", "D2FFB4", "A5C3A5", "D2D200", "B4A5E1", "A5FF5A",
)  # fmt: skip

#: The style of who has no name: every renderer knows it.
_PLAIN = "Default"
#: Longest name of a style, characters.
_NAME = 200

# Outline and margins are in the pixels of PlayRes; 42 columns of this size fill three quarters.
_HEAD = """\
[Script Info]
Title: {title}
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
{styles}
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_STYLE = (
    "Style: {name},Arial,64,&H00{colour},&H00{colour},&H00000000,&H80000000,"
    "0,0,0,0,100,100,0,0,1,3,1,2,80,80,60,1\n"
)

#: What follows a backslash must not make a command of it; a word joiner is not seen.
_JOINER = "\u2060"
_BRACES = str.maketrans("{}", "｛｝")


def write_ass(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """Cues as in SubRip, each in its speaker's style and with the name in its own field.

    Braces, in which commands stand, become full-width ones: not every player knows a way to write
    them. A comma in a name, which would end the field, becomes a semicolon.
    """
    from diarfix.formats.text.cues import cues_of  # loaded by who writes cues

    cues = cues_of(recordings, names=options.names, every_cue=options.every_cue)
    labels = dict.fromkeys(
        (type(cue.label), cue.label) for cue in cues if cue.label is not None
    )  # in the order in which they speak
    names = told_apart((label for _, label in labels), _style_name)
    colours = {names[key]: c for key, c in zip(labels, itertools.cycle(COLOURS), strict=False)}
    rows = {_PLAIN: COLOURS[0]} | colours
    styles = (_STYLE.format(name=name, colour=_bgr(colour)) for name, colour in rows.items())
    title = legible(recordings[0].id) if recordings else ""
    lines = [_HEAD.format(title=title, styles="".join(styles))]
    for cue in cues:
        name = names.get((type(cue.label), cue.label), "")
        text = r"\N".join(map(_escape, cue.lines))
        times = f"{_clock(cue.start)},{_clock(cue.end)}"
        actor = name if options.names else ""
        lines.append(f"Dialogue: 0,{times},{name or _PLAIN},{actor},0,0,0,,{text}\n")
    return "".join(lines)


def _style_name(label: str) -> str:
    # Renderers drop stars before a style's name.
    name = legible(label).replace(",", ";").lstrip("* ")[:_NAME].rstrip() or "_"
    return f"{name}_" if name.lower() == _PLAIN.lower() else name


def _escape(text: str) -> str:
    return legible(text).replace("\\", "\\" + _JOINER).translate(_BRACES)


def _bgr(colour: str) -> str:
    return colour[4:] + colour[2:4] + colour[:2]


def _clock(seconds: float) -> str:
    total = round(seconds * 100)
    minutes, rest = divmod(total, 6000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"


ASS = FileFormat(
    "ass", "Advanced SubStation Alpha subtitles",
    target=Target(write_ass, ".ass", heeds=frozenset({"names", "every_cue"}), alone=True),
)  # fmt: skip
