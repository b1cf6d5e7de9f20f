from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop import models


async def by_name(db: AsyncSession, name: str):
    return (await db.scalars(select(models.Customer).filter(models.Customer.name == name).limit(1))).first()


async def search(db: AsyncSession, article: str | None = None):
    query = select(models.Customer)
    if article:
        # one customer may have ordered it several times
        query = query.join(models.Order).filter(models.Order.article == article)
    return (await db.scalars(query.order_by(models.Customer.name))).unique().all()


async def add(db, thing):
    db.add(thing)
    await db.commit()
    await db.refresh(thing)
    return thing


async def count_by_article(db: AsyncSession) -> dict[str, int]:
    rows = select(models.Order.article, func.count()).group_by(models.Order.article)
    return {article: count for article, count in await db.execute(rows)}


def untouched(name: str) -> str:
    return name.strip().title()
