"""Rules about session factories, sessions and their lifetimes (ASQ2xx)."""
