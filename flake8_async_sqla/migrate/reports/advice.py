"""What to do by hand about a place that stands in the way of a migration."""

from __future__ import annotations

import re

_ADVICE = (
    (r"reading an attribute cannot await", "Turn the property into a method; its callers can then await it."),
    (r"Python calls .* and does not await it", "Move the database work into a method or a factory that is awaited."),
    (r"IsolatedAsyncioTestCase", "Derive the test case from unittest.IsolatedAsyncioTestCase."),
    (r"pytest calls it", "Move the database work from the hook into a fixture."),
    (r"it is not known whether @", "Take the decorator off, or write it so that it awaits what it wraps."),
    (r"calls it without awaiting it", "Let the function stay synchronous and call asyncio.run() in it."),
    (r"in a lambda cannot be awaited", "Write a function in place of the lambda."),
    (r"in a class body|runs? at import", "Move the call into a function that runs when the application starts."),
    (r"generator expression", "Write a list comprehension or a loop."),
    (r"has to stay synchronous", "Give the caller what it needs from outside, or a synchronous session of its own."),
    (r"needs a synchronous function|passed on as a value", "Pass a synchronous function around it."),
    (r"which its class derives from, may call it", "Find out who calls the method, and let that await it."),
    (r"class cannot be told", "Annotate the object with its class."),
    (r"may be a session's: annotate it", "Annotate the session: db: Session."),
    (r"no select\(\) form|Query has no asyncio form", "Write it with select(); mind duplicates: unique()."),
    (r"derives from", "Derive the class from AsyncSession or AsyncEngine and await in its methods."),
    (r"scoped_session", "Give each request its own session, by a dependency, before you migrate."),
    (r"split it", "Write one with for each kind of object."),
    (r"statement of its own", "Put the call on a line of its own."),
    (r"synchronous (object|session) with asyncio too", "Do what it is for in AsyncSession.run_sync()."),
    (r"gets a synchronous", "Call it in AsyncSession.run_sync(), or let it take what is asynchronous."),
    (r"no async driver is known", "Name one: --driver DATABASE=DRIVER."),
    (r"put together from parts", "Write the async driver into the first part of the URL."),
    (r"has no argument", "Take the argument away, or say it in the words of the async driver."),
    (r"yield from", "Write a loop that yields: async for row in rows: yield row."),
    (r"annotation of an asynchronous generator", "Annotate it as AsyncIterator[...]."),
    (r"not entered here|not iterated here|only be entered", "Enter it, or iterate over it, where it is made."),
    (r"this use has no such form", "Inspect the connection in a function that you give to run_sync()."),
    (r"events of this object", "Listen to the synchronous side: engine.sync_engine, or the class Session."),
    (r"member of the class", "Call the method of an object."),
)


def advice(reason: str) -> str:
    """Say what to do about a refusal; empty where the reason says all there is."""
    return next((words for pattern, words in _ADVICE if re.search(pattern, reason)), "")
