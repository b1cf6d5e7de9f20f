"""Making instances of project classes."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.calling.invoking import invoke
from flake8_async_sqla.semantics.flow.expressions.members import function
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import UNSURE, Fresh, ObjectState, State
from flake8_async_sqla.semantics.flow.state.objects import forget
from flake8_async_sqla.semantics.flow.state.values import OPAQUE, PLAIN, Object, Routine, Service, Value
from flake8_async_sqla.semantics.flow.statements.assigning import set_attribute
from flake8_async_sqla.semantics.inference.classes import is_a, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.mapping import mapped_class
from flake8_async_sqla.semantics.mapping.model import MappedClass
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import External, ProjectClass, ProjectInstance


def construct(frame: Frame, state: State, cls: ProjectClass, arguments: Arguments) -> Value:
    """Call a project class."""
    mapped = mapped_class(cls)
    if mapped is not None:
        return _object(frame, state, cls, arguments)
    if is_a(ProjectInstance(cls), "pydantic.BaseModel"):
        return PLAIN
    if arguments.keywords.keys() == {"session"} and not arguments.values and _is_repository(cls):
        kept = frame.run.number()
        state.services[kept] = dict(arguments.keywords)
        return Service(kept, cls, True)
    if any(isinstance(base, str) and not base.startswith(("builtins.", "typing.")) for base in lineage(cls)):
        forget(state, arguments.all())
        return OPAQUE
    number = frame.run.number()
    state.services[number] = {}
    made = Service(number, cls, True)
    start = function(cls, "__init__")
    if start is not None and not arguments.spread:
        routine = Routine(start.module, start.node, made)
        invoke(frame, state, arguments.node, routine, arguments.values, arguments.keywords)
    elif cls.node.decorator_list or arguments.spread or "typing.NamedTuple" in lineage(cls):
        _fields(frame, state, made, arguments)
    return made


def _is_repository(cls: ProjectClass) -> bool:
    """Tell whether a class is a repository of Advanced Alchemy that says itself nothing but what it queries."""
    from flake8_async_sqla.semantics.flow.queries.repositories import model_of

    said = ("__init__", "load", "loader_options", "statement", "_get_base_stmt")
    own = [scope_of_class(item).names for item in lineage(cls) if isinstance(item, ProjectClass)]
    return model_of(cls) is not None and not any(name in names for names in own for name in said)


def _fields(frame: Frame, state: State, made: Service, arguments: Arguments) -> None:
    """The constructor of a dataclass keeps what it is given, and gives ``__post_init__()`` the rest."""
    cls = made.cls
    declared = {
        item.target.id: item.annotation
        for item in cls.node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    if arguments.spread:
        return
    held = state.services[made.id]
    held.update(zip(declared, arguments.values, strict=False))
    held.update(arguments.keywords)
    last = function(cls, "__post_init__")
    if last is not None:
        passed = [name for name, annotation in declared.items() if _only_passed(cls.module, annotation)]
        values = {name: held.pop(name, OPAQUE) for name in passed}
        routine = Routine(last.module, last.node, made)
        invoke(frame, state, arguments.node, routine, [*values.values()], {})


def _only_passed(module: Module, annotation: ast.expr) -> bool:
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return module.type_of(head) == External("dataclasses.InitVar")


def _object(frame: Frame, state: State, cls: ProjectClass, arguments: Arguments) -> Value:
    mapped = mapped_class(cls)
    assert mapped is not None
    number = frame.run.number()
    spread = bool(arguments.spread) and not brings_values_only(frame.module, arguments.node, mapped)
    own = function(cls, "__init__") is not None or spread or bool(arguments.values)
    if own:
        forget(state, arguments.all())
    from flake8_async_sqla.semantics.flow.state.heap import Unseen

    base = Unseen() if own else Fresh()
    tied = own or bool(arguments.spread)
    state.objects[number] = ObjectState(mapped, base, life="new", family=number, made=number, tied=tied)
    if mapped.dataclass:
        _defaults(state, number, frame.module.project.settings.targets)
    made = Object(number)
    if not own:
        for name, value in arguments.keywords.items():
            set_attribute(frame, state, arguments.node, made, name, value)
    return made


def brings_values_only(module: Module, call: ast.Call, mapped: MappedClass | None = None) -> bool:
    """Tell whether all that stars bring in is what ``model_dump()`` gives, which holds no mapped objects."""
    if any(isinstance(item, ast.Starred) for item in call.args):
        return False
    return all(keyword.arg is not None or _is_dump(module, keyword.value, mapped) for keyword in call.keywords)


def _is_dump(module: Module, node: ast.expr | None, mapped: MappedClass | None, hops: int = 3) -> bool:
    if isinstance(node, ast.Name) and hops:
        home, binding = definition(module, node, module.scope_of(node))
        simple = binding is not None and binding.kind == "value" and not binding.unpack and home == module
        return binding is not None and simple and _is_dump(module, binding.value, mapped, hops - 1)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return all(_is_dump(module, value, mapped) if key is None else _is_column(key, mapped) for key, value in pairs)
    if not isinstance(node, ast.Call):
        return False
    dumps = isinstance(node.func, ast.Attribute) and node.func.attr in ("dict", "model_dump")
    return dumps or callee(module, node) == "fastapi.encoders.jsonable_encoder"


def _is_column(key: ast.expr, mapped: MappedClass | None) -> bool:
    if mapped is None or not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return False
    found = mapped.attributes.get(key.value)
    return found is not None and found.kind == "column"


def _defaults(state: State, number: int, targets: frozenset[str]) -> None:
    """The constructor of a mapped dataclass sets what it is not given, where that has a default: until 2.0."""
    if targets == {"2.1"}:
        return
    for name, attribute in state.objects[number].mapped.attributes.items():
        if attribute.kind == "relationship" or attribute.deferred or attribute.server_default:
            state.objects[number] = state.objects[number].having(name, UNSURE)
