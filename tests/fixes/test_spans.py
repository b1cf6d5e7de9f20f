from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from flake8_async_sqla.fixes.spans import Spans

FIXTURES = sorted((Path(__file__).parents[1] / "rules" / "fixtures").glob("ASQ???.py"))
SNIPPETS = ["(yield)", "x = ((a), (b,), ())\n", "if a:\r\n\tb\r\n", "f(\n  # why\n  *a, **b)\n", "del (a), b", ""]


def sources() -> Iterator[str]:
    yield from SNIPPETS
    for path in FIXTURES[::4]:
        yield path.read_text(encoding="utf-8")


def test_spans_are_those_of_libcst() -> None:
    for source in sources():
        module = cst.parse_module(source)
        spans = Spans(module)
        assert spans.code == module.code == source
        positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        length = [len(f"{source}\n"[:end].encode()) for end in range(len(source) + 2)]
        found = {node: (length[start], length[end]) for node, (start, end) in spans.span.items()}
        assert found == {node: (span.start, span.start + span.length) for node, span in positions.items()}
        parents = {child: node for node in positions for child in node.children}
        assert {node: spans.parent[node] for node in parents} == parents
