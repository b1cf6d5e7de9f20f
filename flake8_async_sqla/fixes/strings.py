"""Text inside string literals and f-strings, changed where it is spelled."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from flake8_async_sqla.fixes.text import Refused


def replaced(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """Return a string with the first ``old`` in its value replaced by ``new``.

    Quotes, prefixes, escapes and the spelling of everything else stay.

    Raises:
        Refused: ``old`` is not spelled out in one literal, or ``new`` cannot be.
    """
    wanted = _intended(ast.parse(_code(node), mode="eval").body, old, new)
    for candidate in _candidates(node, old, new):
        try:
            found = ast.dump(ast.parse(f"({_code(candidate)})", mode="eval").body)
        except (SyntaxError, ValueError):
            continue
        if found == wanted:
            return candidate
    raise Refused(f"{old!r} is not spelled out in one piece of the string")


def _code(node: cst.BaseExpression) -> str:
    return f"({cst.Module([]).code_for_node(node)})"


def _intended(value: ast.expr, old: str, new: str) -> str:
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and old in part.value:
            part.value = part.value.replace(old, new, 1)
            return ast.dump(value)
    raise Refused(f"the string does not hold {old!r}")


def _candidates(node: cst.BaseExpression, old: str, new: str) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.ConcatenatedString):
        for left in _candidates(node.left, old, new):
            yield node.with_changes(left=left)
        for right in _candidates(node.right, old, new):
            yield node.with_changes(right=right)
    elif isinstance(node, cst.SimpleString):
        opening = len(node.prefix) + len(node.quote)
        body = node.value[opening : len(node.value) - len(node.quote)]
        for changed in _spelled(body, old, new, node.prefix, node.quote):
            yield node.with_changes(value=f"{node.value[:opening]}{changed}{node.quote}")
    elif isinstance(node, cst.FormattedString):
        for position, part in enumerate(node.parts):
            if isinstance(part, cst.FormattedStringText):
                for changed in _spelled(part.value, _doubled(old), _doubled(new), node.prefix, node.quote):
                    text = part.with_changes(value=changed)
                    yield node.with_changes(parts=[*node.parts[:position], text, *node.parts[position + 1 :]])


def _spelled(body: str, old: str, new: str, prefix: str, quote: str) -> Iterator[str]:
    spelling = new if "r" in prefix.lower() else _escaped(new, quote)
    at = body.find(old)
    while at >= 0:
        yield body[:at] + spelling + body[at + len(old) :]
        at = body.find(old, at + 1)


def _escaped(new: str, quote: str) -> str:
    escaped = new.replace("\\", "\\\\").replace(quote[0], f"\\{quote[0]}")
    return escaped.replace("\n", "\\n").replace("\r", "\\r")


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
