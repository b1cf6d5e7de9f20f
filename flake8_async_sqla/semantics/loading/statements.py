"""Statements taken apart: from ``stmt`` back to ``select(A)``, with everything that was called on the way."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.functions import returned, transparent
from flake8_async_sqla.semantics.loading.spreading import Given, spread
from flake8_async_sqla.semantics.mapping.constants import constant, named
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function

SELECTS = frozenset({"sqlalchemy.select", "sqlmodel.select"})
_WRITES = frozenset({"sqlalchemy.delete", "sqlalchemy.insert", "sqlalchemy.update"})
_KEEPING = frozenset(
    {
        "correlate", "correlate_except", "distinct", "ext", "fetch", "filter", "filter_by", "group_by", "having",
        "inline", "limit", "offset", "on_conflict_do_nothing", "on_conflict_do_update", "on_duplicate_key_update",
        "order_by", "ordered_values", "params", "prefix_with", "return_defaults", "select_from", "slice",
        "suffix_with", "values", "where", "with_for_update", "with_hint", "with_statement_hint",
    }
)  # fmt: skip
_UNRESTRICTING = frozenset(
    {"execution_options", "options", "order_by", "params", "set_label_style", "with_for_update", "with_hint"}
)
_JOINS = frozenset({"join", "join_from", "outerjoin", "outerjoin_from"})
MAX_LINKS = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, as far as it could be followed back.

    Attributes:
        module: The module that holds ``call``.
        call: The call of ``select()``, or of ``returning()``.
        columns: What it selects; what may be there or not is not certain.
        options: What was given to ``options()``.
        joins: The calls of ``join()`` and its relatives.
        populate_existing: Whether objects that are there already are loaded anew.
        certain: Whether every link was understood.
        returning: Whether it is a write that returns rows.
        restricted: Whether anything but the table decides which rows there are.
    """

    module: Module
    call: ast.Call
    columns: tuple[Given, ...]
    options: tuple[Given, ...] = ()
    joins: tuple[tuple[Module, ast.Call], ...] = ()
    populate_existing: bool = False
    certain: bool = True
    returning: bool = False
    restricted: bool = False


@dataclass(slots=True)
class Reader:
    """Follows statements back; knows which names are being followed.

    Attributes:
        active: The names under way.
        known: What was followed to its end: each name after a branch asks for what stands before it.
    """

    active: set[ast.AST] = field(default_factory=set)
    known: dict[ast.AST, Statement | None] = field(default_factory=dict)

    def read(self, module: Module, node: ast.expr | None) -> Statement | None:
        """Follow a statement back; None if it is not, or not certainly, one that returns rows of a select list."""
        if node is None or node in self.active or len(self.active) > MAX_LINKS:
            return None
        if node not in self.known:
            self.active.add(node)
            self.known[node] = self._followed(module, node)
            self.active.discard(node)
        return self.known[node]

    def _followed(self, module: Module, node: ast.expr) -> Statement | None:
        if isinstance(node, ast.Call):
            return self._call(module, node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(module, node)
        if isinstance(node, ast.NamedExpr):
            return self.read(module, node.value)
        if isinstance(node, ast.IfExp):
            return either([self.read(module, node.body), self.read(module, node.orelse)])
        return None

    def _name(self, module: Module, node: ast.Name | ast.Attribute) -> Statement | None:
        scope = module.scope_of(node)
        found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
        if found is None or any(binding.kind == "import" for binding in found[1]):
            holder, value = named(module, node)
            return self.read(holder, value) if value is not None else None
        bindings = reaching(module, found[1], node) if found[0] is scope else found[1]
        known: list[Statement | None] = []
        for binding in bindings:
            if binding.kind not in ("value", "annotation") or binding.unpack:
                return None
            if binding.value is not None and binding.value not in self.active:
                known.append(self.read(module, binding.value))
        return either(known)

    def _call(self, module: Module, call: ast.Call) -> Statement | None:
        kind = module.type_of(call.func)
        if isinstance(kind, External):
            return self._head(module, call, kind.path)
        if isinstance(kind, Function):
            return self._function(kind)
        if not isinstance(call.func, ast.Attribute):
            return None
        if call.func.attr == "returning" and self._writes(module, call.func.value):
            return Statement(module, call, tuple(spread(module, call.args)), returning=True)
        before = self.read(module, call.func.value)
        after = _link(before, module, call.func.attr, call) if before is not None else None
        return after if after is None or call.func.attr in _UNRESTRICTING else replace(after, restricted=True)

    def _head(self, module: Module, call: ast.Call, path: str) -> Statement | None:
        return Statement(module, call, tuple(spread(module, call.args))) if path in SELECTS else None

    def _function(self, function: Function) -> Statement | None:
        """Follow a project function to the statement that it returns."""
        module, node = function.module, function.node
        if isinstance(node, ast.AsyncFunctionDef) or not transparent(module, node) or node in self.active:
            return None
        self.active.add(node)
        try:
            return either([self.read(module, value) for value in returned(module, node)])
        finally:
            self.active.discard(node)

    def _writes(self, module: Module, node: ast.expr, hops: int = 12) -> bool:
        """Tell whether an expression is ``insert()``, ``update()`` or ``delete()`` with whatever is called on it."""
        if hops <= 0:
            return False
        if isinstance(node, ast.Call):
            kind = module.type_of(node.func)
            if isinstance(kind, External):
                return kind.path in _WRITES or (
                    kind.path.startswith("sqlalchemy.dialects.") and kind.path.endswith(".insert")
                )
            return isinstance(node.func, ast.Attribute) and self._writes(module, node.func.value, hops - 1)
        if isinstance(node, ast.Name):
            found = module.scope_of(node).lookup(node.id)
            bindings = reaching(module, found[1], node) if found is not None else []
            values = [binding.value for binding in bindings if binding.kind in ("value", "annotation")]
            return bool(values) and all(value is not None and self._writes(module, value, hops - 1) for value in values)
        return False


def _link(before: Statement, module: Module, name: str, call: ast.Call) -> Statement | None:
    """Apply what is called on a statement."""
    if name in _KEEPING:
        return before
    if name in _JOINS:
        return replace(before, joins=(*before.joins, (module, call)))
    if name == "options":
        return replace(before, options=(*before.options, *spread(module, call.args)))
    if name == "add_columns":
        return replace(before, columns=(*before.columns, *spread(module, call.args)))
    if name == "with_only_columns":
        return replace(before, columns=tuple(spread(module, call.args)))
    if name in ("execution_options", "set_label_style", "from_statement", "with_session", "reduce_columns"):
        populate = {item.arg: constant(module, item.value) for item in call.keywords}.get("populate_existing")
        hidden = any(item.arg is None for item in call.keywords) or bool(call.args and name == "execution_options")
        certain = before.certain and not hidden and name != "from_statement"
        return replace(before, populate_existing=before.populate_existing or populate is True, certain=certain)
    return None


def either(found: list[Statement | None]) -> Statement | None:
    """Merge what a statement may be: what only some have is not certain; None if they select different things."""
    known = [item for item in found if item is not None]
    if not known or len(known) != len(found):
        return None
    first = known[0]
    if any(_spelled(other.columns) != _spelled(first.columns) for other in known[1:]):
        return None
    everywhere = set.intersection(*(set(_spelled(item.options)) for item in known))
    options: dict[str, Given] = {}
    for item in known:
        for name, option in zip(_spelled(item.options), item.options, strict=True):
            options.setdefault(name, option if name in everywhere else replace(option, certain=False))
    joins = tuple(dict.fromkeys(join for item in known for join in item.joins))
    populates = {item.populate_existing for item in known}
    certain = all(item.certain for item in known) and len(populates) == 1
    first = replace(first, restricted=any(item.restricted for item in known))
    return replace(
        first, options=tuple(options.values()), joins=joins, populate_existing=False not in populates, certain=certain
    )


def _spelled(given: tuple[Given, ...]) -> list[str]:
    return [f"{item.module.path}:{ast.dump(item.node) if item.node is not None else item}" for item in given]
