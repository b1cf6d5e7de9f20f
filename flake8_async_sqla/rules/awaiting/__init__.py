"""Rules about coroutines that nobody awaits, and awaits where there is nothing to await (ASQ3xx)."""
