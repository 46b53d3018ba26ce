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
from diarfix.contacts.migrate import Migration, MigrationJob, migrate_store, plan_migration
from diarfix.contacts.plan import DECISIONS, Action, Plan, PlanRow
from diarfix.contacts.samples import SampleFolder, SampleOutcome

__all__ = [
    "DECISIONS",
    "FARTHEST",
    "MATCH_THRESHOLD",
    "Action",
    "Match",
    "Migration",
    "MigrationJob",
    "ModelChoice",
    "NamedModel",
    "Plan",
    "PlanRow",
    "SampleFolder",
    "SampleOutcome",
    "Voiceprint",
    "best_match",
    "compare_embeddings",
    "load_voiceprints",
    "migrate_store",
    "plan_migration",
]
