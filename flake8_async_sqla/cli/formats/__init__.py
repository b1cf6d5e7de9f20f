"""How ``check`` prints findings: flake8's formatters, those of its plugins, and our own."""

from __future__ import annotations

from collections.abc import Callable

from flake8.formatting.base import BaseFormatter

from flake8_async_sqla.cli.flake8_bridge import Configuration


def formatter(configuration: Configuration) -> BaseFormatter:
    """Make the formatter that ``--format`` and ``--quiet`` ask for.

    Raises:
        UserError: There is none of that name.
    """
    options = configuration.options
    make = None if options.quiet else _OWN.get(options.format)
    return make(configuration) if make is not None else configuration.formatter(also=_OWN)


def _text(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.text import Text

    configuration.options.format = "default"
    return Text(configuration.options)


def _json(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.document import Json

    return Json(configuration.options)


def _sarif(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.sarif import Sarif

    return Sarif(configuration.options, configuration.codes)


def _github(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.annotations import GitHub

    return GitHub(configuration.options)


def _gitlab(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.annotations import GitLab

    return GitLab(configuration.options)


def _html(configuration: Configuration) -> BaseFormatter:
    from flake8_async_sqla.cli.formats.html import Page

    return Page(configuration.options)


_OWN: dict[str, Callable[[Configuration], BaseFormatter]] = {
    "default": _text,
    "text": _text,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "html": _html,
    "sarif": _sarif,
}
