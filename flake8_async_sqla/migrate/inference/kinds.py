"""Types as the migrator sees them: the linter's, and what flows through parameters, state and other modules."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.colouring.registries import plain_registries
from flake8_async_sqla.migrate.colouring.requests import is_fixture, requested
from flake8_async_sqla.migrate.inference.handed import travels, without_origin
from flake8_async_sqla.migrate.inference.lambdas import declared_for_lambda
from flake8_async_sqla.migrate.inference.partials import bound, is_partial
from flake8_async_sqla.migrate.inference.tables import entry
from flake8_async_sqla.migrate.inference.twins import sync_class
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home, nodes
from flake8_async_sqla.semantics.frameworks.dependencies import provider
from flake8_async_sqla.semantics.inference.bindings import entered, item_of, reaching
from flake8_async_sqla.semantics.inference.calls import PARTIAL, SCOPED_SESSION, call_type
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.frames import pairs
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_kind, own_nodes, transparent
from flake8_async_sqla.semantics.inference.infer import attribute_type
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import source_of
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Container,
    Coroutine,
    External,
    Function,
    Generator,
    Instance,
    Manager,
    Member,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_ROUNDS = 6
# A module that tests load by a name that is put together.
ANY_MODULE = Instance("types.ModuleType")


class Kinds:
    """Answers what an expression is, over all modules that are to be migrated.

    Attributes:
        registries: The calls of ``scoped_session`` that a factory can take the place of, with their modules.
    """

    def __init__(self, sources: Sources) -> None:
        """Look at what is stored and passed on, until nothing new is learnt."""
        self._known: dict[ast.expr, Type] = {}
        self._active: set[object] = set()
        self._fed: dict[ast.arg, Type] = {}
        self._given_classes: set[ast.AST] = set()
        self._stored: dict[tuple[object, str], list[tuple[Module, ast.expr]]] = {}
        self._fixtures = [function for function in sources.functions() if is_fixture(function)]
        self.registries = plain_registries(sources)
        for module in sources.modules:
            self._collect_stored(module)
        for _ in range(_ROUNDS):
            fed = self._feed(sources)
            if fed == self._fed:
                break
            self._fed = fed
            self._known.clear()

    def of(self, module: Module, node: ast.expr | None) -> Type:
        """Infer the type of an expression; `UNKNOWN` if in doubt."""
        if node is None:
            return UNKNOWN
        if node in self._known:
            return self._known[node]
        if node in self._active:
            return UNKNOWN
        self._active.add(node)
        try:
            found = self._unscoped(module.type_of(node))
            found = self._derived(module, node) if found is UNKNOWN or _of_any_module(found) else found
        finally:
            self._active.discard(node)
        if not self._active or found is not UNKNOWN:
            self._known[node] = found
        return found

    def stored(self, module: Module, node: ast.expr | None) -> list[tuple[Module, ast.expr]]:
        """Follow an attribute of something unknown to what is stored there; other expressions stand for themselves."""
        if isinstance(node, ast.Attribute) and self.of(module, node.value) in (UNKNOWN, ANY_MODULE):
            return self._kept(module, node) or [(module, node)]
        return [(module, node)] if node is not None else []

    def called(self, module: Module, call: ast.Call) -> Function | None:
        """Return the project function that a call runs: a function, method, constructor or ``__call__``."""
        kind = self.of(module, call.func)
        if isinstance(kind, ProjectClass):
            kind = class_attribute(kind, "__init__", ProjectInstance(kind))
        elif isinstance(kind, ProjectInstance):
            kind = class_attribute(kind.cls, "__call__", kind)
        return kind if isinstance(kind, Function) else None

    def _unscoped(self, kind: Type) -> Type:
        """Take a registry that only makes sessions for the factory it is given."""
        if isinstance(kind, Instance) and kind.cls == SCOPED_SESSION and kind.origin in self.registries:
            module, call = self.registries[kind.origin]
            return self.of(module, call.args[0])
        return kind

    def is_given_classes(self, module: Module, node: ast.Name) -> bool:
        """Tell whether a parameter is given classes of the project by all its calls."""
        found = module.scope_of(node).lookup(node.id)
        return found is not None and len(found[1]) == 1 and found[1][0].node in self._given_classes

    def _derived(self, module: Module, node: ast.expr) -> Type:
        match node:
            case ast.Name():
                return self._name(module, node)
            case ast.Attribute():
                return self._attribute(module, node)
            case ast.Call():
                return self._call(module, node)
            case ast.Await():
                value = self.of(module, node.value)
                return value.result if isinstance(value, Coroutine) else UNKNOWN
            case ast.Subscript():
                if (held := entry(module, node)) is not None:
                    return self.of(module, held)
                holder = self.of(module, node.value)
                return holder.item if isinstance(holder, Container) else UNKNOWN
            case ast.IfExp():
                return join([self.of(module, node.body), self.of(module, node.orelse)])
            case ast.BoolOp():
                return join([self.of(module, value) for value in node.values])
            case ast.NamedExpr():
                return self.of(module, node.value)
        return UNKNOWN

    def _name(self, module: Module, node: ast.Name) -> Type:
        scope = module.scope_of(node)
        found = scope.lookup(node.id)
        if found is None:
            return UNKNOWN
        holder, bindings = found
        if len(bindings) > 1 and holder is scope:
            bindings = reaching(module, bindings, node)
        return join([self._binding(module, binding) for binding in bindings])

    def _binding(self, module: Module, binding: Binding) -> Type:
        if isinstance(binding.node, ast.arg):
            return self._parameter(module, binding, binding.node)
        if binding.kind == "import":
            return self._imported(module, binding)
        if binding.unpack or binding.value is None:
            return UNKNOWN
        kind = self.of(module, binding.value)
        if binding.kind in ("with", "async with"):
            return entered(kind)
        if binding.kind in ("for", "async for"):
            return item_of(kind)
        return kind if binding.kind in ("value", "annotation") else UNKNOWN

    def _imported(self, module: Module, binding: Binding) -> Type:
        source = source_of(module, binding.target)
        if source is None or source in self._active:
            return UNKNOWN
        self._active.add(source)
        try:
            return join([self._binding(source[0], found) for found in source[0].index.top.names.get(source[1], [])])
        finally:
            self._active.discard(source)

    def _parameter(self, module: Module, binding: Binding, node: ast.arg) -> Type:
        if (found := provider(module, binding)) is not None:
            given = self.of(*found)
            given = given if isinstance(given, Function) else bound(self.of, given)
            return self.provided(given) if isinstance(given, Function) else UNKNOWN
        if node in self._fed:
            return self._fed[node]
        if (declared := declared_for_lambda(self.called, module, node)) is not UNKNOWN:
            return declared
        fixture = self.fixture(module, node)
        return self.provided(fixture) if fixture is not None else UNKNOWN

    def fixture(self, module: Module, node: ast.AST) -> Function | None:
        """Return the fixture that a parameter of a test asks for; None for any other parameter."""
        function = next((outer for outer in module.ancestors(node) if isinstance(outer, FUNCTIONS)), None)
        if function is None or not isinstance(node, ast.arg) or not self._fixtures:
            return None
        return requested(self._fixtures, Function(module, function), node.arg)

    def provided(self, function: Function) -> Type:
        """Infer what FastAPI or pytest makes of a function: what it returns or yields."""
        return join([self.of(function.module, value) for value in gives(function)])

    def _attribute(self, module: Module, node: ast.Attribute) -> Type:
        holder = self.of(module, node.value)
        if isinstance(holder, Manager) and sync_class(holder.result).endswith("Transaction"):
            holder = holder.result
        told = holder not in (UNKNOWN, ANY_MODULE)
        found = attribute_type(module, holder, node.attr) if told else UNKNOWN
        if found is UNKNOWN and isinstance(holder, ProjectInstance):
            found = self._of_instance(holder, node.attr)
        if found is UNKNOWN:
            found = join([self.of(place, value) for place, value in self._kept(module, node)])
        return found

    def _kept(self, module: Module, node: ast.Attribute) -> list[tuple[Module, ast.expr]]:
        """List what is stored in an attribute of something that cannot be told, by a test's fixture too."""
        found = list(self._stored.get(_place(module, node), ()))
        if not found and isinstance(node.value, ast.Name):
            held = module.scope_of(node).lookup(node.value.id)
            for binding in held[1] if held is not None else ():
                fixture = self.fixture(module, binding.node)
                for value in gives(fixture) if fixture is not None else ():
                    place = home(fixture.module, value) if fixture is not None else None
                    found += self._stored.get((place, f"{ast.unparse(value)}.{node.attr}"), ())
        return found

    def _of_instance(self, instance: ProjectInstance, name: str) -> Type:
        for cls in lineage(instance.cls):
            scope = scope_of_class(cls) if isinstance(cls, ProjectClass) else None
            if scope is not None and isinstance(cls, ProjectClass) and (bindings := scope.attributes.get(name)):
                return join([self._binding(cls.module, binding) for binding in bindings])
        return UNKNOWN

    def _call(self, module: Module, node: ast.Call) -> Type:
        callee = self.of(module, node.func)
        if callee == External("typing.cast") and len(node.args) == 2:
            return self.of(module, node.args[1])
        found = call_type(module, node, callee) if callee is not UNKNOWN else UNKNOWN
        if found is UNKNOWN and isinstance(callee, Function) and transparent(callee.module, callee.node):
            found = self._result(callee)
        if found is UNKNOWN and is_partial(callee, node):
            return Instance(PARTIAL, module.origin(node))
        return found

    def _result(self, function: Function) -> Type:
        value = self.provided(function)
        if value is UNKNOWN:
            return UNKNOWN
        is_async = isinstance(function.node, ast.AsyncFunctionDef)
        if is_generator(function.module, function.node):
            manager = manager_kind(function.module, function.node)
            return Generator(value, is_async, function) if manager is None else Manager(value, manager)
        return Coroutine(value) if is_async else value

    def _collect_stored(self, module: Module) -> None:
        for node in nodes(module, ast.Assign):
            assert isinstance(node, ast.Assign)
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    self._stored.setdefault(_place(module, target), []).append((module, node.value))

    def _feed(self, sources: Sources) -> dict[ast.arg, Type]:
        """Collect what calls give to parameters that say nothing of their type themselves."""
        found: dict[ast.arg, list[Type]] = {}
        classes: dict[ast.AST, list[bool]] = {}
        for module in sources.modules:
            for call in nodes(module, ast.Call):
                assert isinstance(call, ast.Call)
                function = self.called(module, call)
                if function is None:
                    continue
                scope = function.module.index.scopes[function.node]
                for name, value in pairs(function, call):
                    binding, kind = scope.names[name][0], self.of(module, value)
                    if isinstance(binding.node, ast.arg):
                        classes.setdefault(binding.node, []).append(isinstance(kind, ProjectClass))
                        if binding.annotation is None and travels(kind):
                            found.setdefault(binding.node, []).append(without_origin(kind))
        self._given_classes = {parameter for parameter, given in classes.items() if all(given)}
        return {
            parameter: join(kinds)
            for parameter, kinds in found.items()
            if parameter in self._given_classes or not any(isinstance(kind, ProjectClass) for kind in kinds)
        }


def _of_any_module(kind: Type) -> bool:
    return isinstance(kind, Member) and kind.receiver == ANY_MODULE


def gives(function: Function) -> list[ast.expr]:
    """List what a function returns, or yields if it is a generator."""
    kind = ast.Yield if is_generator(function.module, function.node) else ast.Return
    found = (node.value for node in own_nodes(function.module, function.node, kind) if isinstance(node, kind))
    return [value for value in found if value is not None]


def _place(module: Module, node: ast.Attribute) -> tuple[object, str]:
    """Say where an attribute is kept: request and application state everywhere, other paths within one function."""
    if isinstance(node.value, ast.Attribute) and node.value.attr == "state":
        return "state", node.attr
    scope: Scope | None = home(module, node)
    return scope, ast.unparse(node)
