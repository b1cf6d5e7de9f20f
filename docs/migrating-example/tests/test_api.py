from fastapi.testclient import TestClient

LOAN = {"member": "Ada", "title": "Sketches", "due": "2030-01-01"}


def test_members_are_shown_with_their_loans(client: TestClient) -> None:
    client.post("/loans", json=LOAN)
    (member,) = client.get("/members").json()
    assert member == {"name": "Ada", "loans": [{"id": 1, "title": "Sketches", "due": "2030-01-01"}]}


def test_returned_loans_are_gone(client: TestClient) -> None:
    client.post("/loans", json=LOAN)
    assert client.delete("/loans/1").status_code == 200
    assert client.delete("/loans/1").status_code == 404


def test_who_never_borrowed_is_not_reminded(client: TestClient) -> None:
    assert client.get("/overdue").json() == {}
