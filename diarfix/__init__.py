"""diarfix: repair word-level speaker labels after diarization."""
