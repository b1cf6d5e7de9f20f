"""The stages of a migration; each is useful alone, and each works on what the one before left."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.bridges import bridge_edits
from flake8_async_sqla.migrate.edits.bulk import bulk_edits
from flake8_async_sqla.migrate.edits.clients import client_edits
from flake8_async_sqla.migrate.edits.drawn import drawn_edits
from flake8_async_sqla.migrate.edits.engines import engine_edits
from flake8_async_sqla.migrate.edits.environments import environment_edits
from flake8_async_sqla.migrate.edits.expiring import expiring_edits
from flake8_async_sqla.migrate.edits.functions import function_edits
from flake8_async_sqla.migrate.edits.lookups import lookup_edits
from flake8_async_sqla.migrate.edits.mocks import mock_edits
from flake8_async_sqla.migrate.edits.operations import operation_edits
from flake8_async_sqla.migrate.edits.pytests import pytest_edits
from flake8_async_sqla.migrate.edits.refreshing import refreshing_edits
from flake8_async_sqla.migrate.edits.scripts import script_edits
from flake8_async_sqla.migrate.edits.sessions import session_edits
from flake8_async_sqla.migrate.edits.startup import startup_edits
from flake8_async_sqla.migrate.expiry import expiry_notes
from flake8_async_sqla.migrate.hygiene import hygiene_notes
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.passed import Passed
from flake8_async_sqla.migrate.loading import loading_edits
from flake8_async_sqla.migrate.model import Plan
from flake8_async_sqla.migrate.project import Sources
from flake8_async_sqla.migrate.queries.convert import query_edits
from flake8_async_sqla.migrate.reports.graph import calls


def flip(sources: Sources) -> Plan:
    """Turn synchronous engines, sessions and all that uses them into asynchronous ones."""
    plan = Plan()
    kinds = Kinds(sources)
    colouring = Colouring(kinds, sources, plan)
    passed = Passed(kinds, sources, colouring.references)
    for module in sources.modules:
        if not colouring.sync.is_module(module):
            engine_edits(kinds, passed, module, plan, colouring.sync)
            session_edits(kinds, module, plan, colouring.sync)
    environment_edits(kinds, passed, sources, plan)
    entered = function_edits(kinds, colouring, plan)
    operation_edits(kinds, colouring, plan, entered)
    startup_edits(kinds, sources, colouring, plan)
    bridge_edits(colouring, plan)
    script_edits(colouring, plan)
    drawn_edits(kinds, colouring, plan)
    bulk_edits(colouring, plan)
    lookup_edits(kinds, sources, colouring, plan)
    expiring_edits(kinds, sources, colouring, plan)
    refreshing_edits(kinds, sources, colouring, plan)
    client_edits(kinds, sources, colouring.clients, plan)
    mock_edits(kinds, sources, plan)
    pytest_edits(kinds, sources, colouring, plan)
    hygiene_notes(kinds, colouring, plan, threads=sources.options.threads)
    expiry_notes(kinds, colouring, plan)
    plan.calls = calls(colouring)
    return plan


def query(sources: Sources) -> Plan:
    """Turn legacy queries into `select()`; the program stays synchronous."""
    plan = Plan()
    query_edits(Kinds(sources), sources, plan)
    return plan


def loading(sources: Sources) -> Plan:
    """Load relationships that are read with their objects; the program stays synchronous."""
    plan = Plan()
    loading_edits(Kinds(sources), sources, plan)
    return plan


STAGES: Mapping[str, Callable[[Sources], Plan]] = {"query": query, "loading": loading, "flip": flip}
