"""What a function that makes an engine hands on to it: parameters, ``**options``, and attributes that keep either."""

from __future__ import annotations

import ast
from typing import NamedTuple

from flake8_async_sqla.semantics.engine.engines import EngineCall, engine_call
from flake8_async_sqla.semantics.frameworks.callers import named
from flake8_async_sqla.semantics.inference.classes import scope_of_class
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.mappings import written
from flake8_async_sqla.semantics.names.binders import parameters
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, ProjectClass

_MAKERS = ("create_async_engine", "create_engine")
_SURE = (ast.stmt, ast.withitem, ast.keyword, ast.Call, ast.Await, ast.NamedExpr)
_UNSURE = (ast.For, ast.AsyncFor, ast.While, ast.Match)


class Forwarded(NamedTuple):
    """A mapping that a function gives to an engine with ``**``.

    Attributes:
        parameter: The parameter that comes last in it; empty if there is none.
        added: What the function puts into it where its caller does not.
    """

    parameter: str
    added: list[ast.keyword]


def engine_of(function: Function) -> EngineCall | None:
    """Find the one engine that every call of a function makes, or that the object does which ``__init__`` sets up."""
    module, node = function.module, function.node
    if not any(maker in module.text for maker in _MAKERS):
        return None
    owner = module.parent(node)
    around = owner.body if isinstance(owner, ast.ClassDef) and node.name == "__init__" else []
    methods = [node, *(item for item in around if isinstance(item, FunctionNode) and item is not node)]
    calls = [(method, call) for method in methods for call in own_nodes(module, method, ast.Call)]
    kinds = [(method, call, module.type_of(call.func)) for method, call in calls if isinstance(call, ast.Call)]
    made = [
        (method, call, kind.path)
        for method, call, kind in kinds
        if isinstance(kind, External) and kind.path.endswith(_MAKERS)
    ]
    if len(made) != 1:
        return None
    method, call, path = made[0]
    engine = engine_call(module, call, path)
    return engine if engine is not None and _is_sure(Function(module, method), call) else None


def _is_sure(function: Function, call: ast.Call) -> bool:
    """Tell whether nothing but a memory of engines keeps a call of the function from getting to a call in it."""
    inner: ast.AST = call
    for outer in function.module.ancestors(call):
        if outer is function.node:
            return True
        if not isinstance(outer, _SURE) or isinstance(outer, _UNSURE):
            return False
        if isinstance(outer, ast.If) and not (inner in outer.body and _is_missing(function, outer.test)):
            return False
        if isinstance(outer, ast.Try) and inner not in outer.body:
            return False
        inner = outer
    return False


def _is_missing(function: Function, test: ast.expr) -> bool:
    """Tell whether a test asks for an engine that was not made before: ``name not in engines``, ``engine is None``."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    names = {item.arg for item, _ in parameters(function.node.args)}
    own = isinstance(test.left, ast.Name) and test.left.id in names
    return isinstance(test.ops[0], ast.NotIn) or (isinstance(test.ops[0], ast.Is) and not own)


def parameter_of(function: Function, node: ast.expr | None) -> str:
    """Name the parameter that an expression is, or that ``self.name`` keeps; empty if it may be anything else."""
    module, scope = function.module, function.module.index.scopes[function.node]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = module.parent(function.node)
        attributes = scope_of_class(ProjectClass(module, owner)).attributes if isinstance(owner, ast.ClassDef) else {}
        bindings = attributes.get(node.attr, [])
        if len(bindings) != 1 or bindings[0].unpack or module.function(bindings[0].node) is not function.node:
            return ""
        node = bindings[0].value
    if not isinstance(node, ast.Name) or module.scope_of(node) is not scope:
        return ""
    found = scope.names.get(node.id, [])
    is_parameter = len(found) == 1 and isinstance(found[0].node, ast.arg)
    return node.id if is_parameter else ""


def forwarded(function: Function, value: ast.expr) -> Forwarded | None:
    """Read a mapping that an engine is given with ``**``; ``None`` if something in it cannot be seen."""
    module, scope = function.module, function.module.index.scopes[function.node]
    if isinstance(value, ast.Name) and not parameter_of(function, value):
        bindings = scope.names.get(value.id, [])
        kept = bindings[0].value if len(bindings) == 1 and len(scope.loads.get(value.id, ())) == 1 else None
        value = kept if kept is not None and not bindings[0].unpack else value
    found: list[ast.keyword] | None = []
    last = value
    if isinstance(value, ast.Dict) and value.keys and value.keys[-1] is None:
        found = written(module, ast.copy_location(ast.Dict(value.keys[:-1], value.values[:-1]), value))
        last = value.values[-1]
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        found, last = written(module, value.left), value.right
    if not (name := parameter_of(function, last)):
        seen = written(module, value)
        return Forwarded("", seen) if seen is not None else None
    defaults = [_default(function, use) for use in scope.loads.get(name, ()) if use is not last]
    if isinstance(last, ast.Attribute) and not all(_spreads(function, use) for use in named(module, last.attr)):
        return None
    if found is None or None in defaults:
        return None
    return Forwarded(name, [*found, *(item for item in defaults if item is not None and item.arg)])


def _default(function: Function, use: ast.Name) -> ast.keyword | None:
    """Read ``options.setdefault("echo", True)``; nothing is added where an attribute keeps the mapping."""
    member = function.module.parent(use)
    if isinstance(member, (ast.Assign, ast.AnnAssign)) and not any(
        isinstance(target, ast.Name) for target in getattr(member, "targets", [])
    ):
        return ast.keyword("", use)
    call = function.module.parent(member) if isinstance(member, ast.Attribute) and member.attr == "setdefault" else None
    if not isinstance(call, ast.Call) or len(call.args) != 2 or not isinstance(call.args[0], ast.Constant):
        return None
    return ast.keyword(str(call.args[0].value), call.args[1])


def _spreads(function: Function, use: ast.expr) -> bool:
    """Tell whether a use of an attribute only hands its items on."""
    parent = function.module.parent(use)
    return (
        isinstance(use, ast.Name)
        or isinstance(parent, (ast.Dict, ast.Assign, ast.AnnAssign))
        or (isinstance(parent, ast.keyword) and parent.arg is None)
    )
