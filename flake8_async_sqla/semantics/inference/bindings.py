"""From a binding to the type of the name it binds."""

from __future__ import annotations

import ast
import bisect
from typing import NamedTuple, TypeAlias

from flake8_async_sqla.semantics.inference.annotations import annotated
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.imports import resolve
from flake8_async_sqla.semantics.names.scopes import Binding, Scope
from flake8_async_sqla.semantics.types import (
    CALLABLE,
    UNKNOWN,
    Container,
    Coroutine,
    Function,
    Generator,
    Instance,
    Manager,
    NoneValue,
    ProjectClass,
    ProjectInstance,
    Type,
    Unknown,
    join,
)

_FACTORIES = ("sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.orm.sessionmaker")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
FEW = 8
# What is around a use, by id, with the part of it that holds the use.
Places: TypeAlias = dict[int, ast.AST]


def name_type(module: Module, name: ast.Name, scope: Scope) -> Type:
    """Infer the type of a name where it is read."""
    found = scope.lookup(name.id)
    if found is None:
        return _star_or_builtin(module, name.id)
    holder, bindings = found
    if len(bindings) > 1 and holder is scope:
        return _joined(module, holder, name.id, reaching(module, bindings, name))
    key = holder, name.id
    if (kind := module.names.get(key)) is None:
        cuts = module.project.cuts
        kind = _joined(module, holder, name.id, bindings)
        if module.project.certain(cuts):
            module.names[key] = kind
    return kind


def _joined(module: Module, holder: Scope, name: str, bindings: list[Binding]) -> Type:
    kind = join([binding_type(module, holder, binding) for binding in bindings])
    return _declared(module, holder, name) if kind is UNKNOWN else kind


def _declared(module: Module, scope: Scope, name: str) -> Type:
    """Infer the type of a name from a declaration without a value: ``session: AsyncSession``."""
    declarations = [
        found for found in (scope.find(name) or ()) if found.annotation is not None and found.kind == "annotation"
    ]
    return join([binding_type(module, scope, found) for found in declarations if found.value is None])


def _star_or_builtin(module: Module, name: str) -> Type:
    from flake8_async_sqla.semantics.names.imports import global_type
    from flake8_async_sqla.semantics.types import External

    if (found := global_type(module, name)) is not UNKNOWN:
        return found
    return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN


_BUILTINS = frozenset(
    {"anext", "next", "setattr", "str", "list", "dict", "super", "getattr", "type", "tuple", "property"}
)


def reaching(module: Module, bindings: list[Binding], use: ast.AST) -> list[Binding]:
    """Drop the bindings that another one certainly replaces before ``use`` runs.

    A binding whose block holds ``use`` too, earlier in the text, replaces all before it; bindings after ``use`` only
    count inside a loop around both.
    """
    around: list[ast.AST] = [use, *module.ancestors(use)]
    places = {id(node): child for child, node in zip([use, *around], around, strict=False)}
    line = _position(use)
    kept: list[Binding] = []
    killer: ast.AST | None = None
    near = bindings if len(bindings) <= FEW else _near(module, bindings, around, places)
    for binding in near:
        statement = _statement(module, binding.node)
        after = _position(statement) > line or (id(statement) in places and binding.kind == "value")
        if after and ((loop := _shared_loop(module, binding.node, places)) is None or _inside(module, killer, loop)):
            continue
        if not after and _same_block(module, statement, places):
            kept.clear()
            killer = statement
        kept.append(binding)
    return kept or bindings


class _Order(NamedTuple):
    """Where the bindings of a name are; the list is held so that no other one gets its ``id()``."""

    bindings: list[Binding]
    statements: list[ast.AST]
    positions: list[tuple[int, int]]
    ordered: bool


def _near(module: Module, bindings: list[Binding], around: list[ast.AST], places: Places) -> list[Binding]:
    """Leave out bindings that are certainly replaced, and those after a use and the loops around it.

    What is asked of the bindings of a name is kept, so that many of them are not looked at for each of many uses.
    """

    def order() -> _Order:
        statements = [_statement(module, binding.node) for binding in bindings]
        positions = [_position(statement) for statement in statements]
        return _Order(bindings, statements, positions, positions == sorted(positions))

    known: _Order = module.cached(("order", id(bindings), len(bindings)), order)
    if not known.ordered:
        return bindings
    statements, positions = known.statements, known.positions
    line = _position(around[0])
    ends = [getattr(node, "end_lineno", 0) for node in around if isinstance(node, _LOOPS)]
    first = last = bisect.bisect_right(positions, line)
    if ends:
        last = bisect.bisect_left(positions, (max(ends) + 1, 0), lo=first)
    while first:
        first -= 1
        statement = statements[first]
        itself = id(statement) in places and bindings[first].kind == "value"
        if not itself and _same_block(module, statement, places):
            break
    return bindings[first:last]


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _statement(module: Module, node: ast.AST) -> ast.AST:
    if isinstance(node, ast.arg):
        around = [*module.ancestors(node)]
        return around[1] if len(around) > 1 else node
    while not isinstance(node, (ast.stmt, ast.ExceptHandler)):
        parent = module.parent(node)
        if parent is None:
            return node
        node = parent
    return node


def _same_block(module: Module, statement: ast.AST, places: Places) -> bool:
    """Tell whether the block of a statement holds the use too, or one that runs after the block does."""
    parent = module.parent(statement)
    if parent is None or id(parent) not in places:
        return False
    size = len(parent.body) if isinstance(parent, ast.Module) else 0
    blocks: dict[ast.AST, str] = module.cached(("blocks", parent, size), lambda: _blocks(parent))
    if (own := blocks.get(statement)) is None:
        return id(statement) in places
    other = blocks.get(places[id(parent)])
    return other == own or (own == "body" and other == "orelse" and isinstance(parent, ast.Try))


def _blocks(parent: ast.AST) -> dict[ast.AST, str]:
    """Map the statements of a node to the names of their blocks."""
    found = {name: getattr(parent, name, None) for name in ("finalbody", "orelse", "body")}
    return {statement: name for name, block in found.items() if isinstance(block, list) for statement in block}


def _shared_loop(module: Module, node: ast.AST, places: Places) -> ast.AST | None:
    """Find the innermost loop around both a binding and a use."""
    return next((outer for outer in module.ancestors(node) if isinstance(outer, _LOOPS) and id(outer) in places), None)


def _inside(module: Module, node: ast.AST | None, outer: ast.AST) -> bool:
    return node is not None and outer in module.ancestors(node)


def binding_type(module: Module, scope: Scope, binding: Binding) -> Type:
    """Infer the type that one binding gives its name."""
    kind = binding.kind
    node = binding.node
    if kind == "import":
        key = ("import", module.path, binding.target)
        return module.project.solve(key, module.globals, lambda: resolve(module, binding.target), UNKNOWN, module.path)
    if kind == "function":
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        return Function(module, node)
    if kind == "class":
        assert isinstance(node, ast.ClassDef)
        return ProjectClass(module, node)
    if kind == "parameter":
        from flake8_async_sqla.semantics.inference.parameters import parameter_type

        assert isinstance(node, ast.arg)
        return parameter_type(module, node, binding, scope)
    if kind == "annotation" and binding.annotation is not None:
        declared = annotated(module, binding.annotation, scope)
        return refine(declared, unpacked(module.type_of(binding.value), binding.unpack))
    if kind == "value":
        return unpacked(module.type_of(binding.value), binding.unpack, binding.value, module)
    if kind in ("with", "async with"):
        return unpacked(entered(module.type_of(binding.value), is_async=kind == "async with"), binding.unpack)
    if kind in ("for", "async for"):
        return unpacked(item_of(module.type_of(binding.value)), binding.unpack)
    return UNKNOWN


def refine(declared: Type, inferred: Type) -> Type:
    """Prefer what was inferred over what was declared where it says the same and more (its origin)."""
    if declared is UNKNOWN or (isinstance(inferred, Instance) and inferred.cls.startswith("unittest.mock.")):
        return inferred
    if isinstance(declared, Instance) and declared.cls == CALLABLE and isinstance(inferred, Function):
        return inferred
    if isinstance(declared, ProjectInstance) and isinstance(inferred, ProjectInstance) and declared.cls == inferred.cls:
        return inferred
    if isinstance(declared, Instance) and isinstance(inferred, Instance) and declared.cls == inferred.cls:
        return (
            inferred if inferred.args or not declared.args else Instance(inferred.cls, inferred.origin, declared.args)
        )
    return declared


def entered(manager: Type, *, is_async: bool = True) -> Type:
    """Infer what ``with``/``async with`` binds; for a factory, which cannot be entered, what was meant."""
    if isinstance(manager, (Manager, Coroutine)):
        return manager.result
    if isinstance(manager, Instance) and manager.cls in _FACTORIES:
        return manager.args[0] if manager.args else UNKNOWN
    if isinstance(manager, ProjectInstance):
        return _by_method(manager, "__aenter__" if is_async else "__enter__")
    return manager if isinstance(manager, Instance) else UNKNOWN


def _by_method(manager: ProjectInstance, name: str) -> Type:
    """Infer what a method of the project gives that enters its object; the object itself, if that cannot be told."""
    from flake8_async_sqla.semantics.inference.classes import class_attribute, lineage

    method = class_attribute(manager.cls, name, manager)
    given = method.module.result_of(method) if isinstance(method, Function) else UNKNOWN
    given = given.result if isinstance(given, Coroutine) else given
    itself = isinstance(given, ProjectInstance) and given.cls in lineage(manager.cls)
    vague = isinstance(given, (Unknown, NoneValue)) or (isinstance(given, Instance) and given.cls.endswith(".Self"))
    return manager if itself or vague else given


def item_of(iterable: Type) -> Type:
    """Infer what iteration gives."""
    from flake8_async_sqla.semantics.inference.classes import as_tuple

    iterable = as_tuple(iterable)
    if isinstance(iterable, (Generator, Container)):
        return iterable.item
    return UNKNOWN


def unpacked(value: Type, path: tuple[int, ...], node: ast.expr | None = None, module: Module | None = None) -> Type:
    """Follow tuple unpacking into a value."""
    from flake8_async_sqla.semantics.inference.classes import as_tuple

    for position in path:
        if isinstance(node, (ast.Tuple, ast.List)) and module is not None and abs(position) < len(node.elts):
            node = node.elts[position]
            value = module.type_of(node)
        else:
            node = None
            value = as_tuple(value)
            value = value.at(position) if isinstance(value, Container) else item_of(value)
    return value
