from diarfix.core.smooth.evidence import MICRO as MICRO
from diarfix.core.smooth.method import smooth as smooth
from diarfix.core.smooth.path import Rows as Rows
from diarfix.core.smooth.seams import sentence_ends as sentence_ends
from diarfix.core.smooth.smoothed import Change as Change
from diarfix.core.smooth.smoothed import Smoothed as Smoothed
