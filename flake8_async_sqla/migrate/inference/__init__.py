"""The types of objects as a migration sees them."""
