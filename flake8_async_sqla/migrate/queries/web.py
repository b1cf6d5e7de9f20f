"""All that is done with a query, through variables, helpers and files."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from flake8_async_sqla.migrate.colouring.references import Reference
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.queries.chain import Chain, chain_from, is_root, step_name
from flake8_async_sqla.migrate.queries.executing import CONSUMING, ENDS, SUBQUERIES
from flake8_async_sqla.migrate.queries.places import (
    Choice,
    Flow,
    Lost,
    Place,
    Result,
    Variable,
    loads,
    taken,
    variable,
)
from flake8_async_sqla.migrate.queries.steps import UNIONS
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import Function, FunctionNode, ProjectClass

_PLAIN = frozenset({"staticmethod", "classmethod"})


class Web:
    """Queries that meet somewhere, and so are converted together or not at all.

    Attributes:
        roots: The calls of ``query()``.
        flows: What is done with the queries.
        places: Where they are kept.
        calls: The calls of each function that takes a query, with the function as the caller sees it.
    """

    def __init__(
        self,
        kinds: Kinds,
        named: Mapping[FunctionNode, Sequence[Reference]],
        overridden: Mapping[FunctionNode, Sequence[Function]],
    ) -> None:
        """Start with nothing.

        Args:
            kinds: Types.
            named: Where functions are named.
            overridden: Methods with those that override them or that they override.
        """
        self._kinds, self._named, self._overridden = kinds, named, overridden
        self.roots: dict[ast.Call, Module] = {}
        self.flows: list[Flow] = []
        self.places: dict[Place, None] = {}
        self.calls: dict[FunctionNode, list[tuple[Module, ast.Call, Function]]] = {}
        self._fed: dict[Place, list[ast.expr]] = {}

    def follow(self, module: Module, root: ast.Call) -> None:
        """Follow a query to all that it meets.

        Raises:
            Lost: It goes where it cannot be followed.
        """
        self._root(module, root)
        self._check()

    def follow_from(self, place: Place) -> None:
        """Follow the queries that a place says it holds, whether one is seen to come there or not.

        Raises:
            Lost: They go where they cannot be followed.
        """
        self._enter(place)
        self._check()

    def _check(self) -> None:
        for place in self.places:
            self._checked(place)

    def _root(self, module: Module, root: ast.Call) -> None:
        if root not in self.roots:
            self.roots[root] = module
            self._flow(None, chain_from(module, root))

    def _flow(self, source: Place | None, chain: Chain) -> None:
        module, end = chain.module, chain.end
        if any(step_name(step) in ENDS for step in chain.steps):
            self.flows.append(Flow(source, chain))
            return
        parent = module.parent(end)
        keyword = parent if isinstance(parent, ast.keyword) else None
        outer = module.parent(parent) if keyword is not None and parent is not None else parent
        if _executes(module, end, parent):
            self.flows.append(Flow(source, chain))
        elif is_tested(parent, end) or (isinstance(parent, ast.Compare) and _with_none(parent, end)):
            self.flows.append(Flow(source, chain, harmless=True))
        else:
            target = self._target(module, end, outer)
            self.flows.append(Flow(source, chain, target))
            self._fed.setdefault(target, []).append(end)
            self._enter(target)

    def _target(self, module: Module, end: ast.expr, outer: ast.AST | None) -> Place:
        match outer:
            case ast.Assign(targets=[ast.Name() as name]) | ast.AnnAssign(target=ast.Name() as name):
                return variable(module, name)
            case ast.Return():
                node = module.function(outer)
                if node is not None:
                    return Result(Function(module, node))
            case ast.Call():
                return taken(self._kinds, module, outer, end)
            case ast.IfExp() if outer.test is not end:
                return Choice(module, outer)
        raise Lost(module, end, "this query() has no select() form that is known to give the same rows")

    def _enter(self, place: Place) -> None:
        """Follow all that comes to a place and leaves it."""
        if place in self.places:
            return
        self.places[place] = None
        if isinstance(place, Choice):
            for value in (place.node.body, place.node.orelse):
                self._come(place.module, value)
            self._flow(place, chain_from(place.module, place.node))
        elif isinstance(place, Variable):
            for use in loads(place):
                self._flow(place, chain_from(place.module, use))
            for binding in _read(place):
                self._come(place.module, binding.value)
            if place.parameter is not None:
                self._given(place)
        else:
            self._result(place)

    def _given(self, place: Variable) -> None:
        """Follow what the calls of a function give to a parameter."""
        node = place.scope.node
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for module, call, function in self._calls(Function(place.module, node)):
            for name, value in pairs(function, call):
                if name == place.name:
                    self._come(module, value)

    def _result(self, place: Result) -> None:
        function = place.function
        for node in own_nodes(function.module, function.node, ast.Return):
            self._come(function.module, node.value if isinstance(node, ast.Return) else None)
        for module, call, _ in self._calls(function):
            self._flow(place, chain_from(module, call))

    def _calls(self, function: Function) -> list[tuple[Module, ast.Call, Function]]:
        """List the calls of a function.

        Raises:
            Lost: It is named in another way, or something else may call it.
        """
        node = function.node
        if node in self.calls:
            return self.calls[node]
        decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        if not _PLAIN.issuperset(decorators) or is_generator(function.module, node):
            raise Lost(function.module, node, f"{node.name}() takes or returns a query, and is no plain function")
        if self._is_called_as_another(function):
            raise Lost(function.module, node, f"{node.name}() takes or returns a query, and other classes override it")
        found: list[tuple[Module, ast.Call, Function]] = []
        for reference in self._named.get(node, ()):
            call = reference.module.parent(reference.node)
            called = self._kinds.called(reference.module, call) if isinstance(call, ast.Call) else None
            if reference.use == "call" and isinstance(call, ast.Call) and called is not None:
                found.append((reference.module, call, called))
            elif reference.use != "listed":
                raise Lost(reference.module, reference.node, f"{node.name} takes or returns a query, and is passed on")
        self.calls[node] = found
        return found

    def _is_called_as_another(self, function: Function) -> bool:
        """Tell whether a call of a method may run another one, or a call of another one this."""
        for other in self._overridden.get(function.node, ()):
            owner, cls = _class_of(function), _class_of(other)
            named = any(not _of_super(place.node) for place in self._named.get(other.node, ()))
            if cls != owner and (owner in lineage(cls) or (named and cls in lineage(owner))):
                return True
        return False

    def _come(self, module: Module, value: ast.expr | None) -> None:
        """Follow a value back to where it begins."""
        while value is not None:
            if isinstance(value, ast.Call) and is_root(self._kinds, module, value):
                self._root(module, value)
                return
            if isinstance(value, ast.Name):
                if not isinstance(value.ctx, ast.Load):
                    return
                self._enter(variable(module, value))
                return
            if isinstance(value, ast.IfExp):
                self._enter(Choice(module, value))
                return
            called = self._kinds.called(module, value) if isinstance(value, ast.Call) else None
            if called is not None:
                self._enter(Result(Function(called.module, called.node)))
                return
            if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
                return
            value = value.func.value

    def _checked(self, place: Place) -> None:
        """See to it that nothing but these queries comes to a place.

        Raises:
            Lost: Something else does.
        """
        for module, value in self._values(place):
            known = any(value is end for end in self._fed.get(place, ()))
            if not known and not (isinstance(value, ast.Constant) and value.value is None):
                raise Lost(module, value, "a query meets something else here")

    def _values(self, place: Place) -> list[tuple[Module, ast.expr]]:
        found: list[tuple[Module, ast.expr | None]] = []
        if isinstance(place, Choice):
            return [(place.module, place.node.body), (place.module, place.node.orelse)]
        if isinstance(place, Result):
            module = place.function.module
            nodes = own_nodes(module, place.function.node, ast.Return)
            found = [(module, node.value) for node in nodes if isinstance(node, ast.Return)]
        else:
            for binding in _read(place):
                if binding.kind not in ("value", "annotation", "parameter") or binding.unpack:
                    raise Lost(place.module, binding.node, "a query meets something else here")
                found.append((place.module, binding.value))
            for module, call, function in self.calls.get(place.scope.node, ()) if place.parameter else ():  # type: ignore[call-overload]
                found += [(module, value) for name, value in pairs(function, call) if name == place.name]
        return [(module, value) for module, value in found if value is not None]


def _of_super(node: ast.expr) -> bool:
    """Tell whether a method is named as ``super().method``, which means that one and no other."""
    holder = node.value if isinstance(node, ast.Attribute) else None
    return isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id == "super"


def _read(place: Variable) -> list[Binding]:
    """List the bindings of a variable that are read somewhere."""
    read = [reaching(place.module, place.bindings, use) for use in loads(place)]
    return [binding for binding in place.bindings if any(binding in found for found in read)]


def _class_of(method: Function) -> ProjectClass:
    owner = method.module.scope_of(method.node).node
    assert isinstance(owner, ast.ClassDef)
    return ProjectClass(method.module, owner)


def is_tested(parent: ast.AST | None, end: ast.expr) -> bool:
    """Tell whether a query is tested for truth, which is true of each."""
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return isinstance(parent, (ast.If, ast.IfExp, ast.While)) and parent.test is end


def _executes(module: Module, end: ast.expr, parent: ast.AST | None) -> bool:
    """Tell whether a query is iterated, indexed or used as a subquery where it stands."""
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is end
    if isinstance(parent, ast.Subscript):
        return parent.value is end
    if isinstance(parent, ast.Call) and any(end is argument for argument in parent.args):
        func = parent.func
        if isinstance(func, ast.Name):
            return func.id in CONSUMING and module.scope_of(func).lookup(func.id) is None
        return isinstance(func, ast.Attribute) and func.attr in SUBQUERIES | UNIONS
    return False


def _with_none(node: ast.Compare, end: ast.expr) -> bool:
    others = [value for value in (node.left, *node.comparators) if value is not end]
    same = all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops)
    return same and all(isinstance(value, ast.Constant) and value.value is None for value in others)
