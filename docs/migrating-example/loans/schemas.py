from datetime import date

from pydantic import BaseModel, ConfigDict


class NewLoan(BaseModel):
    member: str
    title: str
    due: date


class LoanOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    due: date


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    loans: list[LoanOut]
