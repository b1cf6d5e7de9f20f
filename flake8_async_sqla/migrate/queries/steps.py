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
UNIONS = frozenset({"union", "union_all"})
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
    if name in ("yield_per", "enable_eagerloads", "tuples", "with_parent", "with_session", *UNIONS):
        return _has_form(name, step)
    if name in ("add_entity", "add_column") and (step.keywords or len(step.args) > 1):
        return False
    return name in _SAME or name in _RENAMED or name == "populate_existing"


def _has_form(name: str, step: ast.Call) -> bool:
    """Tell whether a step of which only some uses have a form is one of these."""
    if step.keywords or any(isinstance(value, ast.Starred) for value in step.args):
        return False
    if name == "enable_eagerloads":
        return len(step.args) == 1 and _is_false(step.args[0])
    if name in UNIONS:
        return bool(step.args)
    return len(step.args) == {"tuples": 0, "with_parent": 2}.get(name, 1)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def step_edits(step: ast.Call) -> Iterator[Edit]:
    """Yield what becomes of a step."""
    assert isinstance(step.func, ast.Attribute)
    name, value = step.func.attr, step.func.value
    if name in _RENAMED:
        yield ReplaceExpression(step.func, Code(f"{{value}}.{_RENAMED[name]}", {"value": value}))
    elif name in ("tuples", "with_session"):
        yield ReplaceExpression(step, Code("{value}", {"value": value}))
    elif name == "yield_per":
        code = Code("{value}.execution_options(yield_per={count})", {"value": value, "count": step.args[0]})
        yield ReplaceExpression(step, code)
    elif name == "enable_eagerloads":
        code = Code('{value}.options({lazyload}("*"))', {"value": value}, {"lazyload": "sqlalchemy.orm.lazyload"})
        yield ReplaceExpression(step, code)
    elif name == "with_parent":
        text = "{value}.filter({with_parent}({parent}, {attribute}))"
        nodes = {"value": value, "parent": step.args[0], "attribute": step.args[1]}
        yield ReplaceExpression(step, Code(text, nodes, {"with_parent": "sqlalchemy.orm.with_parent"}))
    elif name in UNIONS:
        yield _united(step, name, value)
    elif name == "populate_existing":
        yield ReplaceExpression(step.func, Code("{value}.execution_options", {"value": value}))
        yield AddKeyword(step, "populate_existing", Code("True"))


def _united(step: ast.Call, name: str, value: ast.expr) -> Edit:
    """Let one mapped class be selected from a union of queries."""
    root = value
    while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute) and step_name(root) != "query":
        root = root.func.value
    entity = ast.unparse(root.args[0]) if isinstance(root, ast.Call) else ""
    parts = {f"p{number}": part for number, part in enumerate([value, *step.args])}
    text = f"{{select}}({entity}).from_statement({{union}}({', '.join(f'{{{part}}}' for part in parts)}))"
    return ReplaceExpression(step, Code(text, parts, {"select": "sqlalchemy.select", "union": f"sqlalchemy.{name}"}))
