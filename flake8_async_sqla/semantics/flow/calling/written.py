"""Constants as they are written, and as Python compares them: literals, and members of enums."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.frozen import dataclass
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.mapping.constants import UNSEEN, constant, named, of_class
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import ProjectClass, ProjectInstance

_LIKE_VALUES = ("builtins.str", "builtins.int", "enum.StrEnum", "enum.IntEnum")
_ENUMS = ("enum.Enum", "enum.StrEnum", "enum.IntEnum")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enum that is equal to nothing else; one of a ``StrEnum`` is like its value instead.

    Attributes:
        cls: The enum.
        name: The member's name.
        value: Its value, if that is a literal.
    """

    cls: ProjectClass
    name: str
    value: object = UNSEEN


def written(module: Module, node: ast.expr) -> object:
    """Return the constant that an expression is.

    Args:
        module: The module that holds the expression.
        node: The expression.

    Raises:
        ValueError: It is none.
    """
    if isinstance(node, ast.Attribute):
        return _member(module, node)
    if isinstance(node, (ast.Tuple, ast.Set)) and any(isinstance(item, ast.Attribute) for item in node.elts):
        return tuple(written(module, item) for item in node.elts)
    return ast.literal_eval(node)


def known(module: Module, node: ast.expr) -> object:
    """Return the constant that an expression is, or a name stands for; `UNSEEN` if it is none.

    Args:
        module: The module that holds the expression.
        node: The expression.
    """
    for holder, value in ((module, node), named(module, node)):
        try:
            return written(holder, value) if value is not None else UNSEEN
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
    return UNSEEN


def _member(module: Module, node: ast.Attribute) -> object:
    cls = module.type_of(node.value)
    if not isinstance(cls, ProjectClass) or not is_a(ProjectInstance(cls), *_ENUMS):
        raise ValueError(node.attr)
    home, given = of_class(cls, node.attr) or (module, None)
    if given is None:
        raise ValueError(node.attr)
    if is_a(ProjectInstance(cls), *_LIKE_VALUES):
        return ast.literal_eval(given)
    return Member(cls, node.attr, constant(home, given))


def of_member(member: object, name: str) -> object:
    """Return ``.value`` or ``.name`` of a constant.

    Args:
        member: The constant.
        name: Which of them.

    Raises:
        ValueError: It is no member, or nobody can say which value it has.
    """
    found = getattr(member, name) if isinstance(member, Member) else member if name == "value" else UNSEEN
    if found is UNSEEN:
        raise ValueError(name)
    return found
