"""Leitner: learn with cards in boxes."""

__version__ = "0.1.0"
