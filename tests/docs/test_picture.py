from __future__ import annotations

import re
from pathlib import Path

import pytest

from flake8_async_sqla.dev import picture, readme


def test_shows_what_the_commands_really_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture.PICTURE.read_text(encoding="utf-8")
    monkeypatch.setattr(picture, "PICTURE", tmp_path / "picture.svg")
    picture.rewrite()
    assert picture.words(shown) == picture.words(picture.PICTURE.read_text(encoding="utf-8"))
    for command in picture.COMMANDS:
        assert f"$ {command}" in picture.words(shown)
    assert "ASQ219" in picture.words(shown)


def test_asks_for_nothing() -> None:
    shown = picture.PICTURE.read_text(encoding="utf-8")
    assert re.findall(r"url\((?!#)|href=|@import|<script", shown) == []


def test_is_in_the_readme() -> None:
    assert f"]({picture.PICTURE.relative_to(readme.ROOT).as_posix()})" in readme.README.read_text(encoding="utf-8")
