"""Making instances of project classes."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.assigning import set_attribute
from flake8_async_sqla.semantics.flow.calls import Arguments
from flake8_async_sqla.semantics.flow.frame import Frame
from flake8_async_sqla.semantics.flow.heap import UNSURE, Fresh, ObjectState, State
from flake8_async_sqla.semantics.flow.invoking import invoke
from flake8_async_sqla.semantics.flow.members import function
from flake8_async_sqla.semantics.flow.objects import forget
from flake8_async_sqla.semantics.flow.values import OPAQUE, PLAIN, Object, Routine, Service, Value
from flake8_async_sqla.semantics.inference.classes import is_a, lineage
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance


def construct(frame: Frame, state: State, cls: ProjectClass, arguments: Arguments) -> Value:
    """Call a project class."""
    mapped = mapped_class(cls)
    if mapped is not None:
        return _object(frame, state, cls, arguments)
    if is_a(ProjectInstance(cls), "pydantic.BaseModel"):
        return PLAIN
    if any(isinstance(base, str) and not base.startswith(("builtins.", "typing.")) for base in lineage(cls)):
        forget(state, arguments.all())
        return OPAQUE
    number = frame.run.number()
    state.services[number] = {}
    made = Service(number, cls)
    start = function(cls, "__init__")
    if start is not None and not arguments.spread:
        routine = Routine(start.module, start.node, made)
        invoke(frame, state, arguments.node, routine, arguments.values, arguments.keywords)
    elif cls.node.decorator_list or arguments.spread:
        _fields(state, number, cls, arguments)
    return made


def _fields(state: State, number: int, cls: ProjectClass, arguments: Arguments) -> None:
    """The constructor of a dataclass keeps what it is given."""
    names = [
        item.target.id
        for item in cls.node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    if not arguments.spread:
        state.services[number].update(zip(names, arguments.values, strict=False))
        state.services[number].update(arguments.keywords)


def _object(frame: Frame, state: State, cls: ProjectClass, arguments: Arguments) -> Value:
    mapped = mapped_class(cls)
    assert mapped is not None
    number = frame.run.number()
    own = function(cls, "__init__") is not None or bool(arguments.spread or arguments.values)
    if own:
        forget(state, arguments.all())
    from flake8_async_sqla.semantics.flow.heap import Unseen

    base = Unseen() if own else Fresh()
    state.objects[number] = ObjectState(mapped, base, life="new", family=number, made=number, tied=own)
    if mapped.dataclass:
        _defaults(state, number, frame.module.project.settings.targets)
    made = Object(number)
    if not own:
        for name, value in arguments.keywords.items():
            set_attribute(frame, state, arguments.node, made, name, value)
    return made


def _defaults(state: State, number: int, targets: frozenset[str]) -> None:
    """The constructor of a mapped dataclass sets what it is not given, where that has a default: until 2.0."""
    if targets == {"2.1"}:
        return
    for name, attribute in state.objects[number].mapped.attributes.items():
        if attribute.kind == "relationship" or attribute.deferred or attribute.server_default:
            state.objects[number] = state.objects[number].having(name, UNSURE)
