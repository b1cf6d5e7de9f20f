"""Functions that run when the response has been sent, on the objects that the request gives them."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.calling.invoking import invoke
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import Deferred, Items, Routine
from flake8_async_sqla.semantics.inference.classes import is_a

_LATER = "<later>"
_TASKS = "starlette.background.BackgroundTasks"


def defer(frame: Frame, state: State, arguments: Arguments) -> bool:
    """Keep in mind what ``tasks.add_task(notify, user)`` calls; False if that cannot be seen.

    Args:
        frame: The function.
        state: What is known; it is changed.
        arguments: What the call is given.
    """
    func = arguments.node.func
    routine = arguments.given("func", 0)
    if frame.calls or arguments.spread or not isinstance(func, ast.Attribute) or func.attr != "add_task":
        return False
    if not isinstance(routine, Routine) or not is_a(frame.module.type_of(func.value), _TASKS):
        return False
    keywords = tuple((name, value) for name, value in arguments.keywords.items() if name != "func")
    known = state.names.get(_LATER)
    before = known.items if isinstance(known, Items) else ()
    values = tuple(arguments.values[1:])
    state.names[_LATER] = Items((*before, Deferred(arguments.node, routine, values, keywords)))
    return True


def finish(frame: Frame, state: State) -> None:
    """Run what was deferred, after the function has returned."""
    known = state.names.get(_LATER)
    for item in known.items if isinstance(known, Items) else ():
        if isinstance(item, Deferred) and state.alive:
            invoke(frame, state, item.node, item.routine, [*item.values], dict(item.keywords))
