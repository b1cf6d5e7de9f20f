from sqlalchemy.orm import Session

from shop import crud
from shop.models import Customer, Order
from shop.service import Orders


def test_count_by_article(session: Session):
    crud.add(session, Customer(name="Ann", orders=[Order(article="tea"), Order(article="tea"), Order(article="pot")]))
    assert crud.count_by_article(session) == {"tea": 2, "pot": 1}
    assert Orders(session).articles() == ["tea", "tea", "pot"]


def test_untouched():
    assert crud.untouched(" ann ") == "Ann"
