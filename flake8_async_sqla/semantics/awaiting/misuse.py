"""What goes wrong with a coroutine that nobody awaits."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Literal

from flake8_async_sqla.semantics.awaiting.attributes import never_read
from flake8_async_sqla.semantics.awaiting.collected import AGGREGATING, held, taken_out
from flake8_async_sqla.semantics.awaiting.consumers import (
    TRUE,
    consumed,
    merely_examined,
    returned_as_value,
    serialised,
    serialised_by,
)
from flake8_async_sqla.semantics.awaiting.declared import declares_items, declares_value
from flake8_async_sqla.semantics.awaiting.returned import may_run
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.narrowing import conditions
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Scope

Kind = Literal["discarded", "unread", "late", "used", "looped", "entered", "returned"]
_OWN = frozenset({"send", "throw", "close", "cr_await", "cr_code", "cr_frame", "cr_origin", "cr_running", "__await__"})
_STARTING = frozenset({"start", "__aenter__", "__await__"})
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.Tuple)
_COMPREHENSIONS = (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Misuse:
    """The first thing that goes wrong with a coroutine.

    Attributes:
        kind: ``discarded`` (a statement of its own), ``unread`` (assigned to a name that nobody reads), ``late``
            (the await binds to a longer chain), ``used`` as if it were its result, ``looped`` over, ``entered`` by a
            ``with`` statement, ``returned`` where the annotation or the framework wants a value.
        at: The node that uses it.
        error: What happens then: the exception, or what the value is.
    """

    kind: Kind
    at: ast.AST
    error: str = ""


def misuse(module: Module, node: ast.expr, starts: bool = False, depth: int = MAX_DEPTH) -> Misuse | None:
    """Say what certainly goes wrong with a coroutine; ``None`` where somebody may await it.

    Args:
        module: The module.
        node: The expression whose value is the coroutine.
        starts: Whether ``async with`` takes it as well.
        depth: How many names to follow.
    """
    parent = module.parent(node)
    if depth <= 0 or parent is None:
        return None
    if isinstance(parent, ast.Expr) or (isinstance(parent, ast.Tuple) and isinstance(module.parent(parent), ast.Expr)):
        return Misuse("discarded", parent)
    if isinstance(parent, ast.Attribute):
        return _attribute(module, parent, _STARTING if starts else _OWN)
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        return _assigned(module, node, parent, starts, depth - 1)
    if isinstance(parent, (ast.IfExp, ast.BoolOp)):
        passes = parent.test is not node if isinstance(parent, ast.IfExp) else parent.values[-1] is node
        return misuse(module, parent, starts, depth - 1) if passes else Misuse("used", parent, TRUE)
    if isinstance(parent, ast.Return):
        return Misuse("returned", parent) if returned_as_value(module, parent) else None
    if isinstance(parent, (*_DISPLAYS, *_COMPREHENSIONS)):
        return (
            (_in_comprehension(module, parent) if isinstance(parent, _COMPREHENSIONS) else None)
            or _in_display(module, parent)
            or _one_by_one(module, node, starts, depth - 1)
        )
    if isinstance(parent, (ast.Call, ast.keyword, ast.Starred)):
        if merely_examined(module, parent):
            return Misuse("discarded", parent)
        error = consumed(module, parent, node)
        return Misuse("used", parent, error) if error else _one_by_one(module, node, starts, depth - 1)
    if isinstance(parent, ast.withitem):
        return None if starts and isinstance(module.parent(parent), ast.AsyncWith) else Misuse("entered", parent)
    return _in_statement(parent, node) or _in_expression(parent, node)


_UNEQUAL = "a coroutine equals nothing"


def _in_comprehension(module: Module, comprehension: ast.expr) -> Misuse | None:
    """Look at what becomes of the coroutines that a comprehension collects."""
    outer = module.parent(comprehension)
    if isinstance(outer, ast.Expr):
        return Misuse("discarded", outer)
    if not isinstance(outer, ast.Call) or not isinstance(outer.func, ast.Name) or outer.args != [comprehension]:
        return None
    error = AGGREGATING.get(outer.func.id) if module.scope_of(outer).lookup(outer.func.id) is None else None
    return Misuse("used", outer, error) if error is not None else None


def _in_display(module: Module, display: ast.expr) -> Misuse | None:
    """Say what goes wrong with a list, dict or the like that holds the coroutine."""
    parent: ast.AST | None = display
    top = display
    while isinstance(parent, (*_DISPLAYS, ast.DictComp, ast.ListComp, ast.SetComp)):
        top, parent = parent, module.parent(parent)
    if isinstance(parent, ast.Return):
        return Misuse("returned", parent) if serialised(module, parent) else None
    if isinstance(parent, ast.Compare):
        return Misuse("used", parent, _UNEQUAL)
    if isinstance(parent, (ast.Call, ast.keyword)) and (error := serialised_by(module, parent, top)):
        return Misuse("used", parent, error)
    if isinstance(parent, ast.AnnAssign) and declares_items(module, parent.annotation, module.scope_of(parent)):
        return Misuse("used", parent, _declared(parent))
    return None


def _one_by_one(module: Module, node: ast.expr, starts: bool, depth: int) -> Misuse | None:
    """Say what goes wrong where a coroutine is taken out of a collection again, if nobody awaits it there."""
    place = held(module, node)
    taken = (taken_out(module, place) if place is not None else None) or []
    found = [Misuse("used", at, error) if error else misuse(module, at, starts, depth) for at, error in taken]
    wrong = [replace(use, kind="used") if use.kind == "late" else use for use in found if use is not None]
    wrong = [use for use in wrong if use.kind != "discarded"]
    return min(wrong, key=_place) if wrong and None not in found else None


def _declared(assignment: ast.AnnAssign) -> str:
    return f"{ast.unparse(assignment.target)} is declared as {ast.unparse(assignment.annotation)}"


def _attribute(module: Module, attribute: ast.Attribute, harmless: frozenset[str]) -> Misuse | None:
    if attribute.attr in harmless:
        return None
    late = isinstance(module.parent(top_of(module, attribute)), ast.Await)
    error = f"AttributeError: 'coroutine' object has no attribute '{attribute.attr}'"
    return Misuse("late" if late else "used", attribute, error)


def top_of(module: Module, node: ast.expr) -> ast.expr:
    """Return the whole of a chain: ``a.b().c`` for its part ``a``."""
    parent = module.parent(node)
    while isinstance(parent, (ast.Attribute, ast.Subscript, ast.Call)):
        if node is not (parent.func if isinstance(parent, ast.Call) else parent.value):
            break
        node, parent = parent, module.parent(parent)
    return node


def _in_statement(parent: ast.AST, node: ast.expr) -> Misuse | None:
    match parent:
        case ast.For() | ast.AsyncFor() if parent.iter is node:
            return Misuse("looped", parent, _not_iterable(isinstance(parent, ast.AsyncFor)))
        case ast.comprehension():
            if parent.iter is node:
                return Misuse("looped", parent, _not_iterable(bool(parent.is_async)))
            return Misuse("used", parent, TRUE)
        case ast.If() | ast.While() | ast.Assert() if parent.test is node:
            return Misuse("used", parent, TRUE)
        case ast.Match() if parent.subject is node:
            return Misuse("used", parent, "a coroutine matches no case that is meant")
        case ast.AugAssign():
            return Misuse("used", parent, "TypeError: unsupported operand type for a coroutine")
    return None


def _not_iterable(is_async: bool) -> str:
    if is_async:
        return "TypeError: 'async for' requires an object with __aiter__ method, got coroutine"
    return "TypeError: 'coroutine' object is not iterable"


def _in_expression(parent: ast.AST, node: ast.expr) -> Misuse | None:
    match parent:
        case ast.Subscript() if parent.value is node:
            return Misuse("used", parent, "TypeError: 'coroutine' object is not subscriptable")
        case ast.UnaryOp(op=ast.Not()):
            return Misuse("used", parent, TRUE)
        case ast.BinOp() | ast.UnaryOp():
            return Misuse("used", parent, "TypeError: unsupported operand type for a coroutine")
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot()]):
            return Misuse("used", parent, _UNEQUAL)
        case ast.Compare():
            return Misuse("used", parent, "TypeError: a coroutine cannot be compared or searched")
        case ast.FormattedValue():
            return Misuse("used", parent, "the text shows <coroutine object>")
    return None


def _assigned(
    module: Module, node: ast.expr, parent: ast.Assign | ast.AnnAssign | ast.NamedExpr, starts: bool, depth: int
) -> Misuse | None:
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
    if any(isinstance(target, (ast.Tuple, ast.List)) for target in targets):
        return Misuse("used", parent, "TypeError: cannot unpack non-iterable coroutine object")
    found: Misuse | None = None
    for target in targets:
        if not isinstance(target, ast.Name):
            if len(targets) == 1 and never_read(module, target):
                return Misuse("unread", node, ast.unparse(target))
            return _one_by_one(module, node, starts, depth)
        here = _named(module, node, parent, target.id, starts, depth) or _by_declaration(module, parent)
        if here is None:
            return None
        found = here if found is None or found.kind == "unread" else found
    if isinstance(parent, ast.NamedExpr):
        direct = misuse(module, parent, starts, depth)
        return found if direct is not None and direct.kind == "discarded" else direct
    return found


def _by_declaration(module: Module, assignment: ast.AST) -> Misuse | None:
    """Judge by the annotation of a local name that is handed on, where nothing shows that the name is awaited."""
    target = getattr(assignment, "target", None)
    scope = _function_scope(module.scope_of(assignment))
    if not isinstance(assignment, ast.AnnAssign) or not isinstance(target, ast.Name) or scope is None:
        return None
    if not declares_value(module, assignment.annotation, scope):
        return None
    if any(may_run(module, use) for use in module.reads(target.id)):
        return None
    return Misuse("used", assignment, _declared(assignment))


def _named(module: Module, node: ast.expr, binder: ast.AST, name: str, starts: bool, depth: int) -> Misuse | None:
    """Look at all reads of a local name that holds the coroutine."""
    scope = _function_scope(module.scope_of(binder))
    if scope is None or name in scope.foreign:
        return None
    bindings = scope.names.get(name, [])
    found: list[Misuse] = []
    certain: list[Misuse] = []
    excused = False
    for inner in module.index.scopes.values():
        for use in inner.loads.get(name, ()):
            place = inner.lookup(name)
            if place is None or place[0] is not scope:
                continue
            if inner is not scope and _function_scope(inner) is not scope:
                excused = True
                continue
            held = reaching(module, bindings, use)
            if not any(binding.node is binder for binding in held):
                continue
            here = misuse(module, use, starts, depth)
            excused = excused or here is None
            if here is not None and here.kind == "late":
                here = replace(here, kind="used")
            if here is not None and here.kind != "discarded":
                found.append(here)
                if len(held) == 1 and _surely(here) and not _asked(module, use):
                    certain.append(here)
    if excused:
        return min(certain, key=_place) if certain and isinstance(node, ast.Call) and not starts else None
    return min(found, key=_place) if found else Misuse("unread", node, name)


def _surely(found: Misuse) -> bool:
    """Tell whether a use is wrong whoever awaits the coroutine later."""
    return found.error == TRUE or found.error.partition(":")[0].endswith("Error")


def _asked(module: Module, use: ast.Name) -> bool:
    """Tell whether a condition around the use of a name asks what it is: ``isawaitable(result)``."""
    calls = (call for test, _ in conditions(module, use) for call in ast.walk(test) if isinstance(call, ast.Call))
    return any(isinstance(inner, ast.Name) and inner.id == use.id for call in calls for inner in ast.walk(call))


def _place(found: Misuse) -> tuple[int, int]:
    node = found.at.iter if isinstance(found.at, ast.comprehension) else found.at
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _function_scope(scope: Scope | None) -> Scope | None:
    """Return the function whose body a scope runs in; ``None`` for modules, classes and lambdas."""
    while scope is not None and scope.kind == "comprehension":
        scope = scope.parent
    return scope if scope is not None and scope.kind == "function" else None
