"""The embedding store: reading it, comparing its vectors, and moving it to another model."""

from diarfix.contacts.embedding import ModelChoice, NamedModel
from diarfix.contacts.matching import (
    FARTHEST,
    MATCH_THRESHOLD,
    Match,
    Voiceprint,
    best_match,
    compare_embeddings,
    load_voiceprints,
)
from diarfix.contacts.migrate import Job, Migration, migrate_store, plan_migration
from diarfix.contacts.plan import DECISIONS, Action, Plan, PlanRow
from diarfix.contacts.samples import Outcome, SampleFolder

__all__ = [
    "DECISIONS",
    "FARTHEST",
    "MATCH_THRESHOLD",
    "Action",
    "Job",
    "Match",
    "Migration",
    "ModelChoice",
    "NamedModel",
    "Outcome",
    "Plan",
    "PlanRow",
    "SampleFolder",
    "Voiceprint",
    "best_match",
    "compare_embeddings",
    "load_voiceprints",
    "migrate_store",
    "plan_migration",
]
