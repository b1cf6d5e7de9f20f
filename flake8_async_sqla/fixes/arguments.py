"""Arguments of a call, changed with LibCST."""

from __future__ import annotations

import libcst as cst

from flake8_async_sqla.fixes.text import Refused

_SPACE = cst.SimpleWhitespace(" ")
_NONE = cst.SimpleWhitespace("")


def renamed(call: cst.Call, old: str, new: str) -> cst.Call:
    """Return a call with one keyword argument renamed.

    Raises:
        Refused: The call has no such keyword, or has the new one already.
    """
    _refuse_second(call, new)
    position = _keyword(call, old)
    argument = call.args[position]
    assert argument.keyword is not None
    keyword = argument.keyword.with_changes(value=new)
    return _with(call, position, argument.with_changes(keyword=keyword))


def removed(call: cst.Call, position: int) -> cst.Call:
    """Return a call without the argument at a position."""
    arguments = list(call.args)
    gone = arguments.pop(position)
    if not arguments:
        space = call.whitespace_before_args
        empty = not isinstance(space, cst.ParenthesizedWhitespace) or not _has_comment(space)
        return call.with_changes(args=[], whitespace_before_args=_NONE if empty else space)
    if position == len(arguments):
        arguments[-1] = arguments[-1].with_changes(comma=gone.comma, whitespace_after_arg=gone.whitespace_after_arg)
    return call.with_changes(args=arguments)


def added(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call:
    """Return a call with one more keyword argument, at the end or before the first ``**options``.

    Raises:
        Refused: The call has that keyword already.
    """
    _refuse_second(call, name)
    equal = cst.AssignEqual(_NONE, _NONE)
    new = cst.Arg(value, keyword=cst.Name(name), equal=equal)
    arguments = list(call.args)
    if not arguments:
        return call.with_changes(args=[new])
    if len(arguments) == 1 and isinstance(arguments[0].value, cst.GeneratorExp) and not arguments[0].value.lpar:
        raise Refused("the call's only argument is a bare generator expression")
    between = _separator(call)
    stars = [position for position, argument in enumerate(arguments) if argument.star == "**"]
    if stars:
        arguments.insert(stars[0], new.with_changes(comma=cst.Comma(whitespace_after=between)))
        return call.with_changes(args=arguments)
    last = arguments[-1]
    if isinstance(last.comma, cst.Comma):
        after = last.comma.whitespace_after
        comma = last.comma.with_changes(whitespace_after=joined(after, between))
        arguments[-1] = last.with_changes(comma=comma)
        new = new.with_changes(comma=cst.Comma(whitespace_after=uncommented(after)))
    else:
        after = last.whitespace_after_arg
        comma = cst.Comma(whitespace_after=joined(after, between))
        arguments[-1] = last.with_changes(comma=comma, whitespace_after_arg=_NONE)
        new = new.with_changes(whitespace_after_arg=uncommented(after))
    return call.with_changes(args=[*arguments, new])


def _keyword(call: cst.Call, name: str) -> int:
    for position, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return position
    raise Refused(f"the call has no keyword {name}")


def _refuse_second(call: cst.Call, name: str) -> None:
    if any(argument.keyword is not None and argument.keyword.value == name for argument in call.args):
        raise Refused(f"the call has the keyword {name} already")


def _with(call: cst.Call, position: int, argument: cst.Arg) -> cst.Call:
    return call.with_changes(args=[*call.args[:position], argument, *call.args[position + 1 :]])


def _separator(call: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """Return the white space that separates this call's arguments."""
    for argument in call.args[-2::-1]:
        if isinstance(argument.comma, cst.Comma):
            return uncommented(argument.comma.whitespace_after)
    before = call.whitespace_before_args
    own_lines = isinstance(before, cst.ParenthesizedWhitespace)
    return uncommented(before) if own_lines else _SPACE


def uncommented(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Return white space without the comments in it."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    newline = space.first_line.newline
    return space.with_changes(first_line=cst.TrailingWhitespace(_NONE, None, newline), empty_lines=[])


def joined(
    after: cst.BaseParenthesizableWhitespace, between: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return the white space between two arguments, with the comments that stood behind the first."""
    if not isinstance(after, cst.ParenthesizedWhitespace) or not _has_comment(after):
        return between
    if isinstance(between, cst.ParenthesizedWhitespace):
        return after.with_changes(indent=between.indent, last_line=between.last_line)
    return after


def _has_comment(space: cst.ParenthesizedWhitespace) -> bool:
    return space.first_line.comment is not None or any(line.comment is not None for line in space.empty_lines)
