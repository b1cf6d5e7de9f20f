"""Pages that are one file each: markup that escapes itself, code, differences and graphs."""
