"""Which rules flake8's own select and ignore options leave active."""

from __future__ import annotations

from typing import Any

from flake8_async_sqla.rules import load


def selected(options: Any) -> frozenset[str]:
    """Decide which rules run, as flake8 would decide for their codes.

    ``per-file-ignores`` can only take away from that, so one decision serves all files.

    Args:
        options: flake8's parsed options.

    Returns:
        The codes; opinions only where the user names ASQ9 or one of its codes.
    """
    from flake8.style_guide import Decision, DecisionEngine

    chosen = (*(options.select or ()), *(options.extend_select or ()))
    opinions = tuple(prefix for prefix in chosen if prefix.startswith("ASQ9"))
    engine = DecisionEngine(options)
    codes = set()
    for code, rule in load().items():
        if engine.decision_for(code) is Decision.Selected and (code.startswith(opinions) or not rule.opinion):
            codes.add(code)
    return frozenset(codes)
