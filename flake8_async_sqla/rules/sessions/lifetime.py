"""How long a session lives that a call makes: as long as the program, or shorter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.facts.frameworks import CACHES
from flake8_async_sqla.rules.sessions.stores import keeps_session
from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.frameworks.state import is_shared_place
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.binders import first_parameter
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, Instance, ProjectClass, ProjectInstance, Type

_RUNNERS = frozenset({"asyncio.run", "anyio.run"})


@dataclass(frozen=True, slots=True)
class Owner:
    """An attribute of a class."""

    cls: ast.ClassDef
    attribute: str

    def is_owner(self, kind: Type) -> bool | None:
        """Tell whether a type is the class or an instance of it; ``None`` if it may be."""
        cls = kind.cls if isinstance(kind, ProjectInstance) else kind
        if isinstance(cls, ProjectClass):
            return any(isinstance(base, ProjectClass) and base.node is self.cls for base in lineage(cls))
        return None if kind is UNKNOWN else False


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Where a session is kept for as long as the program runs.

    Attributes:
        kind: ``global``, ``attribute``, or ``other``.
        where: The place, in words.
        owner: The class and attribute, for ``attribute``.
    """

    kind: str
    where: str
    owner: Owner | None = None


def lifetime(module: Module, call: ast.Call) -> Lifetime | None:
    """Tell where a call's result is kept for as long as the program runs; ``None`` if it is not.

    Args:
        module: The module of the call.
        call: The call that makes a session.
    """
    node, holder = _outermost(module, call)
    parent = module.parent(node)
    if isinstance(parent, ast.arguments):
        return Lifetime("other", "as a default argument, made when the function is defined")
    function = module.function(node)
    if isinstance(parent, ast.Return) and function is not None and _cached(module, function):
        return Lifetime("other", f"that the cached '{function.name}()' hands to everyone")
    if not isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        return None
    for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
        plain = holder is None and isinstance(target, (ast.Name, ast.Attribute)) and node is call
        if isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple) and len(target.elts) == len(node.elts):
            inside = [{id(inner) for inner in ast.walk(element)} for element in node.elts]
            target = next(target.elts[number] for number, nodes in enumerate(inside) if id(call) in nodes)
        where = _kept_in(module, node, target, f" inside '{holder}'" if holder else "")
        if where is not None:
            return where if plain else Lifetime("other", where.where)
    return None


def _kept_in(module: Module, node: ast.expr, target: ast.expr, inside: str) -> Lifetime | None:
    scope = module.scope_of(node)
    if isinstance(target, ast.Attribute):
        return None if is_shared_place(module, target) else _on_singleton(module, scope, target)
    if not isinstance(target, ast.Name):
        return None
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    if (scope.kind == "module" and not _is_script(module, node)) or (
        target.id in scope.foreign and scope.foreign[target.id].kind == "module"
    ):
        return Lifetime("global", f"in the module global '{target.id}'{inside}")
    if scope.kind == "class" and isinstance(scope.node, ast.ClassDef):
        if isinstance(node, ast.Call) and argument(node, "default_factory") is not None:
            made = _made_once(module, ProjectClass(module, scope.node))
            return Lifetime("other", f"in '{scope.node.name}.{target.id}', kept by {made}") if made else None
        if isinstance(module.function(scope.node), ast.AsyncFunctionDef):
            return None  # each call of the coroutine makes a class of its own
        where = f"in the class attribute '{scope.node.name}.{target.id}'{inside}"
        return Lifetime("attribute", where, Owner(scope.node, target.id))
    function = module.function(node)
    if function is not None and _cached(module, function) and _returns(module, function, target.id):
        return Lifetime("other", f"that the cached '{function.name}()' hands to everyone")
    return None


def _outermost(module: Module, call: ast.Call) -> tuple[ast.expr, str | None]:
    """Step out of displays, choices and constructors that keep the session: ``store = Store(AsyncSession(engine))``."""
    node: ast.expr = call
    holder: str | None = None
    while True:
        parent = module.parent(node)
        if isinstance(parent, ast.keyword):
            parent = module.parent(parent)
        if isinstance(parent, ast.Call) and parent.func is not node:
            name = _keeper(module, parent)
            if name is None:
                return node, holder
            holder = holder or name
        elif not isinstance(parent, (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.IfExp, ast.BoolOp)):
            return node, holder
        node = parent


def _keeper(module: Module, call: ast.Call) -> str | None:
    """Name what a call makes if it keeps the session that it is given; empty if it gives the session itself back."""
    kind = module.type_of(call)
    if isinstance(kind, ProjectInstance) and keeps_session(module, kind, call):
        return kind.cls.node.name
    if isinstance(kind, Instance) and kind.cls == "contextvars.ContextVar":
        return "ContextVar"
    function = module.type_of(call.func)
    if isinstance(function, External) and function.path == "dataclasses.field":
        return "" if any(keyword.arg == "default" for keyword in call.keywords) else None
    return "" if isinstance(function, Instance) and function.cls.endswith(".NewType") else None


def _is_script(module: Module, node: ast.AST) -> bool:
    """Tell whether a statement only runs when the file is run as a script."""
    for outer in module.ancestors(node):
        if isinstance(outer, ast.If) and isinstance(outer.test, ast.Compare) and isinstance(outer.test.left, ast.Name):
            return outer.test.left.id == "__name__"
    return any(
        isinstance(found, ast.Call) and callee(module, found) in _RUNNERS and not _guarded(module, found)
        for found in module.index.top.nodes
    )


def _guarded(module: Module, node: ast.AST) -> bool:
    return any(isinstance(outer, (ast.If, ast.Try)) for outer in module.ancestors(node))


def _cached(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in function.decorator_list:
        kind = module.type_of(uncalled(decorator))
        if isinstance(kind, External) and kind.path in CACHES:
            return True
    return False


def _returns(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in module.index.scopes[function].nodes
    )


def _on_singleton(module: Module, scope: Scope, target: ast.Attribute) -> Lifetime | None:
    kind = module.type_of(target.value)
    if isinstance(kind, ProjectClass):
        return Lifetime(
            "attribute", f"in the class attribute '{kind.node.name}.{target.attr}'", Owner(kind.node, target.attr)
        )
    if not isinstance(kind, ProjectInstance) or kind.cls.module != module or scope.kind != "function":
        return None
    if isinstance(target.value, ast.Attribute) and isinstance(module.type_of(target.value.value), ProjectClass):
        return Lifetime("other", f"in '{ast.unparse(target)}', which lives as long as the class")
    made = _made_once(module, kind.cls)
    if not made:
        return None
    where = f"in '{kind.cls.node.name}.{target.attr}', kept by {made}"
    return Lifetime("attribute", where, Owner(kind.cls.node, target.attr))


def _made_once(module: Module, cls: ProjectClass) -> str:
    """Say what holds an instance of the class for as long as the program runs; empty if nothing is seen to."""
    if metaclass := next(_metaclasses(cls), ""):
        return f"the metaclass '{metaclass}', which makes one instance"
    for place in [module, *importers(module)]:
        for scope in place.index.scopes.values():
            for node in scope.nodes:
                if isinstance(node, ast.Call) and place.type_of(node.func) == cls:
                    name = _kept_for_good(place, node)
                    if name:
                        return (
                            f"{name} ({place.relative_path}:{node.lineno})"
                            if place != module
                            else f"{name} (line {node.lineno})"
                        )
    return ""


def _metaclasses(cls: ProjectClass) -> Iterator[str]:
    """Name the metaclasses whose ``__call__`` keeps the instance by its class: ``cls._instances[cls] = ...``."""
    classes = (item for item in lineage(cls) if isinstance(item, ProjectClass))
    for home, keyword in ((item.module, keyword) for item in classes for keyword in item.node.keywords):
        if keyword.arg == "metaclass":
            kind = home.type_of(keyword.value)
            method = class_attribute(kind, "__call__") if isinstance(kind, ProjectClass) else UNKNOWN
            if isinstance(method, Function) and _keeps_instance(method):
                yield ast.unparse(keyword.value)


def _keeps_instance(method: Function) -> bool:
    given = first_parameter(method.node.args)
    for node in own_nodes(method.module, method.node, ast.Assign):
        value = node.value if isinstance(node, ast.Assign) else None
        made = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "__call__"
        for target in node.targets if isinstance(node, ast.Assign) else ():
            key: ast.expr | None = None
            if isinstance(target, ast.Subscript) and (made or isinstance(value, ast.Name)):
                key = target.slice
            elif isinstance(target, ast.Attribute) and made:
                key = target.value
            if given is not None and isinstance(key, ast.Name) and key.id == given.arg:
                return True
    return False


def _kept_for_good(module: Module, call: ast.Call) -> str:
    parent = module.parent(call)
    scope = module.scope_of(call)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
            if isinstance(target, ast.Name) and scope.kind == "module" and not _is_script(module, call):
                return f"the module global '{target.id}'"
            if isinstance(target, ast.Name) and getattr(scope.foreign.get(target.id), "kind", "") == "module":
                return f"the module global '{target.id}'"
            if isinstance(target, ast.Attribute) and isinstance(held := module.type_of(target.value), ProjectClass):
                return f"the class attribute '{held.node.name}.{target.attr}'"
            if isinstance(target, (ast.Attribute, ast.Subscript)) and is_shared_place(module, target):
                return "on the application's state"
    function = module.function(call)
    if isinstance(parent, ast.Return) and function is not None and _cached(module, function):
        return f"what the cached '{function.name}()' returns"
    return ""
