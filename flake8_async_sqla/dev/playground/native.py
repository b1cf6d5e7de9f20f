"""Stands in for ``libcst.native`` where that cannot be loaded: LibCST's own parser in Python, which its wheels hold.

It knows the grammar of Python 3.8. What it reads, it reads as the native parser does.
"""

from __future__ import annotations

from typing import Any

from libcst._parser.detect_config import detect_config
from libcst._parser.grammar import get_grammar
from libcst._parser.python_parser import PythonCSTParser
from libcst._parser.types.config import PartialParserConfig


def parse_module(source: str, encoding: str = "utf-8") -> Any:
    """Parse a module."""
    module = _parsed(source, "file_input", encoding, newline=True, detect_newline=True)
    return module.with_changes(body=tuple(module.body), header=tuple(module.header), footer=tuple(module.footer))


def parse_statement(source: str) -> Any:
    """Parse a statement."""
    return _parsed(source, "stmt_input", newline=True)


def parse_expression(source: str) -> Any:
    """Parse an expression."""
    return _parsed(source, "expression_input")


def _parsed(
    source: str, start: str, encoding: str = "utf-8", *, newline: bool = False, detect_newline: bool = False
) -> Any:
    partial = PartialParserConfig(python_version="3.8", encoding=encoding)
    detected = detect_config(
        source, partial=partial, detect_trailing_newline=newline, detect_default_newline=detect_newline
    )
    config: Any = detected.config
    grammar = get_grammar(config.version, config.future_imports)
    parser = PythonCSTParser(tokens=detected.tokens, config=config, pgen_grammar=grammar, start_nonterminal=start)
    return parser.parse()
