from datetime import date

from loans.database import new_session
from loans.desk import overdue


def report() -> None:
    with new_session() as session:
        for name, count in overdue(session, date.today()).items():
            print(f"{name}: {count}")


if __name__ == "__main__":
    report()
