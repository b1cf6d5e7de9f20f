"""What comes of relationships that load with their objects: in answers, and where both sides of one load."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.bindings import item_of
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import registers, returned
from flake8_async_sqla.semantics.mapping.classes import attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import UNKNOWN, External, Function, ProjectClass, ProjectInstance, Type

_ENCODER = External("fastapi.encoders.jsonable_encoder")


def answer_notes(kinds: Kinds, sources: Sources, loaded: Mapping[ProjectClass, Collection[str]], plan: Plan) -> None:
    """Note the answers that hold whatever an object has loaded.

    Args:
        kinds: Types.
        sources: The modules that may be changed.
        loaded: The relationships that load with their objects now, by the class.
        plan: Where the notes go.
    """
    unknown: list[tuple[Module, ast.expr]] = []
    for module in sources.modules:
        for call in nodes(module, ast.Call) if loaded and not is_test(module) else ():
            assert isinstance(call, ast.Call)
            value = argument(call, "obj", 0)
            if value is not None and kinds.of(module, call.func) == _ENCODER:
                if kinds.of(module, value) is UNKNOWN:
                    unknown.append((module, call))
                _note(module, call, kinds.of(module, value), loaded, plan)
    for function in sources.functions() if loaded else ():
        if _answers_as_it_is(function):
            for value in returned(function.module, function.node):
                _note(function.module, value, kinds.of(function.module, value), loaded, plan)
    for module, node in unknown[:1]:
        plan.note(module, node, "jsonable_encoder() writes whatever a mapped object has loaded: more than before, now")


def cycle_notes(loaded: Mapping[ProjectClass, Mapping[str, tuple[Module, ast.Call]]], plan: Plan) -> None:
    """Note the relationships that both load with their objects: SQLAlchemy does not follow them back."""
    for cls, calls in loaded.items():
        for name, (module, call) in calls.items():
            target = _target(cls, name)
            for back in loaded.get(target, ()) if target is not None else ():
                if target is not None and _target(target, back) == cls:
                    came = f"{cls.node.name} objects that came along as {target.node.name}.{back} have no {name} loaded"
                    text = f"{came}, and get() gives them as they are: refresh(..., ['{name}']) where that is read"
                    plan.note(module, call, text)


def _target(cls: ProjectClass, name: str) -> ProjectClass | None:
    found = attribute(cls, name)
    return found.target if found is not None else None


def _answers_as_it_is(function: Function) -> bool:
    module, node = function.module, function.node
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and registers(module, decorator):
            names = {keyword.arg for keyword in decorator.keywords}
            return node.returns is None and not names & {"response_model", "response_class"}
    return False


def _note(
    module: Module, node: ast.expr, kind: Type, loaded: Mapping[ProjectClass, Collection[str]], plan: Plan
) -> None:
    item = kind if isinstance(kind, ProjectInstance) else item_of(kind)
    if isinstance(item, ProjectInstance) and item.cls in loaded:
        names = ", ".join(sorted(loaded[item.cls]))
        plan.note(module, node, f"this answer holds what the object has loaded: now also its {names}")
