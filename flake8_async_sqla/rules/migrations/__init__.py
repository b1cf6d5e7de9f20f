"""Rules about Alembic's migrations of projects whose engine is async."""
