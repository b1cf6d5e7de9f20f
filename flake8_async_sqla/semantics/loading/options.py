"""Loader options: ``selectinload(Author.books).load_only(Book.title)`` and all the others, applied to drafts."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import lineage
from flake8_async_sqla.semantics.inference.functions import returned
from flake8_async_sqla.semantics.loading.drafts import MAX_DEPTH, Draft
from flake8_async_sqla.semantics.loading.entities import Key, Step, entity, step
from flake8_async_sqla.semantics.loading.spreading import Given, spread
from flake8_async_sqla.semantics.mapping.classes import attribute, mapped_class
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, constant, named, text
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External, Function, ProjectClass

_LOADING = frozenset({"contains_eager", "immediateload", "joinedload", "noload", "selectinload", "subqueryload"})
_IN_ROWS = frozenset({"contains_eager", "joinedload"})
_PATHS = _LOADING | {"defaultload", "lazyload", "raiseload"}
_COLUMNS = frozenset({"defer", "load_only", "undefer", "undefer_group", "with_expression"})
_METHODS = _PATHS | _COLUMNS | {"options", "selectin_polymorphic"}
HARMLESS = frozenset({"sqlalchemy.orm.with_loader_criteria", "sqlalchemy.ext.asyncio.with_loader_criteria"})
_ORM = "sqlalchemy.orm."
_LOADED_AS_COLUMNS = ("column", "column_property")
MAX_HOPS = 24


class Options:
    """The drafts of a statement's entities.

    Attributes:
        roots: Draft by entity.
        joined_collection: The call that loads a collection in the rows of the statement.
    """

    def __init__(self, roots: dict[Key, Draft]) -> None:
        """Start with what the mapping says."""
        self.roots = roots
        self.joined_collection: ast.Call | None = None

    def apply(self, given: Given, start: Draft | None = None, hops: int = MAX_HOPS) -> None:
        """Apply an option.

        Args:
            given: The option.
            start: What it is relative to, inside ``.options(...)`` of another one.
            hops: How many names to follow.
        """
        if given.node is None or not given.certain or not self._apply(given.module, given.node, start, hops):
            self.unsure(start)

    def unsure(self, start: Draft | None) -> None:
        """Anything may be loaded beside what is known."""
        for root in [start] if start is not None else self.roots.values():
            for draft in root.every():
                draft.certain = False

    def finish(self) -> None:
        """Give wildcards of whole entities to all levels below them."""
        for root in self.roots.values():
            for below in root.reached():
                below.raising |= root.raising & {"*"}
                below.unloaded |= root.unloaded & {"*"}
                below.undeferred |= root.undeferred & {"*"}
                if "*" in root.deferred:
                    below.defer_all()

    def _apply(self, module: Module, node: ast.expr, start: Draft | None, hops: int) -> bool:
        chain = _chain(module, node, hops)
        if chain is None:
            return _harmless(module, node)
        if start is not None and not start.joined and _is_wildcard(*chain[0]):
            return True  # in options() of another option, a wildcard only says what comes in the rows of the statement
        current: list[Draft] = [start] if start is not None else []
        for place, (holder, name, call) in enumerate(chain):
            found = self._link(holder, name, call, current, place == 0 and start is None)
            if found is None:
                return False
            current = found
        return True

    def _link(self, module: Module, name: str, call: ast.Call, current: list[Draft], first: bool) -> list[Draft] | None:
        """Apply one call of a chain; None if it is not understood."""
        if name == "Load":
            target = entity(module, call.args[0]) if call.args else None
            return self._root(target.key, target.cls) if target is not None else None
        if name == "options":
            for draft in current:
                for given in spread(module, call.args):
                    self.apply(given, draft)
            return current
        if name == "selectin_polymorphic":
            return self._polymorphic(module, call, current, first)
        if name == "undefer_group":
            group = text(module, call.args[0]) if call.args else ""
            for draft in current or list(self.roots.values()):
                draft.groups.add(group)
            return current if group else None
        return (self._path if name in _PATHS else self._columns)(module, name, call, current)

    def _root(self, key: Key, cls: ProjectClass) -> list[Draft] | None:
        """Return the drafts of the entities that a path may start at."""
        if key in self.roots:
            return [self.roots[key]]
        near = [
            draft
            for other, draft in self.roots.items()
            if isinstance(other, ProjectClass) and (cls in lineage(other) or other in lineage(cls))
        ]
        return near if isinstance(key, ProjectClass) and near else None

    def _starts(self, step: Step, current: list[Draft]) -> list[Draft] | None:
        if current:
            return current
        if step.target is not None:
            return self._root(step.target.key, step.target.cls)
        return list(self.roots.values())[:1] if step.name != "*" else list(self.roots.values())

    def _path(self, module: Module, name: str, call: ast.Call, current: list[Draft]) -> list[Draft] | None:
        for node in call.args:
            found = step(module, node)
            if found is None:
                return None
            for part in found.name.split("."):
                starts = self._starts(found, current)
                if starts is None:
                    return None
                one = Step(found.target, part, found.subclasses)
                current = [
                    below for draft in starts if (below := self._walk(module, name, call, draft, one)) is not None
                ]
        return current

    def _walk(self, module: Module, name: str, call: ast.Call, draft: Draft, step: Step) -> Draft | None:
        """Apply a relationship's option to one draft; return the draft of the objects behind it."""
        if step.name == "*":
            self._wildcard(module, name, call, draft)
            return None
        declared = attribute(draft.cls, step.name) if draft.cls is not None else None
        if declared is None and step.target is not None:
            declared = attribute(step.target.cls, step.name)
        target = step.subclasses[0] if step.subclasses else declared.target if declared is not None else None
        if declared is not None and declared.kind == "synonym" and declared.through:
            return self._walk(module, name, call, draft, Step(step.target, declared.through[0], step.subclasses))
        joined = draft.joined and name in _IN_ROWS
        below = draft.child(step.name, target, joined)
        below.subclasses = (*below.subclasses, *step.subclasses)
        if name in _LOADING:
            draft.load(step.name, joined, name == "subqueryload")
            below.one_by_one = name == "immediateload"
            self._repeat(module, call, below, step.name)
            if joined and declared is not None and declared.uselist:
                self.joined_collection = self.joined_collection or call
        elif name == "lazyload":
            draft.leave(step.name)
        elif name == "raiseload":
            draft.leave(step.name)
            draft.unloaded.discard(step.name)
            draft.raising.add(step.name)
        return below

    def _repeat(self, module: Module, call: ast.Call, draft: Draft, name: str) -> None:
        """Load a relationship of the objects behind it too, as often as ``recursion_depth`` says."""
        node = argument(call, "recursion_depth")
        depth = constant(module, node) if node is not None else None
        if depth is not None and (not isinstance(depth, int) or depth > MAX_DEPTH):
            self.unsure(draft)
        for _ in range(depth if isinstance(depth, int) and depth <= MAX_DEPTH else 0):
            below = draft.child(name, draft.cls, joined=False)
            draft.load(name, joined=False, subquery=False)
            draft = below

    def _wildcard(self, module: Module, name: str, call: ast.Call, draft: Draft) -> None:
        if name == "raiseload" and constant(module, argument(call, "sql_only")) in (UNSEEN, None, False):
            draft.raising.add("*")
        elif name == "lazyload":
            draft.unloaded.add("*")
        else:
            self.unsure(draft)

    def _columns(self, module: Module, name: str, call: ast.Call, current: list[Draft]) -> list[Draft] | None:
        arguments = call.args[:1] if name == "with_expression" else call.args
        raising = constant(module, argument(call, "raiseload")) is True
        for given in spread(module, list(arguments)):
            found = step(given.module, given.node) if given.node is not None and given.certain else None
            starts = self._starts(found, current) if found is not None else None
            if found is None or starts is None:
                return None
            for draft in starts:
                _mark(draft, name, found.name, raising)
        for draft in current or list(self.roots.values()):
            if name == "load_only" and draft.columns is not None:
                left_out = _other_columns(draft) - draft.deferred  # what defer() says of a column counts more
                draft.raising = draft.raising | left_out if raising else draft.raising - left_out
        return current

    def _polymorphic(self, module: Module, call: ast.Call, current: list[Draft], first: bool) -> list[Draft] | None:
        if first:
            base = entity(module, call.args[0]) if call.args else None
            starts = self._root(base.key, base.cls) if base is not None else None
        else:
            starts = current
        listed = argument(call, "classes", 1 if first else 0)
        found = [entity(module, item) for item in listed.elts] if isinstance(listed, (ast.List, ast.Tuple)) else [None]
        if starts is None or None in found:
            return None
        for draft in starts:
            draft.subclasses = (*draft.subclasses, *(item.cls for item in found if item is not None))
        return starts


def _is_wildcard(module: Module, name: str, call: ast.Call) -> bool:
    found = step(module, call.args[0]) if call.args and name in _PATHS | _COLUMNS else None
    return found is not None and found.name == "*"


def _mark(draft: Draft, name: str, column: str, raising: bool) -> None:
    if name == "load_only":
        draft.columns = (draft.columns or set()) | {column}
        draft.raising.discard(column)
    elif name == "defer":
        draft.deferred.add(column)
        draft.undeferred.discard(column)
        if column != "*":
            (draft.raising.add if raising else draft.raising.discard)(column)
    else:
        draft.undeferred.add(column)
        draft.deferred.discard(column)
        draft.raising -= {column} - {"*"}  # that stands for relationships


def _other_columns(draft: Draft) -> set[str]:
    mapped = mapped_class(draft.cls) if draft.cls is not None else None
    attributes = mapped.attributes.values() if mapped is not None else ()
    kept = (draft.columns or set()) | draft.undeferred
    return {found.name for found in attributes if found.kind in _LOADED_AS_COLUMNS and not found.primary_key} - kept


def _harmless(module: Module, node: ast.expr) -> bool:
    """Tell whether an option changes nothing about what is loaded."""
    called = module.type_of(node.func) if isinstance(node, ast.Call) else None
    return isinstance(called, External) and called.path in HARMLESS


def is_option(module: Module, node: ast.Call) -> bool:
    """Tell whether a call makes a loader option: ``selectinload(A.b)``, or a method of one."""
    root = node
    while isinstance(root.func, ast.Attribute) and root.func.attr in _METHODS and isinstance(root.func.value, ast.Call):
        root = root.func.value
    kind = module.type_of(root.func)
    name = kind.path.removeprefix(_ORM) if isinstance(kind, External) else ""
    return name in _METHODS or name == "Load"


def _chain(module: Module, node: ast.expr, hops: int) -> list[tuple[Module, str, ast.Call]] | None:
    """Take an option apart: the module, name and call of each link, first link first; None if it is no option."""
    if hops <= 0:
        return None
    if not isinstance(node, ast.Call):
        holder, value = named(module, node)
        return _chain(holder, value, hops - 1) if value is not None else None
    kind = module.type_of(node.func)
    if isinstance(kind, External):
        name = kind.path.removeprefix(_ORM)
        known = kind.path.startswith(_ORM) and (name in _METHODS or name == "Load")
        return [(module, name, node)] if known else None
    if isinstance(kind, Function):
        values = returned(kind.module, kind.node)
        return _chain(kind.module, values[0], hops - 1) if len(values) == 1 and not kind.node.args.args else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        before = _chain(module, node.func.value, hops - 1)
        return [*before, (module, node.func.attr, node)] if before is not None else None
    return None
