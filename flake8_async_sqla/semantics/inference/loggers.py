"""Who writes logs."""

from __future__ import annotations

from flake8_async_sqla.semantics.types import External, Member, Type

LEVELS = frozenset({"critical", "error", "exception", "info", "success", "warn", "warning"})
QUIET = frozenset({"debug", "trace"})
_LIBRARIES = {
    "logging": "logging",
    "logging.Logger": "logging",
    "logging.LoggerAdapter": "logging",
    "loguru.logger": "loguru",
    "structlog.stdlib.BoundLogger": "structlog",
}


def library_of_logger(callee: Type) -> str:
    """Return the library of the logger of which a method is called: logging, loguru, structlog; empty for others."""
    if isinstance(callee, Member):
        return _LIBRARIES.get(callee.cls, "")
    return _LIBRARIES.get(callee.path.rpartition(".")[0], "") if isinstance(callee, External) else ""
