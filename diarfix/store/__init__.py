"""The embedding store: reading it, comparing its vectors, and moving it to another model."""
