"""What a call gives, by what is called."""

from __future__ import annotations

import ast

from flake8_async_sqla.facts.frameworks import KEYS, RESOLVING
from flake8_async_sqla.semantics.inference.annotations import annotated, instance_of
from flake8_async_sqla.semantics.inference.bindings import entered, refine
from flake8_async_sqla.semantics.inference.classes import class_attribute, is_a, is_class, lineage
from flake8_async_sqla.semantics.inference.generics import same_as_given
from flake8_async_sqla.semantics.inference.members import member_call
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import (
    CALLABLE,
    MAPPINGS,
    STRING,
    UNKNOWN,
    Container,
    Coroutine,
    External,
    Function,
    Generator,
    Instance,
    Manager,
    Member,
    ProjectClass,
    ProjectInstance,
    Super,
    Type,
)

ASYNC_ENGINE = "sqlalchemy.ext.asyncio.AsyncEngine"
ENGINE = "sqlalchemy.Engine"
ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
SESSION = "sqlalchemy.orm.Session"
ASYNC_SESSIONMAKER = "sqlalchemy.ext.asyncio.async_sessionmaker"
SESSIONMAKER = "sqlalchemy.orm.sessionmaker"
ASYNC_SCOPED_SESSION = "sqlalchemy.ext.asyncio.async_scoped_session"
SCOPED_SESSION = "sqlalchemy.orm.scoped_session"
FACTORIES = (ASYNC_SESSIONMAKER, SESSIONMAKER)
REGISTRIES = (ASYNC_SCOPED_SESSION, SCOPED_SESSION)
SESSIONS = (ASYNC_SESSION, SESSION)
PARTIAL = "functools.partial"
PROVIDERS = "dependency_injector.providers."
STACKS = ("contextlib.AsyncExitStack", "contextlib.ExitStack")
ENTERING = {"enter_context": False, "enter_async_context": True}
CASTS = ("typing.cast", "typing_extensions.cast")

_RETURNS = {
    "sqlalchemy.create_engine": ENGINE,
    "sqlalchemy.engine_from_config": ENGINE,
    "sqlalchemy.ext.asyncio.create_async_engine": ASYNC_ENGINE,
    "sqlalchemy.ext.asyncio.async_engine_from_config": ASYNC_ENGINE,
    "sqlalchemy.ext.asyncio.async_object_session": ASYNC_SESSION,
    "sqlalchemy.make_url": "sqlalchemy.URL",
    "dishka.make_async_container": "dishka.AsyncContainer",
    "dishka.make_container": "dishka.Container",
    "builtins.str": "builtins.str",
    "inspect.cleandoc": "builtins.str",
    "textwrap.dedent": "builtins.str",
    "anyio.create_task_group": "anyio.abc.TaskGroup",
    "asyncer.create_task_group": "asyncer.TaskGroup",
    "asyncio.create_task": "asyncio.Task",
    "asyncio.ensure_future": "asyncio.Task",
    "asyncio.get_event_loop": "asyncio.AbstractEventLoop",
    "asyncio.get_running_loop": "asyncio.AbstractEventLoop",
    "asyncio.new_event_loop": "asyncio.AbstractEventLoop",
    "logging.getLogger": "logging.Logger",
    "structlog.get_logger": "structlog.stdlib.BoundLogger",
    "structlog.getLogger": "structlog.stdlib.BoundLogger",
    "structlog.stdlib.get_logger": "structlog.stdlib.BoundLogger",
    "trio.open_nursery": "trio.Nursery",
}
_GIVING_STRINGS = frozenset({"format", "format_map", "join", "lower", "lstrip", "replace", "rstrip", "strip", "upper"})
_RECEIVERS = (ProjectInstance, ProjectClass)
_DEFAULT_PRODUCT = {ASYNC_SESSIONMAKER: ASYNC_SESSION, SESSIONMAKER: SESSION}


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return the expression given for a parameter, by keyword or position; ``None`` if it cannot be seen."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(call.args):
        before = call.args[: position + 1]
        if not any(isinstance(item, ast.Starred) for item in before):
            return call.args[position]
    return None


def call_type(module: Module, call: ast.Call, callee: Type) -> Type:
    """Infer what a call gives."""
    if isinstance(callee, External):
        return _external(module, call, callee.path)
    if isinstance(callee, Function):
        return same_as_given(module, call, callee) or callee.module.result_of(callee)
    if isinstance(callee, ProjectClass):
        return _construct(module, call, callee)
    if isinstance(callee, Member):
        return _member(module, call, callee)
    if isinstance(callee, (Instance, ProjectInstance)):
        return _call_instance(module, call, callee)
    return _made_by_hand(module, call) if callee is UNKNOWN else UNKNOWN


def _made_by_hand(module: Module, call: ast.Call) -> Type:
    """Infer what ``super().__new__(cls)`` gives."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "__new__" or not call.args:
        return UNKNOWN
    cls = module.type_of(call.args[0])
    inherited = isinstance(module.type_of(call.func.value), Super)
    return ProjectInstance(cls, module.origin(call)) if inherited and isinstance(cls, ProjectClass) else UNKNOWN


def _external(module: Module, call: ast.Call, path: str) -> Type:
    origin = module.origin(call)
    if path in _RETURNS:
        return Instance(_RETURNS[path], origin)
    if is_class(External(path), *FACTORIES):
        return Instance(path, origin, (_product(module, call, path),))
    if is_class(External(path), *REGISTRIES):
        return Instance(path, origin, (_registry_product(module, call),))
    if path in ("contextlib.asynccontextmanager", "contextlib.contextmanager") and call.args:
        return _managed(module, call)
    if path == "builtins.anext" and call.args:
        item = module.type_of(call.args[0])
        return Coroutine(item.item) if isinstance(item, Generator) and item.is_async else UNKNOWN
    if path == "builtins.next" and call.args:
        item = module.type_of(call.args[0])
        return item.item if isinstance(item, Generator) and not item.is_async else UNKNOWN
    if path in ("contextlib.aclosing", "contextlib.closing") and call.args:
        return Manager(module.type_of(call.args[0]), path.endswith("aclosing"))
    if path == "builtins.super":
        return _super(module, call)
    if path == PARTIAL and call.args:
        result = call_type(module, call, module.type_of(call.args[0]))
        return Instance(path, origin, (result,)) if result is not UNKNOWN else UNKNOWN
    if path in CASTS and len(call.args) > 1:
        return refine(annotated(module, call.args[0], module.scope_of(call)), module.type_of(call.args[1]))
    if path in KEYS and len(call.args) > 1:
        return Instance(path, origin, (annotated(module, call.args[1], module.scope_of(call)),))
    if path.startswith(PROVIDERS) and call.args:
        return Instance(path, origin, (_provided(module, call, path),))
    last = path.rpartition(".")[2]
    return Instance(path, origin) if last[:1].isupper() or path in _LOWER_CLASSES else UNKNOWN


def _provided(module: Module, call: ast.Call, path: str) -> Type:
    """Infer what a provider of a container gives when it is called."""
    given = module.type_of(call.args[0])
    made = given if path.endswith(".Object") else call_type(module, call, given)
    return made.item if isinstance(made, Generator) else made


_LOWER_CLASSES = frozenset({"aiohttp.web.Application", "sqlalchemy.orm.registry"})


def _super(module: Module, call: ast.Call) -> Type:
    from flake8_async_sqla.semantics.inference.parameters import receiver_type

    function = module.function(call)
    owner = module.scope_of(function) if function is not None else None
    if call.args or function is None or owner is None or not isinstance(owner.node, ast.ClassDef):
        return UNKNOWN
    receiver = receiver_type(module, function, owner)
    return Super(ProjectClass(module, owner.node), receiver) if isinstance(receiver, _RECEIVERS) else UNKNOWN


def _product(module: Module, call: ast.Call, path: str) -> Type:
    chosen = argument(call, "class_", 1 if path == SESSIONMAKER else None)
    if chosen is None:
        hidden = path == SESSIONMAKER and any(keyword.arg is None for keyword in call.keywords)
        return UNKNOWN if hidden else Instance(_DEFAULT_PRODUCT.get(path, ASYNC_SESSION))
    kind = module.type_of(chosen)
    if isinstance(kind, External):
        return Instance(kind.path)
    return ProjectInstance(kind) if isinstance(kind, ProjectClass) else UNKNOWN


def _registry_product(module: Module, call: ast.Call) -> Type:
    factory = argument(call, "session_factory", 0)
    return made_by(module, factory) if factory is not None else UNKNOWN


def made_by(module: Module, factory: ast.expr) -> Type:
    """Infer what calling an expression without arguments gives, where it is a session class or makes sessions."""
    if isinstance(factory, ast.Lambda):
        return module.type_of(factory.body)
    if isinstance(factory, ast.Call) and factory.args and module.type_of(factory.func) == External("functools.partial"):
        return made_by(module, factory.args[0])
    kind = module.type_of(factory)
    if isinstance(kind, Function):
        return kind.module.result_of(kind)
    if is_class(kind, *SESSIONS):
        return ProjectInstance(kind) if isinstance(kind, ProjectClass) else Instance(getattr(kind, "path", ""))
    return kind.args[0] if isinstance(kind, Instance) and kind.args else UNKNOWN


def _managed(module: Module, call: ast.Call) -> Type:
    function = module.type_of(call.args[0])
    generator = function.module.result_of(function) if isinstance(function, Function) else UNKNOWN
    if isinstance(generator, Generator):
        return Instance(CALLABLE, module.origin(call), (Manager(generator.item, generator.is_async),))
    return UNKNOWN


def completed(module: Module, call: ast.Call, partial: Instance) -> ast.Call | None:
    """Write the call that calling a ``functools.partial`` comes to, as if this module had made it."""
    if partial.cls != PARTIAL or partial.origin is None:
        return None
    home, first = partial.origin.module, partial.origin.call
    if home != module and any(isinstance(item, ast.Starred) for item in first.args):
        return None
    return module.cached(("completed", call), lambda: _completed(module, call, home, first))


def _completed(module: Module, call: ast.Call, home: Module, first: ast.Call) -> ast.Call:
    from flake8_async_sqla.semantics.inference.mappings import seen_from

    given = {keyword.arg for keyword in call.keywords}
    items = [*(ast.keyword(None, item) for item in first.args), *first.keywords]
    known = seen_from(module, call, home, items) or items
    func, *before = [item.value for item in known[: len(first.args)]]
    kept = [keyword for keyword in known[len(first.args) :] if keyword.arg not in given]
    return ast.copy_location(ast.Call(func, [*before, *call.args], [*kept, *call.keywords]), call)


def _construct(module: Module, call: ast.Call, cls: ProjectClass) -> Type:
    for base in lineage(cls):
        if base in FACTORIES and isinstance(base, str):
            if isinstance(class_attribute(cls, "__call__"), Function):
                break
            return Instance(base, module.origin(call), (_product(module, call, base),))
    return ProjectInstance(cls, module.origin(call))


def _member(module: Module, call: ast.Call, member: Member) -> Type:
    if member.name == "get" and is_a(member.receiver, "contextvars.ContextVar"):
        return member.receiver.args[0] if isinstance(member.receiver, Instance) and member.receiver.args else UNKNOWN
    if member.cls.rpartition(".")[2] in MAPPINGS and isinstance(member.receiver, Instance) and member.receiver.args:
        item = member.receiver.args[0]
        return item if member.name in ("get", "pop") else Container(item) if member.name == "values" else UNKNOWN
    if (waits := RESOLVING.get(f"{member.cls}.{member.name}")) is not None and call.args:
        resolved = instance_of(module.type_of(call.args[0]))
        return Coroutine(resolved) if waits else resolved
    if member.name in ENTERING and is_a(member.receiver, *STACKS) and call.args:
        is_async = ENTERING[member.name]
        inner = entered(module.type_of(call.args[0]), is_async=is_async)
        return Coroutine(inner) if is_async else inner
    if member.cls == STRING and member.name in _GIVING_STRINGS:
        return Instance(STRING)
    result = _loaded(module, call, member) or member_call(member)
    if member.name == "__call__" and isinstance(result, Instance):
        return Instance(result.cls, module.origin(call), result.args)
    return _with_origin(module, call, result)


def _loaded(module: Module, call: ast.Call, member: Member) -> Type | None:
    """Infer the mapped object that a session loads by its primary key."""
    if member.name not in ("get", "get_one") or not is_a(member.receiver, *SESSIONS, *REGISTRIES):
        return None
    entity = module.type_of(argument(call, "entity", 0))
    if not isinstance(entity, ProjectClass):
        return None
    found = member_call(member)
    loaded = ProjectInstance(entity)
    return Coroutine(loaded) if isinstance(found, Coroutine) else loaded


def _with_origin(module: Module, call: ast.Call, result: Type) -> Type:
    if isinstance(result, Manager) and isinstance(result.result, Instance) and result.result.cls in SESSIONS:
        made = Instance(result.result.cls, module.origin(call), result.result.args)
        return Manager(made, result.is_async)
    return result


def _call_instance(module: Module, call: ast.Call, instance: Instance | ProjectInstance) -> Type:
    if isinstance(instance, ProjectInstance):
        from flake8_async_sqla.semantics.inference.classes import instance_attribute

        method = instance_attribute(instance, "__call__")
        return method.module.result_of(method) if isinstance(method, Function) else UNKNOWN
    if is_a(instance, *FACTORIES, *REGISTRIES):
        made = instance.args[0] if instance.args else Instance(_DEFAULT_PRODUCT.get(instance.cls, ASYNC_SESSION))
        if isinstance(made, Instance):
            return Instance(made.cls, module.origin(call), made.args)
        return ProjectInstance(made.cls, module.origin(call)) if isinstance(made, ProjectInstance) else UNKNOWN
    if instance.cls.startswith(PROVIDERS) and instance.args:
        return instance.args[0]
    if instance.cls.startswith("dishka.") and instance.cls.endswith("Container"):
        return Manager(instance, instance.cls.endswith(".AsyncContainer"))
    if instance.cls == CALLABLE and instance.args:
        return instance.args[0]
    if instance.cls == PARTIAL and instance.args:
        whole = completed(module, call, instance)
        return call_type(module, whole, module.type_of(whole.func)) if whole is not None else instance.args[0]
    if instance.cls.endswith(".NewType") and call.args:
        return module.type_of(call.args[0])
    return UNKNOWN
