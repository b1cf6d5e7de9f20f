"""The user's options, as the analysis needs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSIONS = ("1.4", "2.0", "2.1")
APP_CHOICES = ("auto", "always", "never")


class SettingsError(ValueError):
    """An option has a value that means nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the project is written for.

    Attributes:
        targets: SQLAlchemy series the project supports; what fails on one of them is reported.
        app: ``auto`` looks for evidence of an async application, ``always`` and ``never`` say it.
        drivers: Async driver to suggest per database, as ``{"postgresql": "psycopg"}``.
        root: Directory that holds the project; ``None`` finds it from each file.
    """

    targets: frozenset[str] = frozenset({"2.0", "2.1"})
    app: str = "auto"
    drivers: Mapping[str, str] = field(default_factory=dict)
    root: str | None = None

    @classmethod
    def from_options(cls, options: Any) -> Settings:
        """Read the options that the plugin registered with flake8.

        Args:
            options: flake8's parsed options.

        Raises:
            SettingsError: A value is not one of the documented ones.
        """
        targets = frozenset(options.async_sqla_target)
        if unknown := sorted(targets - set(VERSIONS)):
            raise SettingsError(f"--async-sqla-target: {', '.join(unknown)} is not one of {', '.join(VERSIONS)}")
        if options.async_sqla_app not in APP_CHOICES:
            raise SettingsError(f"--async-sqla-app: {options.async_sqla_app!r} is not one of {', '.join(APP_CHOICES)}")
        drivers = {}
        for pair in options.async_sqla_drivers:
            database, separator, driver = pair.partition("=")
            if not (database and separator and driver):
                raise SettingsError(f"--async-sqla-drivers: {pair!r} is not of the form postgresql=asyncpg")
            _check_driver(database, driver)
            drivers[database] = driver
        root = options.async_sqla_root or None
        if root is not None and not os.path.isdir(root):
            raise SettingsError(f"--async-sqla-root: {root!r} is not a directory")
        return cls(targets or cls().targets, options.async_sqla_app, drivers, root)


def _check_driver(database: str, name: str) -> None:
    from flake8_async_sqla.facts.dialects import ASYNC_REPLACEMENT, driver

    found = [driver(f"{database}+{name}", version) for version in VERSIONS]
    if any(kind is not None and (kind.is_async or kind.dual) for kind in found):
        return
    known = [scheme.partition("+")[2] for scheme in ASYNC_REPLACEMENT.get(database, ())]
    advice = f"; its async drivers are {', '.join(known)}" if known else ""
    raise SettingsError(f"--async-sqla-drivers: {name!r} is no async driver of {database!r}{advice}")
