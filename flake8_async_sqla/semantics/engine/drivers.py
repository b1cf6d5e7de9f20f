"""Whether the driver of a URL works in sync or async engines, and which to use instead."""

from __future__ import annotations

from flake8_async_sqla.facts.dialects import ASYNC_REPLACEMENT, DEFAULT_DRIVER, driver
from flake8_async_sqla.semantics.engine.urls import DatabaseUrl
from flake8_async_sqla.semantics.module import Module


def sync_in(url: DatabaseUrl, targets: frozenset[str]) -> list[str]:
    """List the SQLAlchemy series in which an async engine refuses the URL's driver."""
    found = ((version, driver(url.scheme, version)) for version in sorted(targets))
    return [version for version, known in found if known is not None and not (known.is_async or known.dual)]


def sync_engine_possible(url: DatabaseUrl, targets: frozenset[str]) -> bool:
    """Tell whether sync engines certainly work with the URL's driver."""
    found = [driver(url.scheme, version) for version in targets]
    return all(known is not None and not known.is_async for known in found)


def async_in(url: DatabaseUrl, targets: frozenset[str]) -> list[str]:
    """List the SQLAlchemy series in which the URL's driver works in async engines only."""
    found = ((version, driver(url.scheme, version)) for version in sorted(targets))
    return [version for version, known in found if known is not None and known.is_async and not known.dual]


def driver_name(url: DatabaseUrl, version: str) -> str:
    """Return the driver that a URL selects, the default one where it names none."""
    return url.driver or DEFAULT_DRIVER[version].get(url.backend, "")


def replacement(url: DatabaseUrl, module: Module) -> str:
    """Return the scheme to use in an async engine: the user's choice, or the usual driver; empty if there is none."""
    return replacement_of(url.scheme, module)


def replacement_of(scheme: str, module: Module) -> str:
    """Return the scheme to use in an async engine for another one, or that one itself if it is async."""
    settings = module.project.settings
    backend, _, name = scheme.partition("+")
    if (chosen := settings.drivers.get(backend)) is not None:
        return f"{backend}+{chosen}"
    usual = ASYNC_REPLACEMENT.get(scheme, ASYNC_REPLACEMENT.get(backend, ()))
    for candidate in (scheme, *usual) if name else usual:
        known = [driver(candidate, version) for version in settings.targets]
        if all(found is not None and (found.is_async or found.dual) for found in known):
            return candidate
    return ""
