"""Edits that put a factory in the place where a session was kept."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, Edit, Refusal, ReplaceExpression, ReplaceName, ReplaceStatement
from flake8_async_sqla.rules.sessions.sharing import closing_statement
from flake8_async_sqla.semantics.inference.calls import ASYNC_SESSION, ASYNC_SESSIONMAKER
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.subjects import SessionCall, call_subjects
from flake8_async_sqla.semantics.types import Instance

_UNPLAIN = Refusal("how the session gets here is not plain enough to rewrite")


def keep_factory(module: Module, value: ast.expr) -> list[Edit] | Refusal:
    """Describe how a place comes to hold the factory of a session that is put there now.

    Args:
        module: The module.
        value: What is put there: the call that makes the session, or the name of one made just for this.
    """
    if isinstance(module.parent(value), (ast.withitem, ast.Tuple)):
        return _UNPLAIN
    if isinstance(value, ast.Name):
        return _keep_named(module, value)
    session = _session(module, value)
    return keep_factory_of(module, session) if session is not None else _UNPLAIN


def _session(module: Module, made: ast.expr | None) -> SessionCall | None:
    found = call_subjects(module, made) if isinstance(made, ast.Call) else ()
    return next((subject for subject in found if isinstance(subject, SessionCall)), None)


def keep_factory_of(module: Module, session: SessionCall) -> list[Edit] | Refusal:
    """Let the place of a session hold the factory, with an annotation that says so."""
    call = session.call
    statement = module.parent(call)
    edits: list[Edit] = []
    if isinstance(statement, ast.Assign) and len(statement.targets) > 1:
        return Refusal("the session is kept in several places")
    if isinstance(statement, ast.AnnAssign):
        if not isinstance(statement.annotation, (ast.Name, ast.Attribute)):
            return Refusal("the annotation of the session cannot be changed")
        kind = Code("{factory}[{cls}]", nodes={"cls": statement.annotation}, symbols={"factory": ASYNC_SESSIONMAKER})
        edits.append(ReplaceExpression(statement.annotation, kind))
    factory = _factory(module, session)
    if isinstance(factory, Refusal):
        return factory
    if session.direct and "cls" not in factory.nodes:
        return [*edits, ReplaceName(call.func, ASYNC_SESSIONMAKER)]
    return [*edits, ReplaceExpression(call, factory)]


def _factory_of_class(call: ast.Call, *, is_own: bool) -> Code:
    """Write the factory of a session class, with the arguments of a call that made one session."""
    nodes: dict[str, ast.AST] = {}
    arguments: list[str] = []
    for number, value in enumerate(call.args):
        nodes[f"a{number}"] = value
        arguments.append(f"{{a{number}}}")
    for number, keyword in enumerate(call.keywords):
        nodes[f"k{number}"] = keyword.value
        arguments.append(f"{keyword.arg}={{k{number}}}" if keyword.arg else f"**{{k{number}}}")
    if is_own:
        nodes["cls"] = call.func
        arguments.append("class_={cls}")
    template = ", ".join(arguments)
    return Code(f"{{factory}}({template})", nodes=nodes, symbols={"factory": ASYNC_SESSIONMAKER})


def _keep_named(module: Module, value: ast.Name) -> list[Edit] | Refusal:
    """Do without a name that the session has on its way: ``async with factory() as session``."""
    scope = module.scope_of(value)
    bindings = scope.names.get(value.id, [])
    session = _session(module, bindings[0].value) if len(bindings) == 1 else None
    if session is None or bindings[0].unpack:
        return _UNPLAIN
    statement = module.statement(session.call)
    others = [use for use in scope.loads.get(value.id, ()) if use is not value]
    closings = [found for use in others if (found := closing_statement(module, use)) is not None]
    if len(closings) != len(others):
        return Refusal("the session is used where it is made")
    factory = _factory(module, session)
    if isinstance(factory, Refusal):
        return factory
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        gone = [ReplaceStatement(found, Code("")) for found in (statement, *closings)]
        return [ReplaceExpression(value, factory), *gone]
    if isinstance(statement, ast.AsyncWith) and len(statement.items) == 1 and not closings:
        return _without_block(module, statement, value, factory)
    return _UNPLAIN


def _without_block(module: Module, block: ast.AsyncWith, value: ast.Name, factory: Code) -> list[Edit] | Refusal:
    stored = module.parent(value)
    lines: list[str] = []
    for statement in block.body:
        text = ast.unparse(statement)
        if isinstance(statement, ast.Assign) and statement is stored and len(statement.targets) == 1:
            place = ast.unparse(statement.targets[0])
            lines.append(f"{_literal(place)} = {factory.template}")
        elif isinstance(statement, ast.Expr) and "'" not in text:
            lines.append(_literal(text))
        else:
            return _UNPLAIN
    return [ReplaceStatement(block, Code("\n".join(lines), nodes=factory.nodes, symbols=factory.symbols))]


def _literal(text: str) -> str:
    return text.replace("'", '"').replace("{", "{{").replace("}", "}}")


def _factory(module: Module, session: SessionCall) -> Code | Refusal:
    call = session.call
    if not session.direct:
        if call.args or call.keywords:
            return Refusal("the session is made with options of its own")
        return Code("{factory}", nodes={"factory": call.func})
    if "1.4" in module.project.settings.targets:
        return Refusal("SQLAlchemy 1.4 has no async_sessionmaker")
    return _factory_of_class(call, is_own=session.made != Instance(ASYNC_SESSION, module.origin(call)))
