from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest
from flake8.options.manager import OptionManager

from flake8_async_sqla.dev import errors, pages
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
    families = re.split(r"^## ", pages.index(load().values()), flags=re.MULTILINE)
    for code, rule in load().items():
        (family,) = [text for text in families if text.startswith(f"{pages.FAMILIES[code[3]]}\n")]
        selection = "when selected" if rule.opinion else "by default"
        assert re.search(
            rf"^\| \[{code}\]\({code}\.md\) \| \*\*{rule.name}\*\*: .* \| {rule.fixable} \| {selection} \|$",
            family,
            re.MULTILINE,
        )


def test_writing_drops_pages_of_rules_that_are_no_more(tmp_path: Path) -> None:
    (tmp_path / "ASQ998.md").write_text("old", encoding="utf-8")
    pages.write(tmp_path, load())
    assert {path.stem for path in tmp_path.iterdir()} == {"errors", "index", *load()}


def test_every_option_is_documented_and_no_other() -> None:
    assert options_in((ROOT / "docs/configuration.md").read_text(encoding="utf-8")) == known_options()


def test_readme_configures_every_option_and_no_other() -> None:
    configured = re.findall(r"^(async-sqla-[\w-]+) =", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"--{option}" for option in configured} == known_options()


def test_every_rule_is_led_to_from_what_a_user_sees() -> None:
    sections = re.split(r"^## ", errors.page(load().values()), flags=re.MULTILINE)
    for code, rule in load().items():
        (first, *_) = [text for text in sections if f"- [{code}]({code}.md) **{rule.name}**: {rule.summary}\n" in text]
        assert errors.of(rule) or first.lower().startswith(rule.symptom.replace("<", "\\<").lower())


@pytest.mark.parametrize("error", errors.known(), ids=lambda error: error.anchor)
def test_each_error_is_one_that_pages_of_rules_quote(error: errors.Error) -> None:
    assert len(error.rules(load().values())) > 1


@pytest.mark.parametrize(
    ("message", "anchor"),
    [
        ("MissingGreenlet: greenlet_spawn has not been called", "missing-greenlet"),
        ("cannot perform operation: another operation is in progress", "concurrent"),
        ("QueuePool limit of size 5 overflow 10 reached", "pool"),
        ("coroutine 'AsyncSession.commit' was never awaited", "never-awaited"),
        ("object ChunkedIteratorResult can't be used in 'await' expression", "await-expression"),
    ],
)
def test_messages_stand_in_the_section_about_them(message: str, anchor: str) -> None:
    text = errors.page(load().values())
    section = text[text.index(f"(error-{anchor})=") :].partition("\n(error-")[0]
    assert set(re.findall(r"[A-Za-z_]{4,}", message)) <= set(re.findall(r"[A-Za-z_]{4,}", section))


def test_codes_in_texts_are_links() -> None:
    assert "[ASQ504](ASQ504.md) reports the read" in pages.page(load()["ASQ204"])
    assert "`extend-select = ASQ903`" in pages.page(load()["ASQ903"])
