import pytest


@pytest.mark.anyio
async def test_health(client):
    assert client.get("/health").json() == "well"


@pytest.mark.anyio
async def test_customers_with_their_orders(client):
    assert client.post("/customers", json={"name": "Ann"}).json() == {"id": 1, "name": "Ann", "orders": []}
    assert client.post("/customers", json={"name": "Ann"}).status_code == 409
    assert client.post("/customers/1/orders", json={"article": "tea"}).json() == {"article": "tea", "id": 1}
    assert client.post("/customers/1/orders", json={"article": "tea"}).status_code == 200
    assert client.post("/customers/9/orders", json={"article": "tea"}).status_code == 404
    found = client.get("/customers", params={"article": "tea"}).json()
    assert [customer["name"] for customer in found] == ["Ann"]
    assert client.delete("/customers/1/orders").json() == 2
