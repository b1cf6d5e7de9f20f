"""What messages and fixes say of attributes that a query does not load."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.fixes.vocabulary import AddKeyword, Code, Edit, Fix, Refusal, ReplaceExpression, unsafe
from flake8_async_sqla.semantics.flow.analysis import failures
from flake8_async_sqla.semantics.flow.failure import Failure, Kind, Place
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.loading import get_plan
from flake8_async_sqla.semantics.loading.plan import Entity, Plan
from flake8_async_sqla.semantics.mapping import attribute
from flake8_async_sqla.semantics.mapping.model import Attribute
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass

COST = "the query loads more than before, where nobody reads it too"
Route = list[tuple[ProjectClass, Attribute]]


def failing(module: Module, *kinds: Kind, sinks: bool = False) -> Iterator[Failure]:
    """Yield the reads of some kinds that will raise: those of the project's own code, or those out of sight.

    Args:
        module: The module.
        kinds: Why they fail.
        sinks: Whether to list what schemas and templates read, instead of what the code does.
    """
    for found in failures(module):
        if found.kind in kinds and (found.sink is not None) is sinks:
            yield found


def where(module: Module, place: Place) -> str:
    """Name a place for messages: ``line 7``, or ``models.py:7`` in another file."""
    line = getattr(place.node, "lineno", 1)
    return f"line {line}" if place.module == module else f"{place.module.relative_path}:{line}"


def subject(module: Module, failure: Failure) -> str:
    """Say what is read, and where, if a function that is called reads it: ``'Book.author' (read in line 4)``."""
    name = f"'{failure.cls.node.name}.{failure.attribute}'"
    return f"{name} (read in {where(module, failure.chain[-1])})" if failure.chain else name


def cause(module: Module, failure: Failure) -> str:
    """Say what did it: ``select(Author) (line 7)``."""
    return f"{failure.cause.what} ({where(module, failure.cause)})" if failure.cause is not None else "the query"


def route(failure: Failure) -> Route:
    """List the classes and relationships from the queried entity to the attribute; empty if they cannot be seen."""
    columns = failure.query.columns if failure.query is not None else ()
    starts = [column.cls for column in columns if isinstance(column, Entity)]
    for start in starts if len(failure.path) > 1 else [failure.cls]:
        steps: Route = []
        cls: ProjectClass | None = start
        for name in failure.path:
            found = attribute(cls, name) if cls is not None else None
            if cls is None or found is None:
                break
            steps.append((cls, found))
            cls = found.target
        if len(steps) == len(failure.path):
            return steps
    return []


def loader(step: Attribute) -> str:
    """Name the loader option that suits a relationship or a column."""
    if step.kind != "relationship":
        return "undefer"
    return "joinedload" if step.uselist is False else "selectinload"


def option(failure: Failure) -> str:
    """Write the loader option that would have loaded the attribute: ``selectinload(Author.books)``."""
    steps = route(failure) or _alone(failure)
    return ".".join(f"{loader(found)}({cls.node.name}.{found.name})" for cls, found in steps)


def unloaded_by_refresh(failure: Failure) -> bool:
    """Tell whether a ``refresh()`` left the attribute out: it loads what the object's query did, nothing else."""
    return failure.cause is not None and failure.cause.what == "refresh()"


def advice(failure: Failure) -> str:
    """Say what would have loaded the attribute: an option of the query, or the name in a ``refresh()``."""
    if unloaded_by_refresh(failure):
        return f"refresh ['{failure.attribute}'] by name"
    if _by_repository(failure):
        return f"add load=[{option(failure)}]"
    return f"add .options({option(failure)})"


def _by_repository(failure: Failure) -> bool:
    """Tell whether a method of a repository queried the object."""
    return failure.query is None and failure.cause is not None and "." in failure.cause.what.partition("(")[0]


def _alone(failure: Failure) -> Route:
    found = attribute(failure.cls, failure.attribute)
    return [(failure.cls, found)] if found is not None else []


def source_of(failure: Failure) -> Module | None:
    """Return the module of the query that feeds the object; None if it cannot be seen."""
    return failure.query.module if failure.query is not None else failure.cause.module if failure.cause else None


def load(module: Module, failure: Failure) -> Fix | Refusal:
    """Let the query that feeds the object load the attribute too."""
    steps = route(failure)
    source = source_of(failure)
    if source is None or not steps:
        return Refusal("the query cannot be seen")
    if source != module:
        return Refusal(f"the query is in {source.relative_path}")
    names = [name_of(module, cls) for cls, _ in steps]
    if None in names:
        missing = next(cls.node.name for cls, _ in steps if name_of(module, cls) is None)
        return Refusal(f"'{missing}' is not imported where the query is")
    edit = _edit(failure, steps, [str(name) for name in names])
    return edit if isinstance(edit, Refusal) else unsafe(COST, edit)


def _edit(failure: Failure, steps: Route, names: list[str]) -> Edit | Refusal:
    chain, symbols = _chain(steps, names)
    query = failure.query
    longer = _lengthened(query.module, query.call, steps, names) if query is not None else None
    return longer or given(failure, chain, symbols)


def given(failure: Failure, chain: str, symbols: dict[str, str]) -> Edit | Refusal:
    """Give a loader option to the query that feeds the object.

    Args:
        failure: The read.
        chain: The option, as a template.
        symbols: What is imported for it.
    """
    if failure.query is not None:
        call = failure.query.call
        return ReplaceExpression(call, Code(f"{{call}}.options({chain})", {"call": call}, symbols))
    call_ = failure.cause.node if failure.cause is not None else None
    if not isinstance(call_, ast.Call) or not isinstance(call_.func, ast.Attribute):
        return Refusal("the query cannot be seen")
    if _by_repository(failure) and argument(call_, "load", 2) is None:
        return AddKeyword(call_, "load", Code(f"[{chain}]", symbols=symbols))
    if failure.cause is None or not failure.cause.what.startswith("get("):
        return Refusal(f"{call_.func.attr}() takes no loader options")
    present = argument(call_, "options", 2)
    if present is None:
        return AddKeyword(call_, "options", Code(f"[{chain}]", symbols=symbols))
    return ReplaceExpression(present, Code(f"[*{{given}}, {chain}]", {"given": present}, symbols))


def _chain(steps: Route, names: list[str]) -> tuple[str, dict[str, str]]:
    """Write the option as a template: the first loader is imported, the others are its methods."""
    parts = [f"{loader(found)}({name}.{found.name})" for (_, found), name in zip(steps, names, strict=True)]
    first = loader(steps[0][1])
    parts[0] = parts[0].replace(first, "{loader}", 1)
    return ".".join(parts), {"loader": f"sqlalchemy.orm.{first}"}


def _lengthened(module: Module, call: ast.Call, steps: Route, names: list[str]) -> Edit | None:
    """Lengthen an option that loads the way to the attribute already: ``selectinload(A.b).selectinload(B.c)``."""
    way = [f"{name}.{found.name}" for (_, found), name in zip(steps[:-1], names[:-1], strict=True)]
    for given in options(module, call) if way else ():
        if _path(given) == way:
            last = f"{loader(steps[-1][1])}({names[-1]}.{steps[-1][1].name})"
            return ReplaceExpression(given, Code(f"{{given}}.{last}", {"given": given}))
    return None


def options(module: Module, call: ast.Call) -> Iterator[ast.Call]:
    """Yield the options in the chain of a ``select()``."""
    current: ast.AST | None = call
    while isinstance(current := module.parent(current) if current is not None else None, (ast.Attribute, ast.Call)):
        if isinstance(current, ast.Call) and isinstance(current.func, ast.Attribute) and current.func.attr == "options":
            yield from (item for item in current.args if isinstance(item, ast.Call))


def _path(option: ast.expr) -> list[str]:
    """List the attributes that an option loads, outermost first."""
    found: list[str] = []
    while isinstance(option, ast.Call) and option.args:
        found.insert(0, ast.unparse(option.args[0]))
        if not isinstance(option.func, ast.Attribute):
            return found
        option = option.func.value
    return found if isinstance(option, ast.Name) else []


def entity(failure: Failure) -> Entity | None:
    """Return what the query that feeds the object selects; None if it cannot be seen."""
    query = failure.query
    if query is None and failure.cause is not None and isinstance(failure.cause.node, ast.Call):
        query = get_plan(failure.cause.module, failure.cause.node)
    columns = query.columns if query is not None else ()
    return next((column for column in columns if isinstance(column, Entity)), None)


def plan(failure: Failure) -> Plan | None:
    """Return what the query says of the objects whose attribute is read; None if it cannot be seen."""
    start = entity(failure)
    found = start.plan if start is not None else None
    for name in failure.path[:-1]:
        found = found.relationships.get(name) or found.behind.get(name) if found is not None else None
    return found


def name_of(module: Module, cls: ProjectClass) -> str | None:
    """Return the name by which a module reaches a class."""
    scope = module.index.top
    if cls.module == module and any(binding.node is cls.node for binding in scope.names.get(cls.node.name, ())):
        return cls.node.name
    from flake8_async_sqla.semantics.inference.bindings import binding_type

    for name, bindings in scope.names.items():
        if len(bindings) == 1 and bindings[0].kind == "import" and binding_type(module, scope, bindings[0]) == cls:
            return name
    return None
