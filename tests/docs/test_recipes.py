"""The recipes are valid files, and the commands in them do what they say."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from flake8_async_sqla.cli import main

ROOT = Path(__file__).parents[2]
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BAD = 'from sqlalchemy.ext.asyncio import create_async_engine\n\ncreate_async_engine("postgresql://app")\n'
COMMAND = re.compile(r"(?:flake8-async-sqla|python -m flake8_async_sqla) ((?:check|fix) .*)")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", RECIPES, flags=re.DOTALL)


def commands() -> list[str]:
    found = [
        match.strip(" `")
        for block in re.findall(r"```\w+\n(.*?)```", RECIPES, re.DOTALL)
        for match in COMMAND.findall(block)
    ]
    return sorted({re.sub(r"\{posargs:(.*?)\}", r"\1", command) for command in found})


@pytest.mark.parametrize("command", commands())
def test_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    Path("src/app.py").write_text(BAD, encoding="utf-8")
    assert main(shlex.split(command)) == (0 if "--exit-zero" in command else 1)
    for output in tmp_path.glob("*.sarif"):
        assert json.loads(output.read_text(encoding="utf-8"))["version"] == "2.1.0"
    for output in tmp_path.glob("*.json"):
        assert json.loads(output.read_text(encoding="utf-8"))[0]["check_name"].startswith("ASQ")


def test_there_are_commands() -> None:
    assert len(commands()) >= 4


@pytest.mark.parametrize("block", blocks("yaml"))
def test_yaml_is_valid(block: str) -> None:
    document: dict[str, Any] = yaml.safe_load(block)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    for repository in document.get("repos", []):
        named = {hook["id"] for hook in repository["hooks"]}
        assert named <= hooks or named == {"flake8"}
    for job in document.get("jobs", {}).values():
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])


def test_other_files_are_valid() -> None:
    for block in blocks("python"):
        ast.parse(block)
    for block in blocks("ini"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(block)
        assert parser.sections() == ["testenv:lint"]
