"""The queries of a project, each converted with all that it meets; one without a certain form stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from functools import partial

from flake8_async_sqla.fixes.vocabulary import AddKeyword, AddParameter, Code, Edit, ReplaceExpression, ReplaceName
from flake8_async_sqla.migrate.colouring.kept import kept
from flake8_async_sqla.migrate.colouring.references import override_groups, references
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources, home, nodes
from flake8_async_sqla.migrate.queries.chain import Chain, is_root, session_of, step_name
from flake8_async_sqla.migrate.queries.declarations import declaration_edits, declared
from flake8_async_sqla.migrate.queries.executing import (
    ENDS,
    SELECT,
    Executed,
    executing,
    iterating,
    loading,
    writing,
)
from flake8_async_sqla.migrate.queries.held import writing_held
from flake8_async_sqla.migrate.queries.places import Choice, Flow, Lost, Place, Result
from flake8_async_sqla.migrate.queries.sessions import Sessions
from flake8_async_sqla.migrate.queries.steps import is_step, step_edits
from flake8_async_sqla.migrate.queries.values import Values
from flake8_async_sqla.migrate.queries.web import Web, is_tested
from flake8_async_sqla.semantics.inference.calls import SESSION
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import FunctionNode

_NO_FORM = "this query() has no select() form that is known to give the same rows"


def query_edits(kinds: Kinds, sources: Sources, plan: Plan) -> None:
    """Plan the queries of a project."""
    roots = [(module, call) for module in sources.modules for call in nodes(module, ast.Call)]
    places = [place for function in sources.functions() for place in declared(kinds, function)]
    named = references(kinds, sources) if roots or places else {}
    overridden = override_groups(sources) if roots or places else {}
    stay = kept(kinds, sources, named) if sources.options.bridge else {}
    roots = [(module, call) for module, call in roots if module.function(call) not in stay]
    groups = _Groups(stay)
    seen: set[ast.Call | Place] = set()
    for module, call in roots:
        if call not in seen and isinstance(call, ast.Call) and is_root(kinds, module, call):
            web = Web(kinds, named, overridden)
            lost = groups.add(kinds, web, partial(web.follow, module, call))
            seen |= {*web.roots, *web.places}
            if lost is not None:
                plan.note(module, call, _NO_FORM)
                if lost.reason != _NO_FORM:
                    plan.note(lost.module, lost.node, lost.reason)
    for place in places:
        if place not in seen:
            web = Web(kinds, named, overridden)
            lost = groups.add(kinds, web, partial(web.follow_from, place))
            seen |= set(web.places)
            if lost is not None:
                plan.note(lost.module, lost.node, lost.reason)
    groups.plan(plan)


class _Groups:
    """Edits of functions that are made together or not at all."""

    def __init__(self, stay: Collection[FunctionNode]) -> None:
        self._stay = stay
        self._edits: list[tuple[list[tuple[Module, Edit]], set[ast.AST]]] = []

    def add(self, kinds: Kinds, web: Web, follow: Callable[[], None]) -> Lost | None:
        """Add the edits of a web, those of one function with others of it; return why it stays as it is."""
        try:
            follow()
            for flow in web.flows:
                if flow.chain.module.function(flow.chain.end) in self._stay:
                    raise Lost(flow.chain.module, flow.chain.end, "the query of a function that stays meets others")
            edits = list(_converted(kinds, web))
        except Lost as lost:
            return lost
        places = {home(module, node).node for module, node, _ in edits}
        own = [(module, edit) for module, _, edit in edits]
        for known in [known for known in self._edits if known[1] & places]:
            self._edits.remove(known)
            own = [*known[0], *own]
            places |= known[1]
        if own:
            self._edits.append((own, places))
        return None

    def plan(self, plan: Plan) -> None:
        """Plan all."""
        for edits, places in self._edits:
            for module, edit in edits:
                plan.separately(module, next(iter(places)), [edit])


def _converted(kinds: Kinds, web: Web) -> Iterator[tuple[Module, ast.AST, Edit]]:
    values, sessions = Values(kinds, web), Sessions(web)
    renamed: dict[ast.Call, str] = dict.fromkeys(web.roots, SELECT)
    for flow in web.flows:
        for edit in _of_flow(flow, web, values, sessions):
            if isinstance(edit, ReplaceName):
                renamed[_call(flow.chain.base)] = edit.symbol
            else:
                yield flow.chain.module, flow.chain.base, edit
        if _is_loaded(flow.chain):
            del renamed[_call(flow.chain.base)]
    for root, symbol in renamed.items():
        yield web.roots[root], root, ReplaceName(root.func, symbol)
    for place in web.places:
        for edit in declaration_edits(kinds, place):
            yield *_located(place), edit
    waiting = list(sessions.added.values())
    while waiting:
        function, name = waiting.pop()
        before = len(sessions.added)
        for module, call, called in web.calls[function.node]:
            yield module, call, AddKeyword(call, name, Code(sessions.given_by(module, call, called)))
        waiting += list(sessions.added.values())[before:]
    for function, name in sessions.added.values():
        annotation = Code("{cls}", symbols={"cls": SESSION})
        yield function.module, function.node.body[0], AddParameter(function.node, name, annotation)


def _located(place: Place) -> tuple[Module, ast.AST]:
    if isinstance(place, Result):
        return place.function.module, place.function.node.body[0]
    return place.module, place.node if isinstance(place, Choice) else place.scope.node.body[0]  # type: ignore[attr-defined]


def _call(node: ast.expr) -> ast.Call:
    assert isinstance(node, ast.Call)
    return node


def _of_flow(flow: Flow, web: Web, values: Values, sessions: Sessions) -> list[Edit]:
    """Convert one expression.

    Raises:
        Lost: No form is known to give the same.
    """
    chain = flow.chain
    count = next((number for number, step in enumerate(chain.steps) if step_name(step) in ENDS), len(chain.steps))
    steps, end = chain.steps[:count], next(iter(chain.steps[count:]), None)
    if not all(is_step(step) for step in steps):
        raise Lost(chain.module, chain.end, _NO_FORM)
    edits = [edit for step in steps for edit in step_edits(step)]
    if end is None and (flow.target is not None or flow.harmless):
        return [*edits, *_tested(chain)]
    value = values.at_end(flow, end)
    if value is None:
        raise Lost(chain.module, chain.end, "no query is seen to come here")
    query = chain.until(count)
    repeats = value.repeats and value.gives != "columns" and not value.streams
    more: list[Edit] | None
    last = [edit for edit in edits if isinstance(edit, ReplaceExpression) and edit.node is query.end]
    written = last[0].code if last else None
    found = Executed(query, sessions.of(flow), value.gives, repeats, value.statement, written)
    if end is None:
        more = iterating(found, chain.module)
    elif flow.source is not None and step_name(end) in ("update", "delete"):
        more = writing_held(found, flow, web, end)
    elif flow.source is not None or step_name(end) not in ("get", "update", "delete"):
        more = executing(found, end)
    elif step_name(end) == "get":
        root = _call(chain.base)
        more = loading(root, steps, end, session_of(root)) if value.gives == "objects" else None
        edits = []
    else:
        more = writing(found, _call(chain.base), end)
    if more is None:
        raise Lost(chain.module, chain.end, _NO_FORM)
    return [*more, *(edit for edit in edits if not more or edit not in last)]


def _tested(chain: Chain) -> Iterator[Edit]:
    """Yield what tests whether there is a query at all: unlike one, `select()` has no truth value."""
    outer = chain.module.parent(chain.end)
    if is_tested(outer, chain.end):
        negated = isinstance(outer, ast.UnaryOp)
        code = Code("{query} is None" if negated else "{query} is not None", {"query": chain.end})
        yield ReplaceExpression(outer if isinstance(outer, ast.UnaryOp) else chain.end, code)


def _is_loaded(chain: Chain) -> bool:
    return bool(chain.names) and "get" in chain.names and isinstance(chain.base, ast.Call)
