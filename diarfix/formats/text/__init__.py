"""Formats that are lines of text; subtitles too."""
