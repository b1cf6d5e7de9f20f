from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import SessionLocal


class Counter:
    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def count(self) -> int:
        return self.session.scalar(text("SELECT 1"))


def counted() -> int:
    with SessionLocal() as session:
        return Counter(session).count
