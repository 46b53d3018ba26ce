"""Listening again: which words, whose voice, and what it may move."""
