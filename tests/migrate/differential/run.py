"""Runs the programs of a directory, and prints what each gives as JSON.

Usage: run.py DIRECTORY
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore", category=DeprecationWarning)
sys.path.insert(0, sys.argv[1])


async def _awaited(module: Any, database: Any) -> Any:
    try:
        return await module.main()
    finally:
        await database.engine.dispose()


def _outcome(package: str) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        try:
            module = importlib.import_module(f"{package}.main")
            database = importlib.import_module(f"{package}.database")
            is_async = inspect.iscoroutinefunction(module.main)
            found = ["gives", asyncio.run(_awaited(module, database)) if is_async else module.main()]
        except Exception as error:
            found = ["raises", type(error).__name__, str(error)[:200]]
    never = [str(warning.message) for warning in caught if "never awaited" in str(warning.message)]
    return ["warns", never] if never and found[0] == "gives" else found


packages = sorted(path.parent.name for path in Path(sys.argv[1]).glob("*/main.py"))
print(json.dumps({package: _outcome(package) for package in packages}))
