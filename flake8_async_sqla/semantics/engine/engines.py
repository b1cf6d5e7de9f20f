"""Calls that make engines, and what they are given."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from flake8_async_sqla.semantics.inference.calls import ASYNC_ENGINE, argument
from flake8_async_sqla.semantics.inference.mappings import spread, written
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import External

_ENGINES = {
    "sqlalchemy.create_engine": False,
    "sqlalchemy.engine_from_config": False,
    "sqlalchemy.ext.asyncio.create_async_engine": True,
    "sqlalchemy.ext.asyncio.async_engine_from_config": True,
}
_CONFIGURATIONS = {"SQLAlchemyAsyncConfig": True, "SQLAlchemySyncConfig": False}
_CONFIGURING = ("advanced_alchemy.", "litestar.plugins.sqlalchemy.", "litestar.contrib.sqlalchemy.")


@dataclass(frozen=True, slots=True)
class EngineCall:
    """A call that makes an engine: by SQLAlchemy's functions, or by a configuration of Advanced Alchemy.

    Attributes:
        call: The call.
        path: Canonical path of what is called.
        is_async: Whether an AsyncEngine comes out of it: directly, or wrapped as ``AsyncEngine(create_engine(...))``.
        wrapped: Whether it stands inside ``AsyncEngine(...)``.
        url: What is given as the URL; for the configuration forms, the URL in a literal mapping.
        options: The call that holds the engine's keywords: the call itself, or an ``EngineConfig(...)``.
        keywords: The engine's keywords, those of mappings that are written down (``**OPTIONS``) included.
        open: Whether some arguments cannot be seen (``**options``).
    """

    call: ast.Call
    path: str
    is_async: bool
    wrapped: bool
    url: ast.expr | None
    options: ast.Call
    keywords: list[ast.keyword]
    open: bool

    @property
    def name(self) -> str:
        """Name of the called function."""
        return self.path.rpartition(".")[2]

    @property
    def from_config(self) -> bool:
        """Whether the options come out of a mapping."""
        return self.name.endswith("from_config")

    @property
    def configured(self) -> bool:
        """Whether another library makes the engine."""
        return self.name in _CONFIGURATIONS

    def argument(self, name: str) -> ast.expr | None:
        """Return what is given for a keyword."""
        found = self.keyword(name)
        return found.value if found is not None else None

    def keyword(self, name: str) -> ast.keyword | None:
        """Return the keyword node of a name."""
        return next((keyword for keyword in self.keywords if keyword.arg == name), None)

    def holds(self, keyword: ast.keyword) -> bool:
        """Tell whether a keyword is written in the call itself, where a fix can change it."""
        return keyword in self.options.keywords


def engine_call(module: Module, call: ast.Call, path: str) -> EngineCall | None:
    """Read a call of an external function or class as one that makes an engine.

    Args:
        module: The module of the call.
        call: The call.
        path: Canonical path of what is called.
    """
    if path in _ENGINES:
        wrapped = is_wrapped(module, call)
        url = _configured_url(module, call) if path.endswith("from_config") else argument(call, "url", 0)
        return EngineCall(call, path, _ENGINES[path] or wrapped, wrapped, url, call, *_keywords(module, call))
    name = path.rpartition(".")[2]
    if name in _CONFIGURATIONS and path.startswith(_CONFIGURING) and argument(call, "engine_instance") is None:
        options = argument(call, "engine_config")
        given = options if isinstance(options, ast.Call) else ast.Call(func=call.func, args=[], keywords=[])
        url = argument(call, "connection_string")
        return EngineCall(call, path, _CONFIGURATIONS[name], False, url, given, *_keywords(module, given))
    return None


def provided_engine(module: Module, call: ast.Call) -> EngineCall | None:
    """Read a provider of dependency-injector that makes an engine: ``Singleton(create_async_engine, url)``."""
    kind = module.type_of(call.args[0]) if call.args else None
    if kind != External("sqlalchemy.ext.asyncio.create_async_engine"):
        return None
    options = provider_as_call(call)
    keywords = _keywords(module, options)
    return EngineCall(call, kind.path, True, False, argument(options, "url", 0), options, *keywords)


def provider_as_call(call: ast.Call) -> ast.Call:
    """Write the call that a provider of dependency-injector makes: of its first argument, with the others."""
    return ast.copy_location(ast.Call(func=call.args[0], args=call.args[1:], keywords=call.keywords), call)


def _keywords(module: Module, call: ast.Call) -> tuple[list[ast.keyword], bool]:
    """List the keywords of a call that can be seen, and tell whether there may be others."""
    if (found := spread(module, call)) is not None:
        return found, False
    return [keyword for keyword in call.keywords if keyword.arg is not None], True


def _configured_url(module: Module, call: ast.Call) -> ast.expr | None:
    if (given := argument(call, "url")) is not None:
        return given
    prefix = argument(call, "prefix", 1)
    if prefix is not None and not (isinstance(prefix, ast.Constant) and isinstance(prefix.value, str)):
        return None
    start = str(prefix.value) if prefix is not None else "sqlalchemy."
    items = written(module, argument(call, "configuration", 0)) or []
    return next((item.value for item in items if item.arg == f"{start}url"), None)


def is_wrapped(module: Module, call: ast.Call) -> bool:
    """Tell whether a sync engine is made inside ``AsyncEngine(...)``, directly or by way of a name."""
    parent = module.parent(call)
    if isinstance(parent, ast.keyword):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        return _wraps(module, parent)
    if isinstance(parent, (ast.Assign, ast.AnnAssign)):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        scopes = module.index.scopes.values() if module.function(call) is None else [module.scope_of(call)]
        uses = [use for scope in scopes for name in names for use in scope.loads.get(name, ())]
        wrapped = any(_wraps(module, _call_around(module, use)) for use in uses)
        return wrapped and not any(_alters_dialect(module, use) for use in uses)
    return False


def _alters_dialect(module: Module, use: ast.expr) -> bool:
    """Tell whether an engine's dialect is changed by hand: ``engine.dialect.is_async = True``."""
    dialect = module.parent(use)
    altered = module.parent(dialect) if isinstance(dialect, ast.Attribute) and dialect.attr == "dialect" else None
    return isinstance(altered, ast.Attribute) and isinstance(altered.ctx, ast.Store)


def _call_around(module: Module, use: ast.expr) -> ast.AST | None:
    parent = module.parent(use)
    return module.parent(parent) if isinstance(parent, ast.keyword) else parent


def _wraps(module: Module, call: ast.AST | None) -> bool:
    return isinstance(call, ast.Call) and module.type_of(call.func) == External(ASYNC_ENGINE)
