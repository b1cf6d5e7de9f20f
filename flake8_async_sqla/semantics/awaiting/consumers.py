"""Who takes a coroutine for its result: builtins, SQLAlchemy, functions that declare what they want, frameworks."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.awaiting.declared import declares_value
from flake8_async_sqla.semantics.awaiting.returned import awaited_once
from flake8_async_sqla.semantics.inference.calls import CASTS
from flake8_async_sqla.semantics.inference.classes import inherits_constructor, lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import is_generator, registers, transparent
from flake8_async_sqla.semantics.inference.loggers import LEVELS, QUIET, library_of_logger
from flake8_async_sqla.semantics.inference.members import fact
from flake8_async_sqla.semantics.mapping import is_mapped
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.objects.constructions import field_values, initializer_of
from flake8_async_sqla.semantics.objects.identities import paired
from flake8_async_sqla.semantics.types import STRING, External, Function, Instance, Member, ProjectClass, Type

_ITERATING = frozenset(
    {
        "all", "any", "dict", "enumerate", "filter", "frozenset", "iter", "list", "map", "max", "min", "reversed",
        "set", "sorted", "sum", "tuple", "zip",
    }
)  # fmt: skip
TRUE = "a coroutine is always true"
_ERRORS = {
    "bool": TRUE,
    "float": "TypeError: float() argument must be a string or a real number, not 'coroutine'",
    "int": "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'coroutine'",
    "len": "TypeError: object of type 'coroutine' has no len()",
    "next": "TypeError: 'coroutine' object is not an iterator",
    "print": "it prints <coroutine object>",
    "repr": "the text shows <coroutine object>",
    "str": "the text shows <coroutine object>",
}
_EXAMINING = frozenset({"hasattr", "isinstance"})
_VALIDATORS = frozenset({"from_orm", "model_validate", "parse_obj"})
_OF_STRINGS = {"format": "the text shows <coroutine object>", "join": "TypeError: can only join an iterable"}
_SERIALISERS = frozenset(
    {
        "aiohttp.web.json_response", "fastapi.responses.JSONResponse", "fastapi.responses.ORJSONResponse",
        "flask.json.jsonify", "flask.jsonify", "json.dump", "json.dumps", "orjson.dumps", "quart.jsonify",
        "sanic.response.json", "starlette.responses.JSONResponse",
    }
)  # fmt: skip
_NOT_ITERABLE = "TypeError: 'coroutine' object is not iterable"


def consumed(module: Module, parent: ast.Call | ast.keyword | ast.Starred, node: ast.expr) -> str:
    """Say what happens where a coroutine is called, unpacked, or given to somebody who wants its result.

    Returns:
        The error; empty where it may be awaited.
    """
    if isinstance(parent, ast.Starred):
        return "TypeError: a coroutine cannot be unpacked with *"
    call = module.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call):
        return ""
    if call.func is node:
        return "TypeError: 'coroutine' object is not callable"
    if isinstance(call.func, ast.Name) and module.scope_of(call).lookup(call.func.id) is None:
        return _by_builtin(call, call.func.id, node)
    return _by_callee(module, call, node)


def merely_examined(module: Module, parent: ast.AST) -> bool:
    """Tell whether a call looks at an object's class or attributes, and keeps nothing of it."""
    func = parent.func if isinstance(parent, ast.Call) else None
    return isinstance(func, ast.Name) and func.id in _EXAMINING and module.scope_of(func).lookup(func.id) is None


def serialised_by(module: Module, parent: ast.Call | ast.keyword, node: ast.expr) -> str:
    """Say what happens where a call makes JSON of what it is given; empty for other calls."""
    call = module.parent(parent) if isinstance(parent, ast.keyword) else parent
    kind = module.type_of(call.func) if isinstance(call, ast.Call) and call.func is not node else None
    is_json = isinstance(kind, External) and kind.path in _SERIALISERS
    return "TypeError: Object of type coroutine is not JSON serializable" if is_json else ""


def _by_builtin(call: ast.Call, name: str, node: ast.expr) -> str:
    if name in _ITERATING:
        several = name in ("max", "min") and len(call.args) > 1
        given = call.args[1:] if name in ("filter", "map") else call.args
        return _NOT_ITERABLE if node in given and not several else ""
    return _ERRORS.get(name, "") if node in call.args else ""


def _by_callee(module: Module, call: ast.Call, node: ast.expr) -> str:
    callee = module.type_of(call.func)
    if isinstance(call.func, ast.Attribute) and call.func.attr in _OF_STRINGS:
        holder = module.type_of(call.func.value)
        return _OF_STRINGS[call.func.attr] if isinstance(holder, Instance) and holder.cls == STRING else ""
    if _logs(callee) and node in call.args:
        return "the log shows <coroutine object>"
    if isinstance(callee, Member):
        taken = fact(callee.cls, callee.name) is not None and callee.name != "run_sync"
        return f"{callee.name}() gets a coroutine" if taken else ""
    if isinstance(callee, External) and callee.path in CASTS and node in call.args[1:]:
        taken = declares_value(module, call.args[0], module.scope_of(call))
        return "cast() says that the coroutine is its result" if taken else ""
    if isinstance(callee, Function):
        return _by_function(callee, call, node)
    if isinstance(callee, ProjectClass):
        name = _field(callee, call, node)
        return f"'{name}' of {callee.node.name} is a coroutine" if name else ""
    if error := serialised_by(module, call, node):
        return error
    if isinstance(call.func, ast.Attribute) and call.func.attr in _VALIDATORS and node in call.args[:1]:
        holder = module.type_of(call.func.value)
        return f"{call.func.attr}() gets a coroutine" if isinstance(holder, ProjectClass) else ""
    return ""


def _logs(callee: Type) -> bool:
    """Tell whether what is called writes a log."""
    name = callee.name if isinstance(callee, Member) else callee.path if isinstance(callee, External) else ""
    return name.rpartition(".")[2] in (*LEVELS, *QUIET) and library_of_logger(callee) != ""


def _by_function(callee: Function, call: ast.Call, node: ast.expr) -> str:
    module = callee.module
    if not transparent(module, callee.node):
        return ""
    for parameter, value in paired(callee, call.args, call.keywords):
        if value is node and declares_value(module, parameter.annotation, module.scope_of(callee.node)):
            return f"'{parameter.arg}' of {callee.node.name}() gets a coroutine"
    return ""


def _field(cls: ProjectClass, call: ast.Call, node: ast.expr) -> str:
    """Name the attribute of a mapped class, dataclass or model that gets a coroutine where it wants a value."""
    name = next((item.arg or "" for item in call.keywords if item.value is node), "")
    if is_mapped(cls) and inherits_constructor(cls):
        return name
    name = next((field for field, value in field_values(cls, call) if value is node), name)
    if initializer_of(cls) is not None:
        return ""
    for item in lineage(cls):
        scope = scope_of_class(item) if isinstance(item, ProjectClass) else None
        for binding in scope.names.get(name, ()) if scope is not None else ():
            assert isinstance(item, ProjectClass)
            return name if declares_value(item.module, binding.annotation, scope_of_class(item)) else ""
    return ""


def returned_as_value(module: Module, node: ast.Return) -> bool:
    """Tell whether a function returns what its annotation, or the framework that calls it, takes for a value.

    A plain function may return a coroutine for its callers to await, whatever its annotation says.
    """
    function = module.function(node)
    if function is None or is_generator(module, function):
        return False
    if isinstance(function, ast.AsyncFunctionDef):
        return (
            declares_value(module, function.returns, module.scope_of(function))
            or any(registers(module, decorator) for decorator in function.decorator_list)
            or (function.returns is None and transparent(module, function) and awaited_once(module, function))
        )
    return serialised(module, node)


def serialised(module: Module, node: ast.Return) -> bool:
    """Tell whether a framework makes JSON of what a function returns, and awaits nothing inside."""
    function = module.function(node)
    if function is None or is_generator(module, function):
        return False
    return any(_serialises(module, decorator) for decorator in function.decorator_list)


def _serialises(module: Module, decorator: ast.expr) -> bool:
    """Tell whether a decorator registers a function with a framework that never awaits what it returns."""
    target = uncalled(decorator)
    if not isinstance(target, ast.Attribute) or not registers(module, decorator):
        return False
    holder = module.type_of(target.value)
    return isinstance(holder, Instance) and holder.cls.startswith(("fastapi.", "starlette."))
