"""The vocabulary of edits, and the code that applies them."""
