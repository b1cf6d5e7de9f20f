"""Functions that become coroutine functions, and the calls of them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from flake8_async_sqla.fixes.vocabulary import (
    AddAwait,
    Code,
    Edit,
    MakeAsync,
    RenameFunction,
    ReplaceExpression,
    ReplaceName,
    ReplaceStatement,
)
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.drawn import held, in_fixture, is_next
from flake8_async_sqla.migrate.colouring.entering import ASYNCHRONOUS
from flake8_async_sqla.migrate.colouring.offloaded import awaited_directly
from flake8_async_sqla.migrate.colouring.roles import is_manager, is_protocol
from flake8_async_sqla.migrate.edits.handing import handed_on, handing_edits
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.inference.functions import is_generator, manager_decorator, own_nodes
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function

_COLLECTING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "sum", "max", "min"})
_MANAGERS = {
    "contextlib.AbstractContextManager": "contextlib.AbstractAsyncContextManager",
    "typing.ContextManager": "typing.AsyncContextManager",
}
_GENERATORS = {"Generator": "AsyncGenerator", "Iterator": "AsyncIterator", "Iterable": "AsyncIterable"}


def function_edits(kinds: Kinds, colouring: Colouring, plan: Plan) -> set[ast.withitem]:
    """Plan the coloured functions and the calls of them.

    Returns:
        The ``with`` items that enter a coloured context manager.
    """
    entered: set[ast.withitem] = set()
    delegated = {
        reference.module.parent(call)
        for reference, call, function in colouring.calls
        if _delegating(reference.module, call, function) is not None
    }
    for function, chain in colouring.coloured.values():
        _definition(kinds, function, plan)
        for inner in own_nodes(function.module, function.node, ast.YieldFrom):
            if isinstance(inner, ast.YieldFrom) and inner not in delegated:
                handing_edits(kinds, colouring, function.module, inner, plan)
        plan.coloured.append(remark(function.module, function.node, chain))
    moved = {operation.node for operation in colouring.imported}
    for reference, call, function in colouring.calls:
        if reference.use == "thread":
            plan.edit(reference.module, awaited_directly(reference.module, call))
        elif (
            call not in colouring.bridged and call not in moved and not _is_handed_on(reference.module, call, delegated)
        ):
            _call(kinds, reference.module, call, function, plan, entered)
    for entry in colouring.entered:
        item = entry.module.parent(entry.node)
        assert isinstance(item, ast.withitem)
        entered.add(item)
    return entered


def _is_handed_on(module: Module, call: ast.Call, delegated: Collection[ast.AST | None]) -> bool:
    return handed_on(module, call) is not None and module.parent(call) not in delegated


def _definition(kinds: Kinds, function: Function, plan: Plan) -> None:
    module, node = function.module, function.node
    assert isinstance(node, ast.FunctionDef)
    plan.edit(module, MakeAsync(node))
    if is_protocol(function):
        plan.edit(module, RenameFunction(node, ASYNCHRONOUS[node.name]), *_bases(kinds, function))
    if (decorator := manager_decorator(module, node)) is not None:
        plan.edit(module, ReplaceName(decorator, "contextlib.asynccontextmanager"))
    if is_generator(module, node) and node.returns is not None:
        _returns(module, node.returns, plan)


def _bases(kinds: Kinds, function: Function) -> Iterator[Edit]:
    """Turn ``AbstractContextManager`` into its asynchronous twin where a method's class derives from it."""
    owner = function.module.scope_of(function.node).node
    for base in owner.bases if isinstance(owner, ast.ClassDef) else ():
        named = base.value if isinstance(base, ast.Subscript) else base
        kind = kinds.of(function.module, named)
        if isinstance(kind, External) and kind.path in _MANAGERS:
            yield ReplaceName(named, _MANAGERS[kind.path])


def _returns(module: Module, node: ast.expr, plan: Plan) -> None:
    """Turn ``Generator[Session, None, None]`` into ``AsyncGenerator[...]``, which has no third argument."""
    generic = node.value if isinstance(node, ast.Subscript) else node
    kind = infer(module, generic, module.scope_of(node))
    name = kind.path.rpartition(".")[2] if isinstance(kind, External) else ""
    if name not in _GENERATORS:
        if not name.startswith("Async"):
            plan.note(module, node, "the annotation of an asynchronous generator has to be an asynchronous one")
        return
    assert isinstance(kind, External)
    symbol = f"{kind.path.rpartition('.')[0]}.{_GENERATORS[name]}"
    arguments = node.slice.elts if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) else []
    if name == "Generator" and len(arguments) == 3:
        item, sent = arguments[0], arguments[1]
        code = Code("{generic}[{item}, {sent}]", {"item": item, "sent": sent}, {"generic": symbol})
        plan.edit(module, ReplaceExpression(node, code))
    else:
        plan.edit(module, ReplaceName(generic, symbol))


def _call(
    kinds: Kinds, module: Module, call: ast.Call, function: Function, plan: Plan, entered: set[ast.withitem]
) -> None:
    outer = module.parent(call)
    name = f"{function.node.name}()"
    if is_manager(function):
        if isinstance(outer, ast.withitem):
            entered.add(outer)
        else:
            plan.refuse(module, call, f"{name} becomes an asynchronous context manager and is not entered here")
    elif is_generator(function.module, function.node):
        statement = _delegating(module, call, function)
        if statement is not None:
            _provided(module, call, statement, plan)
        else:
            _iteration(kinds, module, call, name, plan)
    elif isinstance(outer, (ast.Await, ast.AsyncFor)):
        plan.refuse(module, call, f"what {name} returns is awaited or iterated already")
    else:
        plan.edit(module, AddAwait(call))
        if is_protocol(function) and isinstance(call.func, ast.Attribute):
            name = ASYNCHRONOUS[function.node.name]
            plan.edit(module, ReplaceExpression(call.func, Code(f"{{holder}}.{name}", {"holder": call.func.value})))


def _iteration(kinds: Kinds, module: Module, call: ast.Call, name: str, plan: Plan) -> None:
    outer = module.parent(call)
    if isinstance(outer, (ast.For, ast.comprehension)) and outer.iter is call:
        in_generator = isinstance(outer, ast.comprehension) and isinstance(module.parent(outer), ast.GeneratorExp)
        if in_generator:
            plan.refuse(module, call, f"{name} in a generator expression would make it an asynchronous one")
        else:
            plan.edit(module, MakeAsync(outer))
    elif isinstance(outer, ast.Call) and is_next(outer):
        if isinstance(returned := module.parent(outer), ast.Return) and in_fixture(kinds, module, call):
            _provided(module, call, returned, plan)
            return
        plan.edit(module, ReplaceExpression(outer.func, Code("anext")), AddAwait(outer))
    elif uses := held(module, call):
        for use in uses:
            if isinstance(use.func, ast.Attribute):
                closing = Code("{generator}.aclose()", {"generator": use.func.value})
                plan.edit(module, ReplaceExpression(use, closing), AddAwait(use))
            else:
                plan.edit(module, ReplaceExpression(use.func, Code("anext")), AddAwait(use))
    elif _is_collected(module, call, outer):
        item = free_name(module, call, "item")
        listed = Code(f"[{item} async for {item} in {{generator}}]", {"generator": call})
        whole = isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id == "list"
        plan.edit(module, ReplaceExpression(outer if whole and isinstance(outer, ast.Call) else call, listed))
    else:
        plan.refuse(module, call, f"{name} becomes an asynchronous generator and is not iterated here")


def _is_collected(module: Module, call: ast.Call, outer: ast.AST | None) -> bool:
    """Tell whether a built-in function goes through all that a generator gives."""
    if not isinstance(outer, ast.Call) or not isinstance(outer.func, ast.Name) or outer.args[:1] != [call]:
        return False
    known = outer.func.id in _COLLECTING and module.scope_of(call).lookup(outer.func.id) is None
    return known and module.scope_of(call).kind == "function" and len(outer.args) == 1


def _delegating(module: Module, call: ast.Call, function: Function) -> ast.stmt | None:
    """Return the statement ``yield from get_session()`` around a call of a generator that yields once."""
    outer = module.parent(call)
    statement = module.parent(outer) if isinstance(outer, ast.YieldFrom) else None
    yields = list(own_nodes(function.module, function.node, ast.Yield, ast.YieldFrom))
    if not isinstance(statement, ast.Expr) or len(yields) != 1 or isinstance(yields[0], ast.YieldFrom):
        return None
    around = (place for place in function.module.ancestors(yields[0]) if isinstance(place, (ast.For, ast.While)))
    return None if any(function.module.function(loop) is function.node for loop in around) else statement


def _provided(module: Module, call: ast.Call, statement: ast.stmt, plan: Plan) -> None:
    """Give what a generator yields, and finish the generator afterwards, whatever happens in between."""
    arguments, nodes = argument_template(call)
    name = free_name(module, call, "session")
    text = f"async with {{manager}}({{generator}})({arguments}) as {name}:\n    yield {name}"
    symbols = {"manager": "contextlib.asynccontextmanager"}
    plan.edit(module, ReplaceStatement(statement, Code(text, {"generator": call.func, **nodes}, symbols)))
