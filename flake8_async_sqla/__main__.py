"""``python -m flake8_async_sqla``."""

from __future__ import annotations

import sys

from flake8_async_sqla.cli import main

if __name__ == "__main__":
    sys.exit(main())
