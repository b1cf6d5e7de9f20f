"""Random statements of a coroutine."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from textwrap import indent

from flake8_async_sqla.dev.differential.queries import Queries
from flake8_async_sqla.dev.differential.reads import read_of_many, read_of_one
from flake8_async_sqla.dev.differential.schema import Entity, Schema


@dataclass
class Variable:
    """A local variable: one object, or a list of them; ``session`` is the one that made it."""

    name: str
    entity: Entity
    many: bool = False
    session: str = ""
    new: bool = False


@dataclass
class Steps:
    """Writes statements, and remembers what the variables hold.

    Attributes:
        rng: The source of chance.
        schema: The models.
        queries: Writes queries.
        helpers: Functions of the module by what they do: ``(name, entity)``.
        session: The open session; empty outside of its block.
    """

    rng: Random
    schema: Schema
    queries: Queries
    helpers: dict[str, list[tuple[str, Entity]]]
    session: str = ""
    variables: list[Variable] = field(default_factory=list)
    begun: bool = False
    number: int = 0

    def block(self, count: int) -> str:
        """Write statements; never none."""
        return "\n".join(self.step() for _ in range(count))

    def step(self) -> str:
        """Write one statement, perhaps with others that it needs."""
        if not self.variables:
            return self._load() if self.session else "print()"
        if not self.session:
            return self._read()
        chance = self.rng.random()
        for limit, write, wants_one in (
            (0.40, self._read, False),
            (0.58, self._load, False),
            (0.70, self._transaction, True),
            (0.76, self._refresh, True),
            (0.84, self._change, True),
            (0.90, self._add, False),
            (0.93, self._condition, False),
            (0.96, self._loop, False),
            (0.98, self._helper, False),
            (1.01, self._rare, True),
        ):
            if chance < limit:
                return self._load() if wants_one and not self._single() else write()
        raise AssertionError(chance)

    def _fresh(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def _single(self) -> list[Variable]:
        return [held for held in self.variables if not held.many and held.session == self.session]

    def _one(self) -> Variable:
        return self.rng.choice(self._single()[-3:])

    def _read(self) -> str:
        held = self.rng.choice(self.variables[-5:])
        if held.many:
            return read_of_many(self.rng, held.name, held.entity)
        return read_of_one(self.rng, held.name, held.entity)

    def _load(self) -> str:
        held = {variable.entity.name for variable in self.variables}
        others = [entity for entity in self.schema.entities if entity.name not in held]
        entity = self.rng.choice(others if others and self.rng.random() < 0.6 else self.schema.entities)
        key = "2" if entity.parent else self.rng.choice(["1", "2"])
        if self.rng.random() < 0.3:
            lines, value = self.queries.many(self.session, entity)
            name = self._fresh(f"{entity.lower}s")
            self.variables.append(Variable(name, entity, True, self.session))
        else:
            lines, value = self.queries.one(self.session, entity, key)
            name = self._fresh(entity.lower)
            self.variables.append(Variable(name, entity, False, self.session))
        return "\n".join([*lines, f"{name} = {value}"])

    def _transaction(self) -> str:
        held, session = self._one(), self.session
        plain = [f"await {session}.flush()", f"{session}.expire_all()", f"{session}.expire({held.name})"]
        plain.append(f"{session}.expire({held.name}, ['{self._attribute(held.entity)}'])")
        if not self.begun:
            plain += [f"await {session}.commit()"] * 5 + [f"await {session}.rollback()"] * 2
        return self.rng.choice(plain)

    def _attribute(self, entity: Entity) -> str:
        relations = [item.name for item in entity.every_relation() if item.lazy != "dynamic"]
        columns = ["name", *(column.name for column in entity.every_column())]
        return self.rng.choice(relations if relations and self.rng.random() < 0.6 else columns)

    def _refresh(self) -> str:
        held = self._one()
        if self.schema.async_attrs and self.rng.random() < 0.4:
            return f"print(await {held.name}.awaitable_attrs.{self._attribute(held.entity)})"
        arguments = ""
        if self.rng.random() < 0.6:
            names = sorted({self._attribute(held.entity) for _ in range(self.rng.randint(1, 2))})
            arguments = self.rng.choice([f", {names!r}", f", attribute_names={names!r}"])
        return f"await {self.session}.refresh({held.name}{arguments})"

    def _change(self) -> str:
        held = self._one()
        relations = held.entity.every_relation()
        if not relations or self.rng.random() < 0.4:
            return f"{held.name}.name = 'changed {self.number}'"
        relation = self.rng.choice(relations)
        others = [other.name for other in self.variables if other.entity is relation.target and not other.many]
        other = self.rng.choice(others) if others and self.rng.random() < 0.5 else self._made(relation.target)
        value = f"{held.name}.{relation.name}"
        if relation.collection:
            forms = [f"{value}.append({other})"] * 3
            if relation.lazy != "dynamic":
                forms += [f"{value} = [{other}]", f"{value} = []", f"{value}.extend([{other}])"]
            return self.rng.choice(forms)
        return f"{value} = {self.rng.choice([other, other, 'None'])}"

    def _made(self, entity: Entity) -> str:
        arguments = [f"name='new {self.number}'"]
        for relation in entity.every_relation():
            if relation.lazy != "dynamic" and self.rng.random() < 0.2:
                others = [held.name for held in self.variables if held.entity is relation.target and not held.many]
                other = self.rng.choice(others) if others else "None"
                value = f"[{other}]" if relation.collection and others else "[]" if relation.collection else other
                arguments.append(f"{relation.name}={value}")
        return f"{entity.name}({', '.join(arguments)})"

    def _add(self) -> str:
        entity = self.rng.choice(self.schema.entities)
        name = self._fresh(entity.lower)
        lines = [f"{name} = {self._made(entity)}"]
        self.variables.append(Variable(name, entity, False, self.session, new=True))
        lines.append(f"{self.session}.add({name})" if self.rng.random() < 0.8 else f"{self.session}.add_all([{name}])")
        if self.rng.random() < 0.6:
            lines.append(f"await {self.session}.{'flush' if self.begun else self.rng.choice(['flush', 'commit'])}()")
        if self.rng.random() < 0.2:
            lines.append(f"await {self.session}.refresh({name})")
        return "\n".join(lines)

    def _inner(self, count: int) -> str:
        kept = list(self.variables)
        text = self.block(count)
        self.variables = kept
        return indent(text, "    ")

    def _condition(self) -> str:
        text = f"if {self.rng.choice(['flag', 'not flag'])}:\n{self._inner(self.rng.randint(1, 2))}"
        if self.rng.random() < 0.4:
            text += f"\nelse:\n{self._inner(self.rng.randint(1, 2))}"
        return text

    def _loop(self) -> str:
        lists = [held for held in self.variables if held.many and held.session == self.session]
        if not lists:
            return self._load()
        held, name = self.rng.choice(lists), self._fresh("item")
        kept = list(self.variables)
        self.variables.append(Variable(name, held.entity, False, self.session))
        body = indent(self.block(self.rng.randint(1, 3)), "    ")
        self.variables = kept
        return f"for {name} in {held.name}:\n{body}"

    def _helper(self) -> str:
        kinds = [kind for kind, found in self.helpers.items() if found]
        if not kinds:
            return self._read()
        kind = self.rng.choice(kinds)
        function, entity = self.rng.choice(self.helpers[kind])
        if kind == "load":
            name = self._fresh(entity.lower)
            self.variables.append(Variable(name, entity, False, self.session))
            return f"{name} = await {function}({self.session}, {'2' if entity.parent else '1'})"
        if kind == "save":
            if self.begun:
                return self._transaction() if self._single() else self._load()
            return f"await {function}({self.session})"
        fitting = [held.name for held in self.variables if held.entity is entity and not held.many]
        if not fitting:
            return self._load()
        name = self.rng.choice(fitting)
        return f"print({function}({name}))" if kind == "show" else f"await {function}({self.session}, {name})"

    def _rare(self) -> str:
        held, session = self._one(), self.session
        entity = held.entity
        forms = [
            f"await {session}.execute(update({entity.name}).values(name='bulk'))",
            f"await {session}.execute(update({entity.name}).values(name=func.upper({entity.name}.name)))",
            f"{session}.expunge({held.name})",
            f"await {session}.run_sync(lambda sync: {held.name}.{self._attribute(entity)})",
            f"{session}.expunge_all()",
        ]
        if not self.begun:
            forms.append(f"await {session}.close()")
        return self.rng.choice(forms)
