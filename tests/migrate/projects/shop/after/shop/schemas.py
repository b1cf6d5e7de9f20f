from pydantic import BaseModel, ConfigDict


class OrderIn(BaseModel):
    article: str


class OrderOut(OrderIn):
    model_config = ConfigDict(from_attributes=True)

    id: int


class CustomerIn(BaseModel):
    name: str


class CustomerOut(CustomerIn):
    model_config = ConfigDict(from_attributes=True)

    id: int
    orders: list[OrderOut]
