from __future__ import annotations

import re

from flake8_async_sqla.markup.code import MAX_ROWS, Listing, Span
from tests.markup.reading import Reader

_LINES = ["\n", "def f(x):\n", "\treturn call(  # é <b>\n", "\t    'a',\n", "\t)\n", "\n", "y = 1\n"]


def _marked(span: Span, lines: list[str] | None = None) -> list[str]:
    return Reader(Listing(lines or _LINES).frame(span)).text.get("mark", [])


def _numbers(frame: str) -> list[str]:
    return re.findall('data-line="([0-9]+)"', frame)


def test_the_span_is_marked_on_each_row_and_indentation_is_not() -> None:
    assert _marked(Span(3, 8, 5, 2)) == ["call(  # é <b>", "'a',", ")"]


def test_rows_around_are_shown_blank_ones_at_the_edge_are_not() -> None:
    assert _numbers(Listing(_LINES).frame(Span(2, 4, 2, 5))) == ["2", "3", "4"]
    assert _numbers(Listing(_LINES).frame(Span(7, 0, 7, 1))) == ["5", "6", "7"]


def test_an_empty_span_marks_one_sign() -> None:
    assert _marked(Span(7, 0, 7, 0)) == ["y"]


def test_a_span_of_an_empty_file_marks_nothing() -> None:
    assert _marked(Span(1, 0, 1, 0), ["\n"]) == []
    assert Listing([]).frame(Span(1, 0, 1, 0)) == '<pre class="code"><code></code></pre>'


def test_what_is_long_is_cut() -> None:
    lines = [f"x{number} = (\n" for number in range(40)]
    reader = Reader(Listing(lines).frame(Span(3, 0, 39, 3)))
    assert len(reader.text["mark"]) == MAX_ROWS
    assert reader.text["pre.code"][0].endswith(f"x{MAX_ROWS + 1} = (\n…\n")


def test_colours_change_no_text() -> None:
    lines = [
        "async def f(): return f'{x!r:>{width}}' + \"a\\\n",
        "b\" + '''\n",
        "c'''  # d\n",
        "n = 0x1F if True else None\n",
    ]
    reader = Reader(Listing(lines).frame(Span(2, 0, 3, 4)))
    assert reader.text["pre.code"] == ["".join(lines)]
    assert {"async", "def", "return", "if", "True", "else", "None"} <= set(reader.text["span.keyword"])
    assert reader.text["span.comment"] == ["# d"]
    assert reader.text["span.number"] == ["0x1F"]


def test_what_is_not_python_has_no_colours() -> None:
    listing = Listing(["it's <i>not</i>\n", "  python at all '''\n"])
    assert Reader(listing.frame(Span(1, 0, 1, 4))).text["pre.code"] == ["it's <i>not</i>\n  python at all '''\n"]


def test_one_line() -> None:
    assert Reader(Listing(_LINES).line(3)).text["pre.code"] == ["return call(  # é <b>\n"]
    assert Listing(_LINES).line(9) == Listing(_LINES).line(0) == ""
