"""What can go wrong with a transfer, said in one sentence to the person who started it."""

from __future__ import annotations


class TransferError(Exception):
    """The transfer cannot be done and nothing was changed; the message says why and what next."""


class OutcomeUnknown(TransferError):
    """The connection broke while the end was written: all of it is there, or nothing is."""
