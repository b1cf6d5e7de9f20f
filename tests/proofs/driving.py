"""Code that drives the programs of pages: a request to their application, or a call of their coroutine."""

from __future__ import annotations

REQUEST = """

import asyncio
import httpx


async def request():
    transport = httpx.ASGITransport(app=app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/ping")
            print(response.status_code, response.text)
    finally:
        await engine.dispose()


asyncio.run(request())
"""


def awaiting(call: str) -> str:
    """Write code that awaits a call, prints what it gives and disposes of the engine."""
    return f"""

import asyncio


async def drive():
    try:
        print(await {call})
    finally:
        await engine.dispose()


asyncio.run(drive())
"""
