"""
# percent-in-alembic-option

## What it does
Finds a `%` in the URL that is given to `config.set_main_option()` or `config.set_section_option()` of Alembic's
configuration: that of an encoded character, as `p%40ss` for `p@ss`.

## Why is this bad?
Alembic's options are those of `configparser`, where `%` starts an interpolation: `ValueError: invalid interpolation
syntax in 'postgresql+asyncpg://app:p%40ss@localhost/app'`. A `%` is written `%%` there.

## Example
    from alembic.config import Config

    config = Config()
    config.set_main_option("sqlalchemy.url", "postgresql+asyncpg://app:p%40ss@localhost/app")

## Use instead
    from alembic.config import Config

    config = Config()
    config.set_main_option("sqlalchemy.url", "postgresql+asyncpg://app:p%40ss@localhost/app".replace("%", "%%"))

## Fix safety
Safe: the call has failed always.

## References
- [Alembic: escaping characters in alembic.ini](https://alembic.sqlalchemy.org/en/latest/tutorial.html#escaping-characters-in-ini-files)
- [polarsource/polar#7350](https://github.com/polarsource/polar/pull/7350)
- [vectorize-io/hindsight#2730](https://github.com/vectorize-io/hindsight/issues/2730)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression, safe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.objects import expects_failure
from flake8_async_sqla.semantics.engine.migrations import config_method
from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module

_POSITIONS = {"set_main_option": 1, "set_section_option": 2}
_VALID = re.compile(r"%%|%\([^)]+\)s")


@rule("ASQ808", symptom="ValueError: invalid interpolation syntax", fixable="always", names=_POSITIONS)
def percent_in_alembic_option(call: ast.Call, module: Module) -> Iterator[Diagnostic]:
    """Report values with a percent sign that Alembic's configuration takes for an interpolation."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _POSITIONS:
        return
    value = argument(call, "value", _POSITIONS[call.func.attr])
    found = texts(module, value)
    if value is None or found.rebound or not found.known or not config_method(module, call):
        return
    if expects_failure(module, call, "ValueError"):
        return
    if all("%" in _VALID.sub("", text.value) for text in found.known):
        code = Code('{value}.replace("%", "%%")', nodes={"value": value})
        yield Diagnostic(
            at=value,
            message="'%' starts an interpolation in Alembic's options (ValueError: invalid interpolation syntax); "
            'double it: .replace("%", "%%")',
            fix=lambda: safe(ReplaceExpression(value, code)),
        )
