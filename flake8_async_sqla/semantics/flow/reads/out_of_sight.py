"""Places of a function that hand objects to somebody who reads them: responses, schemas, templates."""

from __future__ import annotations

from flake8_async_sqla.semantics.flow.reads.reads import OutOfSight
from flake8_async_sqla.semantics.jinja.calls import renderings
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.schemas.responses import response_reads
from flake8_async_sqla.semantics.schemas.validations import validations
from flake8_async_sqla.semantics.types import FunctionNode


def out_of_sight(module: Module, function: FunctionNode) -> list[OutOfSight]:
    """List every place of a function that hands objects to somebody who reads them.

    Args:
        module: The module of the function.
        function: The function.

    Returns:
        The places whose reads are certain, in no particular order; the same ``at`` may occur several times, each time
        with another ``value``.
    """
    return [*response_reads(module, function), *validations(module, function), *renderings(module, function)]
