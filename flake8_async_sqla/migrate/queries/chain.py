"""A chain of calls on a legacy ``Query``: where it begins, its steps, and what executes it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.semantics.inference.calls import SCOPED_SESSION, SESSION
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Member


@dataclass(frozen=True, slots=True)
class Chain:
    """A query as far as one expression tells it.

    Attributes:
        module: The module.
        base: The call of ``query()``, or what holds or gives the query.
        steps: The calls on it, in their order.
        end: The whole expression.
    """

    module: Module
    base: ast.expr
    steps: tuple[ast.Call, ...]
    end: ast.expr

    @property
    def names(self) -> tuple[str, ...]:
        """The methods called."""
        return tuple(step_name(step) for step in self.steps)

    def before(self, step: ast.Call) -> ast.expr:
        """Return what a step is called on."""
        assert isinstance(step.func, ast.Attribute)
        return step.func.value

    def until(self, count: int) -> Chain:
        """Return the chain without what follows its first ``count`` steps."""
        steps = self.steps[:count]
        return Chain(self.module, self.base, steps, steps[-1] if steps else self.base)


def chain_from(module: Module, base: ast.expr) -> Chain:
    """Follow the calls on a query, outwards."""
    steps: list[ast.Call] = []
    end: ast.expr = base
    while True:
        attribute = module.parent(end)
        call = module.parent(attribute) if isinstance(attribute, ast.Attribute) and attribute.value is end else None
        if not isinstance(call, ast.Call) or call.func is not attribute:
            return Chain(module, base, tuple(steps), end)
        steps.append(call)
        end = call


def step_name(step: ast.Call) -> str:
    """Return the method that a step calls."""
    assert isinstance(step.func, ast.Attribute)
    return step.func.attr


def session_of(root: ast.Call) -> ast.expr:
    """Return the session of a ``query()`` call."""
    assert isinstance(root.func, ast.Attribute)
    return root.func.value


def is_root(kinds: Kinds, module: Module, call: ast.Call) -> bool:
    """Tell whether a call is ``session.query(...)`` of a synchronous session, with entities that can be seen."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "query" or call.keywords or not call.args:
        return False
    kind = kinds.of(module, call.func)
    if not isinstance(kind, Member) or not is_a(kind.receiver, SESSION, SCOPED_SESSION):
        return False
    return not any(isinstance(argument, ast.Starred) for argument in call.args)
