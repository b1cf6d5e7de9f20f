"""The types of expressions."""
