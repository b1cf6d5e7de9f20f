"""Where web frameworks keep state, and what hands a function to a task, a thread or a cache."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Scope: TypeAlias = Literal["application", "request"]


class State(NamedTuple):
    """A place where a framework keeps what a program stores.

    Attributes:
        owner: Canonical path of the class.
        attribute: Its attribute; empty for the items of the object itself (``app["session"]``).
        scope: Whether everything in the process shares it, or one request has its own.
    """

    owner: str
    attribute: str
    scope: Scope


APPLICATIONS = frozenset(
    {
        "aiohttp.web.Application",
        "fastapi.APIRouter",
        "fastapi.FastAPI",
        "flask.Blueprint",
        "flask.Flask",
        "litestar.Litestar",
        "litestar.Router",
        "quart.Blueprint",
        "quart.Quart",
        "sanic.Blueprint",
        "sanic.Sanic",
        "starlette.applications.Starlette",
        "starlette.routing.Router",
    }
)

# Chat bots and their parts: one object of each serves all messages.
BOTS = frozenset(
    {
        "aiogram.Bot",
        "aiogram.Dispatcher",
        "discord.AutoShardedClient",
        "discord.Client",
        "discord.ext.commands.AutoShardedBot",
        "discord.ext.commands.Bot",
        "discord.ext.commands.Cog",
        "disnake.ext.commands.Bot",
        "disnake.ext.commands.Cog",
        "disnake.ext.commands.InteractionBot",
        "nextcord.ext.commands.Bot",
        "nextcord.ext.commands.Cog",
        "pyrogram.Client",
        "telegram.ext.Application",
        "telethon.TelegramClient",
    }
)

# Their decorators of functions that each message or command runs; the routers of aiogram and pyrogram have no others.
UPDATE_DECORATORS = frozenset({"command", "event", "hybrid_command", "listen", "listener", "slash_command"})
ROUTERS_OF_UPDATES = frozenset({"aiogram.Dispatcher", "aiogram.Router", "pyrogram.Client", "telethon.TelegramClient"})

# Base classes of middlewares, with the method that each request or update runs.
MIDDLEWARES = {
    "aiogram.BaseMiddleware": "__call__",
    "aiogram.dispatcher.middlewares.base.BaseMiddleware": "__call__",
    "litestar.middleware.ASGIMiddleware": "handle",
    "litestar.middleware.AbstractMiddleware": "__call__",
    "starlette.middleware.base.BaseHTTPMiddleware": "dispatch",
}

# Base classes of views, whose methods are named for the HTTP method that they serve.
VIEWS = (
    "aiohttp.web.View",
    "flask.views.MethodView",
    "quart.views.MethodView",
    "sanic.views.HTTPMethodView",
    "starlette.endpoints.HTTPEndpoint",
)

# Classes of routes that are given the function that serves them, and methods of applications that make one.
ROUTE_CLASSES = frozenset({"starlette.routing.Route", "starlette.routing.WebSocketRoute", "fastapi.routing.APIRoute"})
ADDING_ROUTES = frozenset(
    {
        "add_api_route",
        "add_api_websocket_route",
        "add_delete",
        "add_get",
        "add_patch",
        "add_post",
        "add_put",
        "add_route",
        "add_url_rule",
        "add_websocket_route",
    }
)

STATES: tuple[State, ...] = (
    State("starlette.applications.Starlette", "state", "application"),
    State("fastapi.FastAPI", "state", "application"),
    State("fastapi.FastAPI", "extra", "application"),
    State("starlette.requests.HTTPConnection", "state", "request"),
    State("starlette.requests.Request", "state", "request"),
    State("starlette.websockets.WebSocket", "state", "request"),
    State("litestar.Litestar", "state", "application"),
    State("litestar.Request", "state", "request"),
    State("litestar.WebSocket", "state", "request"),
    State("aiohttp.web.Application", "", "application"),
    State("aiohttp.web.Request", "", "request"),
    State("aiohttp.web.Request", "config_dict", "application"),
    State("quart.Quart", "config", "application"),
    State("quart.Quart", "extensions", "application"),
    State("quart.g", "", "request"),
    State("flask.Flask", "config", "application"),
    State("flask.Flask", "extensions", "application"),
    State("flask.g", "", "request"),
    State("sanic.Sanic", "ctx", "application"),
    State("sanic.Sanic", "shared_ctx", "application"),
    State("sanic.Blueprint", "ctx", "application"),
    State("sanic.Request", "ctx", "request"),
    State("aiogram.Dispatcher", "", "application"),
    State("aiogram.Dispatcher", "workflow_data", "application"),
    State("telegram.ext.Application", "bot_data", "application"),
    State("arq.Worker", "", "application"),
)

# Any attribute that a program adds to the application itself is shared; Sanic refuses to take one.
OPEN_APPLICATIONS = (APPLICATIONS | BOTS) - {"sanic.Sanic", "sanic.Blueprint"}

# Calls whose keywords aiogram hands to each handler.
WORKFLOW_DATA = frozenset({"aiogram.Dispatcher", "run_polling", "start_polling"})

# A request's way to its application.
APPLICATION_OF_REQUEST: dict[str, str] = {
    "starlette.requests.HTTPConnection": "starlette.applications.Starlette",
    "starlette.requests.Request": "starlette.applications.Starlette",
    "starlette.websockets.WebSocket": "starlette.applications.Starlette",
    "litestar.Request": "litestar.Litestar",
    "litestar.WebSocket": "litestar.Litestar",
    "aiohttp.web.Request": "aiohttp.web.Application",
    "sanic.Request": "sanic.Sanic",
}

# What belongs to a framework, as decorators and responses of handlers do, and the class of its requests.
REQUESTS = {
    "aiohttp.web.": "aiohttp.web.Request",
    "sanic.": "sanic.Request",
    "starlette.responses.": "starlette.requests.Request",
}

# Views that keep the request that they answer as ``self.request``.
REQUESTS_OF_VIEWS = {"aiohttp.web.View": "aiohttp.web.Request"}

# Objects that stand for the running application.
CURRENT_APPLICATION: dict[str, str] = {"quart.current_app": "quart.Quart", "flask.current_app": "flask.Flask"}

# Parameters annotated with these are the application's state (Litestar gives handlers a view of it).
STATE_PARAMETERS = frozenset(
    {"litestar.datastructures.State", "litestar.datastructures.ImmutableState", "taskiq.TaskiqState"}
)

# What a `lifespan` yields as a dict is `request.state` of every request: the same objects each time.
LIFESPAN_YIELDS_STATE = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette", "fastapi.APIRouter"})

# Arguments and attributes of applications that hold functions to be called with the application.
STARTUP_KEYWORDS = frozenset({"cleanup_ctx", "lifespan", "on_cleanup", "on_shutdown", "on_startup"})

# Sanic's decorators of functions that it calls with the application.
STARTUP_DECORATORS = frozenset(
    {
        "after_reload_trigger",
        "after_server_start",
        "after_server_stop",
        "before_reload_trigger",
        "before_server_start",
        "before_server_stop",
        "listener",
        "main_process_ready",
        "main_process_start",
        "main_process_stop",
        "reload_process_start",
        "reload_process_stop",
    }
)

# Markers whose function feeds a parameter.
DEPENDENCIES = frozenset(
    {
        "fast_depends.Depends",
        "fastapi.Depends",
        "fastapi.Security",
        "faststream.Depends",
        "taskiq.TaskiqDepends",
        "taskiq_dependencies.Depends",
    }
)

# Methods of containers that give an instance of the class that they are given, and whether they are awaited.
RESOLVING = {
    "dishka.AsyncContainer.get": True,
    "dishka.Container.get": False,
    "injector.Injector.get": False,
    "lagom.Container.resolve": False,
    "punq.Container.resolve": False,
    "svcs.Container.aget": True,
    "svcs.Container.get": False,
}

# Keys that say what is kept under them.
KEYS = frozenset({"aiohttp.web.AppKey", "aiohttp.web.RequestKey", "aiohttp.web.ResponseKey"})

# Objects whose attributes each request has for itself.
REQUEST_GLOBALS = frozenset(state.owner for state in STATES if state.owner.endswith(".g"))

# Function to the position and keyword of the callable that it runs in another thread.
THREADS: dict[str, tuple[int, str]] = {
    "anyio.to_thread.run_sync": (0, "func"),
    "asgiref.sync.sync_to_async": (0, "func"),
    "asyncio.to_thread": (0, "func"),
    "asyncio.AbstractEventLoop.run_in_executor": (1, "func"),
    "concurrent.futures.Executor.submit": (0, "fn"),
    "concurrent.futures.Executor.map": (0, "fn"),
    "starlette.concurrency.run_in_threadpool": (0, "func"),
    "threading.Thread": (1, "target"),
    "trio.to_thread.run_sync": (0, "sync_fn"),
}

# Function that runs what it is given at the same time as its caller, or as other arguments.
TASKS = frozenset(
    {
        "anyio.abc.TaskGroup.start",
        "anyio.abc.TaskGroup.start_soon",
        "asyncer.TaskGroup.soonify",
        "asyncer.TaskGroup.start_soon",
        "asyncio.AbstractEventLoop.create_task",
        "asyncio.TaskGroup.create_task",
        "asyncio.as_completed",
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.gather",
        "asyncio.run_coroutine_threadsafe",
        "asyncio.wait",
        "trio.Nursery.start",
        "trio.Nursery.start_soon",
    }
)

# These wait for what they are given, but two calls of them at a time are still one after the other.
WAITING = frozenset({"asyncio.shield", "asyncio.timeout", "asyncio.wait_for"})

# Functions and classes whose work runs when the response was sent.
BACKGROUND = frozenset(
    {
        "apscheduler.schedulers.asyncio.AsyncIOScheduler.add_job",
        "fastapi.BackgroundTasks.add_task",
        "litestar.background_tasks.BackgroundTask",
        "litestar.background_tasks.BackgroundTasks",
        "starlette.background.BackgroundTask",
        "starlette.background.BackgroundTasks.add_task",
    }
)

STREAMING_RESPONSES = frozenset(
    {"starlette.responses.StreamingResponse", "litestar.response.Stream", "aiohttp.web.StreamResponse"}
)

# Decorators that keep what a function returned.
CACHES = frozenset(
    {
        "aiocache.cached",
        "async_lru.alru_cache",
        "cachetools.cached",
        "cachetools.func.lru_cache",
        "cachetools.func.ttl_cache",
        "functools.cache",
        "functools.cached_property",
        "functools.lru_cache",
    }
)
# Attributes whose own attributes an application sets as it likes: ``request.state.db``, ``app.ctx.engine``.
STATE_HOLDERS = frozenset({"ctx", "state"})
