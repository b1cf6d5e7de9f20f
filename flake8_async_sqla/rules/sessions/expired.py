"""Reads of columns that a commit has just expired, on the plain path of one coroutine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_async_sqla.rules.sessions.persistent import Objects, is_column, persistent
from flake8_async_sqla.semantics.calls import ASYNC_SCOPED_SESSION, ASYNC_SESSION, ASYNC_SESSIONMAKER, SESSIONMAKER
from flake8_async_sqla.semantics.classes import is_a, is_class
from flake8_async_sqla.semantics.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance, Manager, Member, ProjectInstance

_DEFERRED = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.GeneratorExp)
_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_PYDANTIC = ("pydantic.BaseModel", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
_VALIDATORS = frozenset({"from_orm", "model_validate"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Commit(NamedTuple):
    """A place where a session commits.

    Attributes:
        session: The type of the session.
        name: Its expression, as text.
        call: The call that commits, or the last statement of a block whose end does.
        statement: The statement after which the objects are expired.
    """

    session: Instance | ProjectInstance
    name: str
    call: ast.AST
    statement: ast.stmt


def expired_reads(module: Module) -> list[tuple[Instance | ProjectInstance, ast.expr]]:
    """List sessions with a column read after a commit of theirs, with nothing between that could load it again."""

    def collect() -> list[tuple[Instance | ProjectInstance, ast.expr]]:
        coroutines = [node for node in module.index.scopes if isinstance(node, ast.AsyncFunctionDef)]
        return [found for coroutine in coroutines for found in _expired_in(module, coroutine)]

    return module.cached("expired reads", collect)  # type: ignore[return-value]


def _expired_in(
    module: Module, coroutine: ast.AsyncFunctionDef
) -> Iterator[tuple[Instance | ProjectInstance, ast.expr]]:
    for commit in _commits(module, coroutine):
        objects = persistent(module, coroutine, commit.name, commit.call)
        if objects.single or objects.several:
            walk = _Walk(module, objects, commit)
            for statement in _following(module, commit.statement):
                walk.run(statement)
                if walk.done:
                    break
            if walk.read is not None:
                yield commit.session, walk.read


def _commits(module: Module, coroutine: ast.AsyncFunctionDef) -> Iterator[Commit]:
    for node in own_nodes(module, coroutine, ast.Await, ast.AsyncWith):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            kind, statement = module.type_of(node.value.func), module.statement(node)
            if not isinstance(kind, Member) or kind.name != "commit" or not isinstance(statement, ast.Expr):
                continue
            if isinstance(node.value.func, ast.Attribute) and is_a(kind.receiver, ASYNC_SESSION, ASYNC_SCOPED_SESSION):
                yield Commit(kind.receiver, ast.unparse(node.value.func.value), node.value, statement)
        elif isinstance(node, ast.AsyncWith) and len(node.items) == 1:
            yield from _block(module, node)


def _block(module: Module, block: ast.AsyncWith) -> Iterator[Commit]:
    """A block that commits at its end: ``async with session.begin():``, ``async with factory.begin() as session:``."""
    item = block.items[0]
    call = item.context_expr
    kind = module.type_of(call.func) if isinstance(call, ast.Call) else None
    if not isinstance(kind, Member) or kind.name != "begin" or not isinstance(call, ast.Call):
        return
    end = block.body[-1]
    if is_a(kind.receiver, ASYNC_SESSION) and isinstance(call.func, ast.Attribute):
        yield Commit(kind.receiver, ast.unparse(call.func.value), end, block)
    elif is_a(kind.receiver, ASYNC_SESSIONMAKER, SESSIONMAKER) and isinstance(item.optional_vars, ast.Name):
        made = module.type_of(call)
        if isinstance(made, Manager) and isinstance(made.result, (Instance, ProjectInstance)):
            yield Commit(made.result, item.optional_vars.id, end, block)


def _following(module: Module, statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements that run next: the rest of its block, one more turn of a loop, what comes after it."""
    current: ast.AST = statement
    for parent in module.ancestors(statement):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and current in block:
                yield from block[block.index(current) + 1 :]
                if isinstance(parent, _LOOPS) and name == "body":
                    yield parent
                elif isinstance(parent, ast.Try):
                    yield from [
                        *(parent.orelse if name == "body" else []),
                        *(parent.finalbody if name != "finalbody" else []),
                    ]
        if not isinstance(parent, (ast.AsyncWith, ast.With, ast.Try, ast.If, *_LOOPS)):
            return
        current = parent


class _Walk:
    """One way through the statements after a commit, in the order in which Python runs them."""

    def __init__(self, module: Module, objects: Objects, commit: Commit) -> None:
        self.module = module
        self.objects = objects
        self.commit = commit
        self.read: ast.expr | None = None
        self.done = False
        self._session = commit.name.partition(".")[0]
        self._around = frozenset(module.ancestors(commit.statement))
        self._set: set[tuple[str, str]] = set()

    def run(self, node: ast.AST) -> None:
        """Follow a node until something is read, or nothing more is certain."""
        if self.done or isinstance(node, _DEFERRED):
            return
        if isinstance(node, (ast.For, ast.AsyncFor)):
            if node not in self._around:
                self.run(node.iter)
            if isinstance(node, ast.AsyncFor):
                self._suspend(node.iter)
            self.objects.bind(node.target, node.iter)
            self._all(node.body)
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            self.run(node.test)
            self._maybe(node)
        elif isinstance(node, ast.BoolOp):
            self.run(node.values[0])
            self._maybe(node)
        elif isinstance(node, ast.Match):
            self.run(node.subject)
            self._maybe(node)
        elif isinstance(node, ast.Try):
            self._all([*node.body, *node.orelse, *node.finalbody])
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
            self._comprehension(node)
        else:
            self._plain(node)

    def _all(self, nodes: list[ast.stmt]) -> None:
        for node in nodes:
            self.run(node)

    def _plain(self, node: ast.AST) -> None:
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            if node.value is not None:
                self.run(node.value)
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute):
                self._attribute(node.target)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.run(target)
            return
        for child in ast.iter_child_nodes(node):
            self.run(child)
        if self.done:
            return
        if isinstance(node, ast.Await):
            self._suspend(node)
        elif isinstance(node, ast.Call):
            self._validated(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.objects.forget(node.id)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Load):
                self._attribute(node)
            elif isinstance(node.value, ast.Name):
                self._set.add((node.value.id, node.attr))
        if node is self.commit.statement or isinstance(node, _LEAVING):
            self.done = True

    def _attribute(self, node: ast.Attribute) -> None:
        cls = self.objects.single.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if cls is None or not isinstance(node.value, ast.Name) or (node.value.id, node.attr) in self._set:
            return
        if is_column(cls, node.attr):
            self.read = node
            self.done = True

    def _validated(self, call: ast.Call) -> None:
        """Pydantic reads all attributes of an object that it makes a model of."""
        func, given = call.func, call.args[0] if call.args else None
        if not isinstance(func, ast.Attribute) or func.attr not in _VALIDATORS or not isinstance(given, ast.Name):
            return
        if given.id in self.objects.single and is_class(self.module.type_of(func.value), *_PYDANTIC):
            self.read = given
            self.done = True

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> None:
        first = node.generators[0]
        self.run(first.iter)
        self.objects.bind(first.target, first.iter)
        for condition in first.ifs[:1]:
            self.run(condition)
        if len(node.generators) == 1 and not first.ifs:
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.run(part)
        self._maybe(node)

    def _maybe(self, node: ast.AST) -> None:
        """Give up what a part that may run could load again, set or bind."""
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
                self._suspend(inner)
            elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                self.objects.forget(inner.id)
            elif (
                isinstance(inner, ast.Attribute)
                and isinstance(inner.ctx, ast.Store)
                and isinstance(inner.value, ast.Name)
            ):
                self._set.add((inner.value.id, inner.attr))

    def _suspend(self, node: ast.AST) -> None:
        """Give up where the session may be used: by its name, or unseen."""
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        scope = self.module.scope_of(self.commit.statement)
        if self._session in names or self._session not in scope.names or names & set(self.objects.several):
            self.done = True
        for name in names & set(self.objects.single):
            self.objects.forget(name)
