"""What happens at the desk."""

from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import Session

from loans.models import Loan, Member


class Desk:
    def __init__(self, session: Session) -> None:
        self.session = session

    def member(self, name: str) -> Member:
        found = self.session.query(Member).filter_by(name=name).first()
        if found is None:
            found = Member(name=name)
            self.session.add(found)
            self.session.flush()
        return found

    def lend(self, name: str, title: str, due: date) -> Loan:
        loan = Loan(title=title, due=due, member_id=self.member(name).id)
        self.session.add(loan)
        self.session.commit()
        return loan

    def take_back(self, number: int) -> bool:
        loan = self.session.get(Loan, number)
        if loan is None or loan.returned:
            return False
        loan.returned = True
        self.session.commit()
        return True

    def members(self) -> list[Member]:
        return self.session.query(Member).order_by(Member.name).all()


def overdue(session: Session, today: date) -> dict[str, int]:
    rows = (
        session.query(Member.name, func.count(Loan.id))
        .join(Loan.member)
        .filter(Loan.due < today, Loan.returned.is_(False))
        .group_by(Member.name)
    )
    return {name: int(count) for name, count in rows}
