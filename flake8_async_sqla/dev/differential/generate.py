"""Whole random programs."""

from __future__ import annotations

import ast
from random import Random
from textwrap import indent

from flake8_async_sqla.dev.differential.declare import declarations
from flake8_async_sqla.dev.differential.queries import Queries
from flake8_async_sqla.dev.differential.reads import read_of_one
from flake8_async_sqla.dev.differential.schema import Entity, Schema, random_schema
from flake8_async_sqla.dev.differential.steps import Steps, Variable

ENTRY = "main"
URL = "sqlite+aiosqlite:///app.db"


def program(seed: int) -> str:
    """Write the program of a seed; its entry is the coroutine ``main(flag)``.

    Args:
        seed: Any number; equal numbers give equal programs.

    Returns:
        Source text, laid out as `ast.unparse` does.
    """
    rng = Random(seed)
    schema = random_schema(rng)
    option = rng.choice(["", ", expire_on_commit=False", ", expire_on_commit=False"])
    parts = [declarations(schema), f"engine = create_async_engine('{URL}')"]
    parts.append(f"factory = async_sessionmaker(engine{option})")
    helpers, texts = _helpers(rng, schema)
    parts += texts
    parts.append(_coroutines(rng, schema, helpers))
    return _without_unused_imports(ast.parse("\n".join(parts)))


def _without_unused_imports(tree: ast.Module) -> str:
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in list(tree.body):
        if isinstance(node, ast.ImportFrom):
            node.names = [alias for alias in node.names if alias.name in used]
            if not node.names:
                tree.body.remove(node)
    return ast.unparse(tree) + "\n"


def _helpers(rng: Random, schema: Schema) -> tuple[dict[str, list[tuple[str, Entity]]], list[str]]:
    found: dict[str, list[tuple[str, Entity]]] = {"load": [], "show": [], "touch": [], "save": []}
    texts = []
    for entity in schema.entities:
        name = entity.lower
        if rng.random() < 0.4:
            lines, value = Queries(rng, schema).one("session", entity, "key")
            body = "\n".join([*lines, f"return {value}"]).replace("if flag:", "if key > 1:")
            annotation = rng.choice([f" -> {entity.name}", ""])
            texts.append(f"async def load_{name}(session: AsyncSession, key: int){annotation}:\n{indent(body, '    ')}")
            found["load"].append((f"load_{name}", entity))
        if rng.random() < 0.3:
            argument = rng.choice([name, f"{name}: {entity.name}"])
            body = read_of_one(rng, name, entity)
            texts.append(f"def show_{name}({argument}):\n{indent(body, '    ')}\n    return {name}.name")
            found["show"].append((f"show_{name}", entity))
        relations = [item.name for item in entity.every_relation() if item.lazy != "dynamic"]
        if relations and rng.random() < 0.3:
            body = f"await session.refresh({name}, ['{rng.choice(relations)}'])"
            texts.append(f"async def touch_{name}(session: AsyncSession, {name}):\n    {body}")
            found["touch"].append((f"touch_{name}", entity))
    if rng.random() < 0.3:
        texts.append(f"async def save(session):\n    await session.{rng.choice(['commit', 'flush', 'rollback'])}()")
        found["save"].append(("save", schema.entities[0]))
    return found, texts


def _coroutines(rng: Random, schema: Schema, helpers: dict[str, list[tuple[str, Entity]]]) -> str:
    steps = Steps(rng, schema, Queries(rng, schema), helpers)
    shape = rng.random()
    if shape < 0.2:
        steps.session = "session"
        body = steps.block(rng.randint(5, 12))
        call = "async with factory() as session:\n    await work(session, flag)"
        work = f"async def work(session: AsyncSession, flag: bool):\n{indent(body, '    ')}\n"
        return f"{work}async def {ENTRY}(flag: bool):\n{indent(call, '    ')}\n"
    if shape < 0.35:
        return _returning(rng, steps)
    blocks = [_session_block(rng, steps, f"session{number or ''}") for number in range(rng.choice([1, 1, 1, 2]))]
    return f"async def {ENTRY}(flag: bool):\n{indent(chr(10).join(blocks), '    ')}\n"


def _session_block(rng: Random, steps: Steps, session: str) -> str:
    """Write a block with its own session, and reads behind it."""
    begun = rng.random()
    steps.session, steps.begun = session, begun < 0.2
    header = f"async with factory.begin() as {session}:" if begun < 0.1 else f"async with factory() as {session}:"
    body = steps.block(rng.randint(4, 9))
    if 0.1 <= begun < 0.2:
        body = f"async with {session}.begin():\n{indent(body, '    ')}"
        steps.begun = False
        body += f"\n{steps.block(rng.randint(1, 3))}"
    steps.session = ""
    text = f"{header}\n{indent(body, '    ')}"
    return f"{text}\n{steps.block(rng.randint(1, 2))}" if rng.random() < 0.5 else text


def _returning(rng: Random, steps: Steps) -> str:
    """Write a coroutine that returns an object, and one that reads it."""
    steps.session = "session"
    body = steps.block(rng.randint(3, 7))
    single = [held for held in steps.variables if not held.many] or steps.variables
    held = rng.choice(single)
    inside = rng.random() < 0.5
    returned = indent(f"return {held.name}", "    " if inside else "")
    find = f"async with factory() as session:\n{indent(body, '    ')}\n{returned}"
    outer = Steps(rng, steps.schema, steps.queries, steps.helpers, number=100)
    outer.variables = [Variable("found", held.entity, held.many)]
    reads = outer.block(rng.randint(1, 4))
    text = f"async def find(flag: bool):\n{indent(find, '    ')}\n"
    return f"{text}async def {ENTRY}(flag: bool):\n    found = await find(flag)\n{indent(reads, '    ')}\n"
