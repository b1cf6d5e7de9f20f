import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop import crud
from shop.models import Customer, Order
from shop.service import Orders


@pytest.mark.anyio
async def test_count_by_article(session: AsyncSession):
    await crud.add(session, Customer(name="Ann", orders=[Order(article="tea"), Order(article="tea"), Order(article="pot")]))
    assert await crud.count_by_article(session) == {"tea": 2, "pot": 1}
    assert await Orders(session).articles() == ["tea", "tea", "pot"]


def test_untouched():
    assert crud.untouched(" ann ") == "Ann"
