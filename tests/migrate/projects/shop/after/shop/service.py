from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop import crud
from shop.models import Customer, Order


class Orders:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def place(self, customer_id: int, article: str) -> Order | None:
        if await self.session.get(Customer, customer_id) is None:
            return None
        return await crud.add(self.session, Order(article=article, customer_id=customer_id))

    async def articles(self) -> list[str]:
        return [article for article in await self.session.scalars(select(Order.article).order_by(Order.id))]

    async def cancel_all(self, customer_id: int) -> int:
        async with self.session.begin_nested():
            gone = (await self.session.execute(delete(Order).filter(Order.customer_id == customer_id))).rowcount
        await self.session.commit()
        return gone
