"""Files that cannot be read: what they call, and who calls what is in them, is not known."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from flake8_async_sqla.migrate.model import Remark
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.files.source import MAX_BYTES
from flake8_async_sqla.semantics.module import Module

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([.\w]+)", re.MULTILINE)


def unread(sources: Sources) -> Iterator[tuple[Remark, bool]]:
    """Yield what is said about each of these files, and whether the program's other files hang together with it."""
    for module in sources.modules:
        if not module.tree.body and module.text.strip() and (found := _failure(module.path)) is not None:
            line, reason = found
            version = ".".join(map(str, sys.version_info[:2]))
            text = f"Python {version} cannot read this file ({reason}): run the command with the Python of the project"
            used = not is_test(module) and _is_used(sources, module.path, module.text)
            yield Remark(module.relative_path, line, text), used
    for path in sources.skipped:
        place = os.path.join(sources.project.root, path)
        code = Path(place).read_text(encoding="utf-8", errors="replace")
        text = f"the file is larger than {MAX_BYTES} bytes, and is not read"
        yield Remark(path, 1, text), _is_used(sources, place, code)


def _failure(path: str) -> tuple[int, str] | None:
    """Say in which line and why a file cannot be parsed."""
    try:
        ast.parse(Path(path).read_bytes())
    except RecursionError:
        return 1, "its code is nested too deeply"
    except (SyntaxError, ValueError) as error:
        return getattr(error, "lineno", 1) or 1, getattr(error, "msg", str(error))
    return None


def _is_used(sources: Sources, path: str, text: str) -> bool:
    """Tell whether a file imports the program, or is imported by it."""
    others = {module.path for module in sources.modules} - {path}
    if any(sources.project.resolve(name, path) in others for name in _IMPORT.findall(text)):
        return True
    return any(path in _imported(module) for module in sources.modules)


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
