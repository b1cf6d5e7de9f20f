"""What is known at one point of a function: objects, sessions, values, and the ways that led there."""
