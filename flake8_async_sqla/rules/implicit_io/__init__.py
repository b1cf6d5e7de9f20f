"""Reads of mapped objects that need the database where nothing can be awaited."""
