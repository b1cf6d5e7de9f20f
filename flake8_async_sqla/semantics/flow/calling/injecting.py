"""What FastAPI or pytest gives the function under analysis: dependencies and fixtures run first, each of them once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from flake8_async_sqla.semantics.flow.calling.invoking import invoke
from flake8_async_sqla.semantics.flow.calling.managers import yielded
from flake8_async_sqla.semantics.flow.expressions.members import function
from flake8_async_sqla.semantics.flow.expressions.origins import is_session, parameter, session_value
from flake8_async_sqla.semantics.flow.relevance import uses_session
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.objects import forget_session
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, Opaque, Routine, Value
from flake8_async_sqla.semantics.frameworks.dependencies import (
    dependency_calls,
    depends_argument,
    provided,
    provides,
    shared_provider,
)
from flake8_async_sqla.semantics.frameworks.fixtures import requested_fixture
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, Instance, ProjectClass

MAX_DEPTH = 4


@dataclass(slots=True)
class Injector:
    """The dependencies of one request.

    Attributes:
        frame: The function under analysis.
        state: What is known; it is changed by what the dependencies do.
        known: What each of them gave.
        seen: Whether all that may query could be seen.
    """

    frame: Frame
    state: State
    known: dict[FunctionNode, Value] = field(default_factory=dict)
    seen: bool = True

    def run_unnamed(self) -> None:
        """Run the dependencies that the route or its router names, which give the function nothing."""
        node = self.frame.node
        for module, given in _unnamed(self.frame.module, node) if not isinstance(node, ast.Lambda) else ():
            for item in given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]:
                argument = depends_argument(item) if isinstance(item, ast.Call) else None
                provider = module.type_of(argument) if argument is not None else None
                if isinstance(provider, Function):
                    self._provided(provider, item, MAX_DEPTH)
                else:
                    self.seen = False

    def value(self, frame: Frame, argument: ast.arg, depth: int = MAX_DEPTH) -> Value:
        """Return what a parameter is given.

        Args:
            frame: The function of the parameter.
            argument: The parameter.
            depth: How many dependencies of dependencies to follow.
        """
        provider = _provider(frame.module, frame.node, argument) if depth else None
        self.seen = self.seen and (provider is not None or not _may_query(frame.module, frame.node, argument))
        found = self._provided(provider, argument, depth) if provider is not None else OPAQUE
        return parameter(frame, self.state, argument, None) if isinstance(found, Opaque) else found

    def _provided(self, provider: Function, at: ast.expr | ast.arg, depth: int) -> Value:
        if provider.node not in self.known:
            self.known[provider.node] = self._run(provider, at, depth)
        return self.known[provider.node]

    def _run(self, provider: Function, at: ast.expr | ast.arg, depth: int) -> Value:
        """Run a dependency; what fails in there is reported there."""
        run, kind = self.frame.run, provides(provider)
        if is_session(kind):
            return session_value(run, self.state, kind, ("dependency", provider.node))
        inner = Frame(run, provider.module, provider.node)
        given = {found.arg: self.value(inner, found, depth - 1) for found, _ in parameters(provider.node.args)}
        readings, run.readings = run.readings, {}
        call = ast.copy_location(ast.Name("Depends"), at)
        routine = Routine(provider.module, provider.node)
        ways = yielded(self.frame, self.state.copy(), call, routine, given)
        if ways is not None:
            result = self._suspended(inner, ways)
        else:
            result = invoke(self.frame, self.state, call, routine, [], given)
        run.readings = readings
        return result

    def _suspended(self, frame: Frame, ways: list[tuple[State, Value]]) -> Value:
        from flake8_async_sqla.semantics.flow.expressions.expressions import meet

        names, assumed, trail = self.state.names, self.state.assumed, self.state.trail
        result = meet(frame, self.state, ways)
        self.state.names, self.state.assumed, self.state.trail = names, assumed, trail
        return result


def inject(frame: Frame, state: State) -> dict[str, Value]:
    """Return what the parameters of the function under analysis hold.

    Args:
        frame: The function.
        state: What is known; it is changed by what the dependencies do.
    """
    injector = Injector(frame, state)
    injector.run_unnamed()
    found = {argument.arg: injector.value(frame, argument) for argument, _ in parameters(frame.node.args)}
    for session in state.sessions if not injector.seen else ():
        forget_session(state, session)
    return found


def is_given_objects(module: Module, node: FunctionNode, depth: int = MAX_DEPTH) -> bool:
    """Tell whether FastAPI may give a function what a dependency queried, or pytest what a fixture did.

    Args:
        module: The module of the function.
        node: The function.
        depth: How many dependencies of dependencies to follow.
    """
    providers = (_provider(module, node, argument) for argument, _ in parameters(node.args))
    return any(_queries(provider, depth) for provider in providers if provider is not None)


def _queries(provider: Function, depth: int) -> bool:
    if is_session(provides(provider)):
        return False
    module, node = provider.module, provider.node
    made = [item for item in node.body if isinstance(item, ast.AsyncFunctionDef)]  # a factory is given away
    if any(uses_session(module, item) for item in (node, *made)):
        return True
    return depth > 0 and is_given_objects(module, node, depth - 1)


def _provider(module: Module, node: FunctionNode | ast.Lambda, argument: ast.arg) -> Function | None:
    binding = _binding(module, node, argument)
    found = shared_provider(module, binding) if binding is not None else None
    if isinstance(found, Function):
        return found if found.receiver is None else None
    return requested_fixture(module, module.index.scopes[node], argument.arg)


def _binding(module: Module, node: FunctionNode | ast.Lambda, argument: ast.arg) -> Binding | None:
    bindings = module.index.scopes[node].names.get(argument.arg, ())
    return next((binding for binding in bindings if binding.node is argument), None)


def _may_query(module: Module, node: FunctionNode | ast.Lambda, argument: ast.arg) -> bool:
    """Tell whether a parameter's dependency, which is no function that can be run, may query: a callable object."""
    binding = _binding(module, node, argument)
    calls = [*dependency_calls(module, binding)] if binding is not None else []
    if binding is None or not calls or is_session(provided(module, binding)):
        return False
    found = shared_provider(module, binding)
    if isinstance(found, ProjectClass):
        start = function(found, "__init__")
        return start is not None and is_given_objects(start.module, start.node)
    kinds = (holder.type_of(given) for holder, call in calls if (given := depends_argument(call)) is not None)
    return any(not isinstance(kind, (External, Instance)) for kind in kinds)


def _unnamed(module: Module, node: FunctionNode) -> Iterator[tuple[Module, ast.expr]]:
    """Yield ``dependencies=`` of the route and of the router that it is declared on, the router's first."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
            made = origin_of(module.type_of(decorator.func.value))
            calls = [(made.module, made.call)] if made is not None else []
            for holder, call in [*calls, (module, decorator)]:
                yield from ((holder, item.value) for item in call.keywords if item.arg == "dependencies")
