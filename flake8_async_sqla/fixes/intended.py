"""What each edit means for the ``ast`` tree, told without a look at the source text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from flake8_async_sqla.fixes import vocabulary as v
from flake8_async_sqla.fixes.order import ordered, owner
from flake8_async_sqla.fixes.text import Refused
from flake8_async_sqla.fixes.units import Tree
from flake8_async_sqla.fixes.vocabulary import Code, Edit

_ASYNC: dict[type[ast.stmt], type[ast.stmt]] = {
    ast.FunctionDef: ast.AsyncFunctionDef,
    ast.With: ast.AsyncWith,
    ast.For: ast.AsyncFor,
}
_SYNC = {asynchronous: plain for plain, asynchronous in _ASYNC.items()}


class Intended:
    """The tree that a set of edits asks for.

    Attributes:
        module: The new tree. It shares what no edit touches with the old one; what is new has no positions.
    """

    def __init__(self, tree: Tree, edits: Iterable[Edit], name_at: Callable[[str, ast.AST], str]) -> None:
        """Build the tree.

        Args:
            tree: The tree of the source; it stays as it is.
            edits: Edits of its nodes.
            name_at: Gives the name of an object by its dotted path, as a given node can use it.
        """
        self._name_at = name_at
        self._edits: dict[ast.AST, list[Edit]] = {}
        for edit in ordered(edits):
            self._edits.setdefault(owner(edit), []).append(edit)
        self._built: dict[ast.AST, ast.AST] = {}
        for node in _inner_first(tree, self._edits):
            self._built[node] = self._build(node)
        module = self.now(tree.module)
        assert isinstance(module, ast.Module)
        self.module = module

    def now(self, node: ast.AST) -> ast.AST:
        """Return what stands for a node of the old tree in the new one, if it is still there."""
        return self._built.get(node, node)

    def _build(self, node: ast.AST) -> ast.AST:
        fields: dict[str, Any] = {}
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                may_be_empty = isinstance(node, ast.Module) or not value or not isinstance(value[0], ast.stmt)
                value = self._wrapped(value, [made for item in value for made in self._items(item)])
                value = value if value or may_be_empty else [ast.Pass()]
            elif isinstance(value, ast.AST):
                value = self.now(value)
            fields[field] = value
        new = type(node)(**fields)
        for edit in self._edits.get(node, ()):
            if not isinstance(edit, (v.InsertBefore, v.InsertAfter, v.ReplaceStatement, v.WrapStatements)):
                self._built[node] = new
                new = self._changed(edit, new)
        return new

    def _items(self, item: object) -> list[object]:
        if not isinstance(item, ast.AST):
            return [item]
        made: list[object] = [self.now(item)]
        for edit in self._edits.get(item, ()):
            if isinstance(edit, v.ReplaceStatement):
                made = list(self._statements(edit.code, edit.node))
        for edit in self._edits.get(item, ()):
            if isinstance(edit, v.InsertBefore):
                made = [*self._statements(edit.code, edit.node), *made]
            if isinstance(edit, v.InsertAfter):
                made = [*made, *self._statements(edit.code, edit.node)]
        return made

    def _wrapped(self, old: list[object], new: list[object]) -> list[object]:
        for first in reversed(old):
            for edit in self._edits.get(first, ()) if isinstance(first, ast.stmt) else ():
                if isinstance(edit, v.WrapStatements):
                    start, stop = old.index(edit.first), old.index(edit.last) + 1
                    code = Code(f"{edit.header.template.rstrip()} pass", edit.header.nodes, edit.header.symbols)
                    (block,) = self._statements(code, edit.first)
                    assert isinstance(
                        block, (ast.With, ast.AsyncWith, ast.If, ast.For, ast.AsyncFor, ast.Try, ast.AsyncFunctionDef)
                    )
                    block.body = [node for node in new[start:stop] if isinstance(node, ast.stmt)]
                    new[start:stop] = [block]
        return new

    def _changed(self, edit: Edit, new: ast.AST) -> ast.AST:
        match edit, new:
            case v.AddAwait(), ast.expr():
                return ast.Await(value=new)
            case v.RemoveAwait(), ast.Await(value=value):
                return value
            case v.ReplaceName(node=at, symbol=symbol), ast.expr():
                return _parsed(self._name_at(symbol, at))
            case v.ReplaceExpression(node=at, code=code), ast.expr():
                return self._expression(code, at)
            case v.ReplaceInString(old=old, new=text), ast.Constant() | ast.JoinedStr():
                return _with_text(new, old, text)
            case v.RenameKeyword(old=old, new=name), ast.Call(keywords=keywords):
                new.keywords = [ast.keyword(name, part.value) if part.arg == old else part for part in keywords]
                return new
            case v.RemoveArgument(argument=argument), ast.Call(args=args, keywords=keywords):
                gone = self.now(argument)
                new.args = [part for part in args if part is not gone]
                new.keywords = [part for part in keywords if part is not gone]
                return new
            case v.AddKeyword(name=name, code=code), ast.Call(keywords=keywords):
                end = next((n for n, keyword in enumerate(keywords) if keyword.arg is None), len(keywords))
                keywords.insert(end, ast.keyword(arg=name, value=self._expression(code, edit.call)))
                return new
            case v.AddBase(code=code), ast.ClassDef(bases=bases):
                bases.insert(0, self._expression(code, edit.node))
                return new
            case v.AddDecorator(code=code), ast.FunctionDef() | ast.AsyncFunctionDef():
                new.decorator_list.append(self._expression(code, edit.node))
                return new
            case v.AddParameter(name=name, annotation=code), ast.FunctionDef(args=own) | ast.AsyncFunctionDef(args=own):
                new.args = _with_parameter(own, ast.arg(name, self._expression(code, edit.node)))
                return new
            case v.RenameFunction(name=name), ast.FunctionDef():
                new.name = name
                return new
            case v.RemoveDecorator(decorator=decorator), ast.FunctionDef() | ast.AsyncFunctionDef():
                new.decorator_list = [part for part in new.decorator_list if part is not self.now(decorator)]
                return new
            case ((v.MakeAsync() | v.MakeSync()), ast.comprehension()):
                new.is_async = int(isinstance(edit, v.MakeAsync))
                return new
            case ((v.MakeAsync() | v.MakeSync()), ast.stmt()):
                other = (_ASYNC if isinstance(edit, v.MakeAsync) else _SYNC)[type(new)]
                return other(**dict(ast.iter_fields(new)))
        raise Refused(f"{type(edit).__name__} cannot change a {type(new).__name__}")

    def _expression(self, code: Code, at: ast.AST) -> ast.expr:
        template, values = self._filling(code, at)
        filled = _Fill(values).visit(_parsed(template))
        assert isinstance(filled, ast.expr)
        return filled

    def _statements(self, code: Code, at: ast.AST) -> list[ast.stmt]:
        template, values = self._filling(code, at)
        module = _Fill(values).visit(ast.parse(template))
        assert isinstance(module, ast.Module)
        return module.body

    def _filling(self, code: Code, at: ast.AST) -> tuple[str, dict[str, ast.AST]]:
        values: dict[str, ast.AST] = {}
        for name, node in code.nodes.items():
            values[f"_asq_{name}_"] = self.now(node)
        for name, symbol in code.symbols.items():
            values[f"_asq_{name}_"] = _parsed(self._name_at(symbol, at))
        return code.template.format(**{name: f"_asq_{name}_" for name in (*code.nodes, *code.symbols)}), values


def _inner_first(tree: Tree, nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """Return nodes and all that are around them, each after those inside it."""
    depth: dict[ast.AST, int] = {tree.module: 0}
    for node in nodes:
        path = []
        while node not in depth:
            path.append(node)
            node = tree.parent[node]
        for inner in reversed(path):
            depth[inner] = depth[tree.parent[inner]] + 1
    return sorted(depth, key=depth.__getitem__, reverse=True)


class _Fill(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.AST]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self._values.get(node.id, node)
        if not hasattr(value, "ctx"):
            return value
        return type(value)(**dict(ast.iter_fields(value)) | {"ctx": node.ctx})


def _with_parameter(own: ast.arguments, new: ast.arg) -> ast.arguments:
    fields = dict(ast.iter_fields(own))
    if own.defaults or own.vararg is not None or own.kwonlyargs:
        fields |= {"kwonlyargs": [*own.kwonlyargs, new], "kw_defaults": [*own.kw_defaults, None]}
    else:
        fields["args"] = [*own.args, new]
    return ast.arguments(**fields)


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _with_text(node: ast.Constant | ast.JoinedStr, old: str, new: str) -> ast.expr:
    if isinstance(node, ast.JoinedStr):
        for number, part in enumerate(node.values):
            if isinstance(part, ast.Constant) and old in str(part.value):
                return ast.JoinedStr([*node.values[:number], _with_text(part, old, new), *node.values[number + 1 :]])
    elif isinstance(node.value, str) and old in node.value:
        return ast.Constant(node.value.replace(old, new, 1), node.kind)
    raise Refused(f"the string does not hold {old!r}")
