"""Parameters of a function, changed with LibCST."""

from __future__ import annotations

import libcst as cst

from flake8_async_sqla.fixes import arguments
from flake8_async_sqla.fixes.text import Refused

_SPACE = cst.SimpleWhitespace(" ")
_NONE = cst.SimpleWhitespace("")


def added(function: cst.FunctionDef, name: str, annotation: cst.BaseExpression) -> cst.FunctionDef:
    """Return a function with one more parameter, the last one; by keyword only where one before it has a default.

    Raises:
        Refused: The function has such a parameter already, or takes ``**`` arguments.
    """
    now = function.params
    known = [*now.posonly_params, *now.params, *now.kwonly_params]
    if now.star_kwarg is not None or any(parameter.name.value == name for parameter in known):
        raise Refused(f"the function cannot take another parameter {name}")
    new = cst.Param(cst.Name(name), cst.Annotation(annotation), whitespace_after_param=_NONE)
    if isinstance(now.star_arg, cst.Param) and not now.kwonly_params:
        star, new = _behind(function, now.star_arg, new)
        return function.with_changes(params=now.with_changes(star_arg=star, kwonly_params=[new]))
    if now.kwonly_params:
        last, new = _behind(function, now.kwonly_params[-1], new)
        return function.with_changes(params=now.with_changes(kwonly_params=[*now.kwonly_params[:-1], last, new]))
    if not now.params:
        if now.posonly_params:
            raise Refused("the function takes its arguments by position alone")
        return function.with_changes(params=now.with_changes(params=[new]))
    last, new = _behind(function, now.params[-1], new)
    if last.default is None:
        return function.with_changes(params=now.with_changes(params=[*now.params[:-1], last, new]))
    assert isinstance(last.comma, cst.Comma)
    changes = {
        "params": [*now.params[:-1], last],
        "star_arg": cst.ParamStar(comma=cst.Comma(whitespace_after=arguments.uncommented(_separator(function)))),
        "kwonly_params": [new],
    }
    return function.with_changes(params=now.with_changes(**changes))


def _behind(function: cst.FunctionDef, last: cst.Param, new: cst.Param) -> tuple[cst.Param, cst.Param]:
    """Return the last parameter and the new one behind it, with the comma and the white space of its neighbours."""
    between = _separator(function)
    if isinstance(last.comma, cst.Comma):
        after = last.comma.whitespace_after
        comma = last.comma.with_changes(whitespace_after=arguments.joined(after, between))
        behind = cst.Comma(whitespace_after=arguments.uncommented(after))
        return last.with_changes(comma=comma), new.with_changes(comma=behind)
    after = last.whitespace_after_param
    comma = cst.Comma(whitespace_after=arguments.joined(after, between))
    last = last.with_changes(comma=comma, whitespace_after_param=_NONE)
    return last, new.with_changes(whitespace_after_param=arguments.uncommented(after))


def _separator(function: cst.FunctionDef) -> cst.BaseParenthesizableWhitespace:
    now = function.params
    for parameter in [*now.posonly_params, *now.params, *now.kwonly_params][-2::-1]:
        if isinstance(parameter.comma, cst.Comma):
            return arguments.uncommented(parameter.comma.whitespace_after)
    before = function.whitespace_before_params
    return arguments.uncommented(before) if isinstance(before, cst.ParenthesizedWhitespace) else _SPACE
