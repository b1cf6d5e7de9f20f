"""Mapped classes: what SQLAlchemy makes of a class that the project declares."""
