"""What starts tasks and threads, and the calls that run in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flake8_async_sqla.facts.frameworks import BACKGROUND, TASKS, THREADS, WAITING
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.promising import promising
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import External, Instance, Member

GATHERING = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed"})
# ``task_group.soonify(function)(arguments)``.
_SOONIFY = "asyncer.TaskGroup.soonify"
_STARTING = frozenset({"start", "start_soon"})
_COLLECTIONS = frozenset({"list", "tuple", "set"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_ADDING = frozenset({"append", "add", "extend", "appendleft", "insert", "update"})
_EXECUTORS = frozenset({"ThreadPoolExecutor", "Executor"})
_BACK = frozenset({"anyio.from_thread.run", "anyio.from_thread.run_sync", "functools.partial"})
SPAWNING = frozenset(path.rpartition(".")[2] for path in (*TASKS, *THREADS, *WAITING, *BACKGROUND, *_BACK))


@dataclass(frozen=True, slots=True)
class Work:
    """A call that runs beside others.

    Attributes:
        at: Where it is written.
        func: What is called.
        args: Its positional arguments.
        keywords: Its keyword arguments.
        loops: The loops that repeat it, so that it runs several times at once.
    """

    at: ast.expr
    func: ast.expr
    args: list[ast.expr]
    keywords: list[ast.keyword]
    loops: tuple[ast.AST, ...] = ()


def spawner(module: Module, call: ast.Call) -> str:
    """Return the canonical path of the function that starts tasks or waits for several; empty if it is another."""
    applying = isinstance(call.func, ast.Call)
    path = called(module, call.func if isinstance(call.func, ast.Call) else call)
    return path if path in TASKS and applying == (path == _SOONIFY) else ""


def called(module: Module, call: ast.Call) -> str:
    """Return the path of a function or method that starts tasks or threads; `asyncio`'s submodules are left out."""
    if isinstance(call.func, ast.Attribute) and call.func.attr not in SPAWNING:
        return ""
    if isinstance(call.func, ast.Name) and not promising(module, call.func, module.scope_of(call)):
        return ""
    callee = module.type_of(call.func)
    if isinstance(callee, External):
        return _short(callee.path)
    if isinstance(callee, Member) and isinstance(callee.receiver, Instance):
        cls = callee.receiver.cls
        name = cls.rpartition(".")[2]
        if name in _EXECUTORS and cls.startswith("concurrent.futures"):
            return f"concurrent.futures.Executor.{callee.name}"
        if name.endswith("EventLoop") and cls.startswith("asyncio"):
            return f"asyncio.AbstractEventLoop.{callee.name}"
        return f"{_short(cls)}.{callee.name}"
    return ""


def _short(path: str) -> str:
    first, _, rest = path.partition(".")
    module, _, name = rest.rpartition(".")
    return f"asyncio.{name}" if first == "asyncio" and module in ("tasks", "taskgroups", "threads", "events") else path


def unwrapped(module: Module, node: ast.expr) -> ast.expr:
    """Take a coroutine out of ``create_task()``, ``shield()``, ``wait_for()`` and the like."""
    while isinstance(node, ast.Call) and node.args and (called(module, node) in WAITING or _one_task(module, node)):
        node = node.args[0]
    return node


def _one_task(module: Module, call: ast.Call) -> bool:
    path = spawner(module, call)
    return bool(path) and path not in GATHERING and path.rpartition(".")[2] not in _STARTING


def started(module: Module, call: ast.Call) -> Work | None:
    """Return what a call that starts one task (``create_task(f(x))``, ``start_soon(f, x)``) runs."""
    path = spawner(module, call)
    if not path or path in GATHERING:
        return None
    if isinstance(call.func, ast.Call):
        return applied(module, call, call.func.args[0], call.args, call.keywords) if call.func.args else None
    if path.rpartition(".")[2] in _STARTING:
        return applied(module, call, call.args[0], call.args[1:], []) if call.args else None
    coroutine = argument(call, "coro", 0)
    if coroutine is None:
        coroutine = argument(call, "coro_or_future", 0)
    found = list(gathered(module, coroutine, call)) if isinstance(coroutine, (ast.Call, ast.Name)) else []
    return replace(found[0], at=call) if len(found) == 1 and not found[0].loops else None


def applied(
    module: Module, at: ast.expr, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]
) -> Work | None:
    """Describe a call of ``func`` with some arguments, ``functools.partial`` and a ``lambda`` around a call undone."""
    for _ in range(4):
        func = _prepared(module, func)
        if isinstance(func, ast.Call) and called(module, func) == "functools.partial" and func.args:
            args, keywords = [*func.args[1:], *args], [*func.keywords, *keywords]
            func = func.args[0]
        elif isinstance(func, ast.Lambda) and isinstance(func.body, ast.Call):
            return Work(at, func.body.func, func.body.args, func.body.keywords)
        else:
            return Work(at, func, args, [inner for keyword in keywords for inner in _spread(keyword)])
    return None


def _prepared(module: Module, func: ast.expr) -> ast.expr:
    """Follow the name of a ``functools.partial`` or ``lambda`` to what it holds."""
    if isinstance(func, ast.Name):
        home, binding = definition(module, func, module.scope_of(func))
        value = binding.value if binding is not None and binding.kind == "value" and not binding.unpack else None
        if home == module and isinstance(value, (ast.Call, ast.Lambda)):
            return value
    return func


def _spread(keyword: ast.keyword) -> list[ast.keyword]:
    """Take ``**dict(a=b)`` and ``**{"a": b}`` apart."""
    value = keyword.value
    if (
        keyword.arg is None
        and isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "dict"
    ):
        return value.keywords
    if keyword.arg is None and isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return [ast.keyword(str(key.value), item) for key, item in pairs if isinstance(key, ast.Constant)]
    return [keyword]


def gathered(module: Module, node: ast.expr | None, at: ast.Call, loops: tuple[ast.AST, ...] = ()) -> Iterator[Work]:
    """Yield what runs at once when an expression is given to ``gather()``, ``wait()`` or the like.

    Args:
        module: The module of the call.
        node: An argument of it.
        at: The call.
        loops: The loops around the expression that repeat it.
    """
    if isinstance(node, ast.Starred):
        yield from gathered(module, node.value, at, loops)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for element in node.elts:
            yield from gathered(module, element, at, loops)
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        yield from gathered(module, node.elt, at, (*loops, node))
    elif isinstance(node, ast.DictComp):
        yield from gathered(module, node.value, at, (*loops, node))
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from gathered(module, value, at, loops)
    elif isinstance(node, ast.BinOp):
        yield from gathered(module, node.left, at, loops)
        yield from gathered(module, node.right, at, loops)
    elif isinstance(node, ast.Name):
        yield from _named(module, node, at, loops)
    elif isinstance(node, ast.Call):
        yield from _called(module, node, at, loops)


def _called(module: Module, node: ast.Call, at: ast.Call, loops: tuple[ast.AST, ...]) -> Iterator[Work]:
    inner = unwrapped(module, node)
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if inner is not node:
        yield from gathered(module, inner, at, loops)
    elif name in _COLLECTIONS and len(node.args) == 1:
        yield from gathered(module, node.args[0], at, loops)
    elif name == "map" and len(node.args) > 1 and module.scope_of(node).lookup("map") is None:
        work = applied(module, node, node.args[0], [ast.Starred(node.args[1])], [])
        if work is not None:
            yield replace(work, loops=(*loops, node))
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "values" and not node.args:
        yield from gathered(module, node.func.value, at, loops)
    elif (work := applied(module, node, node.func, node.args, node.keywords)) is not None:
        yield replace(work, loops=loops)


def _named(module: Module, node: ast.Name, at: ast.Call, loops: tuple[ast.AST, ...]) -> Iterator[Work]:
    """Follow a name to the coroutine or collection that it holds, and to what is added to that."""
    scope = module.scope_of(node)
    found = scope.lookup(node.id)
    if found is None or found[0].kind not in ("function", "comprehension"):
        return
    holder, bindings = found
    grown = [binding for binding in bindings if isinstance(binding.node, ast.AugAssign)]
    kept = [binding for binding in bindings if binding not in grown]
    kept = reaching(module, kept, node) if len(kept) > 1 and holder is scope else kept
    if not any(binding.kind in ("value", "annotation") and not binding.unpack for binding in kept):
        return
    for binding in grown:
        assert isinstance(binding.node, ast.AugAssign)
        yield from gathered(module, binding.node.value, at, (*loops, *loops_between(module, binding.node, at, kept)))
    for binding in kept:
        if binding.value is not None and not binding.unpack and not _waits(module, binding):
            yield from gathered(module, binding.value, at, loops)
    for use in holder.loads.get(node.id, ()):
        for value in added(module, use):
            if use.lineno <= at.lineno and not _is_task(module, value):
                yield from gathered(module, value, at, (*loops, *loops_between(module, use, at, kept)))


def _waits(module: Module, binding: Binding) -> bool:
    """Tell whether a name holds tasks that were started before."""
    value = binding.value
    inner = value.elt if isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) else value
    inner = inner.value if isinstance(inner, ast.DictComp) else inner
    return inner is not None and _is_task(module, inner)


def _is_task(module: Module, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _one_task(module, node)


def added(module: Module, use: ast.Name) -> Iterator[ast.expr]:
    """Yield what is put into a collection where its name is used: ``tasks.append(x)``, ``tasks[key] = x``."""
    parent = module.parent(use)
    outer = module.parent(parent) if parent is not None else None
    if isinstance(parent, ast.Attribute) and isinstance(outer, ast.Call) and outer.func is parent:
        if parent.attr in _ADDING:
            yield from outer.args[-1:]
    elif isinstance(parent, ast.Subscript) and isinstance(outer, ast.Assign) and parent in outer.targets:
        yield outer.value


def loops_between(
    module: Module, node: ast.AST, at: ast.AST, bindings: list[Binding] | None = None
) -> tuple[ast.AST, ...]:
    """List the loops around a node that hold neither ``at`` nor the place where the collection is made."""
    outside = set(module.ancestors(at))
    for binding in bindings or ():
        outside.update(module.ancestors(binding.node))
    found: list[ast.AST] = []
    for outer in module.ancestors(node):
        if isinstance(outer, _FUNCTIONS):
            break
        if isinstance(outer, _LOOPS) and outer not in outside:
            found.append(outer)
    return tuple(found)


def handed_to_thread(module: Module, call: ast.Call) -> Work | None:
    """Return what a call runs in another thread."""
    if isinstance(call.func, ast.Call) and called(module, call.func) == "asgiref.sync.sync_to_async":
        inner = call.func
        return applied(module, call, inner.args[0], call.args, call.keywords) if inner.args else None
    path = called(module, call)
    position, keyword = THREADS.get(path, (0, ""))
    func = argument(call, keyword, position)
    if not keyword or func is None:
        return None
    args = [] if keyword in {item.arg for item in call.keywords} else call.args[position + 1 :]
    keywords = [item for item in call.keywords if item.arg != keyword]
    if path == "threading.Thread":
        args = list(_elements(argument(call, "args", 3)))
        named = argument(call, "kwargs", 4)
        pairs = zip(named.keys, named.values, strict=True) if isinstance(named, ast.Dict) else ()
        keywords = [ast.keyword(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]
    elif path == "concurrent.futures.Executor.map":
        args = [element for each in args for element in _elements(each)]
    return applied(module, call, func, args, keywords)


def _elements(node: ast.expr | None) -> list[ast.expr]:
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
