"""What became of a file that was to be fixed; nothing here imports the analysis."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flake8_async_sqla.cli.policy import Policy
from flake8_async_sqla.cli.reported import Kept, Reported

MAX_PASSES = 10


@dataclass(slots=True)
class Repair:
    """What became of one file.

    Attributes:
        source: The bytes at the end.
        fixed: How many findings were fixed, by code.
        refused: Findings left with the reason why their fix does not apply.
        unsafe: How many more findings have an unsafe fix that was not asked for.
        shown: Findings whose fix is never applied, with the reason.
        unfixable: How many findings have no fix.
        unfinished: Whether the last pass still found something to fix.
        found: All findings of the last pass.
    """

    source: bytes
    fixed: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Reported, str]] = field(default_factory=list)
    unsafe: int = 0
    shown: list[tuple[Reported, str]] = field(default_factory=list)
    unfixable: int = 0
    unfinished: bool = False
    found: list[Kept] = field(default_factory=list)

    def leaves(self, item: Reported, safety: str, reason: str, policy: Policy) -> bool:
        """Note a finding that is left as it is; tell whether it is.

        Args:
            item: The finding.
            safety: How safe its fix is; see `Kept`.
            reason: Why it is not safe.
            policy: Which fixes are wanted.
        """
        if not policy.wants(item.finding.code):
            return True
        if not safety:
            self.unfixable += 1
        elif safety == "refused":
            self.refused.append((item, reason))
        elif safety == "display-only":
            self.shown.append((item, reason))
        elif safety in ("safe", "unsafe") and not policy.allows(item.finding.code, safety):
            self.unsafe += 1
        else:
            return False
        return True
