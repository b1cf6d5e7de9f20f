"""Random reads of mapped objects."""

from __future__ import annotations

from random import Random

from flake8_async_sqla.dev.differential.schema import Entity


def read_of_one(rng: Random, name: str, entity: Entity) -> str:
    """Write a statement that reads something of one object.

    Args:
        rng: The source of chance.
        name: The expression that gives the object.
        entity: Its class.

    Returns:
        One statement.
    """
    chance = rng.random()
    if chance < 0.1:
        return rng.choice([f"print({name})", f"print(f'{{{name}!r}}')", f"print(str({name}))", f"print(repr({name}))"])
    if entity.children and chance < 0.4 and name.startswith(("item", "each_")):  # of a single object, data decides
        return f"if isinstance({name}, {entity.children[0].name}):\n    print({name}.extra)"
    if chance < 0.25 and (calls := _calls(entity)):
        return f"print({name}.{rng.choice(calls)})"
    relations = entity.every_relation()
    if chance < 0.85 and relations:
        relation = rng.choice(relations)
        value = f"{name}.{relation.name}"
        if chance < 0.29 and relation.lazy != "dynamic":
            return rng.choice(
                [f"print(getattr({name}, '{relation.name}'))", f"print(hasattr({name}, '{relation.name}'))"]
            )
        if relation.collection:
            return _collection(rng, value, relation.target, relation.lazy == "dynamic")
        if rng.random() < 0.5:
            return read_of_one(rng, value, relation.target) if value.count(".") < 3 else f"print({value})"
        return rng.choice([f"print({value})", f"print({value} is None)", f"if {value}:\n    print('there')"])
    value = f"{name}.{rng.choice(_columns(entity))}"
    return rng.choice([f"print({value})", f"print(f'{{{value}}}')", f"last = {value}", f"print([{value}])"])


def _collection(rng: Random, value: str, target: Entity, dynamic: bool) -> str:
    item = f"each_{target.lower}"
    inner = read_of_one(rng, item, target) if value.count(".") < 3 else f"print({item}.name)"
    inner = "\n".join(f"    {line}" for line in inner.splitlines())
    forms = [f"for {item} in {value}:\n{inner}", f"print([{item}.name for {item} in {value}])", f"print(list({value}))"]
    if not dynamic:
        forms += [f"print({value})", f"print(len({value}))", f"print(sorted({value}, key=lambda x: x.id))"]
        forms += [f"print({value}[0].name)"]
        if value.count(".") < 2:
            forms.append(read_of_one(rng, f"{value}[0]", target))
    return rng.choice(forms)


def read_of_many(rng: Random, name: str, entity: Entity) -> str:
    """Write a statement that reads something of every object of a list."""
    item = rng.choice(["item", f"any_{entity.lower}"])
    relations = [relation for relation in entity.every_relation() if relation.lazy != "dynamic"]
    value = f"{item}.{rng.choice(_columns(entity))}"
    if relations and rng.random() < 0.6:
        relation = rng.choice(relations)
        value = f"{item}.{relation.name}"
        value = f"len({value})" if relation.collection else f"{value} is None"
    return rng.choice(
        [
            f"print([{value} for {item} in {name}])",
            f"print(sorted({name}, key=lambda {item}: str({value})))",
            f"print({{{item}.id: {value} for {item} in {name}}})",
            f"print(any({value} for {item} in {name}))",
            f"print([({item}.id, {value}) for {item} in {name} if {item}.id])",
            f"print(max(str({value}) for {item} in {name}))",
        ]
    )


def _calls(entity: Entity) -> list[str]:
    return [*entity.calls, *(_calls(entity.parent) if entity.parent else ())]


def _columns(entity: Entity) -> list[str]:
    return ["id", "name", *(column.name for column in entity.every_column())]
