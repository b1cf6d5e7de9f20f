"""Which rules flake8's own select and ignore options leave active."""

from __future__ import annotations

from typing import Any

PREFIX = "ASQ"


def possible(options: Any) -> bool:
    """Tell whether any rule may run, without importing the rules.

    Args:
        options: flake8's parsed options.
    """
    return options.select is None or any(PREFIX.startswith(code[: len(PREFIX)]) for code in _chosen(options))


def selected(options: Any) -> frozenset[str]:
    """Decide which rules run, as flake8 would decide for their codes.

    ``per-file-ignores`` can only take away from that, so one decision serves all files.

    Args:
        options: flake8's parsed options.

    Returns:
        The codes; opinions only where the user names ASQ9 or one of its codes.
    """
    if not possible(options):
        return frozenset()
    from flake8.style_guide import Decision, DecisionEngine

    from flake8_async_sqla.rules import load

    opinions = tuple(prefix for prefix in _chosen(options) if prefix.startswith("ASQ9"))
    engine = DecisionEngine(options)
    codes = set()
    for code, rule in load().items():
        if engine.decision_for(code) is Decision.Selected and (code.startswith(opinions) or not rule.opinion):
            codes.add(code)
    return frozenset(codes)


def _chosen(options: Any) -> tuple[str, ...]:
    return (*(options.select or ()), *(options.extend_select or ()))
