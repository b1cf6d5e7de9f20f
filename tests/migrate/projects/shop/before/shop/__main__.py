from shop.crud import count_by_article
from shop.database import SessionLocal


def report() -> dict[str, int]:
    with SessionLocal() as db:
        return count_by_article(db)


if __name__ == "__main__":
    print(report())
