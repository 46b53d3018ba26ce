"""Self-contained HTML pages that show a score or a benchmark to a person."""

from diarfix.report.html.benchmark import benchmark_page
from diarfix.report.html.data import Compared, compared
from diarfix.report.html.score import audio_url, score_page

__all__ = ["Compared", "audio_url", "benchmark_page", "compared", "score_page"]
