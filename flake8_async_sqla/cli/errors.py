"""Errors that are the user's to resolve."""

from __future__ import annotations


class UserError(Exception):
    """Something about the arguments or a file; the message says what, in one line."""
