"""Where the data lives."""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql+psycopg2://bookshop:secret@localhost/bookshop")
