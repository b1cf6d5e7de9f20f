"""Queries that are built up in a local variable before they are executed."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.kinds import Kinds
from flake8_async_sqla.migrate.project import home
from flake8_async_sqla.migrate.queries.chain import Chain, chain_from, session_of
from flake8_async_sqla.migrate.queries.executing import ENDS
from flake8_async_sqla.migrate.queries.steps import SELECTING
from flake8_async_sqla.semantics.scopes import Scope


def variable_of(kinds: Kinds, chain: Chain) -> list[Chain] | None:
    """Follow a query into the local variable that takes it.

    Args:
        kinds: Types.
        chain: The query as it is made.

    Returns:
        All that is done with it, the first assignment included, if every use of the variable is seen; None where no
        variable takes the query, or the variable holds something else too.
    """
    module = chain.module
    statement = module.parent(chain.end)
    if any(name in ENDS for name in chain.names) or not isinstance(statement, ast.Assign):
        return None
    scope = home(module, statement)
    if scope.kind != "function" or len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
        return None
    if not _same_everywhere(scope, session_of(_root(chain))):
        return None
    name = statement.targets[0].id
    found = [chain]
    for inner in module.index.scopes.values():
        for use in inner.loads.get(name, ()):
            held = inner.lookup(name)
            if held is not None and held[0] is scope:
                if inner is not scope and inner.kind != "comprehension":
                    return None
                found.append(chain_from(module, use))
    for binding in scope.names[name]:
        begins = binding.node is statement
        goes_on = binding.value is not None and any(binding.value is other.end for other in found[1:])
        if binding.kind not in ("value", "annotation") or not (begins or goes_on):
            return None
    if any(step in SELECTING for other in found[1:] for step in other.names):
        return None
    stays = [other for other in found[1:] if not _is_followed(other, scope, name)]
    return None if stays else found


def _is_followed(chain: Chain, scope: Scope, name: str) -> bool:
    """Tell whether a query that goes on from the variable is executed, iterated, or put back into it."""
    parent = chain.module.parent(chain.end)
    if isinstance(parent, ast.Assign) and not any(step in ENDS for step in chain.names):
        return all(isinstance(target, ast.Name) and target.id == name for target in parent.targets)
    return True


def _root(chain: Chain) -> ast.Call:
    assert isinstance(chain.base, ast.Call)
    return chain.base


def _same_everywhere(scope: Scope, session: ast.expr) -> bool:
    """Tell whether an expression means the same session in the whole function."""
    if isinstance(session, ast.Attribute):
        return isinstance(session.value, ast.Name) and len(scope.names.get(session.value.id, ())) == 1
    found = scope.lookup(session.id) if isinstance(session, ast.Name) else None
    return found is not None and len(found[1]) == 1
