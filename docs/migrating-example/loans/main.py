from datetime import date
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.orm import Session

from loans.database import Base, engine, get_session
from loans.desk import Desk, overdue
from loans.schemas import LoanOut, MemberOut, NewLoan

Base.metadata.create_all(engine)
app = FastAPI()


def get_desk(session: Annotated[Session, Depends(get_session)]) -> Desk:
    return Desk(session)


@app.post("/loans", response_model=LoanOut)
def lend(loan: NewLoan, desk: Annotated[Desk, Depends(get_desk)]):
    return desk.lend(loan.member, loan.title, loan.due)


@app.delete("/loans/{number}")
def take_back(number: int, desk: Annotated[Desk, Depends(get_desk)]) -> str:
    if not desk.take_back(number):
        raise HTTPException(404)
    return "thank you"


@app.get("/members", response_model=list[MemberOut])
def members(desk: Annotated[Desk, Depends(get_desk)]):
    return desk.members()


@app.get("/overdue")
def reminders(session: Annotated[Session, Depends(get_session)]) -> dict[str, int]:
    return overdue(session, date.today())


@app.get("/health")
def health() -> str:
    return "well"
