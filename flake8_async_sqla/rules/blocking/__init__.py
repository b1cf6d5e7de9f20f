"""Rules about synchronous database IO on the event loop."""
