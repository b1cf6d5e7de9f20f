"""Which object an expression means, and what it is made of."""
