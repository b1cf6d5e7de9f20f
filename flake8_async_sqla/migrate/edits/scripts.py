"""Statements outside of functions that work with the database: one coroutine function, run where they stood."""

from __future__ import annotations

from flake8_async_sqla.fixes.vocabulary import Code, InsertAfter, WrapStatements
from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name


def script_edits(colouring: Colouring, plan: Plan) -> None:
    """Plan the scripts."""
    entered = {taken.module.statement(taken.call) for taken in colouring.drawn.values() if taken.block}
    for module in colouring.scripts.places:
        for statements in colouring.scripts.bodies(module):
            body = statements[1:] if statements[0] in entered else statements
            name = free_name(module, module.tree, "main")
            header = Code(f"async def {name}():")
            run = Code(f"{{asyncio}}.run({name}())", {}, {"asyncio": "asyncio"})
            plan.edit(module, WrapStatements(body[0], body[-1], header), InsertAfter(body[-1], run))
            plan.bridges.append(remark(module, body[0], f"asyncio.run() runs {name}()"))
