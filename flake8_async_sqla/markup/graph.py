"""A call graph as a picture: layers from left to right, callees beside their callers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flake8_async_sqla.markup.html import Html, joined, tag

_STEP, _HEIGHT, _GAP, _SIGN, _MARGIN = 46, 36, 64, 7.9, 16
_LONGEST = 34
_ROUNDS = 4


class Node(NamedTuple):
    """A box.

    Attributes:
        id: Names it in arrows.
        label: What stands in it.
        where: What stands below, smaller.
        title: What a reader sees who points at it.
        kind: Its class.
    """

    id: str
    label: str
    where: str
    title: str
    kind: str = ""


class Arrow(NamedTuple):
    """An arrow between boxes."""

    source: str
    target: str
    kind: str = ""


def picture(nodes: Sequence[Node], arrows: Sequence[Arrow], label: str) -> Html:
    """Draw boxes and arrows.

    Args:
        nodes: The boxes.
        arrows: The arrows, between these boxes.
        label: What the picture shows.
    """
    callees: dict[str, list[str]] = {node.id: [] for node in nodes}
    for arrow in arrows:
        callees[arrow.source].append(arrow.target)
    columns = _columns(callees)
    heights = _heights(columns, callees)
    by_id = {node.id: node for node in nodes}
    lefts, widths, left = {}, {}, float(_MARGIN)
    for column in columns:
        width = max(len(_short(text)) for id_ in column for text in by_id[id_][1:3]) * _SIGN + 24
        for id_ in column:
            lefts[id_], widths[id_] = left, width
        left += width + _GAP
    lines = [_arrow(arrow, lefts, widths, heights) for arrow in arrows]
    boxes = [_box(node, lefts[node.id], heights[node.id], widths[node.id]) for node in nodes]
    width, height = left - _GAP + _MARGIN, max(heights.values()) + _HEIGHT + _MARGIN
    head = tag("path", d="M0 0 8 4 0 8z")
    marker = tag(
        "marker", head, id="head", viewBox="0 0 8 8", refX=8, refY=4, markerWidth=7, markerHeight=7, orient="auto"
    )
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}", "viewBox": f"0 0 {width:.0f} {height:.0f}"}
    drawn = tag("svg", tag("title", label), tag("defs", marker), *lines, *boxes, role="img", aria_label=label, **size)
    return tag("div", drawn, class_="graph", tabindex="0", role="region", aria_label=label)


def _columns(callees: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Put each box left of what it calls; a call that closes a circle does not count."""
    depth: dict[str, int] = {}
    called = {target for targets in callees.values() for target in targets}
    for start in sorted(callees, key=lambda id_: id_ in called):
        stack = [(start, iter(callees[start]))]
        open_ = {start: 0} if start not in depth else {}
        while stack and open_:
            id_, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                depth[id_] = open_.pop(id_)
                stack.pop()
                if stack:
                    caller = stack[-1][0]
                    open_[caller] = max(open_[caller], depth[id_] + 1)
            elif target in depth:
                open_[id_] = max(open_[id_], depth[target] + 1)
            elif target not in open_:
                open_[target] = 0
                stack.append((target, iter(callees[target])))
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for id_, number in depth.items():
        columns[-1 - number].append(id_)
    return columns


def _heights(columns: Sequence[Sequence[str]], callees: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Put each box beside the middle of its neighbours, without overlaps."""
    callers: dict[str, list[str]] = {id_: [] for id_ in callees}
    for id_, targets in callees.items():
        for target in targets:
            callers[target].append(id_)
    heights = {id_: float(number * _STEP) for column in columns for number, id_ in enumerate(column)}
    for _ in range(_ROUNDS):
        for order, neighbours in ((list(reversed(columns)), callees), (columns, callers)):
            for column in order:
                heights |= _spread({id_: _middle(heights, neighbours[id_], heights[id_]) for id_ in column})
    top = min(heights.values())
    return {id_: height - top + _MARGIN for id_, height in heights.items()}


def _middle(heights: Mapping[str, float], ids: Sequence[str], default: float) -> float:
    return sum(heights[id_] for id_ in ids) / len(ids) if ids else default


def _spread(wanted: Mapping[str, float]) -> dict[str, float]:
    """Keep boxes apart, as near as can be to where they should be."""
    heights: dict[str, float] = {}
    top = min(wanted.values())
    for id_ in sorted(wanted, key=lambda one: wanted[one]):
        heights[id_] = max(top, wanted[id_])
        top = heights[id_] + _STEP
    shift = sum(heights[id_] - wanted[id_] for id_ in wanted) / len(wanted)
    return {id_: height - shift for id_, height in heights.items()}


def _arrow(arrow: Arrow, lefts: Mapping[str, float], widths: Mapping[str, float], tops: Mapping[str, float]) -> Html:
    start, end = lefts[arrow.source] + widths[arrow.source], lefts[arrow.target]
    first, last = (tops[id_] + _HEIGHT / 2 for id_ in arrow[:2])
    bend = max((end - start) / 2, _GAP / 2)
    curve = f"M{start:.0f} {first:.0f}C{start + bend:.0f} {first:.0f} {end - bend:.0f} {last:.0f} {end:.0f} {last:.0f}"
    return tag("path", d=curve, class_=arrow.kind or None, marker_end="url(#head)")


def _box(node: Node, left: float, top: float, width: float) -> Html:
    texts = [
        tag("text", _short(node.label), x=f"{left + 12:.0f}", y=f"{top + 16:.0f}"),
        tag("text", _short(node.where), x=f"{left + 12:.0f}", y=f"{top + 30:.0f}", class_="where"),
    ]
    box = tag("rect", x=f"{left:.0f}", y=f"{top:.0f}", width=f"{width:.0f}", height=_HEIGHT, rx=6)
    return tag("g", tag("title", node.title), box, joined(texts), class_=node.kind or None)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"
