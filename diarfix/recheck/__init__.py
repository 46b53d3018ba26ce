"""Recheck over a document: plan, embed, decide, smooth. Audio and models meet the labels here."""

from diarfix.recheck.centroids import Centroids, read_centroids
from diarfix.recheck.choice import Choice
from diarfix.recheck.listening import recheck

__all__ = ["Centroids", "Choice", "read_centroids", "recheck"]
