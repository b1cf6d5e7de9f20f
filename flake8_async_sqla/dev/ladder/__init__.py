"""Public projects that are migrated unattended: their own tests say what came of it."""
