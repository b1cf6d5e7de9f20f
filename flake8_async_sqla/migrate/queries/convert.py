"""Queries of a module, converted one by one; a query without a certain form stays as it is."""

from __future__ import annotations

import ast

from flake8_async_sqla.fixes.vocabulary import Edit, ReplaceName
from flake8_async_sqla.migrate.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import home, nodes
from flake8_async_sqla.migrate.queries.chain import Chain, chain_from, is_root, session_of, step_name
from flake8_async_sqla.migrate.queries.entities import Gives, gives, may_repeat
from flake8_async_sqla.migrate.queries.executing import (
    ENDS,
    SELECT,
    Executed,
    executing,
    iterating,
    loading,
    writing,
)
from flake8_async_sqla.migrate.queries.steps import SELECTING, is_step, step_edits
from flake8_async_sqla.migrate.queries.variables import variable_of
from flake8_async_sqla.semantics.module import Module


def query_edits(kinds: Kinds, module: Module, plan: Plan) -> None:
    """Plan the queries of a module."""
    for call in nodes(module, ast.Call):
        assert isinstance(call, ast.Call)
        if is_root(kinds, module, call):
            edits = _converted(kinds, module, call)
            if edits is None:
                plan.note(module, call, "this query() has no select() form that is known to give the same rows")
            else:
                plan.separately(module, home(module, call).node, edits)


def _converted(kinds: Kinds, module: Module, root: ast.Call) -> list[Edit] | None:
    chain = chain_from(module, root)
    variable = variable_of(kinds, chain)
    chains = [chain] if variable is None else variable
    edits: list[Edit] = []
    steps = [step for found in chains for step in _steps(found)[0]]
    written = False
    for found in chains:
        more = _of_chain(kinds, root, found, steps, alone=variable is None)
        if more is None:
            return None
        written = written or any(isinstance(edit, ReplaceName) for edit in more)
        edits += more
    if not written:
        edits.append(ReplaceName(root.func, SELECT))
    if any(isinstance(edit, ReplaceName) and edit.node is root.func for edit in edits) and _is_loaded(chain):
        edits = [edit for edit in edits if not isinstance(edit, ReplaceName)]
    return edits


def _is_loaded(chain: Chain) -> bool:
    return bool(chain.names) and chain.names[-1] == "get"


def _steps(chain: Chain) -> tuple[list[ast.Call], ast.Call | None, bool]:
    """Split a chain into its steps, the call that ends it, and whether anything follows that."""
    for number, step in enumerate(chain.steps):
        if step_name(step) in ENDS:
            return list(chain.steps[:number]), step, True
    return list(chain.steps), None, False


def _of_chain(
    kinds: Kinds, root: ast.Call, chain: Chain, all_steps: list[ast.Call], *, alone: bool
) -> list[Edit] | None:
    module = chain.module
    steps, end, _ = _steps(chain)
    if not all(is_step(step) for step in steps):
        return None
    entities = _entities(root, all_steps)
    given = gives(kinds, module, entities) if entities else None
    if given is None:
        return None
    session = session_of(root)
    edits = [edit for step in steps for edit in step_edits(step)]
    query = chain.until(len(steps))
    found = _executed(kinds, query, session, given, entities or [], all_steps)
    if end is None:
        return _unexecuted(found, module, edits, alone)
    if step_name(end) == "get":
        return loading(root, steps, end, session) if alone and given == "objects" else None
    if step_name(end) in ("update", "delete"):
        more = writing(found, root, end) if alone else None
    else:
        more = executing(found, end)
    return None if more is None else [*more, *edits]


def _executed(
    kinds: Kinds, query: Chain, session: ast.expr, given: Gives, entities: list[ast.expr], steps: list[ast.Call]
) -> Executed:
    statement = any(step_name(step) == "from_statement" for step in steps)
    repeats = given != "columns" and may_repeat(kinds, query.module, entities, steps)
    return Executed(query, session, given, repeats, statement)


def _unexecuted(found: Executed, module: Module, edits: list[Edit], alone: bool) -> list[Edit] | None:
    parent = module.parent(found.chain.end)
    if not alone and isinstance(parent, (ast.Assign, ast.AnnAssign)):
        return edits
    more = iterating(found, module)
    return None if more is None else [*more, *edits]


def _entities(root: ast.Call, steps: list[ast.Call]) -> list[ast.expr] | None:
    """Return what a query selects in the end; None where steps of several places change it."""
    entities = list(root.args)
    for step in steps:
        name = step_name(step)
        if name in SELECTING and (step.keywords or any(isinstance(value, ast.Starred) for value in step.args)):
            return None
        if name == "with_entities":
            entities = list(step.args)
        elif name in SELECTING:
            entities += step.args
    return entities
