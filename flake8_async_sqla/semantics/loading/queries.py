"""What statements, ``session.get()`` and ``session.refresh()`` load."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.loading.drafts import Draft, joined_by_mapping
from flake8_async_sqla.semantics.loading.entities import Key, Target, entity, is_wildcard, step
from flake8_async_sqla.semantics.loading.options import Options
from flake8_async_sqla.semantics.loading.plan import Entity, Query, Selected, Value
from flake8_async_sqla.semantics.loading.spreading import Given, spread
from flake8_async_sqla.semantics.loading.statements import Reader, Statement
from flake8_async_sqla.semantics.mapping.classes import attribute
from flake8_async_sqla.semantics.mapping.constants import constant, text
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Instance, ProjectClass

_LIBRARIES = ("sqlalchemy.", "sqlmodel.")
_OUTER = ("outerjoin", "outerjoin_from")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What ``refresh()`` loads.

    Attributes:
        names: The attributes named; None for those that the query loaded which the object came from.
        certain: Whether all names were seen.
    """

    names: frozenset[str] | None = None
    certain: bool = True


def query(module: Module, node: ast.expr) -> Query | None:
    """Say what a statement loads; None if it is not a statement that returns rows, or cannot be followed.

    Args:
        module: The module that holds the expression.
        node: The statement: a call of ``select()``, a name for one ...
    """
    return module.cached(("query", node), lambda: _query(module, node))


def _query(module: Module, node: ast.expr) -> Query | None:
    statement = Reader().read(module, node)
    if statement is None:
        return None
    targets = [_target(given) for given in statement.columns]
    roots = {target.key: Draft(target.cls) for target in targets if target is not None}
    options = _applied(roots, statement.options)
    for target, given in zip(targets, statement.columns, strict=True):
        if target is not None and given.node is not None:
            root = roots[target.key]
            root.subclasses = (*root.subclasses, *target.subclasses)
            root.certain = root.certain and not is_wildcard(given.module, given.node)
    for root in roots.values() if statement.returning else ():
        root.returned()
    if not statement.certain:
        for root in roots.values():
            options.unsure(root)
    certain = statement.certain and all(given.certain and given.node is not None for given in statement.columns)
    pairs = zip(statement.columns, targets, strict=True)
    columns = tuple(_selected(given, target, roots, statement) for given, target in pairs)
    joined = options.joined_collection or _joined(roots)
    whole = certain and len(columns) == 1 and not statement.restricted and not statement.returning
    return Query(statement.module, statement.call, columns, joined, statement.populate_existing, certain, whole)


def composed(module: Module, call: ast.Call, cls: ProjectClass, given: tuple[Given, ...]) -> Query:
    """Say what a statement for one class loads with some options.

    Args:
        module: The module that holds ``call``.
        call: The call of ``select()``.
        cls: The class.
        given: The options.
    """
    roots: dict[Key, Draft] = {cls: Draft(cls)}
    options = _applied(roots, given)
    return Query(module, call, (Entity(cls, roots[cls].plan()),), options.joined_collection or _joined(roots))


def _applied(roots: dict[Key, Draft], given: tuple[Given, ...]) -> Options:
    options = Options(roots)
    for option in given:
        options.apply(option)
    options.finish()
    return options


def _joined(roots: dict[Key, Draft]) -> ast.AST | None:
    return next((found for root in roots.values() if (found := joined_by_mapping(root)) is not None), None)


def _target(given: Given) -> Target | None:
    return entity(given.module, given.node) if given.certain else None


def _selected(given: Given, target: Target | None, roots: dict[Key, Draft], statement: Statement) -> Selected:
    if target is not None:
        return Entity(target.cls, roots[target.key].plan(), _is_outer(target, statement))
    return Value() if given.node is not None and given.certain and _is_value(given.module, given.node) else None


def _is_outer(target: Target, statement: Statement) -> bool:
    """Tell whether an outer join may leave the place of an entity empty."""
    for module, call in statement.joins:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        isouter = argument(call, "isouter")
        full = argument(call, "full")
        if full is not None and constant(module, full) is not False:
            return True
        if name not in _OUTER and (isouter is None or constant(module, isouter) is False):
            continue
        node = argument(call, "target", 1 if name.endswith("_from") else 0)
        if (joined := entity(module, node)) is not None:
            if joined.key == target.key:
                return True
            continue
        found = step(module, node) if node is not None else None
        led = attribute(found.target.cls, found.name) if found is not None and found.target is not None else None
        if (
            led is None
            or led.target is None
            or led.target == target.cls
            or target.cls in (found.subclasses if found else ())
        ):
            return True
    return False


def _is_value(module: Module, node: ast.expr) -> bool:
    """Tell whether a column of a statement is certainly no object: ``Author.name``, ``func.count()``."""
    if isinstance(node, ast.Attribute) and (found := step(module, node)) is not None and found.target is not None:
        declared = attribute(found.target.cls, found.name)
        return declared is not None and declared.kind not in ("relationship", "plain", "association_proxy")
    kind = module.type_of(node)
    if isinstance(kind, (External, Instance)):
        path = kind.path if isinstance(kind, External) else kind.cls
        return path.startswith((*_LIBRARIES, "builtins."))
    if isinstance(node, ast.Call):
        called = module.type_of(node.func)
        if isinstance(called, External):
            return called.path.startswith(_LIBRARIES) and not called.path.startswith("sqlalchemy.orm.")
        return isinstance(node.func, ast.Attribute) and _is_value(module, node.func.value)
    if isinstance(node, (ast.BinOp, ast.Compare, ast.UnaryOp)):
        return True
    if isinstance(node, ast.Attribute):
        if node.attr in ("c", "columns", "__table__"):
            return True
        return _is_value(module, node.value)
    return isinstance(node, ast.Constant)


def get_plan(module: Module, call: ast.Call) -> Query | None:
    """Say what ``session.get(A, 1, options=[...])`` loads; None if the class cannot be seen.

    Args:
        module: The module that holds the call.
        call: The call of ``get()`` or ``get_one()``.
    """
    target = entity(module, argument(call, "entity", 0))
    if target is None:
        return None
    listed = argument(call, "options")
    given = tuple(spread(module, [ast.Starred(listed, ast.Load())])) if listed is not None else ()
    roots: dict[Key, Draft] = {target.key: Draft(target.cls)}
    options = _applied(roots, given)
    if any(keyword.arg is None for keyword in call.keywords):
        options.unsure(None)
    populate = argument(call, "populate_existing")
    anew = populate is not None and constant(module, populate) is True
    plan = roots[target.key].plan()
    return Query(module, call, (Entity(target.cls, plan, outer=True),), None, anew, plan.certain)


def refreshed(module: Module, call: ast.Call) -> Refreshed:
    """Say what ``session.refresh(obj, ["a", "b"])`` loads.

    Args:
        module: The module that holds the call.
        call: The call of ``refresh()``.
    """
    node = argument(call, "attribute_names", 1)
    if node is None:
        return Refreshed(certain=len(call.args) < 2 and all(keyword.arg is not None for keyword in call.keywords))
    if constant(module, node) is None:
        return Refreshed()
    names: set[str] = set()
    certain = True
    for given in spread(module, [ast.Starred(node, ast.Load())]):
        name = _attribute_name(given) if given.certain else ""
        certain = certain and bool(name)
        names.add(name)
    return Refreshed(frozenset(names - {""}), certain)


def _attribute_name(given: Given) -> str:
    """Return the name behind ``"books"``, ``Author.books.key`` or ``Author.books.name``."""
    if given.node is None:
        return ""
    if name := text(given.module, given.node):
        return name
    if isinstance(given.node, ast.Attribute) and given.node.attr in ("key", "name"):
        found = step(given.module, given.node.value)
        return found.name if found is not None else ""
    return ""
