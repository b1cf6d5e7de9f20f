"""Project functions, looked at as their callers run them."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, is_stub, own_nodes, transparent
from flake8_async_sqla.semantics.objects.identities import arguments_of, paired
from flake8_async_sqla.semantics.transactions import effects, flow, opening
from flake8_async_sqla.semantics.transactions.actions import ACTIONS, resource
from flake8_async_sqla.semantics.transactions.states import World
from flake8_async_sqla.semantics.transactions.walk import Flow, Frame, Walk
from flake8_async_sqla.semantics.transactions.writes import new, writing
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, ProjectClass

MAX_DEPTH = 3
MAX_BODIES = 60
MAX_TOUCHES = 2
_LOOKS = re.compile(r"^(?:self\.)?\w*(?:session|db|conn|connection)\w*$", re.IGNORECASE)
_STUBS = frozenset({"abstractmethod", "overload"})


def call(walk: Walk, frame: Frame, node: ast.Call, callee: Function, world: World) -> World | None:
    """Run a project function; ``None`` if it cannot be seen through.

    Args:
        walk: What is found.
        frame: The caller.
        node: The call.
        callee: The function.
        world: What is known before.
    """
    if not visible(callee) or is_generator(callee.module, callee.node):
        return None
    given = arguments_of(frame.module, callee, node.func, node.args, node.keywords)
    keys = {parameter: walk.translated(frame, key) for parameter, key in given.items()}
    concerned = any(key is not None and effects.within(key, world) for key in keys.values())
    if not touches(callee) and not concerned:
        return None
    if callee.node in walk.active or frame.depth >= MAX_DEPTH or walk.bodies >= MAX_BODIES:
        return None
    for value in (*node.args, *(keyword.value for keyword in node.keywords)):
        key = walk.key(frame, value)
        if key is None or not effects.within(key, world):
            world = effects.visit(walk, frame, value, world)
    place = frame.place(node)
    entry = frame.entry or walk.next_entry()
    pairs = paired(callee, node.args, node.keywords)
    fed = (frame.module, frame.made)
    made = frozenset(own for own, value in pairs if new(fed[0], value, fed[1]) or writing(fed[0], value, fed[1]))
    done = run(walk, Frame(callee, keys, place.site, entry, place.certain, frame.depth + 1, made=made), world)
    return ended(walk, done, world)


def ended(walk: Walk, done: Flow, world: World) -> World:
    """Go on after a call that was followed; ``world`` is what was known before it."""
    if done.raised is not None:
        walk.raising.append(done.raised)
    after = done.finished()
    walk.dead = walk.dead or after is None
    return after or world


def run(walk: Walk, frame: Frame, world: World) -> Flow:
    """Run the body of a function."""
    walk.bodies += 1
    walk.active.append(frame.function.node)
    done = flow.block(walk, frame, frame.function.node.body, opening.entered(frame.function, world))
    walk.active.pop()
    return done


def visible(function: Function) -> bool:
    """Tell whether a function's body is what a call runs: not a stub, and not wrapped."""
    node = function.node
    if not transparent(function.module, node) or is_stub(node):
        return False
    return not any(getattr(item, "attr", getattr(item, "id", "")) in _STUBS for item in node.decorator_list)


def touches(function: Function, depth: int = MAX_TOUCHES) -> bool:
    """Tell whether a function, or one that it calls, does something to a session or connection."""
    module = function.module
    memo: dict[object, bool] = module.cached("touches transactions", dict)
    known = memo.get(function.node)
    if known is None or (not known and (function.node, depth) not in memo):
        memo[function.node] = memo[function.node, depth] = False
        memo[function.node] = uses_directly(function) or any(
            touches(callee, depth - 1) for callee in (callees(function) if depth else ())
        )
    return memo[function.node]


def callees(function: Function) -> Iterator[Function]:
    """List the project functions that a function calls."""
    module = function.module
    for found in own_nodes(module, function.node, ast.Call):
        callee = module.type_of(found.func)  # type: ignore[attr-defined]
        if isinstance(callee, Function):
            yield callee


def uses_directly(function: Function, names: Collection[str] = ACTIONS) -> bool:
    """Tell whether a function calls certain methods of a session or connection, or of what looks like one."""
    module = function.module
    for found in own_nodes(module, function.node, ast.Call):
        func = found.func  # type: ignore[attr-defined]
        if isinstance(func, ast.Attribute) and func.attr in names:
            kind = module.type_of(func.value)
            if resource(kind) or (kind is UNKNOWN and _LOOKS.search(ast.unparse(func.value))):
                return True
    return False


def plain(cls: ProjectClass) -> bool:
    """Tell whether all bases of a class are the project's own, so that nothing unseen keeps what it is given."""
    for item in lineage(cls):
        if isinstance(item, str):
            if not item.startswith(("typing.", "abc.", "builtins.")):
                return False
            continue
        for base in item.node.bases:
            kind = item.module.type_of(base.value if isinstance(base, ast.Subscript) else base)
            if not isinstance(kind, (ProjectClass, External)):
                return False
        scope_of_class(item)
    return True
