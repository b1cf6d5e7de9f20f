"""Statements that select, and the objects in their results."""
