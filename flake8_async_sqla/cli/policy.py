"""Which fixes a user wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flake8_async_sqla.cli.errors import UserError


@dataclass(frozen=True, slots=True)
class Policy:
    """What ``fix`` may do.

    Attributes:
        unsafe: Whether unsafe fixes are wanted.
        fixable: Prefixes of the codes to fix.
        unfixable: Prefixes of the codes to leave alone.
        safe: Prefixes of the codes whose unsafe fixes count as safe.
        demoted: Prefixes of the codes whose safe fixes count as unsafe.
    """

    unsafe: bool = False
    fixable: tuple[str, ...] = ("ASQ",)
    unfixable: tuple[str, ...] = ()
    safe: tuple[str, ...] = ()
    demoted: tuple[str, ...] = ()

    def wants(self, code: str) -> bool:
        """Tell whether findings with a code are to be fixed at all; the longest prefix decides."""
        return _longest(self.fixable, code) > _longest(self.unfixable, code)

    def allows(self, code: str, safety: str) -> bool:
        """Tell whether a fix may be made; the longest prefix decides, and a demotion wins a tie."""
        promoted, demoted = _longest(self.safe, code), _longest(self.demoted, code)
        safe = safety == "safe" if promoted == demoted == 0 else promoted > demoted
        return safe or self.unsafe


def _longest(prefixes: tuple[str, ...], code: str) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)


def prefixes(words: Sequence[str], option: str) -> tuple[str, ...]:
    """Split the values of an option that names codes.

    Args:
        words: The values given, each one or more codes with commas between.
        option: The option, for the message.

    Raises:
        UserError: A word is the beginning of no code.
    """
    found = tuple(part.strip() for word in words for part in word.split(",") if part.strip())
    for part in found:
        from flake8_async_sqla.rules import load

        if not any(code.startswith(part) for code in load()):
            raise UserError(f"{option}: no code begins with {part!r}")
    return found
