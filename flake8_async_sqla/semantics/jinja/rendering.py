"""What rendering a Jinja template certainly reads of its variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flake8_async_sqla.semantics.flow.reads.reads import NOTHING, Reads
from flake8_async_sqla.semantics.jinja.expressions import Expression
from flake8_async_sqla.semantics.jinja.statements import (
    Assignment,
    Block,
    Condition,
    Extends,
    Include,
    Inner,
    Jump,
    Loop,
    Names,
    Node,
    Nodes,
    Output,
    parse,
)
from flake8_async_sqla.semantics.jinja.tokens import NotUnderstood, Token
from flake8_async_sqla.semantics.jinja.values import ITEM, Value

MAX_TEMPLATES = 60
_SUPER = (Token("name", "super"), Token("operator", "("), Token("operator", ")"))


def rendered(source: str, load: Callable[[str], str | None]) -> Mapping[str, Reads]:
    """Tell what a template reads, by variable of its context.

    Args:
        source: The template.
        load: Gives the source of another template by its name; None if it cannot be seen.

    Returns:
        The reads; none at all if the template uses what is not understood.
    """
    try:
        found = _Rendering(load, MAX_TEMPLATES)
        found.template(source, {}, 0, True)
    except (NotUnderstood, RecursionError):
        return {}
    collections = {path[:end] for path in found.reads for end, name in enumerate(path) if name == ITEM}
    reads = NOTHING
    for path in found.reads:
        if not any(path[:end] in collections and name != ITEM for end, name in enumerate(path)):
            below = NOTHING
            for name in reversed(path):
                below = Reads({name: below}) if name != ITEM else below
            reads |= below
    return reads.attributes


class _Rendering:
    def __init__(self, load: Callable[[str], str | None], left: int) -> None:
        self.load = load
        self.left = left
        self.reads: list[tuple[str, ...]] = []
        self.blocks: dict[str, list[Nodes]] = {}
        self.assigned: set[str] = set()
        self.current: list[Nodes] = []

    def template(self, source: str | None, names: dict[str, Value | None], depth: int, certain: bool) -> None:
        """Render a template: the blocks of those that extend others go to the others."""
        nodes: Nodes = ()
        while source is not None:
            self.left -= 1
            if self.left < 0:
                raise NotUnderstood
            nodes = parse(source)
            for node in _inside(nodes):
                if isinstance(node, Block):
                    self.blocks.setdefault(node.name, []).append(node.body)
                elif isinstance(node, Extends) and node not in nodes:
                    raise NotUnderstood
            parents = [node for node in nodes if isinstance(node, Extends)]
            if not parents:
                break
            self.assigned.update(name for node in nodes for name in _bound(node))
            names.update(dict.fromkeys(self.assigned))
            source = self.load(parents[0].name) if parents[0].name else None
            if source is None:
                raise NotUnderstood
        self.run(nodes, names, depth, certain)

    def run(self, nodes: Nodes, names: dict[str, Value | None], depth: int, certain: bool) -> None:
        """Render some nodes.

        Args:
            nodes: The nodes.
            names: What the names mean that are not variables of the context; assignments change it.
            depth: How many loops are around them.
            certain: Whether they are rendered for each item of those loops.
        """
        for node in nodes:
            match node:
                case Output(value=value) if value == _SUPER and len(self.current) > 1:
                    self._block(self.current[1:], names, depth, certain)
                case Output(value=value):
                    self._evaluate(value, names, depth, certain)
                case Assignment(targets=targets, value=value):
                    found = self._evaluate(value, names, depth, certain, several=len(targets) != 1)
                    names.update(dict.fromkeys(targets, found))
                case Condition(test=test, others=others):
                    self._evaluate(test, names, depth, certain)
                    for body in others:
                        self.run(body, dict(names), depth, False)
                        names.update(dict.fromkeys((name for inner in body for name in _bound(inner)), None))
                case Loop():
                    self._loop(node, names, depth, certain)
                case Inner(body=body):
                    self.run(body, dict(names), depth, certain)
                case Block(name=name):
                    self._block(self.blocks[name], names, depth, certain)
                case Include(name=name):
                    self._include(name, names, depth, certain)
                case Names(names=bound):
                    names.update(dict.fromkeys(bound, None))

    def _evaluate(
        self,
        tokens: tuple[Token, ...],
        names: Mapping[str, Value | None],
        depth: int,
        certain: bool,
        several: bool = False,
    ) -> Value | None:
        expression = Expression(tokens, names, depth)
        if several:
            tokens = (Token("operator", "("), *tokens, Token("operator", ")"))
            expression = Expression(tokens, names, depth)
        value = expression.whole()
        if certain:
            self.reads.extend(expression.reads)
        return None if several else value

    def _loop(self, loop: Loop, names: dict[str, Value | None], depth: int, certain: bool) -> None:
        expression = Expression(loop.rest, names, depth)
        value = expression.iterable()
        if certain:
            self.reads.extend(expression.reads)
        inner = {**names, "loop": None, **dict.fromkeys(loop.targets)}
        if value is not None and value.depth == depth and len(loop.targets) == 1:
            inner[loop.targets[0]] = Value(value.item.path, depth + 1)
            if certain:
                self.reads.append(value.item.path)
        always = certain and not any(isinstance(node, Jump) for node in _inside(loop.body))
        if expression.take("if"):
            test = Expression(loop.rest[expression.position :], inner, depth + 1)
            test.value()
            if certain:
                self.reads.extend(test.reads)
            always = False
        self.run(loop.body, inner, depth + 1, always)
        self.run(loop.otherwise, dict(names), depth, False)

    def _block(self, bodies: list[Nodes], names: Mapping[str, Value | None], depth: int, certain: bool) -> None:
        """Render a block: it sees the context, and not what the template around it assigned."""
        before, self.current = self.current, bodies
        inner = dict.fromkeys([*names, *self.assigned])
        self.run(bodies[0], inner, depth, certain and not depth)
        self.current = before

    def _include(self, name: str, names: Mapping[str, Value | None], depth: int, certain: bool) -> None:
        source = self.load(name) if name else None
        if source is not None:
            included = _Rendering(self.load, self.left - 1)
            included.template(source, dict(names), depth, certain)
            self.left = included.left
            self.reads.extend(included.reads)


def _inside(nodes: Nodes) -> Iterator[Node]:
    """Yield nodes and all below them."""
    for node in nodes:
        yield node
        match node:
            case Condition(others=others):
                for body in others:
                    yield from _inside(body)
            case Loop(body=body, otherwise=otherwise):
                yield from _inside((*body, *otherwise))
            case Block(body=body) | Inner(body=body):
                yield from _inside(body)


def _bound(node: Node) -> Iterator[str]:
    """Name what a statement binds in the names around it."""
    match node:
        case Assignment(targets=names) | Names(names=names):
            yield from names
        case Condition(others=others):
            for body in others:
                for inner in body:
                    yield from _bound(inner)
