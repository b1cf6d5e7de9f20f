"""The loop of the fixer: find, fix, and look again until nothing applies."""

from __future__ import annotations

from collections import Counter

from flake8_async_sqla.cli.files import parse, reported
from flake8_async_sqla.cli.flake8_bridge import Configuration
from flake8_async_sqla.cli.outcome import MAX_PASSES, Repair
from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.reported import Reported
from flake8_async_sqla.fixes.apply import apply
from flake8_async_sqla.fixes.vocabulary import Fix, Refusal
from flake8_async_sqla.semantics.files.project import forget


def repaired(path: str, source: bytes, configuration: Configuration, policy: Policy) -> Repair:
    """Fix a file in memory until nothing applies, in at most `MAX_PASSES` passes.

    Args:
        path: The path to report.
        source: The bytes of the file.
        configuration: flake8's options.
        policy: Which fixes are wanted.

    Raises:
        UserError: The source is not Python.
    """
    fixed: Counter[str] = Counter()
    for _ in range(MAX_PASSES):
        state = _looked_at(path, source, configuration, policy)
        fixed += state.fixed
        changed, source = state.source != source, state.source
        if changed:
            forget()
        if not changed:
            break
    state.fixed, state.unfinished = fixed, changed
    return state


def _looked_at(path: str, source: bytes, configuration: Configuration, policy: Policy) -> Repair:
    tree, lines = parse(path, source, configuration.settings)
    state = Repair(source)
    chosen: list[tuple[Reported, Fix]] = []
    for item in reported(path, tree, lines, configuration):
        fix = built(item) if policy.wants(item.finding.code) else None
        if isinstance(fix, Refusal):
            kept = item.kept("refused", fix.reason)
        else:
            kept = item.kept(fix.safety, fix.reason) if fix is not None else item.kept()
        state.found.append(kept)
        if not state.leaves(item, kept.safety, kept.reason, policy) and isinstance(fix, Fix):
            chosen.append((item, fix))
    if chosen:
        applied = apply(source, tree, [fix for _, fix in chosen])
        state.source = applied.source
        state.fixed.update(chosen[number][0].finding.code for number in applied.applied)
        state.refused += [(chosen[number][0], reason) for number, reason in applied.refused.items()]
    return state


def built(item: Reported) -> Fix | Refusal | None:
    """Build the fix of a finding, or the reason why there is none; None where the rule has no fix."""
    if item.finding.fix is None:
        return None
    try:
        return item.finding.fix()
    except Exception as error:  # a defect of one rule must not keep the others from being fixed
        return Refusal(f"internal error in {item.finding.code}: {type(error).__name__}: {error}")
