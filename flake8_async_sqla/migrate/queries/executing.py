"""What executes a query, and the call of the session that gives the same."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from flake8_async_sqla.fixes.vocabulary import Code, Edit, ReplaceExpression, ReplaceName
from flake8_async_sqla.migrate.queries.chain import Chain, step_name
from flake8_async_sqla.migrate.queries.entities import Gives
from flake8_async_sqla.migrate.queries.steps import UNIONS
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.module import Module

SELECT, _FUNC = "sqlalchemy.select", "sqlalchemy.func"
PARTS = frozenset({"subquery", "cte", "scalar_subquery", "exists", "label"})
_FETCHING = frozenset({"all", "one", "one_or_none", "first", "scalar", "count"})
_WRITING = frozenset({"update", "delete"})
ENDS = _FETCHING | _WRITING | PARTS | {"get"}
CONSUMING = frozenset({"list", "tuple", "set", "sorted"})
SUBQUERIES = frozenset({"in_", "not_in", "notin_"})
WRITE_STEPS = frozenset({"filter", "filter_by", "where"})


@dataclass(frozen=True, slots=True)
class Executed:
    """How a query is executed in one place.

    Attributes:
        chain: The query, without what executes it.
        session: The session, or its text.
        gives: What it gives.
        repeats: Whether one object may come twice.
        statement: Whether the query is a whole statement given by ``from_statement``, which takes no limit.
        written: What the query becomes, where its last step becomes something else.
    """

    chain: Chain
    session: ast.expr | str
    gives: Gives
    repeats: bool
    statement: bool = False
    written: Code | None = None

    def code(self, method: str, more: str = "", *, unique: bool = True) -> Code:
        """Return ``session.method(query)``, and what makes the objects unique."""
        tail = ".unique()" if unique and self.repeats and self.gives != "columns" else ""
        return self.template(f"{{session}}.{method}({{query}}{more}){tail}")

    def template(self, text: str, **symbols: str) -> Code:
        """Return code that names the session and the query."""
        nodes: dict[str, ast.AST] = {"query": self.chain.end}
        if self.written is not None:
            text = text.replace("{query}", self.written.template)
            nodes = dict(self.written.nodes)
            symbols |= self.written.symbols
        if isinstance(self.session, str):
            text = text.replace("{session}", self.session)
        else:
            nodes["session"] = self.session
        return Code(text, nodes, symbols)

    @property
    def method(self) -> str:
        """The session's method that executes it."""
        return "scalars" if self.gives == "objects" else "execute"


def executing(found: Executed, end: ast.Call) -> list[Edit] | None:
    """Convert a call that executes a query; None where no form is known to give the same.

    Args:
        found: The query.
        end: The call: ``.all()``, ``.first()`` and so on.
    """
    name = step_name(end)
    query = found.chain.end
    assert isinstance(end.func, ast.Attribute)
    if name in PARTS:
        return [] if not end.keywords and len(end.args) <= 1 else None
    if end.args or end.keywords:
        return None
    if name in ("all", "one", "one_or_none"):
        return [ReplaceExpression(query, found.code(found.method))]
    if name == "first":
        more = "" if found.statement else ".limit(1)"
        return [ReplaceExpression(query, found.code(found.method, more, unique=False))]
    if name == "scalar":
        return [
            ReplaceExpression(query, found.code("execute")),
            ReplaceExpression(end.func, Code("{value}.scalar_one_or_none", {"value": query})),
        ]
    if name == "count" and not found.statement:
        text = "{session}.scalar({select}({func}.count()).select_from({query}.subquery()))"
        return [ReplaceExpression(end, found.template(text, select=SELECT, func=_FUNC))]
    return None


def loading(root: ast.Call, steps: Sequence[ast.Call], end: ast.Call, session: ast.expr) -> list[Edit] | None:
    """Convert ``query(Entity).get(key)``."""
    options: list[ast.expr] = []
    fresh = ""
    for step in steps:
        if step_name(step) == "populate_existing":
            fresh = ", populate_existing=True"
            continue
        if step_name(step) != "options" or step.keywords:
            return None
        options += step.args
    if len(root.args) != 1 or len(end.args) != 1 or end.keywords or isinstance(end.args[0], ast.Starred):
        return None
    nodes: dict[str, ast.AST] = {"session": session, "entity": root.args[0], "key": end.args[0]}
    names = [f"o{number}" for number in range(len(options))]
    nodes.update(zip(names, options, strict=True))
    more = f", options=[{', '.join(f'{{{name}}}' for name in names)}]" if names else ""
    more += fresh
    return [ReplaceExpression(end, Code(f"{{session}}.get({{entity}}, {{key}}{more})", nodes))]


def writing(found: Executed, root: ast.Call, end: ast.Call) -> list[Edit] | None:
    """Convert ``query(Entity).filter(...).update(values)`` and ``.delete()``."""
    name, module = step_name(end), found.chain.module
    if found.gives != "objects" or not set(found.chain.names) <= WRITE_STEPS:
        return None
    values = written_values(end)
    if values is None:
        return None
    assert not isinstance(found.session, str)
    nodes: dict[str, ast.AST] = {"session": found.session, "query": found.chain.end, **values}
    text = "{query}"
    if "values" in values:
        text += ".values({values})"
    if "how" in values:
        text += ".execution_options(synchronize_session={how})"
    used = "" if isinstance(module.parent(end), ast.Expr) else ".rowcount"
    assert isinstance(root.func, ast.Attribute)
    return [
        ReplaceName(root.func, f"sqlalchemy.{name}"),
        ReplaceExpression(end, Code(f"{{session}}.execute({text}){used}", nodes)),
    ]


def written_values(end: ast.Call) -> dict[str, ast.expr] | None:
    """Return the ``values`` of ``.update()``, and ``how`` either call synchronizes; None for other arguments."""
    update = step_name(end) == "update"
    synchronize = argument(end, "synchronize_session", 1 if update else 0)
    values = argument(end, "values", 0) if update else None
    given = {"values": values, "how": synchronize}
    known = {name: value for name, value in given.items() if value is not None}
    if len(known) != len(end.args) + len(end.keywords) or (update and values is None):
        return None
    return known


def iterating(found: Executed, module: Module) -> list[Edit] | None:
    """Convert a query that is iterated, sliced or used as a subquery where it stands."""
    query = found.chain.end
    parent = module.parent(query)
    code = found.code(found.method)
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is query:
        return [ReplaceExpression(query, code)]
    if isinstance(parent, ast.Call) and query in parent.args:
        func = parent.func
        if isinstance(func, ast.Name) and func.id in CONSUMING and module.scope_of(func).lookup(func.id) is None:
            return [ReplaceExpression(query, code)]
        if isinstance(func, ast.Attribute) and func.attr in SUBQUERIES | UNIONS:
            return []
    if isinstance(parent, ast.Subscript) and parent.value is query and not found.statement:
        return _sliced(found, parent)
    return None


def _sliced(found: Executed, node: ast.Subscript) -> list[Edit] | None:
    wanted = node.slice
    unique = ".unique()" if found.repeats and found.gives != "columns" else ""
    text = f"{{session}}.{found.method}({{query}}.slice({{start}}, {{stop}})){unique}.all()"
    if isinstance(wanted, ast.Slice) and wanted.step is None and wanted.upper is not None:
        lower = wanted.lower or ast.Constant(0)
        if _is_ordered(lower, wanted.upper):
            text = text.replace("{start}", ast.unparse(lower)).replace("{stop}", ast.unparse(wanted.upper))
            return [ReplaceExpression(node, found.template(text))]
    if isinstance(wanted, ast.Constant) and isinstance(wanted.value, int) and _is_position(wanted):
        text = text.replace("{start}", str(wanted.value)).replace("{stop}", str(wanted.value + 1))
        return [ReplaceExpression(node, found.template(f"{text}[0]"))]
    return None


def _is_position(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0


def _is_ordered(lower: ast.expr, upper: ast.expr) -> bool:
    """Tell whether a slice gives the rows between two numbers, or ``[:count]``, or ``[start : start + count]``."""
    numbers = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.operator, ast.expr_context)
    if not all(isinstance(part, numbers) for bound in (lower, upper) for part in ast.walk(bound)):
        return False
    if _is_position(lower) and _is_position(upper):
        return True
    further = isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add) and ast.dump(lower) == ast.dump(upper.left)
    return further or (
        isinstance(lower, ast.Constant) and lower.value == 0 and isinstance(upper, (ast.Name, ast.Attribute))
    )
