"""The type of an expression, asked for on demand."""

from __future__ import annotations

import ast
from collections.abc import Callable

from flake8_async_sqla.facts.frameworks import REQUEST_GLOBALS, STATE_HOLDERS
from flake8_async_sqla.semantics.frameworks.keeping import kept
from flake8_async_sqla.semantics.inference.bindings import name_type
from flake8_async_sqla.semantics.inference.calls import call_type
from flake8_async_sqla.semantics.inference.classes import as_tuple, class_attribute, instance_attribute, is_a
from flake8_async_sqla.semantics.inference.items import item_type
from flake8_async_sqla.semantics.inference.members import member_type
from flake8_async_sqla.semantics.inference.narrowing import narrowed
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names import imports
from flake8_async_sqla.semantics.names.nodes import parts
from flake8_async_sqla.semantics.names.scopes import Scope
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
    NoneValue,
    Package,
    ProjectClass,
    ProjectInstance,
    ProjectModule,
    Super,
    Type,
    join,
)


def infer(module: Module, node: ast.expr, scope: Scope | None = None) -> Type:
    """Infer the type of an expression.

    Args:
        module: The module that holds the expression.
        node: The expression.
        scope: Where its names are looked up; needed for the expressions of quoted annotations only.
    """
    handler = _HANDLERS.get(type(node))
    return handler(module, node, scope) if handler is not None else UNKNOWN


def _of(module: Module, node: ast.expr, scope: Scope | None) -> Type:
    """Infer a part of an expression: memoised, unless it comes out of a quoted annotation."""
    return module.type_of(node) if scope is None else infer(module, node, scope)


def _name(module: Module, node: ast.Name, scope: Scope | None) -> Type:
    kind = name_type(module, node, scope or module.scope_of(node))
    return narrowed(module, node, kind) if scope is None and module.asks else kind


def _attribute(module: Module, node: ast.Attribute, scope: Scope | None) -> Type:
    holder = _of(module, node.value, scope)
    kind = attribute_type(module, holder, node.attr)
    if isinstance(holder, External) and holder.path in REQUEST_GLOBALS:
        return kept(module, node)
    if kind is UNKNOWN and isinstance(node.value, ast.Attribute) and node.value.attr in STATE_HOLDERS:
        return kept(module, node)
    return narrowed(module, node, kind) if scope is None and module.asks else kind


_TYPE_ARGUMENTS = (ast.Name, ast.Attribute, ast.Subscript)
_TABLE = "sqlalchemy.Table"
# A sync registry of async sessions has the methods of these.
_PROXY = "sqlalchemy.orm.scoped_session"
_BEHIND_PROXY = "sqlalchemy.ext.asyncio.AsyncSession"
_OF_PROXY = frozenset({"__call__", "configure", "query_property", "registry", "remove", "session_factory"})


def attribute_type(module: Module, holder: Type, name: str) -> Type:
    """Infer the type of ``holder.name``."""
    if isinstance(holder, External):
        return imports.external(f"{holder.path}.{name}")
    if isinstance(holder, (ProjectModule, Package)):
        return imports.attribute(holder, name)
    if isinstance(holder, Instance):
        made = next(iter(holder.args), UNKNOWN)
        if holder.cls == _PROXY and name not in _OF_PROXY and is_a(made, _BEHIND_PROXY):
            return attribute_type(module, made, name)
        if name == "context" and holder.cls.startswith("strawberry."):
            return made
        return member_type(holder, holder.cls, name)
    if isinstance(holder, ProjectInstance):
        return instance_attribute(holder, name)
    if isinstance(holder, ProjectClass):
        found = class_attribute(holder, name)
        return Instance(_TABLE) if found is UNKNOWN and name == "__table__" else found
    if isinstance(holder, Super):
        return class_attribute(holder.cls, name, holder.receiver, inherited=True)
    return UNKNOWN


def _call(module: Module, node: ast.Call, scope: Scope | None) -> Type:
    return call_type(module, node, _of(module, node.func, scope))


def _await(module: Module, node: ast.Await, scope: Scope | None) -> Type:
    value = _of(module, node.value, scope)
    if isinstance(value, Coroutine):
        return value.result
    return UNKNOWN


def _subscript(module: Module, node: ast.Subscript, scope: Scope | None) -> Type:
    holder = as_tuple(_of(module, node.value, scope))
    if isinstance(holder, Container):
        return _item(holder, node.slice)
    if isinstance(holder, Instance) and holder.cls.rpartition(".")[2] in MAPPINGS:
        declared = next(iter(holder.args), UNKNOWN)
        return item_type(module, node, holder) if declared is UNKNOWN and scope is None else declared
    if isinstance(holder, (External, ProjectClass)) and any(
        isinstance(item, _TYPE_ARGUMENTS) for item in parts(node.slice)
    ):
        return holder
    return item_type(module, node, holder) if scope is None else UNKNOWN


def _item(holder: Container, index: ast.expr) -> Type:
    if isinstance(index, ast.Slice):
        return Container(holder.item)
    sign = -1 if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) else 1
    number = index.operand if isinstance(index, ast.UnaryOp) else index
    if isinstance(number, ast.Constant) and isinstance(number.value, int):
        return holder.at(sign * number.value)
    return holder.item


def _choice(module: Module, node: ast.IfExp, scope: Scope | None) -> Type:
    return join([_of(module, node.body, scope), _of(module, node.orelse, scope)])


def _either(module: Module, node: ast.BoolOp, scope: Scope | None) -> Type:
    return join([_of(module, value, scope) for value in node.values])


def _walrus(module: Module, node: ast.NamedExpr, scope: Scope | None) -> Type:
    return _of(module, node.value, scope)


def _items(module: Module, node: ast.List, scope: Scope | None) -> Type:
    return Container(join([_of(module, item, scope) for item in node.elts])) if node.elts else UNKNOWN


def _functions(module: Module, node: ast.Dict, scope: Scope | None) -> Type:
    """Infer a mapping to coroutine functions; of other mappings nothing is known, as they may be filled later."""
    from flake8_async_sqla.semantics.inference.calls import call_type

    kinds = [_of(module, value, scope) for value in node.values]
    if not kinds or not all(isinstance(kind, Function) for kind in kinds):
        return UNKNOWN
    given = [call_type(module, ast.Call(value, [], []), kind) for value, kind in zip(node.values, kinds, strict=True)]
    results = [kind.result for kind in given if isinstance(kind, Coroutine)]
    if len(results) < len(kinds):
        return UNKNOWN
    return Instance("builtins.dict", None, (Instance(CALLABLE, None, (Coroutine(join(results)),)),))


def _tuple(module: Module, node: ast.Tuple, scope: Scope | None) -> Type:
    items = tuple(_of(module, item, scope) for item in node.elts)
    starred = any(isinstance(item, ast.Starred) for item in node.elts)
    return Container(join(list(items)), () if starred else items) if items else UNKNOWN


def _comprehension(module: Module, node: ast.ListComp, scope: Scope | None) -> Type:
    return Container(_of(module, node.elt, scope))


def _generator(module: Module, node: ast.GeneratorExp, scope: Scope | None) -> Type:
    return Generator(_of(module, node.elt, scope), any(part.is_async for part in node.generators))


def _constant(module: Module, node: ast.Constant, scope: Scope | None) -> Type:
    if node.value is None:
        return NoneValue()
    return Instance(f"builtins.{type(node.value).__name__}")


def _string(module: Module, node: ast.JoinedStr, scope: Scope | None) -> Type:
    return Instance(STRING)


def _operation(module: Module, node: ast.BinOp, scope: Scope | None) -> Type:
    left = _of(module, node.left, scope) if isinstance(node.op, (ast.Add, ast.Mod)) else UNKNOWN
    return left if isinstance(left, Instance) and left.cls == STRING else UNKNOWN


def _starred(module: Module, node: ast.Starred, scope: Scope | None) -> Type:
    return _of(module, node.value, scope)


_HANDLERS: dict[type, Callable[..., Type]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _await,
    ast.Subscript: _subscript,
    ast.IfExp: _choice,
    ast.BoolOp: _either,
    ast.NamedExpr: _walrus,
    ast.Dict: _functions,
    ast.List: _items,
    ast.Tuple: _tuple,
    ast.Set: _items,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _generator,
    ast.Constant: _constant,
    ast.JoinedStr: _string,
    ast.BinOp: _operation,
    ast.Starred: _starred,
}


def callee(module: Module, call: ast.Call) -> str:
    """Return the canonical path of the external function or class that a call calls; empty if it is another."""
    found = module.type_of(call.func)
    return found.path if isinstance(found, External) else ""


def called_function(module: Module, call: ast.Call) -> Function | None:
    """Return the project function that a call calls."""
    found = module.type_of(call.func)
    return found if isinstance(found, Function) else None
