from __future__ import annotations

import itertools
import random
import re
import xml.etree.ElementTree as ET

import pytest

from flake8_async_sqla.markup.graph import Arrow, Node, picture


def _node(name: str) -> Node:
    return Node(name, name, f"{name}.py", f"title of {name}")


def _boxes(drawn: str) -> dict[str, tuple[float, ...]]:
    boxes = {}
    for group in ET.fromstring(drawn).iter("g"):
        box = group.find("rect")
        assert box is not None
        boxes[str(group.findtext("text"))] = tuple(float(box.get(side, "")) for side in ("x", "y", "width", "height"))
    return boxes


def _random(count: int, arrows: int) -> tuple[list[Node], list[Arrow]]:
    chance = random.Random(count)
    names = [f"function_{number}" for number in range(count)]
    pairs = {tuple(chance.sample(names, 2)) for _ in range(arrows)}
    return [_node(name) for name in names], [Arrow(first, last) for first, last in sorted(pairs)]


def test_callees_stand_to_the_right() -> None:
    nodes = [_node(name) for name in "abcd"]
    boxes = _boxes(picture(nodes, [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c"), Arrow("d", "c")], "Calls"))
    assert boxes["a"][0] < boxes["b"][0] == boxes["d"][0] < boxes["c"][0]


def test_circles_end() -> None:
    arrows = [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "a"), Arrow("c", "d")]
    boxes = _boxes(picture([_node(name) for name in "abcd"], arrows, "Calls"))
    assert boxes["a"][0] < boxes["b"][0] < boxes["c"][0] < boxes["d"][0]


@pytest.mark.parametrize(("count", "arrows"), [(1, 0), (30, 40), (300, 600)])
def test_boxes_do_not_overlap_and_lie_inside(count: int, arrows: int) -> None:
    drawn = picture(*_random(count, arrows), "Calls")
    svg = ET.fromstring(drawn).find("svg")
    assert svg is not None
    width, height = float(svg.get("width", "")), float(svg.get("height", ""))
    boxes = list(_boxes(drawn).values())
    assert len(boxes) == count
    for x, y, wide, high in boxes:
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + high <= height
    for one, two in itertools.combinations(boxes, 2):
        apart = abs(one[0] - two[0]) >= min(one[2], two[2]) or abs(one[1] - two[1]) >= one[3]
        assert apart, (one, two)


def test_the_same_graph_is_the_same_picture() -> None:
    nodes, arrows = _random(60, 90)
    assert picture(nodes, arrows, "Calls") == picture(nodes, arrows, "Calls")


def test_names_are_escaped_shortened_and_whole_in_the_title() -> None:
    name = "<script>" + "x" * 60
    drawn = picture([_node(name)], [], "Calls & more")
    assert "<script>" not in drawn
    assert f"<title>title of &lt;script&gt;{'x' * 60}</title>" in drawn
    assert 'aria-label="Calls &amp; more"' in drawn
    assert max(map(len, re.findall("<text[^>]*>([^<]*)<", drawn))) < 60
