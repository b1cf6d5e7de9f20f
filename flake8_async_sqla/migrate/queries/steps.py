"""The steps of a query: those that ``select()`` has too, and those that are called otherwise there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Edit, ReplaceExpression
from flake8_async_sqla.migrate.queries.chain import step_name

_SAME = frozenset(
    {
        "filter", "filter_by", "where", "join", "outerjoin", "options", "order_by", "group_by", "having", "limit",
        "offset", "distinct", "select_from", "with_for_update", "execution_options", "slice", "params", "correlate",
        "prefix_with", "suffix_with", "from_statement", "add_columns",
    }
)  # fmt: skip
_RENAMED = {"with_entities": "with_only_columns", "add_entity": "add_columns", "add_column": "add_columns"}
_JOIN_KEYWORDS = frozenset({"target", "onclause", "isouter", "full"})
SELECTING = frozenset({"with_entities", "add_entity", "add_column", "add_columns"})


def is_step(step: ast.Call) -> bool:
    """Tell whether a call on a query has a form on ``select()``."""
    name = step_name(step)
    if any(isinstance(value, ast.Constant) and isinstance(value.value, str) for value in step.args) and "join" in name:
        return False
    if "join" in name and any(keyword.arg not in _JOIN_KEYWORDS for keyword in step.keywords):
        return False
    if name in ("order_by", "group_by") and any(_is_false(value) for value in step.args):
        return False
    if name == "populate_existing" and (step.args or step.keywords):
        return False
    if name in ("add_entity", "add_column") and (step.keywords or len(step.args) > 1):
        return False
    return name in _SAME or name in _RENAMED or name == "populate_existing"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def step_edits(step: ast.Call) -> Iterator[Edit]:
    """Yield what becomes of a step."""
    assert isinstance(step.func, ast.Attribute)
    name, value = step.func.attr, step.func.value
    if name in _RENAMED:
        yield ReplaceExpression(step.func, Code(f"{{value}}.{_RENAMED[name]}", {"value": value}))
    elif name == "populate_existing":
        yield ReplaceExpression(step.func, Code("{value}.execution_options", {"value": value}))
        yield AddKeyword(step, "populate_existing", Code("True"))
