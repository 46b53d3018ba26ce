"""Every file format, read or written: one row each."""

from __future__ import annotations

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.json import DIALECTS
from diarfix.formats.json.pyannote import PYANNOTE
from diarfix.formats.text.ass import ASS
from diarfix.formats.text.ctm import CTM
from diarfix.formats.text.elan import ELAN
from diarfix.formats.text.plain import TXT
from diarfix.formats.text.prose import HTML, MARKDOWN
from diarfix.formats.text.rttm import RTTM, UEM
from diarfix.formats.text.stm import STM
from diarfix.formats.text.subtitles import SRT, VTT
from diarfix.formats.text.textgrid import TEXTGRID

#: In the order in which help and reports name them.
FORMATS: tuple[FileFormat, ...] = (
    SRT, VTT, ASS, TXT, MARKDOWN, HTML, TEXTGRID, ELAN, RTTM, UEM, CTM, STM, *DIALECTS, PYANNOTE,
)  # fmt: skip

#: What ``convert`` writes, by name.
TARGETS: dict[str, Target] = {row.name: row.target for row in FORMATS if row.target is not None}
