from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest
from flake8.options.manager import OptionManager

from flake8_async_sqla.dev import pages
from flake8_async_sqla.plugin import Plugin
from flake8_async_sqla.rules import load
from flake8_async_sqla.rules.model import Rule

ROOT = Path(__file__).parents[2]
RULES = [pytest.param(rule, id=code) for code, rule in load().items()]


def options_in(text: str) -> set[str]:
    return set(re.findall(r"--async-sqla-[a-z-]+", text))


def known_options() -> set[str]:
    manager = OptionManager(version="", plugin_versions="", parents=[], formatter_names=[])
    Plugin.add_options(manager)
    return {option.long_option_name for option in manager.options if option.long_option_name}


@pytest.mark.parametrize("rule", RULES)
def test_page_opens_with_the_name(rule: Rule) -> None:
    assert rule.page.splitlines()[0] == f"# {rule.name}"


@pytest.mark.parametrize("rule", RULES)
def test_page_has_the_headings_in_order(rule: Rule) -> None:
    headings = list(pages.sections(rule.page))
    assert headings in (list(pages.HEADINGS), list(pages.REQUIRED))


@pytest.mark.parametrize("rule", RULES)
def test_page_leaves_no_section_empty(rule: Rule) -> None:
    assert all(text.strip() for text in pages.sections(rule.page).values())


@pytest.mark.parametrize("rule", RULES)
def test_page_cites_something(rule: Rule) -> None:
    assert "https://" in pages.sections(rule.page)["References"]


@pytest.mark.parametrize("rule", RULES)
def test_page_names_only_options_that_exist(rule: Rule) -> None:
    assert options_in(rule.page) <= known_options()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("heading", ["Example", "Use instead"])
def test_examples_are_rendered_as_python(rule: Rule, heading: str) -> None:
    text = pages.sections(pages.page(rule))[heading]
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert block == textwrap.dedent(block)
        ast.parse(block)


def test_index_lists_every_rule_in_its_family() -> None:
    text = pages.index(load().values())
    for code, rule in load().items():
        assert f"| [{code}]({code}.md) | {rule.name} | " in text
        assert text.index(f"## {pages.FAMILIES[code[3]]}") < text.index(f"[{code}]")


def test_writing_drops_pages_of_rules_that_are_no_more(tmp_path: Path) -> None:
    (tmp_path / "ASQ998.md").write_text("old", encoding="utf-8")
    pages.write(tmp_path, load())
    assert {path.stem for path in tmp_path.iterdir()} == {"errors", "index", *load()}


def test_every_option_is_documented_and_no_other() -> None:
    assert options_in((ROOT / "docs/configuration.md").read_text(encoding="utf-8")) == known_options()


def test_readme_configures_every_option_and_no_other() -> None:
    configured = re.findall(r"^(async-sqla-\w+) =", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"--{option}" for option in configured} == known_options()


def test_every_symptom_leads_to_its_rules() -> None:
    text = pages.errors(load().values())
    for code, rule in load().items():
        section = text[text.index(f"## {rule.symptom[0].upper()}{rule.symptom[1:]}".replace("<", "\\<")) :]
        assert f"- [{code}]({code}.md) {rule.summary}" in section[3:].partition("\n## ")[0]
