from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.programs import SERIES
from tests.proofs.stalls import SLOW, gaps

DRIVER = """
async def main():
    with Session(slow_users("app.db")) as session:
        print(await longest_gap(report(session)))

asyncio.run(main())
"""


@pytest.mark.parametrize("series", SERIES)
def test_event_loop_stops_while_the_helper_waits_and_not_for_its_thread(series: str, tmp_path: Path) -> None:
    blocked, threaded = gaps("ASQ602", DRIVER, series, tmp_path)
    assert blocked >= SLOW
    assert threaded < SLOW / 2
