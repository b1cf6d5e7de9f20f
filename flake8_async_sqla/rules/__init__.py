"""One file per rule, in folders by family."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from flake8_async_sqla.rules.model import RULES, Rule


@cache
def load() -> dict[str, Rule]:
    """Import every rule module.

    Returns:
        All rules by code, in the order of their codes.
    """
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return dict(sorted(RULES.items()))
