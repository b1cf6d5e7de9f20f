from sqlalchemy import func
from sqlalchemy.orm import Session

from shop import models


def by_name(db: Session, name: str):
    return db.query(models.Customer).filter(models.Customer.name == name).first()


def search(db: Session, article: str | None = None):
    query = db.query(models.Customer)
    if article:
        # one customer may have ordered it several times
        query = query.join(models.Order).filter(models.Order.article == article)
    return query.order_by(models.Customer.name).all()


def add(db, thing):
    db.add(thing)
    db.commit()
    db.refresh(thing)
    return thing


def count_by_article(db: Session) -> dict[str, int]:
    rows = db.query(models.Order.article, func.count()).group_by(models.Order.article)
    return {article: count for article, count in rows}


def untouched(name: str) -> str:
    return name.strip().title()
