"""Rules about transactions: where they begin, where they end, and what they lose."""
