from __future__ import annotations

import re
from pathlib import Path

import pytest

from flake8_async_sqla.dev import readme
from flake8_async_sqla.rules import load
from flake8_async_sqla.semantics.settings import VERSIONS


def test_two_commands() -> None:
    lint, test = readme.commands()
    assert "docs/example" in lint
    assert "pytest" in test


def test_shows_what_the_example_really_gives() -> None:
    assert readme.shown() == readme.real()


def test_rewriting_restores_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = readme.README.read_text(encoding="utf-8")
    stale = tmp_path / "README.md"
    stale.write_text(text.replace(readme.shown(), ""), encoding="utf-8")
    monkeypatch.setattr(readme, "README", stale)
    readme.rewrite()
    assert stale.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("module", ["database", "main", "reports"])
def test_mistakes_are_found_in_each_module_that_makes_some(module: str) -> None:
    assert f"bookshop/{module}.py:" in readme.real()


def test_badges_are_true() -> None:
    project = readme.ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8")
    pythons = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    text = readme.README.read_text(encoding="utf-8")
    badges = re.findall(r"^!\[(.+)\]\(https://img\.shields\.io/badge/(.+)-blue\)$", text, re.MULTILINE)
    assert badges == [
        (f"Python {pythons[0]} to {pythons[-1]}", f"Python-{pythons[0]}_to_{pythons[-1]}"),
        (f"SQLAlchemy {', '.join(VERSIONS)}", f"SQLAlchemy-{',_'.join(VERSIONS)}"),
        (f"{len(load())} rules", f"rules-{len(load())}"),
        ("License: MIT", "license-MIT"),
    ]
    assert 'license = "MIT"' in project


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(document: str) -> None:
    text = (readme.ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets
    assert [target for target in targets if not (readme.ROOT / target).exists()] == []
