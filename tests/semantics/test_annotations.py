from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.semantics.revealing import load, reveal

HEAD = """\
import typing as t
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, ClassVar, Final, NewType, Optional, TypeAlias, Union
import sqlalchemy.ext.asyncio as sa
from sqlalchemy.ext.asyncio import AsyncSession
from aliases import *
import aliases
class Own: pass
Sub = NewType("Sub", AsyncSession)
Alias = AsyncSession
Declared: TypeAlias = "AsyncSession"
"""
ALIASES = """\
from typing import Annotated, Optional
from sqlalchemy.ext.asyncio import AsyncSession
SessionDep = Annotated[AsyncSession, "anything"]
Maybe = Optional[SessionDep]
"""
SESSION = "sqlalchemy.ext.asyncio.AsyncSession()"
ANNOTATIONS = {
    "AsyncSession": SESSION,
    "sa.AsyncSession": SESSION,
    "'AsyncSession'": SESSION,
    "'sa.AsyncSession'": SESSION,
    "Optional[AsyncSession]": SESSION,
    "Optional['AsyncSession']": SESSION,
    "'Optional[AsyncSession]'": SESSION,
    "t.Optional[AsyncSession]": SESSION,
    "Union[AsyncSession, None]": SESSION,
    "AsyncSession | None": SESSION,
    "None | AsyncSession": SESSION,
    "'AsyncSession | None'": SESSION,
    "AsyncSession | Own": "?",
    "Union[AsyncSession, Own]": "?",
    "Annotated[AsyncSession, 1]": SESSION,
    "Annotated['AsyncSession', 1]": SESSION,
    "Annotated[Optional[AsyncSession], 1]": SESSION,
    "SessionDep": SESSION,
    "Maybe": SESSION,
    "aliases.SessionDep": SESSION,
    "'aliases.Maybe'": SESSION,
    "Alias": SESSION,
    "Declared": SESSION,
    "Sub": SESSION,
    "Final[AsyncSession]": SESSION,
    "ClassVar[AsyncSession]": SESSION,
    "Own": "app.py:Own()",
    "'Own'": "app.py:Own()",
    "Sequence[AsyncSession]": f"container of {SESSION}",
    "list[AsyncSession]": f"container of {SESSION}",
    "AsyncGenerator[AsyncSession, None]": f"async generator of {SESSION}",
    "AsyncIterator[AsyncSession]": f"async generator of {SESSION}",
    "Iterator[AsyncSession]": f"generator of {SESSION}",
    "Awaitable[AsyncSession]": f"coroutine of {SESSION}",
    "AbstractAsyncContextManager[AsyncSession]": f"async manager of {SESSION}",
    "type[AsyncSession]": SESSION.removesuffix("()"),
    "sa.async_sessionmaker[AsyncSession]": "sqlalchemy.ext.asyncio.async_sessionmaker()",
    "Callable[[], AsyncSession]": "typing.Callable()",
    "'not an expression ('": "?",
    "Nowhere": "?",
    "1": "?",
}
TYPE_ALIASES = """\
from sqlalchemy.ext.asyncio import AsyncSession
type Session = AsyncSession
type Deep = Session | None
def f(a: Session, b: Deep): reveal(a); reveal(b)
class Box[T: AsyncSession]:
    def m[S](self, s: S, x: AsyncSession): reveal(x); reveal(self); reveal(s)
"""


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotation_says_the_type(annotation: str, tmp_path: Path) -> None:
    function = f"def f(x: {annotation}, *, y: {annotation} = None):\n    reveal(x)\n    reveal(y)\n"
    source = f"{HEAD}{function}z: {annotation}\nreveal(z)\n"
    module = load(tmp_path, {"app.py": source, "aliases.py": ALIASES})
    assert reveal(module) == [ANNOTATIONS[annotation]] * 3


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter cannot parse it")
def test_type_statements_and_type_parameters(tmp_path: Path) -> None:
    assert reveal(load(tmp_path, {"app.py": TYPE_ALIASES})) == [SESSION, SESSION, SESSION, "app.py:Box()", "?"]


def test_results_of_functions(tmp_path: Path) -> None:
    source = f"""{HEAD}
async def one() -> AsyncSession: ...
def two() -> "AsyncSession": ...
async def three() -> AsyncIterator[AsyncSession]:
    yield 1
reveal(one())
reveal(two())
reveal(three())
"""
    found = reveal(load(tmp_path, {"app.py": source, "aliases.py": ALIASES}))
    assert found == [f"coroutine of {SESSION}", SESSION, f"async generator of {SESSION}"]
