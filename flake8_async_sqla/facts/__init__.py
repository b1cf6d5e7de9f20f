"""What SQLAlchemy, its drivers and the web frameworks are: tables, generated or checked against the real packages."""
