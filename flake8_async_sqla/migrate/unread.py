"""Files that the running Python cannot parse: what they call, and who calls what is in them, is not known."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from flake8_async_sqla.migrate.model import Remark
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([.\w]+)", re.MULTILINE)


def unread(sources: Sources) -> Iterator[tuple[Remark, bool]]:
    """Yield what is said about each of these files, and whether the program's other files hang together with it."""
    for module in sources.modules:
        if module.tree.body or not module.text.strip():
            continue
        try:
            ast.parse(module.text)
        except (SyntaxError, ValueError) as error:
            line, reason = getattr(error, "lineno", 1) or 1, getattr(error, "msg", str(error))
            version = ".".join(map(str, sys.version_info[:2]))
            text = f"Python {version} cannot read this file ({reason}): run the command with the Python of the project"
            yield Remark(module.relative_path, line, text), not is_test(module) and _is_used(sources, module)


def _is_used(sources: Sources, unread: Module) -> bool:
    """Tell whether a file imports the program, or is imported by it."""
    others = {module.path for module in sources.modules} - {unread.path}
    if any(unread.project.resolve(name, unread.path) in others for name in _IMPORT.findall(unread.text)):
        return True
    return any(unread.path in _imported(module) for module in sources.modules)


def _imported(module: Module) -> Iterator[str | None]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            source = f"{'.' * node.level}{node.module or ''}"
            yield module.project.resolve(source, module.path)
            for alias in node.names:
                yield module.project.resolve(f"{source}{'.' if node.module else ''}{alias.name}", module.path)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield module.project.resolve(alias.name, module.path)
