from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from shop import crud, schemas
from shop.database import Base, engine, get_db
from shop.models import Customer
from shop.service import Orders


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)
Database = Annotated[AsyncSession, Depends(get_db)]


def get_orders(db: Database) -> Orders:
    return Orders(db)


@app.post("/customers", response_model=schemas.CustomerOut)
async def create_customer(customer: schemas.CustomerIn, db: Database):
    if await crud.by_name(db, customer.name):
        raise HTTPException(409)
    return await crud.add(db, Customer(name=customer.name))


@app.get("/customers", response_model=list[schemas.CustomerOut])
async def list_customers(db: Database, article: str | None = None):
    return await crud.search(db, article)


@app.post("/customers/{customer_id}/orders", response_model=schemas.OrderOut)
async def order(customer_id: int, wanted: schemas.OrderIn, orders: Annotated[Orders, Depends(get_orders)]):
    placed = await orders.place(customer_id, wanted.article)
    if placed is None:
        raise HTTPException(404)
    return placed


@app.delete("/customers/{customer_id}/orders")
async def cancel(customer_id: int, orders: Annotated[Orders, Depends(get_orders)]) -> int:
    return await orders.cancel_all(customer_id)


@app.get("/health")
def health() -> str:
    return "well"
