"""Bytes: files of this machine and of stores, replaced whole or not at all."""
