"""Reads of relationships that an object may lack: ``run_sync`` lets them load when they are read."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.lookups import Lookups, leading_back
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import SESSIONS
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, FunctionNode, ProjectInstance

_UNMOVABLE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def lookup_edits(kinds: Kinds, sources: Sources, colouring: Colouring, plan: Plan) -> None:
    """Plan the reads of what a lookup by key may give, in coroutine functions and in what these call."""
    back = leading_back(sources)
    reads = _Reads(kinds, colouring, plan)
    for module in sources.modules if back else ():
        for node in nodes(module, ast.Attribute):
            assert isinstance(node, ast.Attribute)
            kind = kinds.of(module, node.value) if node.attr in back and isinstance(node.ctx, ast.Load) else None
            ours = kind is UNKNOWN or (isinstance(kind, ProjectInstance) and kind.cls in back[node.attr])
            if ours and not is_test(module):
                reads.add(module, node, node.value, node.attr)


class _Reads:
    def __init__(self, kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
        self._kinds, self._colouring, self._plan = kinds, colouring, plan
        self._lookups = Lookups(kinds, colouring)
        self._moved: set[ast.expr] = {call for _, call, _ in colouring.calls}
        self._moved |= {operation.node for operation in colouring.operations if isinstance(operation.node, ast.Call)}
        self._done: set[ast.expr] = set()

    def add(self, module: Module, node: ast.expr, value: ast.expr, name: str) -> None:
        """Look at a place that reads a relationship of a value: the read itself, or a call that comes to it."""
        function = home(module, node).node
        if node in self._done or not isinstance(function, FUNCTIONS):
            return
        self._done.add(node)
        if self._colouring.is_coloured(function):
            if self._lookups.gives(module, value):
                self._load(module, function, node, f"{ast.unparse(value)}.{name}")
        elif isinstance(value, ast.Name) and not is_generator(module, function):
            for place, call, given in self._lookups.given(function, value.id):
                self.add(place, call, given, name)

    def _load(self, module: Module, function: FunctionNode, node: ast.expr, what: str) -> None:
        session = session_at_hand(self._kinds, module, function, node)
        parts = set(ast.walk(node))
        fixed = any(isinstance(part, _UNMOVABLE) or part in self._moved for part in parts) or _generates(module, node)
        reason = f"a lookup by key may have given the object as the session held it, without {what}"
        if session is None or fixed:
            holder, _, name = what.rpartition(".")
            self._plan.note(module, node, f"{reason}: refresh({holder}, ['{name}']) before this")
            return
        inner = free_name(module, node, "sync_session")
        code = Code(f"await {{session}}.run_sync(lambda {inner}: {{read}})", {"session": session, "read": node})
        self._plan.edit(module, ReplaceExpression(node, code))
        self._plan.loading.append(remark(module, node, f"run_sync() loads it where it is read: {reason}"))


def session_at_hand(kinds: Kinds, module: Module, function: FunctionNode, node: ast.AST) -> ast.expr | None:
    """Find a session: a parameter, what a ``with`` around a place gives, or an attribute of ``self``.

    Args:
        kinds: Types.
        module: The module.
        function: The function that needs a session.
        node: The place in it.
    """
    scope = module.index.scopes[function]
    around, receiver = set(module.ancestors(node)), first_parameter(function.args)
    for name, uses in scope.loads.items():
        bindings = scope.names.get(name, ())
        given = [binding for binding in bindings if isinstance(binding.node, ast.arg) or binding.node in around]
        if len(bindings) == len(given) == 1 and is_a(kinds.of(module, uses[0]), *SESSIONS):
            return uses[0]
    for held in own_nodes(module, function, ast.Attribute):
        assert isinstance(held, ast.Attribute)
        own = receiver is not None and isinstance(held.value, ast.Name) and held.value.id == receiver.arg
        if own and isinstance(held.ctx, ast.Load) and is_a(kinds.of(module, held), *SESSIONS):
            return held
    return None


def _generates(module: Module, node: ast.expr) -> bool:
    """Tell whether a generator expression evaluates a node: with ``await`` it would be an asynchronous one."""
    scope: Scope | None = module.scope_of(node)
    while scope is not None and scope.kind == "comprehension":
        if isinstance(scope.node, ast.GeneratorExp):
            return True
        scope = scope.parent
    return False
