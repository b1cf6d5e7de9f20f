"""Schemas in many spellings, for the comparison with Pydantic itself."""

# Attributes that end in `s` hold several objects, `by_key` a dictionary of them, `author` and `owner` one; what
# else is read raises, as an expired attribute does. `Hidden` schemas read more than can be told.
SCHEMAS = """
from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, List, Literal, Mapping, Optional, Set, Tuple, TypeVar, Union

import pydantic
from pydantic import AfterValidator, AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import PlainSerializer, PrivateAttr, RootModel, computed_field, field_validator, model_validator
from pydantic.alias_generators import to_camel
from sqlmodel import Field as ColumnField
from sqlmodel import Relationship, SQLModel

T = TypeVar("T")
K = TypeVar("K")


class Tag(BaseModel):
    label: str

class Person(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str

class Plain(BaseModel):
    model_config = {"from_attributes": True}
    title: str
    isbn: str | None = None
    price: Decimal = Decimal(0)
    known: ClassVar[int] = 1
    _secret: int = PrivateAttr(2)
    kept: int = Field(1, exclude=True)
    made: int = Field(default_factory=int)

    @computed_field
    @property
    def shout(self) -> str:
        return self.title.upper()

class Nested(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    author: Person
    owner: Optional[Person] = None
    tags: list[Tag]
    books: List["Plain"]

class Collections(BaseModel, from_attributes=True):
    ds: Sequence[Person]
    bs: tuple[Person, ...]
    cs: Tuple[Person, Person]
    fs: frozenset[Person]
    by_key: dict[str, Person]
    ns: set[int]
    ss: list[str] = []

class ByKey(BaseModel, from_attributes=True):
    by_key: Mapping[str, Person] | None

class HiddenUnions(BaseModel):
    class Config:
        from_attributes = True
    author: Union[Nested, Person]
    owner: Person | None | str
    books: list[Plain] | list[int]

class HiddenBoth(BaseModel, from_attributes=True):
    author: Union[Person, "Named"]

class Named(BaseModel, from_attributes=True):
    name: str
    age: int

class Child(Person):
    age: int
    name: Annotated[str, Field(min_length=1)]

class Grandchild(Child):
    model_config = ConfigDict(extra="forbid")
    author: Person

class Aliased(BaseModel, from_attributes=True):
    one: str = Field(alias="first")
    two: str = Field(validation_alias="second")
    three: str = Field(serialization_alias="third")
    four: str = Field(validation_alias=AliasPath("author", "name"))
    five: Annotated[str, Field(alias="fifth")]
    six: str = Field(alias="a6", validation_alias="v6")
    seven: str = pydantic.Field(alias="seventh", title="x")
    author_age: int = Field(validation_alias=AliasPath("author", "age"))
    author: Person

class ByName(BaseModel):
    model_config = ConfigDict(from_attributes=True, validate_by_name=True, validate_by_alias=False)
    one: str = Field(alias="first")

class HiddenChoice(BaseModel, from_attributes=True):
    one: str = Field(validation_alias=AliasChoices("first", "second"))

class HiddenCamel(BaseModel):
    model_config = ConfigDict(from_attributes=True, alias_generator=to_camel, populate_by_name=True)
    full_name: str

class HiddenByNameToo(BaseModel):
    model_config = ConfigDict(from_attributes=True, populate_by_name=True)
    one: str = Field(alias="first")

class HiddenBefore(BaseModel, from_attributes=True):
    books: list[Plain]
    tags: Annotated[list[Person], BeforeValidator(list)]
    author: Person

    @field_validator("books", mode="before")
    @classmethod
    def some(cls, value: Any) -> Any:
        return list(value)

class HiddenStar(BaseModel, from_attributes=True):
    books: list[Plain]

    @field_validator("*", mode="wrap")
    @classmethod
    def some(cls, value: Any, handler: Any) -> Any:
        return handler(value)

class HiddenWhole(BaseModel, from_attributes=True):
    name: str

    @model_validator(mode="before")
    @classmethod
    def whole(cls, value: Any) -> Any:
        return value

def strip(value: Any) -> Any:
    return value

class HiddenAssigned(BaseModel, from_attributes=True):
    authors: list[Person]
    stripped = field_validator("authors", mode="before")(strip)

class After(BaseModel, from_attributes=True):
    books: Annotated[list[Plain], AfterValidator(list)]
    authors: Annotated[list[Person], PlainSerializer(len)]

    @field_validator("authors")
    @classmethod
    def some(cls, value: Any) -> Any:
        return value

    @model_validator(mode="after")
    def whole(self) -> "After":
        return self

class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(from_attributes=True)
    items: list[T]
    total: int

class People(Page[Person]):
    pass

class Pair(BaseModel, Generic[K, T]):
    author: K
    owner: T | None = None

class Mixed(Pair[Person, Named], Page[Plain]):
    model_config = ConfigDict(from_attributes=True)

class HoldsPage(BaseModel, from_attributes=True):
    author: Page[Tag]
    owner: Pair[Person, Tag]

class Everyone(RootModel[list[Person]]):
    pass

class HoldsRoot(BaseModel, from_attributes=True):
    authors: Everyone
    bs: RootModel[List[Person]]

class Tree(BaseModel, from_attributes=True):
    label: str
    children: "list[Tree]"

class Kinds(BaseModel, from_attributes=True):
    kind: Literal["a", "b"]
    at: datetime.datetime
    id: uuid.UUID
    author: Any
    books: list[Any]
    owner: Person | dict[str, int]

class NoConfig(BaseModel):
    name: str
    author: Person
    tags: list[Tag]

class InnerNoConfig(BaseModel, from_attributes=True):
    author: NoConfig

class Turned(NoConfig):
    model_config = ConfigDict(from_attributes=False)

class Mixin:
    books: list[Plain]

class HoldsMixin(Mixin, BaseModel, from_attributes=True):
    name: str

class MixinLast(BaseModel, Mixin, from_attributes=True):
    name: str

class HeroBase(SQLModel):
    name: str
    team_id: int | None = ColumnField(default=None, foreign_key="team.id")

class Hero(HeroBase, table=True):
    id: int | None = ColumnField(default=None, primary_key=True)
    team: "Team" = Relationship(back_populates="heroes")

class Team(SQLModel, table=True):
    id: int | None = ColumnField(default=None, primary_key=True)
    heroes: List["Hero"] = Relationship(back_populates="team")

class HeroRead(HeroBase):
    id: int

class TeamRead(SQLModel):
    id: int
    heroes: list[HeroRead] = []

class HiddenTable(SQLModel):
    author: Hero
"""
