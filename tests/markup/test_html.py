from __future__ import annotations

import pytest

from flake8_async_sqla.markup.html import Html, escaped, joined, prose, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>", tag("i", "&"), class_="a\"b'") == '<p class="a&quot;b&#x27;">&lt;b&gt;<i>&amp;</i></p>'
    assert joined(["<", Html("<br>"), ">"], "&") == "&lt;&amp;<br>&amp;&gt;"


def test_attributes() -> None:
    assert (
        tag("input", aria_label="A", disabled=True, checked=False, value=0)
        == '<input aria-label="A" disabled value="0">'
    )


def test_backticks_set_off_code() -> None:
    assert prose("a `<b>` c ``d``") == "a <code>&lt;b&gt;</code> c <code>d</code>"
    assert prose("`a`") == "<code>a</code>"
    assert prose("odd ` tick") == "odd ` tick"


@pytest.mark.parametrize("sign", ["\x00", "\x0c", "\x1b", "\x85", "\u202e", "\u2066", "\udcff", "\ufeff"])
def test_signs_that_deceive_or_break_become_visible(sign: str) -> None:
    assert escaped(f"a{sign}b") == f"a\\u{ord(sign):04x}b"
    escaped(sign).encode()


@pytest.mark.parametrize("sign", ["é", "\u200d", "\U0001f600", "中", "\t", "\n"])
def test_other_signs_stay(sign: str) -> None:
    assert escaped(sign) == sign
