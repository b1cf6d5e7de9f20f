from sqlalchemy import select
from sqlalchemy.orm import Session

from shop import crud
from shop.models import Customer, Order


class Orders:
    def __init__(self, session: Session) -> None:
        self.session = session

    def place(self, customer_id: int, article: str) -> Order | None:
        if self.session.get(Customer, customer_id) is None:
            return None
        return crud.add(self.session, Order(article=article, customer_id=customer_id))

    def articles(self) -> list[str]:
        return [article for article in self.session.scalars(select(Order.article).order_by(Order.id))]

    def cancel_all(self, customer_id: int) -> int:
        with self.session.begin_nested():
            gone = self.session.query(Order).filter(Order.customer_id == customer_id).delete()
        self.session.commit()
        return gone
