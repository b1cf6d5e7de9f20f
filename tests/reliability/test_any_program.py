"""Any program that parses: no crash, a second fix changes nothing, nothing else changes."""

from __future__ import annotations

import ast
import functools
import random
import textwrap
from pathlib import Path

import hypothesmith
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flake8_async_sqla.dev.reliability import Counts, examine_source

FIXTURES = Path(__file__).parents[1] / "rules" / "fixtures"
SLOW = settings(database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
HEADERS = (
    "if ready:", "for item in items:", "while True:", "with suppress(OSError):", "try:", "async def nested():",
    "def plain(value=1, *rest, **more):", "class Holder:", "async def handler(session, /):", "async with lock:",
)  # fmt: skip
PREFIX = "import sqlalchemy\nfrom sqlalchemy.ext.asyncio import *\n"


@functools.cache
def statements() -> tuple[str, ...]:
    """Every statement of the fixtures, imports first."""
    found: dict[str, None] = {}
    for path in sorted(FIXTURES.glob("ASQ???.py")):
        found.update(dict.fromkeys(ast.unparse(item) for item in ast.parse(path.read_bytes()).body))
    return tuple(found)


def nested(code: str, headers: list[str]) -> str:
    for header in headers:
        code = f"{header}\n{textwrap.indent(code, '    ')}"
        if header == "try:":
            code += "\nfinally:\n    pass"
    return code


def dressed(source: str, newline: str, mark: bytes) -> bytes:
    return mark + source.replace("\n", newline).encode()


def examined(source: bytes) -> Counts:
    counts = Counts()
    examine_source("program.py", source, counts)
    return counts


@settings(SLOW, max_examples=30)
@given(hypothesmith.from_grammar())
def test_grammar(source: str) -> None:
    assert not examined((PREFIX + source).encode("utf-8", "replace")).defects


@settings(SLOW, max_examples=25)
@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from(HEADERS), max_size=3),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_fixtures_mixed_and_nested(seed: int, headers: list[str], newline: str, mark: bytes) -> None:
    rng = random.Random(seed)
    chosen = rng.sample(statements(), 8)
    imports = [item for item in statements() if item.startswith(("import", "from"))]
    body = nested("\n".join(chosen), headers)
    source = "\n".join([*rng.sample(imports, 8), body, ""])
    if "await" in source or "async" in source:
        source = source.replace("from __future__ import annotations\n", "")
    counts = examined(dressed(source, newline, mark))
    assert counts.files + counts.skipped == 1
    assert not counts.defects


def test_the_mixture_finds_and_fixes_something() -> None:
    rng = random.Random(1)
    imports = [item for item in statements() if item.startswith(("import", "from sqlalchemy"))]
    counts = examined("\n".join([*imports, *rng.sample(statements(), 120)]).encode())
    assert counts.skipped == 0
    assert counts.findings > 10
    assert counts.fixed > 5
    assert not counts.defects
