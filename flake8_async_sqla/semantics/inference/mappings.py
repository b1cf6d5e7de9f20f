"""Mappings that are written down, given directly or by way of a name: ``{...}``, ``dict(...)``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.files.importers import importers
from flake8_async_sqla.semantics.inference.classes import lineage, scope_of_class
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import External, Function, ProjectClass, ProjectInstance

_MAKERS = (External("builtins.dict"), External("types.MappingProxyType"))
_READING = ("get", "copy", "keys", "values", "items")


def written(module: Module, node: ast.expr | None) -> list[ast.keyword] | None:
    """List what a mapping holds, as keywords that stand where the keys do; ``None`` if something cannot be seen.

    Args:
        module: The module that holds the expression.
        node: The expression.
    """
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _named(module, node)
    if isinstance(node, ast.Subscript):
        return _item(module, node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = written(module, node.left), written(module, node.right)
        return _merged(sides[0], sides[1]) if sides[0] is not None and sides[1] is not None else None
    if isinstance(node, ast.Dict):
        return _displayed(module, node)
    if isinstance(node, ast.Call):
        function = module.type_of(node.func)
        if isinstance(function, Function):
            return module.cached(("mapping", node), lambda: seen_from(module, node, function.module, _given(function)))
        if function in _MAKERS and len(node.args) < 2:
            first = written(module, node.args[0]) if node.args else []
            given = spread(module, node)
            return _merged(first, given) if first is not None and given is not None else None
    return None


def _given(function: Function) -> list[ast.keyword] | None:
    """List what the mapping holds that a function or property of the project returns."""
    returns = [node for node in own_nodes(function.module, function.node, ast.Return) if isinstance(node, ast.Return)]
    if len(returns) != 1 or isinstance(function.node, ast.AsyncFunctionDef):
        return None
    return written(function.module, returns[0].value)


def spread(module: Module, call: ast.Call) -> list[ast.keyword] | None:
    """List the keywords that a call gives, those of ``**options`` included; ``None`` if some cannot be seen."""
    found: list[ast.keyword] = []
    for keyword in call.keywords:
        given = [keyword] if keyword.arg is not None else written(module, keyword.value)
        if given is None:
            return None
        found = _merged(found, given)
    return found


def _merged(first: list[ast.keyword], last: list[ast.keyword]) -> list[ast.keyword]:
    names = {keyword.arg for keyword in last}
    return [*(keyword for keyword in first if keyword.arg not in names), *last]


def _displayed(module: Module, node: ast.Dict) -> list[ast.keyword] | None:
    found: list[ast.keyword] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            given = written(module, value)
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            given = [ast.copy_location(ast.keyword(key.value, value), key)]
        else:
            return None
        if given is None:
            return None
        found = _merged(found, given)
    return found


def _item(module: Module, node: ast.Subscript) -> list[ast.keyword] | None:
    """List what a mapping inside another one holds: ``**SETTINGS["engine"]``."""
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    found = next((item.value for item in written(module, node.value) or () if item.arg == key), None)
    return written(module, found)


def _named(module: Module, node: ast.Name | ast.Attribute) -> list[ast.keyword] | None:
    home, binding = definition(module, node, module.scope_of(node))
    name = node.id if isinstance(node, ast.Name) else node.attr
    if binding is None:
        return _grown(module, node) if isinstance(node, ast.Name) else _of_class(module, node)
    if binding.kind not in ("value", "annotation") or binding.unpack:
        return None
    if home == module:
        return _contents(module, name, binding, node) if isinstance(node, ast.Name) else None
    if isinstance(node, ast.Name) and not all(_only_read(module, use) for use in module.reads(name)):
        return None
    return module.cached(("mapping", node), lambda: _of_other(module, node, home, _contents(home, name, binding)))


def _grown(module: Module, node: ast.Name) -> list[ast.keyword] | None:
    """List what a mapping holds that ``options |= {...}`` adds to in the block that makes it."""
    scope = module.scope_of(node)
    bindings = scope.names.get(node.id, [])
    more = [binding.node for binding in bindings[1:] if isinstance(binding.node, ast.AugAssign)]
    if not more or len(more) < len(bindings) - 1 or bindings[0].kind not in ("value", "annotation"):
        return None
    found = _contents(module, node.id, bindings[0], node)
    block = module.parent(bindings[0].node)
    for statement in more:
        added = written(module, statement.value) if isinstance(statement.op, ast.BitOr) else None
        if found is None or added is None or module.parent(statement) is not block:
            return None
        if statement.lineno < node.lineno:
            found = _merged(found, added)
    return found


def _of_class(module: Module, node: ast.Attribute) -> list[ast.keyword] | None:
    """List what a mapping holds that is an attribute of a class, or that a property gives: ``settings.options``."""
    holder = module.type_of(node.value)
    cls = holder.cls if isinstance(holder, ProjectInstance) else holder
    for item in lineage(cls) if isinstance(cls, ProjectClass) else ():
        scope = scope_of_class(item) if isinstance(item, ProjectClass) else None
        bindings = scope.names.get(node.attr, []) if scope is not None else []
        if len(bindings) > 1 or (scope is not None and node.attr in scope.attributes):
            return None
        if bindings and isinstance(item, ProjectClass):
            if _replaced(item, node.attr):
                return None
            function, value = bindings[0].node, bindings[0].value
            if isinstance(function, ast.FunctionDef) and isinstance(holder, ProjectInstance):
                return seen_from(module, node, item.module, _given(Function(item.module, function)))
            return seen_from(module, node, item.module, written(item.module, value))
    return None


def _replaced(cls: ProjectClass, name: str) -> bool:
    """Tell whether a subclass has an attribute of the name as well."""
    for place in [cls.module, *importers(cls.module)]:
        for scope in place.index.scopes.values() if name in place.text else ():
            other = ProjectClass(place, scope.node) if isinstance(scope.node, ast.ClassDef) else cls
            if other != cls and name in scope.names and cls in lineage(other):
                return True
    return False


def _contents(module: Module, name: str, binding: Binding, at: ast.Name | None = None) -> list[ast.keyword] | None:
    """List what a mapping holds where its name is read: what it was made of, and what is added to it after that."""
    if isinstance(binding.value, (ast.Name, ast.Attribute)):
        return None
    found = written(module, binding.value)
    for use in module.reads(name):
        place = module.scope_of(use).lookup(name)
        if found is None or place is None or binding not in place[1] or _only_read(module, use):
            continue
        added = _added(module, use, binding)
        if added is None:
            return None
        if at is None or module.scope_of(use) is not module.scope_of(at) or use.lineno < at.lineno:
            found = _merged(found, added)
    return found


def _added(module: Module, use: ast.Name, binding: Binding) -> list[ast.keyword] | None:
    """List what a statement in the block that makes a mapping puts into it; ``None`` for any other use of it."""
    statement, parent = module.statement(use), module.parent(use)
    if module.parent(statement) is not module.parent(binding.node) or not isinstance(statement, (ast.Assign, ast.Expr)):
        return None
    if isinstance(statement, ast.Assign):
        key = parent.slice if isinstance(parent, ast.Subscript) and [parent] == statement.targets else None
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        return [ast.copy_location(ast.keyword(key.value, statement.value), key)]
    call = statement.value
    if not isinstance(parent, ast.Attribute) or not isinstance(call, ast.Call) or call.func is not parent:
        return None
    if parent.attr != "update" or len(call.args) > 1:
        return None
    first = written(module, call.args[0]) if call.args else []
    given = spread(module, call)
    return _merged(first, given) if first is not None and given is not None else None


def seen_from(module: Module, at: ast.expr, home: Module, items: list[ast.keyword] | None) -> list[ast.keyword] | None:
    """Let what a mapping holds that is written elsewhere stand where this module names it, if that is another file.

    Args:
        module: The module that names it.
        at: Where it does.
        home: The module that writes it.
        items: What it holds.
    """
    return items if home == module else _of_other(module, at, home, items)


def _of_other(module: Module, at: ast.expr, home: Module, items: list[ast.keyword] | None) -> list[ast.keyword] | None:
    """Let what another module's mapping holds stand where this module names the mapping."""
    if items is None:
        return None
    return [ast.copy_location(ast.keyword(item.arg, _stand_in(module, at, home, item.value)), at) for item in items]


def _stand_in(module: Module, at: ast.expr, home: Module, value: ast.expr) -> ast.expr:
    """Copy an expression of another module; what only that module can read becomes a nameless name of its type."""
    copy: ast.expr
    if isinstance(value, ast.Constant):
        copy = ast.Constant(value.value)
    elif isinstance(value, ast.Dict) and None not in value.keys:
        keys = [_stand_in(module, at, home, key) for key in value.keys if key is not None]
        copy = ast.Dict(list(keys), [_stand_in(module, at, home, item) for item in value.values])
    else:
        copy = ast.Name("", ast.Load())
        module.adopt(copy, home.type_of(value))
    return ast.copy_location(copy, at)


def _only_read(module: Module, use: ast.Name) -> bool:
    """Tell whether a use of a mapping's name leaves the mapping as it is."""
    parent = module.parent(use)
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _READING
    if isinstance(parent, ast.Return):
        return use.id in module.scope_of(use).names
    if isinstance(parent, ast.keyword):
        if parent.arg is None:
            return True
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        return isinstance(module.type_of(parent.func), External)
    return isinstance(parent, (ast.Dict, ast.BinOp))
