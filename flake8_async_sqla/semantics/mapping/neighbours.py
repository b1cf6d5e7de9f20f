"""Other modules of the same package that a mapping may name without an import."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import islice
from typing import Literal

from flake8_async_sqla.semantics.files.places import listing
from flake8_async_sqla.semantics.files.source import look_below, python_files, read_bytes
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.names.scopes import Binding
from flake8_async_sqla.semantics.types import ProjectClass

MAX_FILES = 2_000
_CLASS = re.compile(rb"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)
_ADDING = {"backref": (b"backref",), "mapper": (b"map_imperatively", b"mapper(")}


def class_named(module: Module, name: str) -> ProjectClass | None:
    """Find the one class of a name that the package of a module declares at the top of a module.

    Args:
        module: A module of the package; its own directory is looked at first.
        name: The class.
    """
    for paths in (_beside(module), _package(module)):
        found = [cls for path in paths.get(name, ()) if (cls := _class(module, path, name)) is not None]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _class(module: Module, path: str, name: str) -> ProjectClass | None:
    loaded = module if path == module.path else module.project.load(path)
    bindings: list[Binding] = loaded.index.find(name) or [] if loaded is not None else []
    node = bindings[0].node if len(bindings) == 1 and bindings[0].kind == "class" else None
    return ProjectClass(loaded, node) if loaded is not None and node is not None else None  # type: ignore[arg-type]


def adding(module: Module, how: Literal["backref", "mapper"]) -> list[Module]:
    """List the modules of a directory, this one first if it is one, that may add attributes to mapped classes.

    Args:
        module: A module of the directory.
        how: Whether by ``backref=``, or by mapping the classes imperatively.
    """
    paths = _beside(module).get(f" {how}", [])
    loaded = [module.project.load(path) for path in paths if path != module.path]
    own = [module] if any(word.decode() in module.text for word in _ADDING[how]) else []
    return [*own, *(other for other in loaded if other is not None)]


def _beside(module: Module) -> dict[str, list[str]]:
    """Map the classes that the files beside a module declare to these files; `` backref`` and `` mapper`` to adders."""
    folder = os.path.dirname(module.path)
    look_below(folder)
    names = module.project.declaring.get(folder)
    if names is None:
        files = sorted(name for name in listing(folder) if name.endswith(".py"))
        names = module.project.declaring[folder] = _declared(os.path.join(folder, name) for name in files[:MAX_FILES])
    return names


def _package(module: Module) -> dict[str, list[str]]:
    """The same of all files of the outermost package around a module."""
    top = os.path.dirname(module.path)
    while top != module.project.root and "__init__.py" in listing(top):
        top = os.path.dirname(top)
    key = f"{top}{os.sep}**"
    look_below(top)
    names = module.project.declaring.get(key)
    if names is None:
        names = module.project.declaring[key] = _declared(islice(python_files(top), MAX_FILES))
    return names


def _declared(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        data = read_bytes(path) or b""
        for name in {match.decode("utf-8", "replace") for match in _CLASS.findall(data)}:
            found.setdefault(name, []).append(path)
        for how, words in _ADDING.items():
            if any(word in data for word in words):
                found.setdefault(f" {how}", []).append(path)
    return found
