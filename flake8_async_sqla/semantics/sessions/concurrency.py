"""Sessions and connections that tasks share."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.order import exclusive, follows, leaves, mentions, path, waits_for
from flake8_async_sqla.semantics.objects.constructions import settled, unfolded
from flake8_async_sqla.semantics.objects.identities import key_of
from flake8_async_sqla.semantics.objects.identity import Key, described, place
from flake8_async_sqla.semantics.sessions.constructed import alike, items
from flake8_async_sqla.semantics.sessions.session_uses import locked, uses
from flake8_async_sqla.semantics.sessions.spawning import (
    GATHERING,
    Work,
    added,
    called,
    gathered,
    loops_between,
    spawner,
    started,
)
from flake8_async_sqla.semantics.types import FunctionNode

_WRAPPERS = ("asyncio.shield", "asyncio.wait_for")


@dataclass(frozen=True, slots=True)
class Clash:
    """One session used by several tasks at once.

    Attributes:
        at: The call that starts the second of them, or several.
        session: The session, as the code names it.
        work: The calls that use it.
    """

    at: ast.expr
    session: str
    work: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is started and not awaited on the spot.

    Attributes:
        call: The call that starts it.
        work: What it runs.
        group: The task group that waits for it.
        names: The names of the task and of the collections that it is put into.
    """

    call: ast.Call
    work: Work
    group: Key | None
    names: frozenset[str]


def clashes(module: Module, node: FunctionNode) -> Iterator[Clash]:
    """Yield the sessions that a function lets several tasks use at once."""
    tasks: list[Task] = []
    for call in own_nodes(module, node, ast.Call):
        assert isinstance(call, ast.Call)
        path_ = spawner(module, call)
        if path_ in GATHERING:
            given = call.args if path_ == "asyncio.gather" else call.args[:1]
            works = [work for value in given for work in gathered(module, value, call)]
            found = _clash(module, works)
            if found is not None:
                yield Clash(call, *found)
        elif path_ and (task := task_of(module, call)) is not None:
            tasks.append(task)
    told: set[ast.expr] = set()
    for clash in _of_tasks(module, tasks):
        told.add(clash.at)
        yield clash
    yield from _with_own_work(module, node, [task for task in tasks if task.call not in told])


def used(module: Module, work: Work) -> dict[Key, str]:
    """Map the sessions that a call certainly works with to their names."""
    found = [use for use in uses(module, work.func, work.args, work.keywords) if use.certain]
    keys = [(unfolded(settled(use.key) or use.key), described(use.key)) for use in found]
    return dict(sorted(keys, key=lambda pair: pair[1]))


def _clash(module: Module, works: list[Work]) -> tuple[str, tuple[Work, ...]] | None:
    known = [(work, used(module, work)) for work in works]
    for work, keys in known:
        for key, name in keys.items():
            if _repeats(module, key, work.loops):
                return name, (work,)
        if work.loops and (name := _shared_by_items(module, work.func, work)):
            return name, (work,)
    for (first, keys), (second, others) in combinations(known, 2):
        for key, name in keys.items():
            if _meets(key, others) and not exclusive(module, first.at, second.at):
                return name, (first, second)
    return None


def _meets(key: Key, others: dict[Key, str]) -> bool:
    return key in others or any(alike(key, other) for other in others)


def _shared_by_items(module: Module, func: ast.expr, work: Work) -> str:
    """Name the session that several objects of a list hold when a loop starts the same method of each."""
    seen: dict[Key, str] = {}
    for item in items(module, func.value) if isinstance(func, ast.Attribute) else ():
        for key, name in used(module, replace(work, func=_method_of(module, item, func))).items():
            if _meets(key, seen):
                return name
            seen[key] = name
    return ""


def _method_of(module: Module, item: ast.expr, func: ast.expr) -> ast.expr:
    """Write the method that a loop calls as one of a single item; kept, as what is known of it is kept with it."""
    assert isinstance(func, ast.Attribute)
    name = func.attr
    return module.cached(
        ("method of item", item, name), lambda: ast.copy_location(ast.Attribute(item, name, ast.Load()), item)
    )


def _repeats(module: Module, key: Key, loops: tuple[ast.AST, ...]) -> bool:
    """Tell whether a loop runs a call several times with the same object."""
    made = [outer for node in place(key) for outer in (node, *module.ancestors(node))]
    return any(loop not in made for loop in loops)


def task_of(module: Module, call: ast.Call) -> Task | None:
    """Describe the task that a call starts; ``None`` if it is awaited at once or handed to ``gather()``."""
    work = started(module, call)
    func = uncalled(call.func)
    if work is None or not isinstance(func, (ast.Attribute, ast.Name)):
        return None
    outer: ast.AST | None = module.parent(call)
    while isinstance(outer, ast.Call) and called(module, outer) in _WRAPPERS:
        outer = module.parent(outer)
    if isinstance(outer, ast.Await):
        return None
    for around in module.ancestors(call):
        if isinstance(around, ast.stmt):
            break
        if isinstance(around, ast.Call) and spawner(module, around) in GATHERING:
            return None
    grouped = spawner(module, call).partition(".")[0] != "asyncio" or "TaskGroup" in spawner(module, call)
    group = key_of(module, func.value) if grouped and isinstance(func, ast.Attribute) else None
    if grouped and group is None:
        return None
    return Task(call, work, group, frozenset(holders(module, call)))


def holders(module: Module, call: ast.Call) -> Iterator[str]:
    """Yield the names of a task: of variables that hold it and of collections that it is put into."""
    statement = module.statement(call)
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        targets = [statement.target]
    for target in targets:
        yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name))
    for around in module.ancestors(call):
        if isinstance(around, ast.NamedExpr) and isinstance(around.target, ast.Name):
            yield around.target.id
        func = around.func if isinstance(around, ast.Call) else None
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            yield func.value.id
    for target in targets:
        if isinstance(target, ast.Name):
            for name, loads in module.scope_of(call).loads.items():
                values = [value for use in loads for value in added(module, use)]
                if any(isinstance(value, ast.Name) and value.id == target.id for value in values):
                    yield name


def _of_tasks(module: Module, tasks: list[Task]) -> Iterator[Clash]:
    known = [(task, used(module, task.work)) for task in tasks]
    told: set[ast.Call] = set()
    for task, keys in known:
        for key, name in keys.items():
            if _repeats(module, key, _loops(module, task)):
                told.add(task.call)
                yield Clash(task.call, name, (task.work,))
                break
        func = task.work.func
        if task.call not in told and _loops(module, task) and (name := _shared_by_items(module, func, task.work)):
            told.add(task.call)
            yield Clash(task.call, name, (task.work,))
    for (first, keys), (second, others) in combinations(known, 2):
        if second.call in told or first.group != second.group:
            continue
        for key, name in keys.items():
            if _meets(key, others) and _beside(module, first, second):
                told.add(second.call)
                yield Clash(second.call, name, (first.work, second.work))
                break


def _with_own_work(module: Module, node: FunctionNode, tasks: list[Task]) -> Iterator[Clash]:
    """Yield the tasks with whose session the function works itself before it, or their group, awaits them."""
    awaits = [found for found in own_nodes(module, node, ast.Await) if isinstance(found, ast.Await)]
    for task in tasks:
        waiting = [found for found in awaits if mentions(module.statement(found), task.names)]
        near = (
            awaits if waiting and task.group is None else [found for found in awaits if _in_group(module, task, found)]
        )
        keys = used(module, task.work) if near else {}
        for found in near if keys else ():
            call = found.value
            if not isinstance(call, ast.Call) or found in waiting or locked(module, call, node):
                continue
            own = Task(call, Work(call, call.func, call.args, call.keywords), task.group, frozenset())
            others = used(module, own.work) if _beside(module, task, own) else {}
            if name := next((name for key, name in keys.items() if _meets(key, others)), ""):
                yield Clash(task.call, name, (task.work, own.work))
                break


def _in_group(module: Module, task: Task, node: ast.Await) -> bool:
    """Tell whether an await stands in the block at whose end the group of a task waits for it."""
    made = place(task.group) if task.group is not None else []
    items = [outer for found in made for outer in (found, *module.ancestors(found)) if isinstance(outer, ast.withitem)]
    blocks = {module.parent(item) for item in items[:1]}
    return any(outer in blocks for outer in module.ancestors(node))


def _loops(module: Module, task: Task) -> tuple[ast.AST, ...]:
    """List the loops that start a task again before the last one is done."""
    steps = list(path(module, task.call))
    ends = bool(steps) and leaves(steps[0])
    made = place(task.group) if task.group is not None else []
    outside = {outer for node in made for outer in module.ancestors(node)}
    found: list[ast.AST] = []
    for loop in loops_between(module, task.call, module.tree):
        once = ends and isinstance(loop, ast.stmt)
        if once or loop in outside or waits_for(module, task.call, task.names, within=loop):
            break
        found.append(loop)
    return tuple(found)


def _beside(module: Module, first: Task, second: Task) -> bool:
    """Tell whether the first task may still run when the second starts."""
    if exclusive(module, first.call, second.call) or not follows(module, first.call, second.call):
        return False
    scope = module.function(first.call)
    assert scope is not None
    start = (first.call.end_lineno or 0, first.call.end_col_offset or 0)
    for found in own_nodes(module, scope, ast.Await):
        assert isinstance(found, ast.Await)
        if start < (found.lineno, found.col_offset) < (second.call.lineno, second.call.col_offset):
            names = {inner.id for inner in ast.walk(module.statement(found)) if isinstance(inner, ast.Name)}
            if first.names & names or not (first.names or first.group):
                return False
    return True
