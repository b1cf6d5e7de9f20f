"""Sessions that ``next(get_db())`` took out of a generator: entered where they are used, or made on the spot."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, ReplaceExpression, ReplaceStatement, WrapStatements
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.colouring.drawn import Drawn
from flake8_async_sqla.migrate.components import import_name
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import TWINS
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.semantics.types import External


def drawn_edits(kinds: Kinds, colouring: Colouring, plan: Plan) -> None:
    """Plan them."""
    for taken in colouring.drawn.values():
        module, statement = taken.module, taken.module.statement(taken.taken)
        code = _session(kinds, taken)
        if not taken.block:
            plan.edit(module, ReplaceExpression(taken.taken, code))
            text = f"the session of {taken.generator.node.name}() is made here, and closed where the code closes it"
            plan.changes.append(remark(module, taken.taken, text))
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        inside = set(ast.walk(statement))
        edits = plan.edits.get(module, [])
        edits[:] = [edit for edit in edits if getattr(edit, "node", None) not in inside]
        header = Code(f"async with {code.template} as {getattr(target, 'id', '')}:", code.nodes, code.symbols)
        plan.edit(module, ReplaceStatement(statement, Code("")))
        plan.edit(module, WrapStatements(taken.block[0], taken.block[-1], header))


def _session(kinds: Kinds, taken: Drawn) -> Code:
    """Return what makes the session, or enters the generator that does."""
    if taken.maker is None:
        manager = {"manager": "contextlib.asynccontextmanager"}
        arguments = ast.unparse(taken.call).removeprefix(ast.unparse(taken.call.func))
        return Code(f"{{manager}}({ast.unparse(taken.call.func)}){arguments}", {}, manager)
    symbols: dict[str, str] = {}
    made = _spelled(kinds, taken, taken.maker.func, symbols)
    parts = [_spelled(kinds, taken, value, symbols) for value in taken.maker.args]
    for keyword in taken.maker.keywords:
        value = _spelled(kinds, taken, keyword.value, symbols)
        parts.append(f"{keyword.arg}={value}" if keyword.arg else f"**{value}")
    kind = kinds.of(taken.generator.module, taken.maker.func)
    if isinstance(kind, External) and not any(keyword.arg == "expire_on_commit" for keyword in taken.maker.keywords):
        parts.append("expire_on_commit=False")
    return Code(f"{made}({', '.join(parts)})", {}, symbols)


def _spelled(kinds: Kinds, taken: Drawn, node: ast.expr, symbols: dict[str, str]) -> str:
    """Return the code for a name of the generator's module, seen from where the session is taken."""
    kind, home = kinds.of(taken.generator.module, node), taken.generator.module
    name = ast.unparse(node)
    if not isinstance(node, ast.Name) or (home == taken.module and not isinstance(kind, External)):
        return name.replace("{", "{{").replace("}", "}}")
    path = (
        TWINS.get(kind.path, kind.path) if isinstance(kind, External) else f"{import_name(home, taken.module)}.{name}"
    )
    symbols[name] = path
    return f"{{{name}}}"
