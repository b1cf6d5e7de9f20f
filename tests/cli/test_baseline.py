from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_async_sqla.cli import main

URL = "postgresql+psycopg2://localhost/app"


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def baseline(source: str, *options: str) -> str:
    path = Path("app.py")
    path.write_bytes(source.encode())
    assert main(["check", "--isolated", "--add-noqa", *options]) == 0
    written = path.read_bytes().decode()
    assert main(["check", "--isolated", *options]) == 0
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(source))
    return written


def source(call: str) -> str:
    return f"from sqlalchemy.ext.asyncio import create_async_engine\n\n{call}\n"


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (f'engine = create_async_engine("{URL}")', "  # noqa: ASQ102"),
        (f'engine = create_async_engine("{URL}", pool_timout=5)', "  # noqa: ASQ102,ASQ106"),
        (f'engine = create_async_engine("{URL}")  # the main one', "  # noqa: ASQ102"),
        (f'engine = create_async_engine("{URL}")  # noqa: E501', ",ASQ102"),
        (f'engine = create_async_engine("{URL}")  # noqa: E501  long', None),
        (f'engine = create_async_engine(\n    "{URL}",\n)', None),
        (f'engine = create_async_engine("""\\\n{URL}""")', "  # noqa: ASQ102"),
        (f'engine = \\\n    create_async_engine("{URL}")', "  # noqa: ASQ102"),
        (f'engine = create_async_engine("{URL}")\r', None),
    ],
)
def test_comment_silences_and_changes_nothing_else(call: str, wanted: str | None) -> None:
    written = baseline(source(call))
    if wanted is not None:
        assert written == source(f"{call}{wanted}")


def test_last_line_without_newline() -> None:
    text = source(f'engine = create_async_engine("{URL}")').rstrip("\n")
    assert baseline(text) == f"{text}  # noqa: ASQ102"


def test_second_run_changes_nothing() -> None:
    text = baseline(source(f'engine = create_async_engine("{URL}")'))
    assert baseline(text) == text


def test_what_is_ignored_gets_no_comment() -> None:
    call = f'engine = create_async_engine("{URL}", pool_timout=5)'
    assert baseline(source(call), "--extend-ignore=ASQ106") == source(f"{call}  # noqa: ASQ102")


def test_file_that_does_not_parse_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.py").write_text("def", encoding="utf-8")
    assert main(["check", "--isolated", "--add-noqa"]) == 2
    assert Path("broken.py").read_text(encoding="utf-8") == "def"
    assert "broken.py:1" in capsys.readouterr().err
