"""Statements, and the ways that they open."""
