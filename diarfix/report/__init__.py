"""Results as people and programs read them: summaries, diffs, tables, pages."""
