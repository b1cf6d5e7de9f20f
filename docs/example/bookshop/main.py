"""The web application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookshop import reports
from bookshop.database import async_session, get_db
from bookshop.models import Book, Review


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.session = async_session()
    yield
    await app.state.session.close()


app = FastAPI(lifespan=lifespan)
app.include_router(reports.router)


@app.get("/books")
async def books(request: Request) -> list[str]:
    titles = await request.app.state.session.scalars(select(Book.title))
    return list(titles)


@app.get("/books/{book_id}")
async def book(book_id: int, session: Annotated[AsyncSession, Depends(get_db())]) -> str:
    found = await session.get_one(Book, book_id)
    return found.title


@app.get("/totals")
async def totals(session: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, int | None]:
    books, reviews = await asyncio.gather(
        session.scalar(select(func.count(Book.id))),
        session.scalar(select(func.count(Review.id))),
    )
    return {"books": books, "reviews": reviews}


@app.get("/praised")
async def praised(session: Annotated[AsyncSession, Depends(get_db)]) -> list[str]:
    reviews = await session.scalars(select(Review).where(Review.stars == 5))
    return [review.book.title for review in reviews]
