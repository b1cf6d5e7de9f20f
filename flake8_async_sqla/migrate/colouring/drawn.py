"""Sessions that ``next(get_db())`` takes out of a generator, which nobody finishes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flake8_async_sqla.migrate.colouring.roles import role
from flake8_async_sqla.migrate.components import import_name
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.project import home
from flake8_async_sqla.semantics.inference.calls import SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.functions import is_generator, own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.blocks import following
from flake8_async_sqla.semantics.types import Function

_ESCAPES = (ast.Return, ast.Yield, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Assign, ast.AnnAssign)


class Drawn(NamedTuple):
    """A session that is taken out of a generator.

    Attributes:
        module: The module that takes it.
        call: The call that makes the generator.
        taken: The call of ``next()``.
        generator: The function that yields it.
        maker: The call in the generator that makes the session, if nothing else happens before the ``yield``.
        block: The statements that work with the session and nothing else does; empty if it may be used elsewhere.
    """

    module: Module
    call: ast.Call
    taken: ast.Call
    generator: Function
    maker: ast.Call | None
    block: Sequence[ast.stmt]


def drawn(kinds: Kinds, module: Module, call: ast.Call, generator: Function) -> Drawn | None:
    """Say how a session is taken out of the generator that a call makes; None if that happens in another way."""
    taken = module.parent(call)
    if not isinstance(taken, ast.Call) or not is_next(taken) or taken.args != [call] or taken.keywords:
        return None
    if isinstance(module.parent(taken), ast.Return) and in_fixture(kinds, module, call):
        return None
    reached = generator.module == module or import_name(generator.module, module)
    maker = _maker(kinds, generator) if reached else None
    block = _block(module, taken) if maker is not None or _only_closes(generator) else ()
    return Drawn(module, call, taken, generator, maker, block) if maker is not None or block else None


def held(module: Module, call: ast.Call) -> list[ast.Call]:
    """List the calls that step or close a generator which a variable holds; empty if it is used in another way.

    Args:
        module: The module.
        call: The call that makes the generator.
    """
    statement, scope = module.parent(call), module.scope_of(call)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""
    inner = [other for other in module.index.scopes.values() if other is not scope and name in other.loads]
    if len(scope.names.get(name, ())) != 1 or scope.kind != "function" or inner:
        return []
    found: list[ast.Call] = []
    for use in scope.loads.get(name, ()):
        step = outer = module.parent(use)
        known = isinstance(outer, ast.Call) and is_next(outer) and outer.args[0] is use
        if isinstance(outer, ast.Attribute) and outer.attr == "close":
            step = module.parent(outer)
            known = isinstance(step, ast.Call) and step.func is outer
        if not known or not isinstance(step, ast.Call):
            return []
        found.append(step)
    return found


def in_fixture(kinds: Kinds, module: Module, node: ast.AST) -> bool:
    """Tell whether a node stands in a fixture that returns its value."""
    function = module.function(node)
    if function is None or is_generator(module, function):
        return False
    return role(kinds, Function(module, function)).kind == "fixture"


def is_next(call: ast.AST | None) -> bool:
    """Tell whether a call is one of ``next()``."""
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "next"


def _maker(kinds: Kinds, generator: Function) -> ast.Call | None:
    """Return the call by which a generator makes its session, if it does nothing else before it yields that."""
    module, node = generator.module, generator.node
    yields = list(own_nodes(module, node, ast.Yield, ast.YieldFrom))
    value = getattr(yields[0], "value", None) if len(yields) == 1 else None
    bindings = module.index.scopes[node].names.get(value.id, []) if isinstance(value, ast.Name) else []
    made = bindings[0].value if len(bindings) == 1 and not bindings[0].unpack else value
    if not isinstance(made, ast.Call) or not is_a(kinds.of(module, made), SESSION):
        return None
    if not all(_is_global(module, part) for part in _names(made)) or not _begins(node.body, made, yields[0]):
        return None
    return made


def _begins(body: Sequence[ast.stmt], made: ast.Call, stop: ast.AST) -> bool:
    """Tell whether statements only make a session before they yield it, and only close it afterwards."""
    for statement in body:
        if stop in ast.walk(statement):
            if isinstance(statement, ast.With):
                return [item.context_expr for item in statement.items] == [made] and _begins(statement.body, made, stop)
            if isinstance(statement, ast.Try):
                return all(map(_closes, statement.finalbody)) and _begins(statement.body, made, stop)
            return isinstance(statement, ast.Expr)
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        makes = isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is made
        if not is_text and not makes:
            return False
    return False


def _only_closes(generator: Function) -> bool:
    """Tell whether nothing behind a generator's ``yield`` has an effect when that is finished in good order."""
    node = generator.node
    stop = next(own_nodes(generator.module, node, ast.Yield), None)
    return stop is not None and all(map(_closes, _behind(node.body, stop)))


def _behind(body: Sequence[ast.stmt], stop: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements that run behind a ``yield``."""
    found = next((index for index, statement in enumerate(body) if stop in ast.walk(statement)), len(body))
    for statement in body[found : found + 1]:
        yield from _behind(getattr(statement, "body", ()), stop)
        yield from (*getattr(statement, "orelse", ()), *getattr(statement, "finalbody", ()))
    yield from body[found + 1 :]


def _closes(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "close"


def _names(made: ast.Call) -> Iterator[ast.expr]:
    yield from (made.func, *made.args, *(keyword.value for keyword in made.keywords))


def _is_global(module: Module, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    found = module.scope_of(node).lookup(node.id) if isinstance(node, ast.Name) else None
    return found is not None and found[0].kind == "module"


def _block(module: Module, taken: ast.Call) -> Sequence[ast.stmt]:
    """List the statements behind ``db = next(get_db())``, if no others use the session."""
    statement = module.parent(taken)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""
    held = module.scope_of(taken).lookup(name) if name else None
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or held is None or len(held[1]) != 1:
        return ()
    if held[0] is not home(module, taken) or held[0].kind == "class":
        return ()
    block = following(module, statement)
    inside = {node for after in block for node in ast.walk(after)}
    for scope in module.index.scopes.values():
        for use in scope.loads.get(name, ()):
            own = scope.lookup(name)
            ours = own is not None and own[0] is held[0]
            if ours and (use not in inside or isinstance(module.parent(use), _ESCAPES)):
                return ()
    return block
