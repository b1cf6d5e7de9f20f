"""The expression edits of one unit, made with LibCST."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

import libcst as cst

from flake8_async_sqla.fixes import arguments, parameters, strings, templates
from flake8_async_sqla.fixes import vocabulary as v
from flake8_async_sqla.fixes.nodes import Fragment
from flake8_async_sqla.fixes.order import ordered
from flake8_async_sqla.fixes.precedence import bare, fitted, level, parenthesized, wanted
from flake8_async_sqla.fixes.text import Refused, Splice
from flake8_async_sqla.fixes.units import Tree, Unit
from flake8_async_sqla.fixes.vocabulary import Code, ExpressionEdit

NameAt: TypeAlias = Callable[[str, ast.AST], str]


def transformed(tree: Tree, unit: Unit, edits: Iterable[ExpressionEdit], name_at: NameAt) -> Splice:
    """Make the edits of one unit.

    Args:
        tree: The module.
        unit: The statement, header or decorator.
        edits: Edits of nodes inside the unit.
        name_at: Gives the name of an object by its dotted path, as a given node can use it.

    Raises:
        Refused: An edit cannot be made, or would lose a comment.
    """
    fragment = Fragment(tree, unit)
    module = fragment.module.visit(_Transform(tree, fragment, edits, name_at))
    printed = fragment.printed(module)
    if "#" in tree.text.code[unit.start : unit.end] and Counter(comments(fragment.module)) - Counter(comments(module)):
        raise Refused("a comment would be lost")
    return Splice(unit.start, unit.end, printed)


def comments(node: cst.CSTNode) -> list[str]:
    """Return the comments in a piece of code, in their order."""
    if isinstance(node, cst.Comment):
        return [node.value]
    return [comment for child in node.children for comment in comments(child)]


class _Transform(cst.CSTTransformer):
    def __init__(self, tree: Tree, fragment: Fragment, edits: Iterable[ExpressionEdit], name_at: NameAt) -> None:
        super().__init__()
        self._tree = tree
        self._fragment = fragment
        self._name_at = name_at
        self._parents: list[cst.CSTNode] = []
        self._updated: dict[cst.CSTNode, cst.BaseExpression] = {}
        self._edits: dict[cst.CSTNode, list[ExpressionEdit]] = {}
        for edit in ordered(edits):
            self._edits.setdefault(self._place(edit), []).append(edit)
        self._around = fragment.around(self._edits)

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._parents.append(node)
        return node in self._around

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        self._parents.pop()
        for edit in self._edits.get(original_node, ()):
            updated_node = self._changed(edit, original_node, updated_node)
        if isinstance(updated_node, cst.BaseExpression):
            self._updated[original_node] = updated_node
        return updated_node

    def _place(self, edit: ExpressionEdit) -> cst.CSTNode:
        match edit:
            case v.RenameKeyword(call=node) | v.RemoveArgument(call=node) | v.AddKeyword(call=node):
                return self._fragment.expression(node)
            case v.MakeAsync(node=ast.comprehension() as loop) | v.MakeSync(node=ast.comprehension() as loop):
                return self._fragment.loop(loop)
            case v.MakeAsync() | v.MakeSync() | v.AddParameter() | v.RenameFunction():
                return self._fragment.statement()
            case v.ReplaceExpression() | v.ReplaceName() | v.ReplaceInString() | v.AddAwait() | v.RemoveAwait():
                return self._fragment.expression(edit.node)
        raise Refused(f"{type(edit).__name__} is no edit of an expression")

    def _changed(self, edit: ExpressionEdit, place: cst.CSTNode, node: cst.CSTNode) -> cst.CSTNode:
        match edit, node:
            case v.MakeAsync(), cst.FunctionDef() | cst.With() | cst.For() | cst.CompFor():
                return node.with_changes(asynchronous=cst.Asynchronous())
            case v.MakeSync(), cst.FunctionDef() | cst.With() | cst.For() | cst.CompFor():
                return node.with_changes(asynchronous=None)
            case v.AddParameter(name=name, annotation=code), cst.FunctionDef():
                return parameters.added(node, name, self._code(code, edit.node))
            case v.RenameFunction(name=name), cst.FunctionDef():
                return node.with_changes(name=cst.Name(name))
            case v.RenameKeyword(old=old, new=new), cst.Call():
                return arguments.renamed(node, old, new)
            case v.RemoveArgument(argument=argument), cst.Call():
                return arguments.removed(node, self._position(argument, node))
            case v.AddKeyword(name=name, code=code), cst.Call():
                return arguments.added(node, name, _as_argument(self._code(code, edit.call)))
            case v.ReplaceInString(old=old, new=new), cst.BaseExpression():
                return strings.replaced(node, old, new)
            case v.ReplaceName(node=at, symbol=symbol), cst.BaseExpression():
                return self._put(cst.parse_expression(self._name_at(symbol, at)), place, node)
            case v.ReplaceExpression(node=at, code=code), cst.BaseExpression():
                return self._put(self._code(code, at, node), place, node)
            case v.RemoveAwait(), cst.Await():
                return self._unawaited(place, node)
            case v.AddAwait(), cst.BaseExpression():
                return self._awaited(place, node)
        raise Refused(f"{type(edit).__name__} cannot change this")

    def _put(self, new: cst.BaseExpression, place: cst.CSTNode, node: cst.BaseExpression) -> cst.BaseExpression:
        """Return new code with the parentheses that stood around the old one, or those it needs."""
        keep = len(node.lpar) - isinstance(node, (cst.Tuple, cst.GeneratorExp))
        if keep <= 0:
            return fitted(new, self._parents, place)
        new = parenthesized(new) if isinstance(new, cst.Tuple) and not new.lpar else new
        left, right = node.lpar[:keep], node.rpar[len(node.rpar) - keep :]
        return new.with_changes(lpar=[*left, *new.lpar], rpar=[*new.rpar, *right])

    def _awaited(self, place: cst.CSTNode, node: cst.BaseExpression) -> cst.BaseExpression:
        inner = bare(node)
        inner = inner if level(inner) >= level(cst.Name("x")) else parenthesized(inner)
        return self._put(cst.Await(inner), place, node)

    def _unawaited(self, place: cst.CSTNode, node: cst.Await) -> cst.BaseExpression:
        inner = node.expression
        if not node.lpar:
            return fitted(inner, self._parents, place)
        whole = cst.Module([]).code_for_node(node)
        forced = wanted(self._parents, place) > level(cst.Await(cst.Name("x")))
        if forced and level(inner) > level(cst.Await(cst.Name("x"))) and "\n" not in whole and "\r" not in whole:
            return inner
        return inner.with_changes(lpar=[*node.lpar, *inner.lpar], rpar=[*inner.rpar, *node.rpar])

    def _code(self, code: Code, at: ast.AST, replaced: cst.BaseExpression | None = None) -> cst.BaseExpression:
        values = templates.parts(code, self._tree.text, lambda symbol: self._name_at(symbol, at))
        for name, node in code.nodes.items():
            if node is at and replaced is not None:
                values[name] = bare(replaced)
            elif (inside := self._inside(node)) is not None:
                values[name] = inside
        return templates.expression(code, values, enclosed=replaced is not None and bool(replaced.lpar))

    def _position(self, argument: ast.keyword | ast.expr, call: cst.Call) -> int:
        value = argument.value if isinstance(argument, (ast.keyword, ast.Starred)) else argument
        updated = self._now(self._fragment.expression(value))
        for position, found in enumerate(call.args):
            if found.value is updated:
                return position
        raise Refused("the call has no such argument")

    def _inside(self, node: ast.AST) -> cst.BaseExpression | None:
        try:
            return self._now(self._fragment.expression(node))
        except Refused:
            return None

    def _now(self, node: cst.BaseExpression) -> cst.BaseExpression:
        return self._updated.get(node, node)


def _as_argument(value: cst.BaseExpression) -> cst.BaseExpression:
    return parenthesized(value) if level(value) < level(cst.parse_expression("lambda: x")) else value
