"""Rules about what only SQLAlchemy's synchronous objects have, take or do (ASQ4xx)."""
