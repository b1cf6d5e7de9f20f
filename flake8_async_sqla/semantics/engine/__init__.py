"""Engines, their URLs and drivers, and the environments of Alembic."""
