"""How long a session lives that a call makes: as long as the program, or shorter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.facts.frameworks import CACHES
from flake8_async_sqla.semantics.importers import importers
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.scopes import Scope
from flake8_async_sqla.semantics.state import is_shared_place
from flake8_async_sqla.semantics.types import External, Instance, ProjectClass, ProjectInstance

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Owner:
    """An attribute of a class."""

    cls: ast.ClassDef
    attribute: str

    def nodes_of(self, module: Module) -> Iterator[ast.AST]:
        """Yield the attribute nodes of the class body whose object is the instance or class itself."""
        for scope in module.index.scopes.values():
            if any(outer is self.cls for outer in module.ancestors(scope.node)):
                for node in scope.nodes:
                    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                        kind = module.type_of(node.value)
                        cls = kind.cls if isinstance(kind, ProjectInstance) else kind
                        if isinstance(cls, ProjectClass) and cls.node is self.cls:
                            yield node


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
    owner: Owner = Owner(ast.ClassDef(), "")


def lifetime(module: Module, call: ast.Call) -> Lifetime | None:
    """Tell where a call's result is kept for as long as the program runs; ``None`` if it is not.

    Args:
        module: The module of the call.
        call: The call that makes a session.
    """
    node, holder = _outermost(module, call)
    parent = module.parent(node)
    scope = module.scope_of(node)
    if isinstance(parent, ast.arguments):
        return Lifetime("other", "as a default argument, made when the function is defined")
    function = module.function(node)
    if isinstance(parent, ast.Return) and function is not None and _cached(module, function):
        return Lifetime("other", f"that the cached '{function.name}()' hands to everyone")
    if not isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        return None
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
    kind = "global" if holder is None else "other"
    inside = "" if holder is None else f" inside '{holder}'"
    for target in targets:
        if isinstance(target, ast.Name):
            if scope.kind == "module" and not _is_script(module, node):
                return Lifetime(kind, f"in the module global '{target.id}'{inside}")
            if target.id in scope.foreign and scope.foreign[target.id].kind == "module":
                return Lifetime(kind, f"in the module global '{target.id}'{inside}")
            if scope.kind == "class" and isinstance(scope.node, ast.ClassDef):
                owner = Owner(scope.node, target.id)
                kind = "attribute" if holder is None else "other"
                return Lifetime(kind, f"in the class attribute '{scope.node.name}.{target.id}'", owner)
            if function is not None and _cached(module, function) and _returns(module, function, target.id):
                return Lifetime("other", f"that the cached '{function.name}()' hands to everyone")
        elif isinstance(target, ast.Attribute) and holder is None:
            found = _on_singleton(module, scope, target)
            if found is not None:
                return found
    return None


def _outermost(module: Module, call: ast.Call) -> tuple[ast.expr, str | None]:
    """Step out of constructors that keep the session: ``store = Store(AsyncSession(engine))``."""
    parent = module.parent(call)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call) and parent.func is not call:
        kind = module.type_of(parent)
        if isinstance(kind, ProjectInstance):
            return parent, kind.cls.node.name
        if isinstance(kind, Instance) and kind.cls == "contextvars.ContextVar":
            return parent, "ContextVar"
    return call, None


def _is_script(module: Module, node: ast.AST) -> bool:
    """Tell whether a statement only runs when the file is run as a script."""
    for outer in module.ancestors(node):
        if isinstance(outer, ast.If) and isinstance(outer.test, ast.Compare) and isinstance(outer.test.left, ast.Name):
            return outer.test.left.id == "__name__"
    return False


def _cached(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in function.decorator_list:
        kind = module.type_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
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
        return Lifetime("attribute", f"in the class attribute '{kind.node.name}.{target.attr}'", Owner(kind.node, target.attr))
    if not isinstance(kind, ProjectInstance) or kind.cls.module != module or scope.kind != "function":
        return None
    made = _made_once(module, kind.cls)
    if not made:
        return None
    where = f"in '{kind.cls.node.name}.{target.attr}', whose only instance is {made}"
    return Lifetime("attribute", where, Owner(kind.cls.node, target.attr))


def _made_once(module: Module, cls: ProjectClass) -> str:
    """Say which name holds an instance of the class for as long as the program runs; empty if none is seen."""
    for place in [module, *importers(module)]:
        for scope in place.index.scopes.values():
            for node in scope.nodes:
                if isinstance(node, ast.Call) and place.type_of(node.func) == cls:
                    name = _kept_for_good(place, node)
                    if name:
                        return f"{name} ({place.relative_path}:{node.lineno})" if place != module else f"{name} (line {node.lineno})"
    return ""


def _kept_for_good(module: Module, call: ast.Call) -> str:
    parent = module.parent(call)
    scope = module.scope_of(call)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
            if isinstance(target, ast.Name) and scope.kind == "module" and not _is_script(module, call):
                return f"the module global '{target.id}'"
            if isinstance(target, (ast.Attribute, ast.Subscript)) and is_shared_place(module, target):
                return "on the application's state"
    function = module.function(call)
    if isinstance(parent, ast.Return) and function is not None and _cached(module, function):
        return f"what the cached '{function.name}()' returns"
    return ""
