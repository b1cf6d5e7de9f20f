"""Every code block of README and documentation does, or is, what it says."""

from __future__ import annotations

import ast
import configparser
import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from flake8_async_sqla.cli import main
from flake8_async_sqla.dev import __main__ as tools
from flake8_async_sqla.dev import blocks, pages, readme
from flake8_async_sqla.dev.blocks import Block
from flake8_async_sqla.rules import load
from tests.rules.kit import lint

PAGES = [pytest.param(page, id=page.stem) for page in blocks.pages()]
BLOCKS = [block for page in blocks.pages() for block in blocks.blocks(page)]
DIRECTIVES = {"include", "only", "raw", "toctree"}  # Sphinx's own; the build fails when they are wrong


def parametrized(language: str) -> pytest.MarkDecorator:
    chosen = [pytest.param(block, id=f"{block.page}:{block.line}") for block in BLOCKS if block.language == language]
    return pytest.mark.parametrize("block", chosen)


@parametrized("python")
def test_python_parses_and_has_none_of_our_mistakes(block: Block, tmp_path: Path) -> None:
    ast.parse(block.text)
    path = tmp_path / "app.py"
    path.write_text(block.text, encoding="utf-8")
    assert lint(path) == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_print_what_the_page_shows(page: Path) -> None:
    if any(block.language == "console" for block in blocks.blocks(page)):
        assert blocks.played(page) == page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_the_shell_run(page: Path) -> None:
    lines = [line for block in blocks.blocks(page) if block.language == "sh" for line in blocks.commands(block.text)]
    with blocks.place(page) as folder:
        for line in lines:
            code, output = blocks.run(line, folder)
            nothing_tested = 5 if line.startswith("pytest") else 0
            assert code in (0, 1, nothing_tested), output
            assert "Traceback" not in output
            assert "usage:" not in output


def test_tools_of_development_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tools.main(["--help"])
    known = capsys.readouterr().out
    named = re.findall(r"python -m flake8_async_sqla\.dev ([\w-]+)", "".join(block.text for block in BLOCKS))
    assert named
    assert [tool for tool in named if f"    {tool} " not in known] == []


@parametrized("ini")
def test_configuration_is_read(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "setup.cfg"
    path.write_text(block.text, encoding="utf-8")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    (tmp_path / "app.py").touch()
    if parser.sections() == ["flake8"]:
        assert main(["check", f"--config={path}", f"--async-sqla-root={tmp_path}", str(tmp_path / "app.py")]) == 0
    else:
        assert parser.sections() == ["testenv:lint"]
        assert parser["testenv:lint"]["commands"].startswith("flake8-async-sqla check")


@parametrized("yaml")
def test_yaml_parses(block: Block) -> None:
    assert yaml.safe_load(block.text)


@parametrized("json")
def test_json_follows_the_schema(block: Block) -> None:
    schema = json.loads((readme.ROOT / "docs" / "check-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(block.text), schema)


@parametrized("make")
def test_makefiles_run_commands_of_ours(block: Block, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    target, *recipe = block.text.splitlines()
    assert re.fullmatch(r"\w+:", target)
    for line in recipe:
        assert line.startswith("\t")
        assert blocks.run(line.strip(), tmp_path) == (0, "")


@parametrized("text")
def test_text_is_the_output_of_the_readmes_command(block: Block) -> None:
    assert block.text == readme.real()


TESTED: dict[str, Callable[..., None]] = {
    "console": test_commands_print_what_the_page_shows,
    "ini": test_configuration_is_read,
    "json": test_json_follows_the_schema,
    "make": test_makefiles_run_commands_of_ours,
    "python": test_python_parses_and_has_none_of_our_mistakes,
    "sh": test_commands_of_the_shell_run,
    "text": test_text_is_the_output_of_the_readmes_command,
    "yaml": test_yaml_parses,
}


def test_every_language_is_tested_and_none_in_vain() -> None:
    languages = {block.language for block in BLOCKS if not block.language.startswith("{")}
    assert languages == set(TESTED)
    assert {block.language[1:].partition("}")[0] for block in BLOCKS if block.language.startswith("{")} <= DIRECTIVES


def test_every_fence_belongs_to_a_block() -> None:
    for page in blocks.pages():
        fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(list(blocks.blocks(page))), page


def test_pages_of_rules_have_code_only_where_it_is_tested_as_example() -> None:
    for rule in load().values():
        for heading, text in pages.sections(rule.page).items():
            if heading not in ("Example", "Use instead"):
                assert "```" not in text
                assert not re.search(r"^ {4}(?! *[-*\w`(])", text, re.MULTILINE), (rule.code, heading)
