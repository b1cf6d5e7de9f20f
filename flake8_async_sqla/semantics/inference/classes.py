"""Classes that the project defines: bases, attributes and methods."""

from __future__ import annotations

import ast
from functools import cache

from flake8_async_sqla.facts.frameworks import REQUESTS_OF_VIEWS
from flake8_async_sqla.facts.repositories import attribute, is_coroutine
from flake8_async_sqla.semantics.inference.members import bases as external_bases
from flake8_async_sqla.semantics.inference.members import member_type
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.definitions import definition
from flake8_async_sqla.semantics.names.nodes import uncalled
from flake8_async_sqla.semantics.names.scopes import Scope
from flake8_async_sqla.semantics.types import (
    UNKNOWN,
    Container,
    External,
    Function,
    Instance,
    Member,
    ProjectClass,
    ProjectInstance,
    Type,
    join,
)

_ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
_LIBRARIES = ("sqlalchemy.", "sqlmodel.", "typing.", "builtins.")
_PROPERTIES = {"property", "cached_property", "functools.cached_property", "pydantic.computed_field"}


def scope_of_class(cls: ProjectClass) -> Scope:
    """Return the scope of a class body."""
    return cls.module.index.scopes[cls.node]


def lineage(cls: ProjectClass) -> list[ProjectClass | str]:
    """List a class and its known bases, nearest first: project classes, and external ones by path."""
    module = cls.module
    if (known := module.lineages.get(cls.node)) is not None:
        return known
    return module.project.solve(cls.node, module.lineages, lambda: _lineage(cls), [cls], module.path)


def _lineage(cls: ProjectClass) -> list[ProjectClass | str]:
    found: list[ProjectClass | str] = [cls]
    for item in found:
        if isinstance(item, ProjectClass):
            for base in item.node.bases:
                kind = item.module.type_of(base)
                if kind is UNKNOWN and len(item.node.bases) > 1:
                    kind = _mixin(item.module, base)
                if isinstance(kind, ProjectClass) and kind not in found and len(found) < 50:
                    found.append(kind)
                elif isinstance(kind, External):
                    found.extend(path for path in external_bases(kind.path) if path not in found)
    return found


def _mixin(module: Module, base: ast.expr) -> Type:
    """Find the class of a file that holds nothing of interest: what it brings to a class counts all the same."""
    home, binding = definition(module, base, module.scope_of(base))
    return (
        ProjectClass(home, binding.node) if binding is not None and isinstance(binding.node, ast.ClassDef) else UNKNOWN
    )


def is_a(kind: Type, *paths: str) -> bool:
    """Tell whether a type is an instance of one of the external classes, subclasses included."""
    if isinstance(kind, Instance):
        return _extends(kind.cls, paths)
    return isinstance(kind, ProjectInstance) and _descends(kind.cls, paths)


@cache
def _extends(cls: str, paths: tuple[str, ...]) -> bool:
    return any(base in paths for base in external_bases(cls))


def _descends(cls: ProjectClass, paths: tuple[str, ...]) -> bool:
    return any(type(base) is str and base in paths for base in lineage(cls))


def is_class(kind: Type, *paths: str) -> bool:
    """Tell whether a type is one of the external classes itself, or a subclass."""
    if isinstance(kind, External):
        return _extends(kind.path, paths)
    return isinstance(kind, ProjectClass) and _descends(kind, paths)


def inherits_constructor(cls: ProjectClass) -> bool:
    """Tell whether the constructor of a library's base class makes the instances, with nothing in between."""
    for item in lineage(cls):
        if not isinstance(item, ProjectClass):
            continue
        names = scope_of_class(item).names
        if item.node.decorator_list or "__init__" in names or "__new__" in names:
            return False
        for base in item.node.bases:
            kind = item.module.type_of(base)
            if not isinstance(kind, ProjectClass) and not (
                isinstance(kind, External) and kind.path.startswith(_LIBRARIES)
            ):
                return False
    return True


def class_attribute(
    cls: ProjectClass, name: str, receiver: ProjectInstance | ProjectClass | None = None, inherited: bool = False
) -> Type:
    """Infer the type of ``cls.name``, or of ``instance.name`` where ``receiver`` is an instance.

    Args:
        cls: The class.
        name: The attribute.
        receiver: What methods are bound to; the class itself by default.
        inherited: Whether to look in the bases only, as ``super()`` does.
    """
    from flake8_async_sqla.semantics.inference.bindings import binding_type

    receiver = receiver or cls
    instance = isinstance(receiver, ProjectInstance)
    for item in lineage(cls)[inherited:]:
        if isinstance(item, str):
            found = _external(receiver, item, name) if isinstance(receiver, ProjectInstance) else UNKNOWN
            if found is not UNKNOWN and (not isinstance(found, Member) or _known(found)):
                return found
            continue
        scope = scope_of_class(item)
        assigned = [found for found in scope.attributes.get(name, ()) if instance or _on_class(item, found.node)]
        bindings = [*scope.names.get(name, ()), *assigned]
        if not bindings:
            continue
        functions = [found for found in bindings if found.kind == "function"]
        if functions:
            node = functions[-1].node
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            method = Function(item.module, node, None if _static(node) else receiver)
            return _property_value(method) if instance and _is_property(item.module, node) else method
        inner = [_holder(item.module, scope, found.node) for found in bindings]
        return join([binding_type(item.module, holder, found) for holder, found in zip(inner, bindings, strict=True)])
    return UNKNOWN


def _on_class(cls: ProjectClass, node: ast.AST) -> bool:
    """Tell whether a method assigns an attribute of its class: ``cls._instance = ...``."""
    from flake8_async_sqla.semantics.inference.parameters import receiver_type

    function = cls.module.function(node)
    owner = scope_of_class(cls)
    return function is not None and receiver_type(cls.module, function, owner) == cls


def _external(instance: ProjectInstance, base: str, name: str) -> Type:
    """Infer an attribute that an instance has from a library's class."""
    if (held := attribute(base, name)) == "session":
        return Instance(_ASYNC_SESSION)
    if name == "request" and base in REQUESTS_OF_VIEWS:
        return Instance(REQUESTS_OF_VIEWS[base])
    if held:
        repository = class_attribute(instance.cls, "repository_type")
        return ProjectInstance(repository) if isinstance(repository, ProjectClass) else UNKNOWN
    return member_type(instance, base, name)


def _known(member: Member) -> bool:
    from flake8_async_sqla.semantics.inference.members import fact

    return fact(member.cls, member.name) is not None or is_coroutine(member.cls, member.name)


def _holder(module: Module, scope: Scope, node: ast.AST) -> Scope:
    """The scope that evaluates a binding: the class body's, or the method's for ``self.x = ...``."""
    return scope if module.parent(node) is scope.node else module.scope_of(node)


def instance_attribute(instance: ProjectInstance, name: str) -> Type:
    """Infer an attribute of an instance: methods, properties, class attributes, ``self.x`` of any method."""
    return class_attribute(instance.cls, name, instance)


def as_tuple(kind: Type) -> Type:
    """Read an instance of a ``NamedTuple`` as the tuple of its fields; any other type is what it was."""
    if not isinstance(kind, ProjectInstance) or "typing.NamedTuple" not in lineage(kind.cls):
        return kind
    owner = next(item for item in reversed(lineage(kind.cls)) if isinstance(item, ProjectClass))
    declared = [item.target for item in owner.node.body if isinstance(item, ast.AnnAssign)]
    fields = [instance_attribute(kind, target.id) for target in declared if isinstance(target, ast.Name)]
    return Container(join(fields), tuple(fields)) if fields else UNKNOWN


def _static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in node.decorator_list)


def _is_property(module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id in _PROPERTIES:
            return True
        kind = module.type_of(uncalled(decorator))
        if isinstance(kind, External) and kind.path in _PROPERTIES:
            return True
    return False


def _property_value(method: Function) -> Type:
    return method.module.result_of(method)


def kept(module: Module, node: ast.Attribute) -> ast.expr | None:
    """Return what a class of this module keeps in an attribute that is assigned once: ``self.inner``."""
    holder = module.type_of(node.value) if isinstance(node.value, ast.Name) else None
    if not isinstance(holder, ProjectInstance) or holder.cls.module != module:
        return None
    bindings = scope_of_class(holder.cls).attributes.get(node.attr, [])
    return bindings[0].value if len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].unpack else None
