"""What the generator observes of each series, once per test run."""

from __future__ import annotations

import functools
import json
from typing import Any

from tests.sqlalchemy_versions import REPOSITORY, run


@functools.cache
def observation(series: str) -> dict[str, Any]:
    """Run the generator's observation on a series."""
    done = run(series, "from flake8_async_sqla.dev.facts import main; main(['observe'])", paths=[REPOSITORY])
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
