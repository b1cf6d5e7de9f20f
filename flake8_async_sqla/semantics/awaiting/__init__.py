"""Coroutines: who makes, takes and forgets them."""
