"""What a string expression may say: database URLs above all, wherever they come from."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from flake8_async_sqla.semantics.engine import text_calls
from flake8_async_sqla.semantics.engine.command_line import default_of_argument, default_of_parameter
from flake8_async_sqla.semantics.engine.fields import filler_of, validated
from flake8_async_sqla.semantics.engine.given import assigned, given, in_each_way, reading, searched
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.mappings import written
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition, starred
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.objects.origins import engine_origin
from flake8_async_sqla.semantics.types import Function, ProjectClass, ProjectInstance, ProjectModule

HOLE = "\0"
MAX_HOPS = 12
_ENUMS = frozenset({"enum.Enum", "enum.StrEnum"})


@dataclass(frozen=True, slots=True)
class Text:
    """One string that an expression may evaluate to.

    Attributes:
        value: The string, with `HOLE` for every part that is not known.
        node: The literal that starts it, if the string is written down in one piece.
        module: The module that holds ``node``.
    """

    value: str
    node: ast.expr
    module: Module


@dataclass(frozen=True, slots=True)
class Texts:
    """All strings that an expression may evaluate to.

    Attributes:
        known: Those that can be seen.
        rebound: Whether a name on the way is bound elsewhere to something that cannot be seen.
    """

    known: tuple[Text, ...] = ()
    rebound: bool = False

    def __or__(self, other: Texts) -> Texts:
        """Either of both."""
        return Texts(tuple(dict.fromkeys((*self.known, *other.known))), self.rebound or other.rebound)


NOTHING = Texts()


def texts(module: Module, node: ast.expr | None, hops: int = MAX_HOPS) -> Texts:
    """Find what a string expression may say.

    Args:
        module: The module that holds the expression.
        node: The expression.
        hops: How many names and calls to follow.
    """
    if node is None or hops <= 0:
        return NOTHING
    if isinstance(node, ast.Constant):
        return Texts((Text(node.value, node, module),)) if isinstance(node.value, str) else NOTHING
    if isinstance(node, ast.JoinedStr):
        return _formatted(module, node, hops)
    if isinstance(node, ast.BinOp):
        return _operation(module, node, hops)
    if isinstance(node, ast.BoolOp):
        found = NOTHING
        for value in node.values:
            found |= texts(module, value, hops - 1)
        return found
    if isinstance(node, ast.IfExp):
        return texts(module, node.body, hops - 1) | texts(module, node.orelse, hops - 1)
    if isinstance(node, ast.NamedExpr):
        return texts(module, node.value, hops - 1)
    if isinstance(node, ast.Call):
        return text_calls.call_texts(module, node, hops - 1)
    if isinstance(node, ast.Name):
        if reading():
            return _name(module, node, hops - 1)
        return module.cached(("texts", node, hops, searched()), lambda: _name(module, node, hops - 1))
    if isinstance(node, ast.Attribute):
        return _attribute(module, node, hops - 1)
    if isinstance(node, ast.Subscript):
        return _item(module, node, hops - 1)
    return NOTHING


def _formatted(module: Module, node: ast.JoinedStr, hops: int) -> Texts:
    parts: list[str] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            inner = texts(module, value.value, hops - 1)
            exact = {found.value for found in inner.known}
            parts.append(exact.pop() if len(exact) == 1 and not inner.rebound and not value.format_spec else HOLE)
    return Texts((Text("".join(parts), node, module),))


def _operation(module: Module, node: ast.BinOp, hops: int) -> Texts:
    left = texts(module, node.left, hops - 1)
    if isinstance(node.op, ast.Mod):
        return Texts(
            tuple(replace(found, value=_percent(module, node.right, found.value, hops)) for found in left.known)
        )
    if not isinstance(node.op, ast.Add):
        return NOTHING
    tails = {found.value for found in texts(module, node.right, hops - 1).known}
    tail = tails.pop() if len(tails) == 1 else HOLE
    return Texts(tuple(replace(found, value=found.value + tail) for found in left.known), left.rebound)


def _percent(module: Module, right: ast.expr, template: str, hops: int) -> str:
    """Put what stands behind ``%`` into its places, as far as it can be seen."""
    values = iter(right.elts if isinstance(right, ast.Tuple) else [right])
    named = {item.arg: item.value for item in written(module, right) or ()} if "%(" in template else {}

    def value(match: re.Match[str]) -> str:
        given = named.get(match[1][1:-1]) if match[1] else next(values, None)
        exact = {found.value for found in texts(module, given, hops - 1).known}
        return exact.pop() if len(exact) == 1 else HOLE

    return re.sub(r"%(\(\w+\))?[sdr]", value, template)


def _name(module: Module, node: ast.Name, hops: int) -> Texts:
    from flake8_async_sqla.semantics.inference.bindings import reaching

    scope = module.scope_of(node)
    found = scope.lookup(node.id)
    if found is None:
        return _global(module, node.id, hops)
    holder, bindings = found
    if holder is scope and len(bindings) > 1:
        bindings = reaching(module, bindings, node)
    return bound(module, bindings, hops)


def _global(module: Module, name: str, hops: int) -> Texts:
    """Find what a module's global says, star imports included."""
    if hops <= 0:
        return NOTHING
    if (bindings := module.index.find(name)) is not None:
        return bound(module, bindings, hops)
    holder, binding = starred(module, name)
    return bound(holder, [binding], hops - 1) if binding is not None else NOTHING


def bound(module: Module, bindings: list[Binding], hops: int) -> Texts:
    """Find what the bindings of one name say together."""
    found = NOTHING
    for binding in bindings:
        one = _binding(module, binding, hops)
        if len(bindings) > 1 and not one.known:
            one = replace(one, rebound=True)
        found |= one
    return found


def _binding(module: Module, binding: Binding, hops: int) -> Texts:
    from flake8_async_sqla.semantics.names.imports import source_of

    if (said := given(binding.node, lambda place, value: texts(place, value, hops))) is not None:
        return said
    if binding.kind == "import":
        source = source_of(module, binding.target)
        if source is None:
            return NOTHING
        other, name = source
        return _global(other, name, hops - 1)
    if binding.unpack or binding.kind not in ("value", "annotation", "parameter"):
        return NOTHING
    if binding.kind == "parameter" and binding.value is None:
        return texts(module, default_of_parameter(module, binding.node), hops)
    return texts(module, binding.value, hops)


def _attribute(module: Module, node: ast.Attribute, hops: int) -> Texts:
    if node.attr == "value" and _is_member(module, node.value):
        return texts(module, node.value, hops)
    holder = module.type_of(node.value)
    if isinstance(holder, ProjectModule):
        return _global(holder.module, node.attr, hops)
    if node.attr == "url" and (origin := engine_origin(holder)) is not None:
        return texts(origin.module, argument(origin.call, "url", 0), hops)
    if isinstance(holder, (ProjectInstance, ProjectClass)):
        cls = holder.cls if isinstance(holder, ProjectInstance) else holder
        found = in_each_way(holder, node.attr, lambda: _class_texts(cls, node.attr, hops))
        return reduce(or_, found, NOTHING) if found is not None else Texts(rebound=True)
    home, binding = definition(module, node, module.scope_of(node))
    if binding is None:
        return texts(module, default_of_argument(module, node), hops)
    return bound(home, [binding], hops)


def _is_member(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is a member of an enum."""
    kind = module.type_of(node.value) if isinstance(node, ast.Attribute) else module.type_of(node)
    cls = kind.cls if isinstance(kind, ProjectInstance) else kind
    return isinstance(cls, ProjectClass) and any(type(base) is str and base in _ENUMS for base in lineage(cls))


def _class_texts(cls: ProjectClass, name: str, hops: int) -> Texts:
    for item in lineage(cls):
        if not isinstance(item, ProjectClass):
            continue
        scope = scope_of_class(item)
        bindings = [*scope.names.get(name, ()), *scope.attributes.get(name, ())]
        if not bindings:
            continue
        computed = all(isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)) for binding in bindings)
        if not computed and validated(item, name):
            filler = filler_of(item, name) if all(_is_empty(binding.value) for binding in bindings) else None
            return (
                text_calls.returned(Function(item.module, filler), hops) if filler is not None else Texts(rebound=True)
            )
        found = NOTHING
        for binding in bindings:
            if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found |= text_calls.returned(Function(item.module, binding.node), hops)
            else:
                one = _binding(item.module, binding, hops)
                found |= one if one.known or len(bindings) == 1 else Texts(rebound=True)
        for place, value in assigned(item, name) if searched() and not computed else ():
            one = texts(place, value, hops)
            found |= one if one.known else Texts(rebound=True)
        return found
    return NOTHING


def _is_empty(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _item(module: Module, node: ast.Subscript, hops: int) -> Texts:
    found = picked(module, node.value, node.slice, hops)
    if found is None:
        binding = definition(module, node.value, module.scope_of(node))[1]
        return Texts(rebound=True) if binding is not None and isinstance(binding.value, ast.Dict) else NOTHING
    return together(module, found, hops)


def picked(module: Module, mapping: ast.expr, key: ast.expr, hops: int = MAX_HOPS) -> list[ast.expr] | None:
    """List what an item of a mapping may be: under a key that can be told, or else under any.

    Args:
        module: The module that holds the expressions.
        mapping: The mapping.
        key: The key.
        hops: How many names and calls to follow.

    Returns:
        The expressions; ``None`` if what the mapping holds cannot be seen.
    """
    items = written(module, mapping)
    if items is None:
        return None
    keys = texts(module, key, hops - 1)
    names = {found.value for found in keys.known}
    is_known = bool(names) and not keys.rebound and not any(HOLE in name for name in names)
    return [item.value for item in items if item.arg in names or not is_known]


def together(module: Module, nodes: list[ast.expr], hops: int) -> Texts:
    """Find what expressions may say of which one is chosen."""
    found = NOTHING
    for node in nodes:
        one = texts(module, node, hops)
        found |= one if one.known or len(nodes) == 1 else Texts(rebound=True)
    return found
