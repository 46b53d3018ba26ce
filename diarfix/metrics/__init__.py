"""Metrics over word labels and turns."""
