"""A migration from the first look to the bytes that would be written."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.vocabulary import Fix
from flake8_async_sqla.migrate.audit import Lint, defects
from flake8_async_sqla.migrate.components import components
from flake8_async_sqla.migrate.model import Plan, Remark
from flake8_async_sqla.migrate.project import DEFAULT, Options, Sources
from flake8_async_sqla.migrate.reports.places import Places
from flake8_async_sqla.migrate.requirements import requirement_changes, urls_outside
from flake8_async_sqla.migrate.stages import STAGES
from flake8_async_sqla.migrate.unread import unread
from flake8_async_sqla.migrate.workspace import Workspace
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.settings import Settings

ORDER = ("query", "loading", "flip")


@dataclass(slots=True)
class Migration:
    """What came of a migration.

    Attributes:
        files: Old and new bytes of each file that changes, by its path relative to the root.
        plan: What was done and left, for the report.
        refused: The files that stay as they are because something in them, or in what hangs together with them,
            cannot be migrated.
        root: Directory of the project.
    """

    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    refused: list[str] = field(default_factory=list)
    root: str = ""


def migrate(
    root: str, paths: Sequence[str], stages: Sequence[str], settings: Settings, lint: Lint, options: Options = DEFAULT
) -> Migration:
    """Migrate a project in memory.

    Args:
        root: Directory of the project.
        paths: The files that may be changed, relative to it.
        stages: The stages to go through, of `ORDER`.
        settings: The user's options.
        lint: Gives our own linter's findings in a file.
        options: What the migration shall do besides.
    """
    done = Migration(root=root)
    with tempfile.TemporaryDirectory(prefix="flake8-async-sqla-") as directory:
        workspace = Workspace(root, directory, paths)
        inside = replace(settings, root=workspace.root)
        refused: set[str] = set()
        for stage in stages:
            _stage(STAGES[stage], workspace, paths, inside, refused, done.plan, options)
        workspace.restore(_whole(workspace, paths, inside, refused))
        notes: list[Remark] = []
        while wrong := list(defects(workspace, paths, inside, lint, notes)):
            places = Places(workspace)
            done.plan.refusals += [places.original(remark) for remark in wrong]
            refused.update(remark.path for remark in wrong)
            workspace.restore(_whole(workspace, paths, inside, refused))
            notes.clear()
        done.plan.notes += map(Places(workspace).original, notes)
        done.files = {path: (workspace.before(path), workspace.read(path)) for path in workspace.changed()}
        done.refused = sorted(refused)
    requirements, remarks = requirement_changes(Path(root), done.files)
    done.plan.notes += [*remarks, *urls_outside(Path(root), done.files)]
    done.files |= requirements
    _only_what_happens(done)
    return done


def _stage(
    run: Callable[[Sources], Plan],
    workspace: Workspace,
    paths: Sequence[str],
    settings: Settings,
    refused: set[str],
    total: Plan,
    options: Options,
) -> None:
    sources = Sources(workspace.root, paths, settings, options)
    plan = run(sources)
    lacking = list(unread(sources))
    plan.refusals += [told for told, used in lacking if used]
    plan.notes += [told for told, used in lacking if not used]
    new = _applied(workspace, plan)
    places = Places(workspace)
    in_the_way = {remark.path for remark in plan.refusals}
    held = [module for module in sources.modules if module in plan.edits or module.relative_path in in_the_way]
    refused |= _together(held, in_the_way | refused)
    if any(used for _, used in lacking):
        refused |= {module.relative_path for module in held}
    for name in ("refusals", "coloured", "bridges", "loading", "changes", "hygiene", "notes"):
        getattr(total, name).extend(places.original(remark) for remark in getattr(plan, name))
    total.calls += [
        replace(call, caller=places.original(call.caller), callee=places.original(call.callee)) for call in plan.calls
    ]
    for module, source in new.items():
        workspace.write(module.relative_path, source)


def _applied(workspace: Workspace, plan: Plan) -> dict[Module, bytes]:
    """Make the edits in memory, and refuse the modules in which they cannot be made."""
    new: dict[Module, bytes] = {}
    for module, edits in plan.edits.items():
        applied = apply(workspace.read(module.relative_path), module.tree, [Fix(tuple(edits))])
        if applied.applied:
            new[module] = applied.source
        else:
            plan.refuse(module, module.tree, next(iter(applied.refused.values()), "the edits cannot be applied"))
    new |= _separately(workspace, plan)
    return new


def _separately(workspace: Workspace, plan: Plan) -> dict[Module, bytes]:
    """Make each group of edits in all its files, or in none."""
    left: set[ast.AST] = set()
    while True:
        new: dict[Module, bytes] = {}
        before = len(left)
        for module, groups in plan.separate.items():
            chosen = {group: edits for group, edits in groups.items() if group not in left}
            fixes = [Fix(tuple(edits)) for edits in chosen.values()]
            applied = apply(workspace.read(module.relative_path), module.tree, fixes)
            new[module] = applied.source
            for number in [*applied.refused, *applied.deferred]:
                group = list(chosen)[number]
                left.add(group)
                plan.note(module, group, applied.refused.get(number, "its edits overlap others"))
        if len(left) == before:
            return new


def _together(modules: Sequence[Module], in_the_way: set[str]) -> set[str]:
    """List the files that cannot change because of others; a test stands in nobody's way but its own."""
    found: set[str] = set()
    for component in components([module for module in modules if not is_test(module)]):
        names = {module.relative_path for module in component}
        if names & in_the_way:
            found |= names
    for component in components(modules):
        names = {module.relative_path for module in component}
        tests = {module.relative_path for module in component if is_test(module)}
        found |= tests & in_the_way
        if names & found - tests:
            found |= tests
    return found


def _whole(workspace: Workspace, paths: Sequence[str], settings: Settings, refused: set[str]) -> set[str]:
    """List all files that go with refused ones, changed in an earlier stage or not."""
    changed = set(workspace.changed())
    if not refused:
        return set()
    sources = Sources(workspace.root, paths, settings)
    held = [module for module in sources.modules if module.relative_path in changed | refused]
    refused |= _together(held, refused)
    if changed and all(is_test(module) or module.relative_path in refused for module in held):
        refused |= changed
    return refused & changed


def _only_what_happens(done: Migration) -> None:
    done.plan.calls = [call for call in done.plan.calls if {call.caller.path, call.callee.path} <= done.files.keys()]
    for name in ("coloured", "bridges", "loading", "changes", "hygiene"):
        remarks = getattr(done.plan, name)
        setattr(done.plan, name, sorted({remark for remark in remarks if remark.path in done.files}))
    done.plan.notes = sorted(set(done.plan.notes) - set(done.plan.refusals))
    done.plan.refusals = sorted(set(done.plan.refusals))
