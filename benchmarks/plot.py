"""A small plot as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_SIDE, _LEFT, _TOP = 420, 60, 50
_COLORS = ("#0b5cad", "#b3400e", "#2d7a2d", "#7a3d91", "#8a6d00")


class Line(NamedTuple):
    """Points of one kind.

    Attributes:
        label: What they are.
        points: Where they are, the largest last.
    """

    label: str
    points: Sequence[tuple[float, float]]


def plot(title: str, lines: Sequence[Line]) -> str:
    """Draw lines, each as part of its last point; the dashed diagonal is what grows in proportion.

    Args:
        title: What stands above.
        lines: What to draw; the highest point sets the scale.
    """
    high = max((y / line.points[-1][1] for line in lines for _, y in line.points if line.points[-1][1]), default=1.0)
    width, height = _LEFT + _SIDE + 320, _TOP + _SIDE + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="28" font-size="16">{escape(title)}</text>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>',
        _path([(0, 0), (1, 1)], high, "#888", ' stroke-dasharray="5 4"'),
    ]
    for part in (0.25, 0.5, 0.75, 1):
        x, y = _place(part, part, high)
        parts.append(f'<text x="{x}" y="{_TOP + _SIDE + 20}" text-anchor="middle">{part:.0%}</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{part:.0%}</text>')
    for number, line in enumerate(lines):
        color, (last, most) = _COLORS[number % len(_COLORS)], line.points[-1]
        points = [(x / last, y / (most or 1)) for x, y in line.points]
        parts.append(_path(points, high, color, ""))
        for x, y in (_place(*point, high) for point in points[1:]):
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{color}"/>')
        y = _TOP + 20 + 24 * number
        parts.append(f'<circle cx="{_LEFT + _SIDE + 24}" cy="{y - 4}" r="5" fill="{color}"/>')
        parts.append(f'<text x="{_LEFT + _SIDE + 36}" y="{y}">{escape(line.label)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _place(x: float, y: float, high: float) -> tuple[float, float]:
    return round(_LEFT + x * _SIDE, 1), round(_TOP + _SIDE - y / high * _SIDE, 1)


def _path(points: Sequence[tuple[float, float]], high: float, color: str, more: str) -> str:
    places = " ".join(f"{x},{y}" for x, y in (_place(*point, high) for point in points))
    return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2"{more}/>'
