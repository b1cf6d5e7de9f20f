"""Sessions: what they hold, load, flush, expire and let go."""
