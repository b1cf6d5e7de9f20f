"""How ``check`` prints findings: flake8's formatters, those of its plugins, and our own."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection
from typing import Protocol

from flake8.formatting.base import BaseFormatter


class Setup(Protocol):
    """What formatters are made of; see `flake8_async_sqla.cli.flake8_bridge.Configuration`."""

    @property
    def options(self) -> Namespace:
        """flake8's options."""

    @property
    def codes(self) -> Collection[str]:
        """The rules to run."""

    def formatter(self, also: Collection[str]) -> BaseFormatter:
        """Return the formatter that flake8 would use."""


def formatter(setup: Setup) -> BaseFormatter:
    """Make the formatter that ``--format`` and ``--quiet`` ask for.

    Raises:
        UserError: There is none of that name.
    """
    options = setup.options
    make = None if options.quiet else _OWN.get(options.format)
    return make(setup) if make is not None else setup.formatter(also=_OWN)


def _text(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.text import Text

    setup.options.format = "default"
    return Text(setup.options)


def _json(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.document import Json

    return Json(setup.options)


def _sarif(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.sarif import Sarif

    return Sarif(setup.options, setup.codes)


def _github(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.annotations import GitHub

    return GitHub(setup.options)


def _gitlab(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.annotations import GitLab

    return GitLab(setup.options)


def _html(setup: Setup) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.html import Page

    return Page(setup.options)


_OWN: dict[str, Callable[[Setup], BaseFormatter]] = {
    "default": _text,
    "text": _text,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "html": _html,
    "sarif": _sarif,
}
