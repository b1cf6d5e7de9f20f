"""Relationships that a commit made load again, with a row that was new: with asyncio they have to be told."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import Code, InsertAfter
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.lookups import session_at_hand
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import Sources, home, mapped_classes, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.mapping.classes import attribute
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, Function, ProjectClass, ProjectInstance

_DEPTH = 3
_BLOCKS = ("body", "orelse", "finalbody", "handlers")
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def refreshing_edits(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Plan the refreshes of what is read after a new row was stored that belongs to it."""
    if any(_keeps(call) for module in sources.modules for call in nodes(module, ast.Call)):
        return
    commits = {found.node: found.module for found in colouring.operations if found.name == "Session.commit"}
    stores = _Stores(kinds, {home(module, node).node for node, module in commits.items()})
    done: set[tuple[ast.AST, str]] = set()
    named = _by_name(sources)
    for function, _ in colouring.coloured.values():
        module = function.module
        for read in own_nodes(module, function.node, ast.Attribute) if not is_test(module) else ():
            assert isinstance(read, ast.Attribute)
            kind = kinds.of(module, read.value) if isinstance(read.value, ast.Name) else None
            own = attribute(kind.cls, read.attr) if isinstance(kind, ProjectInstance) else None
            if kind is UNKNOWN and len(named.get(read.attr, ())) == 1:
                own = named[read.attr][0]
            if own is None or own.target is None or own.many_to_one is True or not isinstance(read.ctx, ast.Load):
                continue
            for call in own_nodes(module, function.node, ast.Call):
                statement = module.parent(call)
                if not isinstance(call, ast.Call) or not isinstance(statement, (ast.Expr, ast.Assign)):
                    continue
                if not is_reached(module, statement, read) or not _is_same(function, read, call):
                    continue
                key = statement, ast.unparse(read)
                if key not in done and stores.new(function, call, own, read, committing=call in commits):
                    done.add(key)
                    session = session_at_hand(kinds, module, function.node, statement) if kind is not UNKNOWN else None
                    _refresh(function, statement, read, session, plan)


def _by_name(sources: Sources) -> dict[str, list[Attribute]]:
    found: dict[str, list[Attribute]] = {}
    for _, mapped in mapped_classes(sources):
        for own in mapped.attributes.values():
            if own.kind == "relationship":
                found.setdefault(own.name, []).append(own)
    return found


class _Stores:
    """Tells which calls store new objects."""

    def __init__(self, kinds: Kinds, committing: set[ast.AST]) -> None:
        self._kinds, self._committing = kinds, committing

    def new(self, function: Function, call: ast.Call, own: Attribute, read: ast.Attribute, *, committing: bool) -> bool:
        """Tell whether a call commits a new object that a relationship leads to, and that was not put into it."""
        called = self._kinds.called(function.module, call)
        inner = list(self._below(called, _DEPTH)) if called is not None else []
        if not committing and not any(found.node in self._committing for found in inner):
            return False
        made = [made for found in inner for made in self._made(found, own)]
        before = [made for made in self._made(function, own) if made.lineno <= call.lineno]
        return bool(made) or any(_is_same(function, read, other) and not _names(other, read) for other in before)

    def _below(self, function: Function, depth: int) -> Iterator[Function]:
        yield function
        for call in own_nodes(function.module, function.node, ast.Call) if depth else ():
            called = self._kinds.called(function.module, call) if isinstance(call, ast.Call) else None
            if called is not None:
                yield from self._below(called, depth - 1)

    def _made(self, function: Function, own: Attribute) -> Iterator[ast.Call]:
        for call in own_nodes(function.module, function.node, ast.Call):
            makes = isinstance(call, ast.Call) and self._kinds.of(function.module, call.func) == own.target
            if isinstance(call, ast.Call) and makes and own.back not in [keyword.arg for keyword in call.keywords]:
                yield call


def _refresh(
    function: Function, statement: ast.stmt, read: ast.Attribute, session: ast.expr | None, plan: Plan
) -> None:
    module, what = function.module, ast.unparse(read)
    text = f"{what} loaded again after the commit, with what is stored here"
    if session is None:
        refresh = f"refresh({ast.unparse(read.value)}, ['{read.attr}'])"
        plan.note(module, statement, f"{text}, and keeps what it held now: {refresh}")
        return
    assert isinstance(read.value, ast.Name)
    bindings = module.index.scopes[function.node].names.get(read.value.id, ())
    given = any(isinstance(binding.node, ast.arg) for binding in bindings)
    guard = "if {holder} in {session}:\n    " if given else ""
    line = f'{guard}await {{session}}.refresh({{holder}}, ["{read.attr}"])'
    plan.edit(module, InsertAfter(statement, Code(line, {"session": session, "holder": read.value})))
    plan.loading.append(remark(module, statement, f"{text}: refresh() does that now"))


def _keeps(call: ast.AST) -> bool:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    found = [keyword.value for keyword in keywords if keyword.arg == "expire_on_commit"]
    return any(not isinstance(value, ast.Constant) or value.value is False for value in found)


def _names(made: ast.Call, read: ast.Attribute) -> bool:
    """Tell whether a new object is given the one that is read: then it joins the relationship in memory."""
    given = [*made.args, *(keyword.value for keyword in made.keywords)]
    return any(ast.unparse(value) == ast.unparse(read.value) for value in given)


def _is_same(function: Function, read: ast.Attribute, call: ast.Call) -> bool:
    """Tell whether a variable means the same loaded object from a call to a read, and is not refreshed."""
    module, node = function.module, function.node
    assert isinstance(read.value, ast.Name)
    what = ast.unparse(read)
    for binding in module.index.scopes[node].names.get(read.value.id, ()):
        made = binding.value if binding.kind == "value" else None
        if isinstance(made, ast.Call) and isinstance(module.type_of(made.func), ProjectClass):
            return False
        if not isinstance(binding.node, ast.arg) and getattr(binding.node, "lineno", 0) >= call.lineno:
            return False
    for other in own_nodes(module, node, ast.Attribute):
        assert isinstance(other, ast.Attribute)
        changes = other.attr == "refresh" or isinstance(module.parent(other), ast.Call)
        target = ast.unparse(other.value) if changes else ""
        if other.attr == "refresh" and call.lineno < other.lineno <= read.lineno:
            refreshing = module.parent(other)
            first = refreshing.args[:1] if isinstance(refreshing, ast.Call) else []
            if [ast.unparse(value) for value in first] == [read.value.id]:
                return False
        if target == what or (isinstance(other.ctx, ast.Store) and ast.unparse(other) == what):
            return False
    return True


def is_reached(module: Module, statement: ast.stmt, read: ast.AST) -> bool:
    """Tell whether a place follows a statement, in its block or in one around it."""
    around = {read, *module.ancestors(read)}
    node: ast.AST | None = statement
    while isinstance(node, (ast.stmt, ast.ExceptHandler)) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        parent = module.parent(node)
        blocks = [getattr(parent, field, None) for field in _BLOCKS]
        block = next((block for block in blocks if isinstance(block, list) and node in block), [])
        rest = block[block.index(node) + 1 :] if block and not isinstance(node, ast.ExceptHandler) else []
        if around.intersection(rest):
            return True
        if rest and isinstance(rest[-1], _LEAVING):
            return False
        node = parent
    return False
