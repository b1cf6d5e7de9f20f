"""Chains on ``session.query(...)``, and the ``select()`` that says the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from flake8_async_sqla.fixes.vocabulary import Code
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, ProjectClass

_BUILDERS = frozenset(
    {
        "filter", "filter_by", "where", "order_by", "limit", "offset", "join", "outerjoin", "options", "group_by",
        "having", "with_for_update",
    }
)  # fmt: skip
_RUN = {
    "all": "(await {session}.{run}({statement})).all()",
    "first": "(await {session}.{run}({statement}.limit(1))).first()",
    "one": "(await {session}.{run}({statement})).one()",
    "one_or_none": "(await {session}.{run}({statement})).one_or_none()",
    "scalar": "(await {session}.execute({statement})).scalar_one_or_none()",
    "count": "(await {session}.execute({select}({func}.count()).select_from({statement}.subquery()))).scalar_one()",
    "": "await {session}.{run}({statement})",
}


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of calls on a query that `select()` can say.

    Attributes:
        session: The session.
        entities: What is queried.
        builders: The calls that refine the query, in order.
        end: The method that runs it; empty where it is iterated.
        arguments: What that method is given.
        outer: The whole expression.
    """

    session: ast.expr
    entities: list[ast.expr]
    builders: list[ast.Call]
    end: str
    arguments: list[ast.expr]
    outer: ast.expr


def chain_of(module: Module, query: ast.Attribute) -> Chain | None:
    """Read the chain that starts at ``session.query``; ``None`` if it is not of the simple kind.

    Args:
        module: The module of the expression.
        query: The attribute.
    """
    call = module.parent(query)
    if not isinstance(call, ast.Call) or call.func is not query or not call.args or call.keywords:
        return None
    builders: list[ast.Call] = []
    outer: ast.Call = call
    while (following := _following(module, outer)) is not None:
        name = following.func.attr if isinstance(following.func, ast.Attribute) else ""
        if name in _BUILDERS:
            builders.append(following)
        elif (name in _RUN or name == "get") and _ends(name, following, builders):
            return Chain(query.value, call.args, builders, name, following.args, _awaited(module, following))
        else:
            return None
        outer = following
    parent = module.parent(outer)
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is outer and not getattr(parent, "is_async", 0):
        return Chain(query.value, call.args, builders, "", [], outer)
    return None


def _following(module: Module, call: ast.Call) -> ast.Call | None:
    attribute = module.parent(call)
    outer = module.parent(attribute) if isinstance(attribute, ast.Attribute) else None
    return outer if isinstance(outer, ast.Call) and outer.func is attribute else None


def _ends(name: str, call: ast.Call, builders: list[ast.Call]) -> bool:
    if name == "get":
        return len(call.args) == 1 and not call.keywords and not builders
    return not call.args and not call.keywords


def _awaited(module: Module, node: ast.expr) -> ast.expr:
    parent = module.parent(node)
    return parent if isinstance(parent, ast.Await) else node


def replacement(module: Module, chain: Chain) -> Code | None:
    """Write a chain with ``select()``; ``None`` if the kind of what it queries cannot be told."""
    if any(isinstance(entity, ast.Starred) for entity in chain.entities):
        return None
    is_class = len(chain.entities) == 1 and _is_class(module, chain.entities[0])
    nodes: dict[str, ast.AST] = {"session": chain.session}
    nodes |= {f"entity{number}": entity for number, entity in enumerate(chain.entities)}
    if chain.end == "get":
        if not is_class:
            return None
        nodes["key"] = chain.arguments[0]
        return Code("await {session}.get({entity0}, {key})", nodes)
    told = is_class or len(chain.entities) != 1 or _is_column(module, chain.entities[0])
    if not told and "{run}" in _RUN[chain.end]:
        return None
    statement = "{select}(" + ", ".join(f"{{entity{number}}}" for number in range(len(chain.entities))) + ")"
    for number, call in enumerate(chain.builders):
        assert isinstance(call.func, ast.Attribute)
        statement += f".{call.func.attr}({', '.join(_arguments(call, number, nodes))})"
    template = _RUN[chain.end].replace("{run}", "scalars" if is_class else "execute")
    if any(isinstance(call.func, ast.Attribute) and call.func.attr == "limit" for call in chain.builders):
        template = template.replace(".limit(1)", "")
    symbols = {"select": "sqlalchemy.select"} | ({"func": "sqlalchemy.func"} if chain.end == "count" else {})
    return Code(template.replace("{statement}", statement), nodes, symbols)


def _arguments(call: ast.Call, number: int, nodes: dict[str, ast.AST]) -> Iterator[str]:
    """Yield placeholders for the arguments of a call, and enter them in ``nodes``."""
    for position, argument in enumerate(call.args):
        name = f"a{number}_{position}"
        starred = isinstance(argument, ast.Starred)
        nodes[name] = argument.value if isinstance(argument, ast.Starred) else argument
        yield f"*{{{name}}}" if starred else f"{{{name}}}"
    for position, keyword in enumerate(call.keywords):
        name = f"k{number}_{position}"
        nodes[name] = keyword.value
        yield f"{keyword.arg}={{{name}}}" if keyword.arg else f"**{{{name}}}"


def _is_class(module: Module, entity: ast.expr) -> bool:
    kind = module.type_of(entity)
    if isinstance(kind, (ProjectClass, External)):
        return isinstance(kind, ProjectClass) or kind.path.rpartition(".")[2][:1].isupper()
    return getattr(entity, "attr", getattr(entity, "id", ""))[:1].isupper()


def _is_column(module: Module, entity: ast.expr) -> bool:
    """Tell whether what is queried is certainly no mapped class: an expression, or an attribute of a class."""
    return isinstance(entity, ast.Call) or (isinstance(entity, ast.Attribute) and _is_class(module, entity.value))


def spelled(code: Code) -> str:
    """Write code as a message shows it."""
    names = {name: symbol.rpartition(".")[2] for name, symbol in code.symbols.items()}
    return code.template.format(**{name: ast.unparse(node) for name, node in code.nodes.items()}, **names)
