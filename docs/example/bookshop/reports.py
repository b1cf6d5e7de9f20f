"""The sales report, written before the rest went async."""

from fastapi import APIRouter
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

router = APIRouter(prefix="/reports")
engine = create_engine("postgresql://bookshop:secret@localhost/bookshop")
Session = sessionmaker(engine)


@router.get("/stars")
async def average_stars() -> float:
    with Session() as session:
        return float(session.scalar(text("SELECT avg(stars) FROM reviews")) or 0)
