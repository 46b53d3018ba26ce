"""Stands in for wespeaker where it is not installed; like the real one, it cannot be imported."""

raise ImportError("wespeaker itself must never be imported, only its models")
