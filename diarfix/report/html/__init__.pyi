from diarfix.report.html.page import benchmark_page as benchmark_page
from diarfix.report.html.score import Compared as Compared
from diarfix.report.html.score import audio_url as audio_url
from diarfix.report.html.score import compared as compared
from diarfix.report.html.score import score_page as score_page
