"""Sessions and factories: the names of their classes wherever they stand, and `expire_on_commit`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Edit, ReplaceExpression, ReplaceName
from flake8_async_sqla.migrate.colouring.operations import is_event
from flake8_async_sqla.migrate.colouring.stays import StaysSync
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import TWINS
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import loaded
from flake8_async_sqla.semantics.inference.annotations import parse_string
from flake8_async_sqla.semantics.inference.calls import SESSION, SESSIONMAKER, argument
from flake8_async_sqla.semantics.inference.classes import is_class
from flake8_async_sqla.semantics.inference.infer import infer
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

_EXPIRE = "expire_on_commit"


def session_edits(kinds: Kinds, module: Module, plan: Plan, stays: StaysSync) -> None:
    """Plan what names a synchronous class: calls, annotations, type aliases."""
    for node in loaded(module):
        kind = kinds.of(module, node)
        if not isinstance(kind, External) or stays.holds(module, node):
            continue
        if kind.path == "sqlalchemy.orm.Query":
            plan.refuse(module, node, "Query has no asyncio form")
        elif kind.path in TWINS:
            _class(kinds, module, node, kind.path, plan)
    for place, call in kinds.registries.values():
        if place == module:
            plan.edit(module, ReplaceExpression(call, Code("{factory}", {"factory": call.args[0]})))
            plan.changes.append(remark(module, call, "each call makes a session; scoped_session made one for a thread"))
    for constant, path in _quoted(module):
        if not stays.holds(module, constant):
            plan.edit(module, ReplaceExpression(constant, Code("{cls}", symbols={"cls": TWINS[path]})))


def _class(kinds: Kinds, module: Module, node: ast.expr, path: str, plan: Plan) -> None:
    parent = module.parent(node)
    call = parent if isinstance(parent, ast.Call) else None
    if call is not None and is_event(kinds, module, call):
        return
    if isinstance(parent, ast.ClassDef) or (isinstance(parent, ast.Subscript) and _is_base(module, parent)):
        plan.refuse(module, node, f"a class of the project derives from {ast.unparse(node)}")
        return
    if isinstance(parent, ast.Attribute):
        plan.refuse(module, node, f"a member of the class {ast.unparse(node)} itself is used")
        return
    plan.edit(module, ReplaceName(node, TWINS[path]))
    called = call if call is not None and call.func is node else _subscripted_call(module, parent)
    if called is not None and is_class(External(path), SESSION, SESSIONMAKER):
        plan.edit(module, *_kept_after_commit(module, called, plan))


def _subscripted_call(module: Module, parent: ast.AST | None) -> ast.Call | None:
    """Return the call of ``sessionmaker[Session](...)``."""
    call = module.parent(parent) if isinstance(parent, ast.Subscript) else None
    return call if isinstance(call, ast.Call) and call.func is parent else None


def _is_base(module: Module, node: ast.Subscript) -> bool:
    return isinstance(module.parent(node), ast.ClassDef)


def _kept_after_commit(module: Module, call: ast.Call, plan: Plan) -> Iterator[Edit]:
    given = argument(call, _EXPIRE)
    if given is None and any(keyword.arg is None for keyword in call.keywords):
        plan.note(module, call, f"give {_EXPIRE}=False in the ** arguments: attributes cannot load themselves again")
    elif given is None:
        yield AddKeyword(call, _EXPIRE, Code("False"))
    elif not (isinstance(given, ast.Constant) and given.value is False):
        plan.note(module, call, f"{_EXPIRE} is not False: attributes cannot load themselves again after a commit")


def _quoted(module: Module) -> Iterator[tuple[ast.Constant, str]]:
    """Yield quoted annotations that name a synchronous class and nothing else."""
    for node in ast.walk(module.tree):
        annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            parsed = parse_string(module, annotation)
            kind = infer(module, parsed, module.scope_of(annotation)) if parsed is not None else None
            if isinstance(kind, External) and kind.path in TWINS:
                yield annotation, kind.path
