"""Text made of values: ``%``, ``str.format()`` and what loggers make of their arguments."""

from __future__ import annotations

import ast
import itertools
import re
import string

from flake8_async_sqla.semantics.flow.calling.calls import Arguments
from flake8_async_sqla.semantics.flow.calling.generators import used_up
from flake8_async_sqla.semantics.flow.expressions.members import member, shown
from flake8_async_sqla.semantics.flow.state.frame import Frame
from flake8_async_sqla.semantics.flow.state.heap import State
from flake8_async_sqla.semantics.flow.state.values import Items, Value
from flake8_async_sqla.semantics.inference.loggers import LEVELS, QUIET, library_of_logger

_CONVERSION = re.compile(r"%[#0\- +]*(?:\d+|(?P<width>\*))?(?:\.\d+)?[hlL]?(?P<kind>[a-zA-Z%])")
METHODS = frozenset({"log", "bind", *LEVELS, *QUIET})


def percent(frame: Frame, state: State, node: ast.expr, text: ast.expr, values: list[Value]) -> None:
    """Fill ``%s`` and ``%r`` in a text that is written down.

    Args:
        frame: The function.
        state: What is known; it is changed by what the objects do to show themselves.
        node: The expression that is reported.
        text: The text.
        values: What is filled in, in order.
    """
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return
    found = [match for match in _CONVERSION.finditer(text.value) if match["kind"] != "%"]
    if len(found) != len(values) or any(match["width"] for match in found):
        return
    for match, value in zip(found, values, strict=True):
        if match["kind"] in "sra":
            shown(frame, state, node, value, as_repr=match["kind"] != "s")


def formatted(frame: Frame, state: State, arguments: Arguments) -> None:
    """Call a method of a text: ``join()`` uses up what it is given, ``format()`` may show objects."""
    func = arguments.node.func
    if isinstance(func, ast.Attribute) and func.attr == "join":
        for value in arguments.values:
            used_up(frame, state, arguments.node, value)
    text = func.value if isinstance(func, ast.Attribute) and func.attr == "format" else None
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        braces(frame, state, text.value, arguments)


def braces(frame: Frame, state: State, text: str, arguments: Arguments) -> None:
    """Call ``text.format()``.

    Args:
        frame: The function.
        state: What is known; it is changed by what the objects do to show themselves.
        text: The text.
        arguments: What is filled in.
    """
    try:
        fields = [(name, conversion) for _, name, _, conversion in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return
    counted = itertools.count()
    for name, conversion in fields:
        first, *rest = name.split(".")
        place = int(first) if first.isdecimal() else next(counted) if not first else None
        value = arguments.given("", place) if place is not None else arguments.keywords.get(first)
        if value is None or "[" in name:
            continue
        for part in rest:
            value = member(frame, state, arguments.node, value, part)
        shown(frame, state, arguments.node, value, as_repr=conversion in ("r", "a"))


def logged(frame: Frame, state: State, arguments: Arguments) -> bool:
    """Hand a message to a logger; those for debugging are written seldom enough to say nothing.

    Args:
        frame: The function.
        state: What is known; it is changed by what the objects do to show themselves.
        arguments: The message, and what is filled in.

    Returns:
        Whether it is a logger at all.
    """
    func = arguments.node.func
    if not isinstance(func, ast.Attribute) or func.attr not in METHODS:
        return False
    library = library_of_logger(frame.module.type_of(func))
    if not library:
        return False
    text = arguments.node.args[0] if arguments.node.args else None
    if func.attr in LEVELS and text is not None and not arguments.spread:
        if library == "logging":
            percent(frame, state, arguments.node, text, arguments.values[1:])
        elif library == "loguru" and isinstance(text, ast.Constant) and isinstance(text.value, str):
            filled = Arguments(arguments.node, arguments.values[1:], arguments.keywords)
            if filled.values or filled.keywords:
                braces(frame, state, text.value, filled)
    return True


def operands(value: Value) -> list[Value]:
    """Return what stands behind a ``%``, one by one."""
    return [*value.items] if isinstance(value, Items) and not value.keyed else [value]
