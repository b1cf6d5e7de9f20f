"""Bulk updates and deletes of a query that a variable holds, which also gives rows elsewhere."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Code, Edit, ReplaceExpression
from flake8_async_sqla.migrate.project import home
from flake8_async_sqla.migrate.queries.chain import step_name
from flake8_async_sqla.migrate.queries.executing import WRITE_STEPS, Executed, written_values
from flake8_async_sqla.migrate.queries.places import Flow, Variable
from flake8_async_sqla.migrate.queries.web import Web


def writing_held(found: Executed, flow: Flow, web: Web, end: ast.Call) -> list[Edit] | None:
    """Convert ``held.update(values)`` and ``held.delete()``; None where no form is known to do the same.

    Args:
        found: The query.
        flow: The expression that ends with the call.
        web: All that is done with the query.
        end: The call.
    """
    values = written_values(end)
    root = _root(flow, web)
    if root is None or values is None or found.gives != "objects" or not WRITE_STEPS.issuperset(found.chain.names):
        return None
    text = "{session}.execute({operation}({entity}).where({query}.whereclause)"
    if "values" in values:
        text += ".values({values})"
    if "how" in values:
        text += ".execution_options(synchronize_session={how})"
    used = "" if isinstance(found.chain.module.parent(end), ast.Expr) else ".rowcount"
    code = found.template(f"{text}){used}", operation=f"sqlalchemy.{step_name(end)}")
    nodes = {**code.nodes, "entity": root.args[0], **values}
    return [ReplaceExpression(end, Code(code.template, nodes, code.symbols))]


def _root(flow: Flow, web: Web) -> ast.Call | None:
    """Return the one ``query(Entity)`` of the same function that comes to the variable, with criteria and no more."""
    if not isinstance(flow.source, Variable) or flow.source.parameter is not None:
        return None
    given = [other for other in web.flows if other.target == flow.source]
    chain = given[0].chain if len(given) == 1 and given[0].source is None else None
    if chain is None or not isinstance(chain.base, ast.Call) or len(chain.base.args) != 1:
        return None
    certain = WRITE_STEPS.issuperset(chain.names) and any(step.args or step.keywords for step in chain.steps)
    same = home(chain.module, chain.base) is flow.source.scope and chain.module == flow.source.module
    return chain.base if certain and same else None
