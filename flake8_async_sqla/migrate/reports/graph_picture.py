"""The call graph of a migration as a picture that stays readable: by function, by module, or by directory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from flake8_async_sqla.markup.graph import Arrow, Node, picture
from flake8_async_sqla.markup.html import Html
from flake8_async_sqla.migrate.model import Call, Remark

MAX_BOXES = 120
LEGEND = (
    "Callers stand to the left of what they call. A filled box talks to the database itself; "
    "a dashed one runs a coroutine in an event loop of its own. Tests are left out."
)
_PARTS = 8


def call_graph(calls: Sequence[Call]) -> Html:
    """Draw the calls, with as much detail as a reader can take in."""
    for part in _partitions():
        if len({part(place) for call in calls for place in _ends(call)}) <= MAX_BOXES:
            break
    places: dict[str, list[Remark]] = {}
    for call in calls:
        for place in _ends(call):
            own = places.setdefault(part(place), [])
            if place not in own:
                own.append(place)
    nodes = [_node(id_, own, calls, part) for id_, own in places.items()]
    pairs = dict.fromkeys(
        Arrow(part(call.caller), part(call.callee), "bridge" if call.kind == "bridge" else "")
        for call in calls
        if len(_ends(call)) == 2 and part(call.caller) != part(call.callee)
    )
    words = "functions" if any("\n" in node.id for node in nodes) else "files"
    return picture(nodes, list(pairs), f"Call graph of {len(nodes)} {words}")


def _ends(call: Call) -> tuple[Remark, ...]:
    """Return the functions at the ends of an arrow; what is done to the database is none."""
    own = call.callee.path == call.caller.path and call.callee.line == call.caller.line
    return (call.caller,) if own else (call.caller, call.callee)


def _partitions() -> list[Callable[[Remark], str]]:
    """Return what names the box of a function, from the finest to the coarsest."""
    folders = [lambda place, depth=depth: "/".join(_path(place)[:depth]) for depth in range(_PARTS, 0, -1)]
    return [lambda place: f"{place.path}\n{place.text}", lambda place: "/".join(_path(place)), *folders]


def _path(place: Remark) -> tuple[str, ...]:
    return PurePath(place.path).parts


def _node(id_: str, places: Sequence[Remark], calls: Sequence[Call], part: Callable[[Remark], str]) -> Node:
    own = [call for call in calls if call.caller in places]
    done = sorted({call.callee.text for call in own if call.kind == "database"})
    kind = "reaches" if done else "bridges" if any(call.kind == "bridge" for call in own) else ""
    if "\n" in id_:
        (place, *_) = places
        label, where = place.text or "run as a script", place.path
        title = f"{place.path}:{place.line} {label}" if place.line else place.path
    else:
        folder, _, label = id_.rpartition("/")
        where = f"{folder or '.'}, {len(places)} functions"
        title = f"{id_}: {', '.join(place.text for place in places if place.text)}"
    return Node(id_, label, where, f"{title}; {', '.join(done)}" if done else title, kind)
