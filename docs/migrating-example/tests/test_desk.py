from datetime import date

from loans.desk import Desk, overdue
from loans.models import Loan, Member
from sqlalchemy.orm import Session


def test_who_borrows_becomes_a_member_once(session: Session) -> None:
    desk = Desk(session)
    desk.lend("Ada", "Sketches", date(2030, 1, 1))
    desk.lend("Ada", "Notes", date(2030, 1, 2))
    assert [member.name for member in desk.members()] == ["Ada"]


def test_nothing_is_taken_back_twice(session: Session) -> None:
    desk = Desk(session)
    loan = desk.lend("Ada", "Sketches", date(2030, 1, 1))
    assert desk.take_back(loan.id)
    assert not desk.take_back(loan.id)


def test_overdue_loans_are_counted(session: Session) -> None:
    late, early = Loan(title="Sketches", due=date(2020, 1, 1)), Loan(title="Notes", due=date(2030, 1, 1))
    session.add(Member(name="Ada", loans=[late, early]))
    session.commit()
    assert overdue(session, date(2025, 1, 1)) == {"Ada": 1}
