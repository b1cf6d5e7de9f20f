"""Alembic's ``env.py``: where the URL becomes one of an async driver, migrations run through ``run_sync``."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator

from flake8_async_sqla.facts.dialects import driver
from flake8_async_sqla.fixes.vocabulary import (
    Code,
    MakeAsync,
    ReplaceExpression,
    ReplaceInString,
    ReplaceName,
    ReplaceStatement,
)
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.passed import Passed
from flake8_async_sqla.migrate.inference.twins import MAKERS
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.names import free_name
from flake8_async_sqla.migrate.project import Sources, nodes
from flake8_async_sqla.semantics.engine.configured import configured_urls, set_options
from flake8_async_sqla.semantics.engine.engines import engine_call
from flake8_async_sqla.semantics.engine.migrations import is_environment
from flake8_async_sqla.semantics.engine.text import texts
from flake8_async_sqla.semantics.files.source import python_files
from flake8_async_sqla.semantics.inference.calls import ENGINE
from flake8_async_sqla.semantics.inference.classes import is_a
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.objects.origins import origin_of
from flake8_async_sqla.semantics.types import External

_BY_HAND = "the URL of these migrations gets an async driver; write this env.py as 'alembic init -t async' does"
_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Break, ast.Continue)


def environment_edits(kinds: Kinds, passed: Passed, sources: Sources, plan: Plan) -> None:
    """Plan the environments whose URL or engine changes."""
    targets = sources.project.settings.targets
    edits = [edit for edits in plan.edits.values() for edit in edits if isinstance(edit, ReplaceInString)]
    changed: set[ast.expr] = {edit.node for edit in edits if _only_async(edit.new.removesuffix("://"), targets)}
    is_set = any(_sets(passed, module, changed) for module in sources.modules)
    for module in sources.modules:
        if is_environment(module):
            makers = list(_makers(kinds, module, changed, is_set=is_set))
            blocks = list(_connecting(kinds, module))
            if (makers or _foreign(kinds, module, blocks)) and not _rewritten(kinds, module, makers, blocks, plan):
                plan.note(module, (*makers, *blocks)[0], _BY_HAND)
    known = {module.path for module in sources.modules}
    for path in python_files(sources.project.root) if changed else ():
        other = sources.project.load(path) if path.endswith("env.py") and path not in known else None
        if other is not None and is_environment(other):
            for maker in _makers(kinds, other, changed, is_set=is_set):
                plan.note(other, maker, _BY_HAND)


def _only_async(scheme: str, targets: Iterable[str]) -> bool:
    known = [driver(scheme, target) for target in targets]
    return any(found is not None and found.is_async and not found.dual for found in known)


def _sets(passed: Passed, module: Module, changed: set[ast.expr]) -> bool:
    """Tell whether a file sets a URL that changes in Alembic's configuration."""
    values = [value for _, value in set_options(module) if value is not None]
    places = [place for value in values for place in passed.origins(module, value)]
    return any(found.node in changed for place, value in places for found in texts(place, value).known)


def _makers(kinds: Kinds, module: Module, changed: set[ast.expr], *, is_set: bool) -> Iterator[ast.Call]:
    """Yield the calls that make an engine with a URL that changes."""
    for call in nodes(module, ast.Call):
        assert isinstance(call, ast.Call)
        kind = kinds.of(module, call.func)
        engine = engine_call(module, call, kind.path) if isinstance(kind, External) and kind.path in MAKERS else None
        urls = configured_urls(module, engine) if engine is not None else []
        given = is_set and engine is not None and engine.from_config and not urls
        if given or any(url.text.node in changed for url, _ in urls):
            yield call


def _connecting(kinds: Kinds, module: Module) -> Iterator[ast.With]:
    """Yield the blocks that enter a connection."""
    for block in nodes(module, ast.With):
        assert isinstance(block, ast.With)
        given = block.items[0].context_expr
        func = given.func if isinstance(given, ast.Call) and len(block.items) == 1 else None
        begins = isinstance(func, ast.Attribute) and func.attr in ("connect", "begin")
        if begins and isinstance(func, ast.Attribute) and is_a(kinds.of(module, func.value), ENGINE):
            yield block


def _foreign(kinds: Kinds, module: Module, blocks: list[ast.With]) -> bool:
    """Tell whether the engine is made in a file that changes."""
    for block in blocks:
        assert isinstance(block.items[0].context_expr, ast.Call)
        func = block.items[0].context_expr.func
        origin = origin_of(kinds.of(module, func.value)) if isinstance(func, ast.Attribute) else None
        if origin is not None and origin.path != module.path:
            return True
    return False


def _rewritten(kinds: Kinds, module: Module, makers: list[ast.Call], blocks: list[ast.With], plan: Plan) -> bool:
    """Plan one environment, if it has the form of Alembic's own template."""
    function = module.function(blocks[0]) if len(blocks) == 1 else None
    if len(makers) > 1 or not isinstance(function, ast.FunctionDef) or function.body[-1] is not blocks[0]:
        return False
    uses = [
        call
        for call in nodes(module, ast.Call)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name
    ]
    code = _connected(module, blocks[0])
    if not uses or any(module.function(call) is not None for call in uses) or code is None:
        return False
    for call in makers:
        kind = kinds.of(module, call.func)
        assert isinstance(kind, External)
        plan.edit(module, ReplaceName(call.func, MAKERS[kind.path]))
    plan.edit(module, MakeAsync(function), ReplaceStatement(blocks[0], code))
    for call in uses:
        plan.edit(
            module, ReplaceExpression(call, Code("{asyncio}.run({call})", {"call": call}, {"asyncio": "asyncio"}))
        )
    plan.changes.append(remark(module, function, "Alembic's migrations run through run_sync()"))
    return True


def _connected(module: Module, block: ast.With) -> Code | None:
    """Return the block with what is in it as a function that ``run_sync`` calls."""
    name, item = block.items[0].optional_vars, block.items[0]
    first = (item.optional_vars or item.context_expr).end_lineno or block.lineno
    one_line = block.body[0].lineno == first
    if not isinstance(name, ast.Name) or one_line or any(isinstance(node, _LEAVING) for node in ast.walk(block)):
        return None
    function = free_name(module, block, "do_run_migrations")
    assert isinstance(item.context_expr, ast.Call)
    assert isinstance(item.context_expr.func, ast.Attribute)
    *lines, last = module.lines[first : block.end_lineno]
    lines.append(last.encode()[: block.end_col_offset].decode())
    body = textwrap.indent(textwrap.dedent("".join(lines)), "    ").replace("{", "{{").replace("}", "}}")
    text = (
        f"def {function}({name.id}):\n{body}\n\nasync with {{entered}} as {name.id}:\n"
        f"    await {name.id}.run_sync({function})\n\nawait {{engine}}.dispose()"
    )
    return Code(text, {"entered": item.context_expr, "engine": item.context_expr.func.value})
