"""From what each module's answers needed to the facts that a finding depends on, as sets of bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from flake8_async_sqla.semantics.files.watching import FACTS, Need

Graph = Mapping[Need, Iterable[Need]]


def closures(graph: Graph, roots: Iterable[Need], bits: dict[tuple[str, str], int]) -> dict[Need, int]:
    """Collect the facts that can be reached from some owners.

    Args:
        graph: What each owner needs.
        roots: The owners to start from.
        bits: The number of each fact; new ones are added.

    Returns:
        The facts of each owner on the way, as the bits of a number.
    """
    found: dict[Need, int] = {}
    for component in _components(graph, roots):
        mask = 0
        for owner in component:
            for need in graph.get(owner, ()):
                if type(need) is tuple and need[0] in FACTS:
                    mask |= 1 << bits.setdefault(need, len(bits))
                else:
                    mask |= found.get(need, 0)
        found.update(dict.fromkeys(component, mask))
    return found


def _components(graph: Graph, roots: Iterable[Need]) -> Iterator[list[Need]]:
    """Yield owners that need each other together, after those that they need (Tarjan's algorithm)."""
    order: dict[Need, int] = {}
    low: dict[Need, int] = {}
    stack: list[Need] = []
    done: set[Need] = set()
    for root in roots:
        if root in order:
            continue
        walk = [(root, iter(graph.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while walk:
            owner, rest = walk[-1]
            for need in rest:
                if need not in order:
                    order[need] = low[need] = len(order)
                    stack.append(need)
                    walk.append((need, iter(graph.get(need, ()))))
                    break
                if need not in done:
                    low[owner] = min(low[owner], order[need])
            else:
                walk.pop()
                if walk:
                    above = walk[-1][0]
                    low[above] = min(low[above], low[owner])
                if low[owner] == order[owner]:
                    component = [stack.pop()]
                    while component[-1] != owner:
                        component.append(stack.pop())
                    done.update(component)
                    yield component
