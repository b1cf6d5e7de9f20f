"""Opinions (ASQ9xx): off until they are selected by name."""
