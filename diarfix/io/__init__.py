"""Bytes and documents: everything that knows a file format."""
