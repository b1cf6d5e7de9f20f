"""
# member-does-not-exist

## What it does
Finds members that async sessions, connections, engines and results do not have, and names what they have instead:
`session.bulk_save_objects()`, `session.expire_on_commit`, `engine.execute()`, `connection.fetch()`, `rowcount` of a
streamed result, `scalar_one_or_none()` of the result of `scalars()`, misspelt methods.

## Why is this bad?
`AttributeError: 'AsyncSession' object has no attribute 'bulk_save_objects'`. An assignment such as
`session.expire_on_commit = False` raises nothing and does nothing: only the `Session` inside reads that attribute.

## Example
    from sqlalchemy.ext.asyncio import AsyncSession


    async def store(session: AsyncSession, items: list[object]) -> None:
        session.bulk_save_objects(items)
        await session.flush()

## Use instead
    from sqlalchemy.ext.asyncio import AsyncSession


    async def store(session: AsyncSession, items: list[object]) -> None:
        session.add_all(items)
        await session.flush()

## Fix safety
Safe where the attribute of the synchronous side is meant (`session.sync_session.expire_on_commit`), and for the methods
of a result of scalars. Unsafe for `bulk_save_objects()`, which does not cascade, and for assignments, which begin to
have an effect.

## Options
- `--async-sqla-target`: members that come and go between the series are the field of ASQ113.

## References
- [SQLAlchemy: AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
- [sqlalchemy/sqlalchemy#6473](https://github.com/sqlalchemy/sqlalchemy/discussions/6473)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import Code, Fix, Refusal, ReplaceExpression, safe, unsafe
from flake8_async_sqla.rules.model import Diagnostic, rule
from flake8_async_sqla.rules.sync_api.alternatives import (
    CHECKED,
    MAPPINGS,
    SCALARS,
    alternative,
    similar,
    sync_attribute,
)
from flake8_async_sqla.rules.sync_api.objects import class_name, expects_failure, in_coroutine, lacks
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Instance, ProjectInstance

_RENAMED = {"scalar": "first", "scalar_one": "one", "scalar_one_or_none": "one_or_none", "fetchone": "first"}
_OF_OTHER_RULES = frozenset({"query", "exec"})
_OF_MOCKS = frozenset(
    {
        "called", "call_count", "call_args", "call_args_list", "mock_calls", "method_calls", "return_value",
        "side_effect", "reset_mock", "configure_mock", "attach_mock", "await_count", "await_args", "await_args_list",
    }
)  # fmt: skip


@rule(
    "ASQ410",
    symptom="'AsyncSession' object has no attribute 'bulk_save_objects'",
    fixable="sometimes",
    types=(Instance, ProjectInstance),
)
def member_does_not_exist(attribute: ast.Attribute, module: Module) -> Iterator[Diagnostic]:
    """Report members that async objects do not have."""
    name = attribute.attr
    if name.startswith(("_", "assert_")) or name in _OF_OTHER_RULES or name in _OF_MOCKS:
        return
    kind = module.type_of(attribute.value)
    if not is_a(kind, *CHECKED):
        return
    cls = next(checked for checked in CHECKED if is_a(kind, checked))
    if not lacks(kind, name) or expects_failure(module, attribute, "AttributeError"):
        return
    if cls in (SCALARS, MAPPINGS) and not in_coroutine(module, attribute):
        return
    if not isinstance(attribute.ctx, ast.Load):
        yield from _assigned(attribute, cls, module)
        return
    advice = alternative(cls, name, ast.unparse(attribute.value))
    if not advice:
        called = isinstance(call := module.parent(attribute), ast.Call) and call.func is attribute
        if not called or _set_somewhere(module, name):
            return
        advice = f"did you mean '{close}'?" if (close := similar(cls, name)) else "it cannot be called"
    yield Diagnostic(
        at=attribute,
        message=f"'{class_name(kind)}' object has no attribute '{name}' (AttributeError); {advice}",
        fix=partial(_fix, attribute, cls, module),
    )


def _assigned(attribute: ast.Attribute, cls: str, module: Module) -> Iterator[Diagnostic]:
    if sync_attribute(cls, attribute.attr) != "sync_session":
        return
    value, name = ast.unparse(attribute.value), attribute.attr
    yield Diagnostic(
        at=attribute,
        message=f"setting '{name}' of an AsyncSession has no effect; set '{value}.sync_session.{name}'",
        fix=partial(_fix, attribute, cls, module),
    )


def _set_somewhere(module: Module, name: str) -> bool:
    """Tell whether the module gives some object an attribute of this name."""
    nodes = (node for scope in module.index.scopes.values() for node in scope.nodes)
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load) for node in nodes
    )


def _fix(attribute: ast.Attribute, cls: str, module: Module) -> Fix | Refusal:
    name, nodes = attribute.attr, {"value": attribute.value}
    call = module.parent(attribute)
    if inside := sync_attribute(cls, name):
        edit = ReplaceExpression(attribute.value, Code(f"{{value}}.{inside}", nodes))
        read = isinstance(attribute.ctx, ast.Load)
        return safe(edit) if read else unsafe("the assignment begins to have an effect", edit)
    if not isinstance(call, ast.Call) or call.func is not attribute:
        return Refusal("there is no member that does the same")
    if cls == SCALARS and name in _RENAMED and not call.args:
        return safe(ReplaceExpression(attribute, Code(f"{{value}}.{_RENAMED[name]}", nodes)))
    if cls == SCALARS and name == "scalars" and not call.args:
        return safe(ReplaceExpression(call, Code("{value}", nodes)))
    if name == "bulk_save_objects" and len(call.args) == 1 and not call.keywords:
        outer = around if isinstance(around := module.parent(call), ast.Await) else call
        code = Code("{value}.add_all({objects})", nodes | {"objects": call.args[0]})
        return unsafe("add_all() cascades to related objects", ReplaceExpression(outer, code))
    return Refusal("there is no member that does the same")
