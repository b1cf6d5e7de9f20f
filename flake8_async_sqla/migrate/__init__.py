"""The whole-project planner that turns synchronous SQLAlchemy into its asyncio extension."""
