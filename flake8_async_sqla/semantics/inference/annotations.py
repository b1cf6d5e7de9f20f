"""From an annotation to the type of what it annotates."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import (
    CALLABLE,
    MAPPINGS,
    UNKNOWN,
    Container,
    Coroutine,
    External,
    Generator,
    Instance,
    Manager,
    NoneValue,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_ALIAS_VALUES = (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute, ast.Constant, ast.Call)
_ASYNC_GENERATORS = {"AsyncGenerator", "AsyncIterator", "AsyncIterable"}
_GENERATORS = {"Generator", "Iterator", "Iterable"}
_COLLECTIONS = {"list", "List", "Sequence", "tuple", "Tuple", "set", "Set", "frozenset", "Collection", "deque"}
_FIRST = {"Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "ReadOnly", "FromDishka"}
# Names that say nothing of what is annotated when they stand alone.
_SILENT = {f"{module}.{name}" for module in ("typing", "typing_extensions") for name in ("Any", "ClassVar", "Final")}
# Bases that leave a class the project's own.
_OWN = ("abc.", "builtins.", "typing.", "typing_extensions.")
_COROUTINES = {"Awaitable", "Coroutine"}
_ASYNC_MANAGERS = {"AsyncContextManager", "AbstractAsyncContextManager"}
_MANAGERS = {"ContextManager", "AbstractContextManager"}


def annotated(module: Module, node: ast.expr, scope: Scope) -> Type:
    """Infer the type of a variable, parameter or result from its annotation.

    Args:
        module: The module that holds the annotation.
        node: The annotation.
        scope: Where its names are looked up.
    """
    key = ("annotation", module.path, id(node))
    return module.project.solve(key, module.globals, lambda: _annotated(module, node, scope), UNKNOWN, module.path)


def _annotated(module: Module, node: ast.expr, scope: Scope) -> Type:
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NoneValue()
        parsed = parse_string(module, node)
        return annotated(module, parsed, scope) if parsed is not None else UNKNOWN
    if isinstance(node, ast.BinOp):
        sides = [annotated(module, node.left, scope), annotated(module, node.right, scope)]
        return join(sides)
    if isinstance(node, ast.Subscript):
        return _subscript(module, node, scope)
    if isinstance(node, (ast.Name, ast.Attribute)):
        alias = alias_of(module, node, scope)
        if alias is not None:
            holder, value = alias
            return annotated(holder, value, holder.index.top)
        found = _class_type(module, node, scope)
        if isinstance(found, Instance) and found.cls.endswith(".TypeVar") and found.origin is not None:
            return _bound(found.origin.module, found.origin.call)
        return UNKNOWN if isinstance(found, External) and found.path in _SILENT else instance_of(found)
    if isinstance(node, ast.Call) and node.args and _path(module, node.func, scope).endswith(".NewType"):
        return annotated(module, node.args[-1], scope)
    return UNKNOWN


def _bound(module: Module, variable: ast.Call) -> Type:
    """Infer what a ``TypeVar`` stands for at least: its ``bound=``, unless that is the base of many models."""
    from flake8_async_sqla.semantics.inference.classes import lineage

    given = next((keyword.value for keyword in variable.keywords if keyword.arg == "bound"), None)
    kind = annotated(module, given, module.index.top) if given is not None else UNKNOWN
    if not isinstance(kind, ProjectInstance):
        return kind
    bases = [base for base in lineage(kind.cls) if isinstance(base, str)]
    return kind if all(base.startswith(_OWN) for base in bases) else UNKNOWN


def alternatives(module: Module, node: ast.expr, scope: Scope) -> list[Type]:
    """List the types that an annotation allows, each for itself: the parts of ``Union[A, B]`` and ``A | B``."""
    if isinstance(node, ast.Constant) and (parsed := parse_string(module, node)) is not None:
        return alternatives(module, parsed, scope)
    found: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        found = [node.left, node.right]
    elif isinstance(node, ast.Subscript):
        name = _path(module, node.value, scope).rpartition(".")[2]
        arguments = parts(node.slice)
        found = arguments if name in ("Optional", "Union") else arguments[:1] if name in _FIRST else []
    if not found:
        return [annotated(module, node, scope)]
    return [kind for part in found for kind in alternatives(module, part, scope)]


def parse_string(module: Module, node: ast.Constant) -> ast.expr | None:
    """Parse a quoted annotation, once; ``None`` if it is not an expression."""

    def parse() -> ast.expr | None:
        try:
            return ast.parse(node.value.strip(), mode="eval").body if isinstance(node.value, str) else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    return module.cached(("string", node), parse)


def instance_of(cls: Type) -> Type:
    """Turn a class into the type of its instances."""
    if isinstance(cls, External):
        return Instance(cls.path)
    return ProjectInstance(cls) if isinstance(cls, ProjectClass) else UNKNOWN


def _class_type(module: Module, node: ast.expr, scope: Scope) -> Type:
    from flake8_async_sqla.semantics.inference.infer import infer

    return infer(module, node, scope)


def _path(module: Module, node: ast.expr, scope: Scope) -> str:
    found = _class_type(module, node, scope)
    return found.path if isinstance(found, External) else ""


def alias_of(module: Module, node: ast.expr, scope: Scope) -> tuple[Module, ast.expr] | None:
    """Follow a name to the expression it abbreviates: ``SessionDep = Annotated[AsyncSession, Depends(get_db)]``.

    Returns:
        The module that holds the expression, and the expression; ``None`` when the name is no alias.
    """
    binding_module, binding = _single_binding(module, node, scope)
    if binding is None:
        return None
    value = binding.value
    if binding.kind not in ("value", "annotation") or value is None or not isinstance(value, _ALIAS_VALUES):
        return None
    if isinstance(value, ast.Call) and not _path(binding_module, value.func, binding_module.index.top).endswith(
        ".NewType"
    ):
        return None
    return binding_module, value


def _single_binding(module: Module, node: ast.expr, scope: Scope) -> tuple[Module, Binding | None]:
    from flake8_async_sqla.semantics.names.definitions import definition

    return definition(module, node, scope)


def _subscript(module: Module, node: ast.Subscript, scope: Scope) -> Type:
    path = _path(module, node.value, scope)
    name = path.rpartition(".")[2]
    arguments = parts(node.slice)
    if not arguments:
        return UNKNOWN
    if name in _FIRST:
        return annotated(module, arguments[0], scope)
    if name in ("Optional", "Union"):
        return join([annotated(module, argument, scope) for argument in arguments])
    if name == "Callable":
        return Instance(CALLABLE, None, (annotated(module, arguments[-1], scope),))
    if name in ("type", "Type"):
        return _class_type(module, arguments[0], scope)
    if name in _COROUTINES:
        return Coroutine(annotated(module, arguments[-1], scope))
    if name in MAPPINGS and len(arguments) == 2:
        return Instance(path, None, (annotated(module, arguments[1], scope),))
    if name in ("tuple", "Tuple") and not (isinstance(arguments[-1], ast.Constant) and arguments[-1].value is ...):
        items = tuple(annotated(module, argument, scope) for argument in arguments)
        return Container(join(list(items)), items)
    first = annotated(module, arguments[0], scope)
    if name in _ASYNC_GENERATORS:
        return Generator(first, True)
    if name in _GENERATORS:
        return Generator(first, False)
    if name in _ASYNC_MANAGERS:
        return Manager(first, True)
    if name in _MANAGERS:
        return Manager(first, False)
    if name in _COLLECTIONS or _is_builtin(node.value):
        return Container(first)
    if path.startswith(("sqlalchemy.", "sqlmodel.", "contextvars.", "strawberry.")):
        return Instance(path, None, (first,))
    return instance_of(_class_type(module, node.value, scope))


def _is_builtin(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in _COLLECTIONS


def metadata(module: Module, node: ast.expr, scope: Scope) -> list[tuple[Module, ast.expr]]:
    """List the metadata of ``Annotated[...]``, through aliases in this or another module."""
    for _ in range(10):
        if isinstance(node, ast.Constant) and (parsed := parse_string(module, node)) is not None:
            node = parsed
        elif isinstance(node, (ast.Name, ast.Attribute)) and (alias := alias_of(module, node, scope)) is not None:
            module, node = alias
            scope = module.index.top
        else:
            break
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return []
    annotated_form = _path(module, node.value, scope).endswith(".Annotated")
    return [(module, item) for item in node.slice.elts[1:]] if annotated_form else []
