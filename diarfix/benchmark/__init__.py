"""Many recordings, several variants: paired results that prove or refute a change."""
