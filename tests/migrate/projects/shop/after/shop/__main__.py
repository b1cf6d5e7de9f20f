import asyncio

from shop.crud import count_by_article
from shop.database import SessionLocal


async def report() -> dict[str, int]:
    async with SessionLocal() as db:
        return await count_by_article(db)


if __name__ == "__main__":
    print(asyncio.run(report()))
