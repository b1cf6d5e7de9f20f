"""Where LibCST's nodes stand in their code.

LibCST's own `PositionProvider` walks a tree three times more. The interface of code generation that is used here is not
public: it is used nowhere else, and a test compares the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState


class Spans(CodegenState):
    """A module's code, and what LibCST knows of it.

    Attributes:
        span: Start and end of each node in characters, without the parentheses around it.
        parent: The node around each node.
    """

    def __init__(self, module: cst.Module) -> None:
        """Print a module."""
        super().__init__(module.default_indent, module.default_newline)
        self.span: dict[cst.CSTNode, tuple[int, int]] = {}
        self.parent: dict[cst.CSTNode, cst.CSTNode] = {}
        self._open: list[tuple[cst.CSTNode, int]] = []
        self._at = 0
        module._codegen(self)

    @property
    def code(self) -> str:
        """The code of the module."""
        return "".join(self.tokens)

    def add_token(self, value: str) -> None:
        """Note a token."""
        self.tokens.append(value)
        self._at += len(value)

    def add_indent_tokens(self) -> None:
        """Note the white space at the start of a line."""
        for token in self.indent_tokens:
            self.add_token(token)

    def before_codegen(self, node: cst.CSTNode) -> None:
        """Note where a node starts."""
        self._open.append((node, self._at))

    def after_codegen(self, node: cst.CSTNode) -> None:
        """Note where a node ends."""
        _, start = self._open.pop()
        self.span.setdefault(node, (start, self._at))
        if self._open:
            self.parent[node] = self._open[-1][0]

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        """Note where a node starts and ends without its parentheses and white space."""
        start = self._at
        yield
        first = start if start_node is None else self.span[start_node][0]
        self.span[node] = first, self._at if end_node is None else self.span[end_node][1]
