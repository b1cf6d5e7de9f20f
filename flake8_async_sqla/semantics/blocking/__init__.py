"""Synchronous IO, and the event loops that it holds up."""
