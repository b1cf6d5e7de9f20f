from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.orm import Session

from shop import crud, schemas
from shop.database import Base, engine, get_db
from shop.models import Customer
from shop.service import Orders

Base.metadata.create_all(bind=engine)

app = FastAPI()
Database = Annotated[Session, Depends(get_db)]


def get_orders(db: Database) -> Orders:
    return Orders(db)


@app.post("/customers", response_model=schemas.CustomerOut)
def create_customer(customer: schemas.CustomerIn, db: Database):
    if crud.by_name(db, customer.name):
        raise HTTPException(409)
    return crud.add(db, Customer(name=customer.name))


@app.get("/customers", response_model=list[schemas.CustomerOut])
def list_customers(db: Database, article: str | None = None):
    return crud.search(db, article)


@app.post("/customers/{customer_id}/orders", response_model=schemas.OrderOut)
def order(customer_id: int, wanted: schemas.OrderIn, orders: Annotated[Orders, Depends(get_orders)]):
    placed = orders.place(customer_id, wanted.article)
    if placed is None:
        raise HTTPException(404)
    return placed


@app.delete("/customers/{customer_id}/orders")
def cancel(customer_id: int, orders: Annotated[Orders, Depends(get_orders)]) -> int:
    return orders.cancel_all(customer_id)


@app.get("/health")
def health() -> str:
    return "well"
