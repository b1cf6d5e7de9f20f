"""Small random programs, what the flow analysis says of them, and what happens when they run."""
