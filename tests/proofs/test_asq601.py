from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.proofs.stalls import SLOW, gaps

DRIVER = """
import httpx

async def main():
    engine = slow_users("app.db")
    app.dependency_overrides[get_session] = lambda: Session(engine)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        print(await longest_gap(client.get("/users/count")))

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_in_the_coroutine_and_not_in_the_plain_endpoint(series: str, tmp_path: Path) -> None:
    blocked, threaded = gaps("ASQ601", DRIVER, series, tmp_path)
    assert blocked >= SLOW
    assert threaded < SLOW / 2
