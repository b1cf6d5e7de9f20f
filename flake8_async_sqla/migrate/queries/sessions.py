"""The session that a query belongs to, in the words of the function that executes it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from flake8_async_sqla.migrate.queries.chain import session_of, step_name
from flake8_async_sqla.migrate.queries.places import Flow, Lost, Place, Result, Variable
from flake8_async_sqla.migrate.queries.web import Web
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import Function, FunctionNode


@dataclass(frozen=True, slots=True)
class Given:
    """The session of the query that a function is given as a parameter."""

    place: Variable


Symbol: TypeAlias = "str | Given"


class Sessions:
    """Finds the sessions of a web's queries.

    Attributes:
        added: The session parameter of functions that execute a query they are given, and were given no session.
    """

    def __init__(self, web: Web) -> None:
        """Find nothing yet."""
        self._web = web
        self._active: set[Place] = set()
        self.added: dict[FunctionNode, tuple[Function, str]] = {}

    def of(self, flow: Flow) -> ast.expr | str:
        """Return the session of a flow's query: the expression itself, or its text in the function of the flow.

        Raises:
            Lost: No expression means it there.
        """
        if flow.source is None or _changed(flow) is not None:
            return _changed(flow) or session_of(_root(flow))
        found = {self._text(symbol) for symbol in self._symbols(flow)}
        if len(found) != 1:
            raise Lost(flow.chain.module, flow.chain.end, "the session of this query cannot be told here")
        return next(iter(found))

    def given_by(self, module: Module, call: ast.Call, function: Function) -> str:
        """Return the session of the queries that a call gives to a function.

        Raises:
            Lost: They have none, or several.
        """
        values = [value for _, value in pairs(function, call)]
        found = {
            self._text(symbol)
            for flow in self._web.flows
            if any(flow.chain.end is value for value in values)
            for symbol in self._symbols(flow)
        }
        if len(found) != 1:
            raise Lost(module, call, f"the session of the query that {function.node.name}() gets cannot be told")
        return next(iter(found))

    def _symbols(self, flow: Flow) -> set[Symbol]:
        module = flow.chain.module
        if (changed := _changed(flow)) is not None:
            return {_stable(module, changed)}
        if flow.source is None:
            return {_stable(module, session_of(_root(flow)))}
        if not isinstance(flow.source, Result):
            return self._at(flow.source)
        node = flow.source.function.node
        known = next((found for found in self._web.calls.get(node, ()) if found[1] is flow.chain.base), None)
        if known is None:
            return set()
        found: set[Symbol] = set()
        for symbol in self._at(flow.source):
            if isinstance(symbol, str):
                found.add(_outward(module, known[1], known[2], symbol))
            else:
                found |= self._argument(known[1], known[2], symbol.place.name)
        return found

    def _argument(self, call: ast.Call, function: Function, name: str) -> set[Symbol]:
        value = next((value for parameter, value in pairs(function, call) if parameter == name), None)
        flow = next((flow for flow in self._web.flows if flow.chain.end is value), None)
        return self._symbols(flow) if flow is not None else set()

    def _at(self, place: Place) -> set[Symbol]:
        if place in self._active:
            return set()
        self._active.add(place)
        try:
            is_parameter = isinstance(place, Variable) and place.parameter is not None
            found: set[Symbol] = set()
            for flow in self._web.flows:
                comes_in = is_parameter and not _is_inside(flow, place)
                if flow.target == place and not comes_in:
                    found |= self._symbols(flow)
            if isinstance(place, Variable) and is_parameter:
                found.add(Given(place))
        finally:
            self._active.discard(place)
        return found

    def _text(self, symbol: Symbol) -> str:
        if isinstance(symbol, str):
            if symbol:
                return symbol
            raise Lost(*self._somewhere(), "the session of a query that a helper returns cannot be told")
        return self._inside(symbol.place)

    def _somewhere(self) -> tuple[Module, ast.AST]:
        root, module = next(iter(self._web.roots.items()))
        return module, root

    def _inside(self, place: Variable) -> str:
        """Return what means, in a function, the session of a query that it is given."""
        node = place.scope.node
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if node in self.added:
            return self.added[node][1]
        if place in self._active:
            raise Lost(place.module, node, f"{node.name}() calls itself with a query that it executes")
        self._active.add(place)
        texts: dict[str, None] = {}
        outer = ""
        for module, call, function in self._web.calls.get(node, ()):
            given = self._argument(call, function, place.name) - {Given(place)}
            for text in sorted(map(self._text, given)):
                texts.setdefault(_inward(module, call, function, text))
                outer = outer or text
        self._active.discard(place)
        if len(texts) == 1 and (text := next(iter(texts))):
            return text
        if not outer:
            raise Lost(place.module, node, f"nothing tells the session of the query that {node.name}() is given")
        name = outer.rpartition(".")[2]
        while name in place.scope.names or name in place.scope.loads:
            name = f"{name}_"
        self.added[node] = Function(place.module, node), name
        return name


def _root(flow: Flow) -> ast.Call:
    assert isinstance(flow.chain.base, ast.Call)
    return flow.chain.base


def _changed(flow: Flow) -> ast.expr | None:
    """Return the session that ``with_session()`` gives a query in the end."""
    given = [step.args[0] for step in flow.chain.steps if step_name(step) == "with_session" and step.args]
    return given[-1] if given else None


def _is_inside(flow: Flow, place: Place) -> bool:
    function = flow.chain.module.function(flow.chain.end)
    return isinstance(place, Variable) and function is place.scope.node


def _stable(module: Module, session: ast.expr) -> str:
    """Return the text of a session that means the same in the whole function.

    Raises:
        Lost: It may mean another one elsewhere.
    """
    holder = session
    while isinstance(holder, ast.Attribute):
        holder = holder.value
    found = module.scope_of(session).lookup(holder.id) if isinstance(holder, ast.Name) else None
    if found is None or len(found[1]) != 1:
        raise Lost(module, session, "the query's session may be another one where it is executed")
    return ast.unparse(session)


def _inward(module: Module, call: ast.Call, function: Function, session: str) -> str:
    """Say in the words of a function what an expression of a caller means; empty if there are no such words."""
    for name, value in pairs(function, call):
        if ast.unparse(value) == session:
            return name
    if function.receiver is not None and isinstance(call.func, ast.Attribute):
        receiver = ast.unparse(call.func.value)
        if session.startswith(f"{receiver}."):
            return _self_name(function) + session[len(receiver) :]
    return session if _is_global(module, call, session) and function.module == module else ""


def _outward(module: Module, call: ast.Call, function: Function, session: str) -> str:
    """Say in the words of a caller what an expression of a function means; empty if there are no such words."""
    first, dot, rest = session.partition(".")
    for name, value in pairs(function, call):
        if name == first and isinstance(value, (ast.Name, ast.Attribute)):
            return f"{ast.unparse(value)}{dot}{rest}"
    if function.receiver is not None and isinstance(call.func, ast.Attribute) and first == _self_name(function):
        return f"{ast.unparse(call.func.value)}{dot}{rest}"
    inside = function.module.index.scopes[function.node].lookup(first)
    is_global = inside is not None and inside[0].kind == "module"
    return session if is_global and function.module == module and _is_global(module, call, session) else ""


def _is_global(module: Module, call: ast.Call, session: str) -> bool:
    found = module.scope_of(call).lookup(session.partition(".")[0])
    return found is not None and found[0].kind == "module"


def _self_name(function: Function) -> str:
    return next((argument.arg for argument, _ in parameters(function.node.args)), "")
