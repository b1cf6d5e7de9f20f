"""``inspect(engine)``: an async engine is inspected through a connection."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression, ReplaceStatement, WrapStatements
from flake8_async_sqla.migrate.colouring.operations import Operation
from flake8_async_sqla.migrate.edits.templates import argument_template
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.semantics.module import Module

_WRAPPED = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Assert, ast.If, ast.For)


def inspection(operation: Operation, call: ast.Call, plan: Plan) -> None:
    """Plan the calls of an inspector.

    Args:
        operation: The operation.
        call: The call of ``inspect``.
        plan: Where the edits go.
    """
    module = operation.module
    uses = _uses(module, call)
    statements = [module.statement(use) for use in uses]
    simple = all(isinstance(statement, _WRAPPED) for statement in statements)
    engine = call.args[0]
    named = isinstance(engine, (ast.Name, ast.Attribute))
    if not uses or not simple or not named or len(set(statements)) < len(statements):
        plan.refuse(module, call, "an async engine is inspected by connection.run_sync(); this use has no such form")
        return
    name = free_name(module, call, "connection")
    for use, statement in zip(uses, statements, strict=True):
        assert isinstance(use.func, ast.Attribute)
        arguments, nodes = argument_template(use)
        text = f"await {name}.run_sync(lambda {name}: {{inspect}}({name}).{use.func.attr}({arguments}))"
        plan.edit(module, ReplaceExpression(use, Code(text, nodes, {"inspect": "sqlalchemy.inspect"})))
        header = Code(f"async with {ast.unparse(engine)}.connect() as {name}:")
        plan.edit(module, WrapStatements(statement, statement, header))
    assignment = module.parent(call)
    if isinstance(assignment, (ast.Assign, ast.AnnAssign)):
        plan.edit(module, ReplaceStatement(assignment, Code("")))


def _uses(module: Module, call: ast.Call) -> list[ast.Call]:
    """List the calls of an inspector's methods; none if it is used in any other way."""
    parent = module.parent(call)
    if isinstance(parent, ast.Attribute):
        found = [_called(module, parent)]
    elif isinstance(parent, (ast.Assign, ast.AnnAssign)):
        target = parent.target if isinstance(parent, ast.AnnAssign) else parent.targets[0]
        scope = module.scope_of(parent)
        if not isinstance(target, ast.Name) or len(scope.names.get(target.id, ())) != 1 or scope.kind != "function":
            return []
        loads = scope.loads.get(target.id, [])
        found = [_called(module, module.parent(use)) for use in loads]
    else:
        return []
    return [use for use in found if use is not None] if None not in found else []


def _called(module: Module, attribute: ast.AST | None) -> ast.Call | None:
    outer = module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
    return outer if isinstance(outer, ast.Call) and outer.func is attribute else None
