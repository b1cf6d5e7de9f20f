from __future__ import annotations

import difflib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flake8_async_sqla.markup.differences import difference
from tests.markup.reading import Reader

_ROWS = st.lists(st.sampled_from(["a = 1\n", "b = <2>\n", "await c(d)\n", "c(d)\n", "\n"]), max_size=12)
_LAST = st.sampled_from(["", "end", "end\n"])


@settings(database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_ROWS, _LAST, _ROWS, _LAST)
def test_the_text_is_a_unified_diff(old: list[str], last: str, new: list[str], end: str) -> None:
    before, after = [*old, *filter(None, [last])], [*new, *filter(None, [end])]
    rows = list(difflib.unified_diff(before, after))[2:]
    expected = "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)
    (text,) = Reader(difference(before, after)).text["pre.diff"]
    assert _without_places(text) == _without_places(expected)


def _without_places(text: str) -> list[str]:
    return [row for row in text.splitlines() if not row.startswith("@@")]


def test_changed_words_stand_out() -> None:
    reader = Reader(difference(["x = f(a, old)\n"], ["x = await f(a, new)\n"]))
    assert reader.text["b"] == ["old", " await", "new"]


def test_rows_with_little_in_common_are_whole() -> None:
    assert "b" not in Reader(difference(["import os\n"], ["x: dict[str, int] = {1: 2}\n"])).text


def test_rows_have_the_number_that_they_have_in_their_file() -> None:
    shown = difference(["a\n", "b\n", "c\n"], ["a\n", "x\n", "y\n", "c\n"])
    assert shown.count('data-line="2"') == 2
    assert '<ins class="row" data-line="3"><span class="sign">+</span>y\n</ins>' in shown
    assert '<span class="row" data-line="4"><span class="sign"> </span>c\n</span>' in shown
