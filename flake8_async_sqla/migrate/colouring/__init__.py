"""Which functions become coroutine functions, and which cannot."""
