"""Calls that render a template, and the objects that they give it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.semantics.flow.failure import Sink
from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight
from flake8_async_sqla.semantics.inference.bindings import reaching
from flake8_async_sqla.semantics.inference.calls import argument
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.inference.infer import callee
from flake8_async_sqla.semantics.jinja.context import variables
from flake8_async_sqla.semantics.jinja.environments import (
    ENVIRONMENTS,
    TEMPLATES,
    Loader,
    beside,
    environment_loader,
    is_instance,
    template_class,
    written,
)
from flake8_async_sqla.semantics.jinja.rendering import rendered
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.types import FunctionNode

_METHODS = frozenset({"TemplateResponse", "render", "render_async"})
_FUNCTIONS = frozenset(
    f"{place}.{name}"
    for place in ("quart", "quart.templating", "flask", "flask.templating")
    for name in ("render_template", "render_template_string")
)
_NAMES = frozenset({"render_template", "render_template_string"})


def renderings(module: Module, function: FunctionNode) -> Iterator[OutOfSight]:
    """Yield the objects that a function has templates render, with what those read."""
    for call in own_nodes(module, function, ast.Call):
        assert isinstance(call, ast.Call)
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in _METHODS and isinstance(call.func, ast.Attribute):
            if name == "TemplateResponse":
                yield from _response(module, call, call.func.value)
            else:
                yield from _template(module, call, call.func.value)
        elif name in _NAMES and callee(module, call) in _FUNCTIONS:
            yield from _function(module, call, name)


def _response(module: Module, call: ast.Call, templates: ast.expr) -> Iterator[OutOfSight]:
    """``templates.TemplateResponse(request, name, context)``, or as it was before: ``(name, context)``."""
    if not is_instance(module, templates, TEMPLATES) or (loader := environment_loader(module, templates)) is None:
        return
    before = 0 if call.args and written(module, call.args[0]) is not None else 1
    named, context = argument(call, "name", before), argument(call, "context", before + 1)
    name = written(module, named) if named is not None else None
    if name is not None and context is not None:
        yield from _rendered(module, call, name, loader(name), loader, [context], [])


def _template(module: Module, call: ast.Call, template: ast.expr) -> Iterator[OutOfSight]:
    """``environment.get_template(name).render(...)``."""
    origin = _made(module, template)
    if origin is None or not origin[1].args:
        return
    holder, made = origin
    source: str | None = None
    loader: Loader = _nothing
    name = "template"
    func, text = made.func, written(holder, made.args[0])
    if text is None:
        return
    if isinstance(func, ast.Attribute) and func.attr in ("get_template", "from_string"):
        found = environment_loader(holder, func.value)
        if found is not None and func.attr == "get_template":
            loader, name, source = found, text, found(text)
        elif is_instance(holder, func.value, ENVIRONMENTS) and func.attr == "from_string":
            loader, source = found or _nothing, text
    elif template_class(holder, made):
        source = text
    yield from _rendered(module, call, name, source, loader, call.args, call.keywords)


def _function(module: Module, call: ast.Call, name: str) -> Iterator[OutOfSight]:
    """``render_template(name, ...)`` of Quart and Flask."""
    given = written(module, call.args[0]) if call.args else None
    if given is not None:
        loader = beside(module, "templates")
        whole = name == "render_template_string"
        source = given if whole else loader(given)
        yield from _rendered(module, call, "template" if whole else given, source, loader, [], call.keywords)


def _rendered(
    module: Module,
    call: ast.Call,
    name: str,
    source: str | None,
    loader: Loader,
    dictionaries: list[ast.expr],
    keywords: list[ast.keyword],
) -> Iterator[OutOfSight]:
    if source is None:
        return
    reads = rendered(source, loader)
    for variable, value in variables(module, dictionaries, keywords).items():
        if variable in reads and reads[variable].attributes:
            yield OutOfSight(call, value, reads[variable], Sink("template", name))


def _nothing(name: str) -> str | None:
    return None


def _made(module: Module, node: ast.expr) -> tuple[Module, ast.Call] | None:
    """Find the call that gave an object."""
    scope = module.scope_of(node)
    if isinstance(node, ast.Name) and node.id in scope.names:
        bindings = reaching(module, scope.names[node.id], node)
        value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "value" else None
    elif isinstance(node, (ast.Name, ast.Attribute)):
        module, binding = definition(module, node, scope)
        value = binding.value if binding is not None and not binding.unpack else None
    else:
        value = node
    return (module, value) if isinstance(value, ast.Call) else None
