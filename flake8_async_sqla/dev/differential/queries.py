"""Random queries and loader options."""

from __future__ import annotations

from random import Random

from flake8_async_sqla.dev.differential.schema import Entity, Relation, Schema

_EAGER = (*("selectinload",) * 6, *("joinedload",) * 3, "subqueryload", "immediateload")
_LATE = ("lazyload", "raiseload", "defaultload")


class Queries:
    """Writes queries on one schema."""

    def __init__(self, rng: Random, schema: Schema) -> None:
        """Take the source of chance and the models."""
        self.rng = rng
        self.schema = schema
        self.joined = any(item.lazy == "joined" for entity in schema.entities for item in entity.relations)

    def options(self, entity: Entity, depth: int = 0) -> list[str]:
        """Write zero to three options for a class."""
        count = self.rng.choice([0, 0, 1, 1, 2, 3] if depth == 0 else [0, 0, 1])
        found = [option for _ in range(count) if (option := self._option(entity, depth))]
        about = {option.partition(")")[0].partition("(")[2]: option for option in found}  # two for one path conflict
        return list(about.values())

    def _option(self, entity: Entity, depth: int) -> str:
        relations = [item for item in entity.every_relation() if item.lazy != "dynamic"]
        if relations and self.rng.random() < 0.75:
            return self._relation(entity, self.rng.choice(relations), depth)
        columns = [column.name for column in entity.every_column()]
        deferred = [column.name for column in entity.every_column() if "deferred" in column.arguments]
        match self.rng.randint(0, 5):
            case 0:
                chosen = self.rng.choice(["name", *columns])
                raising = ", raiseload=True" if self.rng.random() < 0.15 else ""
                return f"load_only({entity.name}.{chosen}{raising})"
            case 1:
                return f"defer({entity.name}.{self.rng.choice(['name', *columns])})"
            case 2 | 3 if deferred:
                grouped = any("deferred_group" in column.arguments for column in entity.every_column())
                if grouped and self.rng.random() < 0.5:
                    return "undefer_group('long')" if depth == 0 else ""
                return f"undefer({entity.name}.{deferred[0]})"
            case 4 if depth == 0 and self.rng.random() < 0.3:
                return "raiseload('*')"
        return ""

    def _relation(self, entity: Entity, relation: Relation, depth: int) -> str:
        function = self.rng.choice(_EAGER if self.rng.random() < 0.85 else _LATE)
        self.joined |= function == "joinedload"
        made = f"{function}({entity.name}.{relation.name})"
        if depth > 1 or function in ("lazyload", "raiseload"):
            return made
        nested = self.options(relation.target, depth + 1)
        if not nested:
            return made
        if len(nested) == 1 and self.rng.random() < 0.7:
            return f"{made}.{nested[0]}"
        return f"{made}.options({', '.join(nested)})"

    def select(self, entity: Entity, key: str) -> tuple[list[str], str]:
        """Write a query for one object or, with an empty key, for all.

        Args:
            entity: What to select.
            key: The primary key.

        Returns:
            Statements that come first, and the expression.
        """
        made = f"select({entity.name})"
        if key:
            made += f".where({entity.name}.id == {key})"
        elif self.rng.random() < 0.4:
            made += f".order_by({entity.name}.id)"
        options = self.options(entity)
        collections = [item for item in entity.relations if item.collection and item.lazy not in ("dynamic", "joined")]
        if collections and self.rng.random() < 0.1:
            relation = self.rng.choice(collections)
            options = [option for option in options if f"({entity.name}.{relation.name})" not in option]
            made += f".join({entity.name}.{relation.name})"
            options.append(f"contains_eager({entity.name}.{relation.name})")
            self.joined = True
        chained = f".options({', '.join(options)})" if options else ""
        if self.rng.random() < 0.15:
            made += ".execution_options(populate_existing=True)"
        style = self.rng.random()
        if style < 0.75 or not options:
            return [], made + chained
        lines = [f"query = {made}"]
        if style < 0.85:
            return [*lines, f"if flag:\n    query = query{chained}"], "query"
        return [*lines, f"query = query{chained}"], "query"

    def one(self, session: str, entity: Entity, key: str) -> tuple[list[str], str]:
        """Write an expression that loads one object."""
        if self.rng.random() < 0.4:
            options = self.options(entity)
            arguments = f", options=[{', '.join(options)}]" if options else ""
            if self.rng.random() < 0.05:
                arguments += ", populate_existing=True"
            get = self.rng.choice(["get", "get", "get", "get_one"])
            return [], f"await {session}.{get}({entity.name}, {key}{arguments})"
        lines, query = self.select(entity, key)
        unique = ".unique()" if self.joined else ""
        end = self.rng.choice(["one", "first", "one_or_none"])
        match self.rng.randint(0, 3):
            case 0:
                end = self.rng.choice(["scalar_one", "scalar_one_or_none", "scalars().one", "scalars().first"])
                return lines, f"(await {session}.execute({query})){unique}.{end}()"
            case 1 if not unique:
                return lines, f"await {session}.scalar({query})"
        return lines, f"(await {session}.scalars({query})){unique}.{end}()"

    def many(self, session: str, entity: Entity) -> tuple[list[str], str]:
        """Write an expression that loads all objects of a class."""
        lines, query = self.select(entity, "")
        unique = ".unique()" if self.joined else ""
        if self.rng.random() < 0.4:
            return lines, f"(await {session}.execute({query})){unique}.scalars().all()"
        return lines, f"(await {session}.scalars({query})){unique}.all()"
