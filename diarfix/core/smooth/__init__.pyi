from diarfix.core.smooth.evidence import MICRO as MICRO
from diarfix.core.smooth.evidence import sentence_ends as sentence_ends
from diarfix.core.smooth.method import Change as Change
from diarfix.core.smooth.method import Smoothed as Smoothed
from diarfix.core.smooth.method import smooth as smooth
from diarfix.core.smooth.path import Rows as Rows
