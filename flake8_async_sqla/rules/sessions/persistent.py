"""Which names of a coroutine hold mapped objects of a session."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from flake8_async_sqla.semantics.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.functions import own_nodes
from flake8_async_sqla.semantics.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.order import follows
from flake8_async_sqla.semantics.types import Container, External, ProjectClass, ProjectInstance

_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
_COLUMNS = frozenset({"sqlalchemy.orm.mapped_column", "sqlalchemy.Column"})
_MAPPED = frozenset({"sqlalchemy.orm.Mapped"})
_REFINING = frozenset(
    {
        "distinct", "execution_options", "filter", "filter_by", "group_by", "having", "join", "limit", "offset",
        "options", "order_by", "outerjoin", "select_from", "where", "with_for_update",
    }
)  # fmt: skip
_ONE = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none"})
_SAME_ROWS = frozenset({"scalars", "unique"})
_SELECTS = frozenset({"sqlalchemy.select", "sqlmodel.select"})


@dataclass(slots=True)
class Objects:
    """Names that hold an object of a session, and names that hold a collection of them, with their class."""

    single: dict[str, ProjectClass] = field(default_factory=dict)
    several: dict[str, ProjectClass] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """Know nothing more of a name."""
        self.single.pop(name, None)
        self.several.pop(name, None)

    def bind(self, target: ast.expr, iterable: ast.expr) -> None:
        """Take the target of a loop over a collection as one of its objects."""
        if isinstance(target, ast.Name):
            self.forget(target.id)
            if isinstance(iterable, ast.Name) and iterable.id in self.several:
                self.single[target.id] = self.several[iterable.id]


def persistent(module: Module, coroutine: ast.AsyncFunctionDef, session: str, end: ast.AST) -> Objects:
    """Find the objects that certainly belong to a session when a place is reached.

    Args:
        module: The module.
        coroutine: The function.
        session: The expression of the session, as text.
        end: The call that commits, or the last statement of the block that does.
    """
    found = Objects()
    limit = (end.end_lineno or 0, end.end_col_offset or 0) if isinstance(end, ast.stmt) else _start(end)
    nodes = [node for node in own_nodes(module, coroutine, ast.Call, ast.For, *_ASSIGNMENTS) if _start(node) < limit]
    for node in sorted(nodes, key=lambda node: (_start(node), isinstance(node, ast.Call))):
        if isinstance(node, ast.For):
            found.bind(node.target, node.iter)
        elif isinstance(node, _ASSIGNMENTS):
            _assigned(module, node, session, end, found)
        elif isinstance(node, ast.Call):
            _told(module, node, session, end, found)
    return found


def _start(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _told(module: Module, call: ast.Call, session: str, end: ast.AST, found: Objects) -> None:
    """Follow what a session is told about its objects."""
    if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) != session:
        return
    method = call.func.attr
    given = call.args[0] if call.args else call.keywords[0].value if call.keywords else None
    if method in ("expunge_all", "close", "aclose", "reset", "invalidate"):
        found.single.clear()
        found.several.clear()
    elif method in ("expunge", "delete") and isinstance(given, ast.Name):
        found.forget(given.id)
    elif method in ("add", "add_all") and given is not None and follows(module, call, end):
        for item in given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]:
            kind = module.type_of(item)
            if isinstance(item, ast.Name) and isinstance(kind, ProjectInstance):
                found.single[item.id] = kind.cls
            elif isinstance(item, ast.Name) and isinstance(kind, Container) and isinstance(kind.item, ProjectInstance):
                found.several[item.id] = kind.item.cls


def _assigned(
    module: Module, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, session: str, end: ast.AST, found: Objects
) -> None:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        for item in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
            if isinstance(item, ast.Name):
                found.forget(item.id)
        if isinstance(target, ast.Name) and node.value is not None and follows(module, node, end):
            loaded = _loaded(module, node.value, session)
            if loaded is not None:
                (found.several if loaded[1] else found.single)[target.id] = loaded[0]


def _loaded(module: Module, value: ast.expr, session: str) -> tuple[ProjectClass, bool] | None:
    """Say of which class the object or collection is that an expression loads through a session."""
    if isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
        return _by_session(module, value.value, session)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        several = value.func.attr == "all"
        entity = _selected(module, value.func.value, session) if several or value.func.attr in _ONE else None
        return (entity, several) if entity is not None else None
    return None


def _by_session(module: Module, call: ast.Call, session: str) -> tuple[ProjectClass, bool] | None:
    if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) != session or not call.args:
        return None
    if call.func.attr in ("get", "get_one"):
        kind = module.type_of(call.args[0])
        return (kind, False) if isinstance(kind, ProjectClass) else None
    if call.func.attr == "merge":
        kind = module.type_of(call.args[0])
        return (kind.cls, False) if isinstance(kind, ProjectInstance) else None
    entity = _entity(module, call.args[0]) if call.func.attr == "scalar" else None
    return (entity, False) if entity is not None else None


def _selected(module: Module, result: ast.expr, session: str) -> ProjectClass | None:
    """Say which class a result holds: ``(await session.execute(select(User))).scalars()``."""
    result = _value(module, result)
    if isinstance(result, ast.Call) and isinstance(result.func, ast.Attribute):
        return _selected(module, result.func.value, session) if result.func.attr in _SAME_ROWS else None
    call = result.value if isinstance(result, ast.Await) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    runs = call.func.attr in ("execute", "exec", "scalars") and ast.unparse(call.func.value) == session
    return _entity(module, call.args[0]) if runs else None


def _entity(module: Module, statement: ast.expr) -> ProjectClass | None:
    """Say which one class a ``select()`` selects."""
    statement = _value(module, statement)
    while (
        isinstance(statement, ast.Call) and isinstance(func := statement.func, ast.Attribute) and func.attr in _REFINING
    ):
        statement = _value(module, func.value)
    if isinstance(statement, ast.Call) and callee(module, statement) in _SELECTS and len(statement.args) == 1:
        kind = module.type_of(statement.args[0])
        return kind if isinstance(kind, ProjectClass) else None
    return None


def _value(module: Module, node: ast.expr) -> ast.expr:
    """Follow a name that is assigned once to what it is."""
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or len(found[1]) != 1:
        return node
    binding = found[1][0]
    return binding.value if binding.kind == "value" and binding.value is not None and not binding.unpack else node


def is_column(cls: ProjectClass, name: str) -> bool:
    """Tell whether an attribute of a mapped class is a column."""
    classes = [item for item in lineage(cls) if isinstance(item, ProjectClass)]
    table = any(keyword.arg == "table" for item in classes for keyword in item.node.keywords)
    for item in classes:
        for binding in scope_of_class(item).names.get(name, ()):
            value, annotation = binding.value, binding.annotation
            path = callee(item.module, value) if isinstance(value, ast.Call) else ""
            if path in _COLUMNS:
                return True
            if table and annotation is not None:
                return not isinstance(value, ast.Call) or path.endswith(".Field")
            if isinstance(annotation, ast.Subscript) and not isinstance(value, ast.Call):
                kind = item.module.type_of(annotation.value)
                return isinstance(kind, External) and kind.path in _MAPPED and not _holds_model(item.module, annotation)
            return False
    return False


def _holds_model(module: Module, annotation: ast.Subscript) -> bool:
    """Tell whether ``Mapped[...]`` names a class of the project: a relationship, declared without its value."""
    return any(
        isinstance(node, ast.Name) and isinstance(module.type_of(node), ProjectClass)
        for node in ast.walk(annotation.slice)
    )
