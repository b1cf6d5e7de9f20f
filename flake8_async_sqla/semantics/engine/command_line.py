"""What options of a command are where nobody gives them: those of Click and of ``argparse``."""

from __future__ import annotations

import ast

from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition

_OPTIONS = frozenset({"asyncclick.argument", "asyncclick.option", "click.argument", "click.option"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def default_of_parameter(module: Module, parameter: ast.AST) -> ast.expr | None:
    """Return what a parameter of a Click command is by default: ``@click.option("--url", default=...)``."""
    function = module.parent(module.parent(parameter) or parameter)
    for decorator in function.decorator_list if isinstance(function, _FUNCTIONS) else ():
        if isinstance(decorator, ast.Call) and getattr(parameter, "arg", "") in _names(decorator):
            return argument(decorator, "default") if callee(module, decorator) in _OPTIONS else None
    return None


def default_of_argument(module: Module, node: ast.Attribute) -> ast.expr | None:
    """Return what an argument that ``argparse`` has read is by default: ``args.url``."""
    if "parse_args" not in module.text or not isinstance(node.value, ast.Name):
        return None
    home, binding = definition(module, node.value, module.scope_of(node))
    parsed = binding.value if binding is not None and home == module and not binding.unpack else None
    method = parsed.func if isinstance(parsed, ast.Call) else None
    if not isinstance(method, ast.Attribute) or method.attr != "parse_args":
        return None
    if not is_a(module.type_of(method.value), "argparse.ArgumentParser"):
        return None
    calls = [call for scope in module.index.scopes.values() for call in scope.nodes if isinstance(call, ast.Call)]
    found = [call for call in calls if getattr(call.func, "attr", "") == "add_argument" and node.attr in _names(call)]
    return argument(found[0], "default") if len(found) == 1 else None


def _names(call: ast.Call) -> set[str]:
    """Return the names that an option has as a variable."""
    texts = [item.value for item in call.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return {text.lstrip("-").replace("-", "_") for text in texts}
