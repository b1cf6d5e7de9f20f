"""A FastAPI application whose dependencies query objects; the endpoints that are marked raise."""

from __future__ import annotations

APPLICATION = """
from typing import Annotated, Optional
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

engine = create_async_engine("sqlite+aiosqlite:///app.db")
factory = async_sessionmaker(engine, expire_on_commit=False)
expiring = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(back_populates="user")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="posts")


async def get_session():
    async with factory() as session:
        yield session


async def get_expiring():
    async with expiring() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def current_user(session: AsyncSession = Depends(get_session)) -> User:
    user = (await session.execute(select(User).where(User.id == 1))).scalar_one_or_none()
    if user is None:
        raise HTTPException(404)
    return user


async def active_user(user: User = Depends(current_user)) -> User:
    if not user.name:
        raise HTTPException(403)
    return user


async def user_with_posts(session: SessionDep):
    return (await session.scalars(select(User).where(User.id == 1).options(selectinload(User.posts)))).one()


async def detached_user():
    async with factory() as session:
        return await session.get(User, 1)


async def expired_user(session: AsyncSession = Depends(get_expiring)):
    user = await session.get_one(User, 1)
    await session.commit()
    return user


async def yielded_user():
    async with factory() as session:
        yield await session.get_one(User, 1)


async def user_after_block():
    async with expiring() as session:
        user = await session.get_one(User, 1)
        await session.refresh(user, ["posts"])
    yield user


async def committed_user():
    async with expiring() as session:
        user = await session.get_one(User, 1)
        await session.commit()
    yield user


async def load_posts(session: SessionDep, user: User = Depends(current_user)) -> None:
    await session.refresh(user, ["posts"])


class Users:
    def __init__(self, session: SessionDep):
        self.session = session

    async def with_posts(self):
        return (await self.session.scalars(select(User).options(selectinload(User.posts)))).all()


class Checker:
    async def __call__(self, session: SessionDep, user: User = Depends(current_user)):
        await session.refresh(user, ["posts"])


class Loader:
    def __init__(self, loaded: Annotated[None, Depends(load_posts)]):
        self.loaded = loaded


class Plain:
    def __init__(self, session: SessionDep):
        self.session = session


def get_settings() -> dict:
    return {}


CurrentUser = Annotated[User, Depends(current_user)]
app = FastAPI()
loading = APIRouter(dependencies=[Depends(load_posts)])


@app.get("/default")
async def default(user: User = Depends(current_user)):
    return [post.id for post in user.posts]  # relationship


@app.get("/alias")
async def alias(user: CurrentUser, session: SessionDep):
    await session.execute(select(1))
    return len(user.posts)  # relationship


@app.get("/through")
async def through(user: Annotated[User, Depends(active_user)]):
    return [post.id for post in user.posts]  # relationship


@app.get("/threaded")
def threaded(user: CurrentUser):
    return len(user.posts)  # relationship


@app.get("/detached")
async def detached(user: User = Depends(detached_user)):
    return len(user.posts)  # detached


@app.get("/expired")
async def expired(user: User = Depends(expired_user)):
    return user.name  # expired


@app.get("/yielded")
async def yielded(user: User = Depends(yielded_user)):
    return len(user.posts)  # relationship


@app.get("/afterwards")
async def afterwards(user: User = Depends(user_after_block)):
    return len(user.posts)


@app.get("/committed")
async def committed(user: User = Depends(committed_user)):
    return user.name  # detached


@app.get("/columns")
async def columns(user: CurrentUser, session: SessionDep):
    await session.commit()
    return user.name


@app.get("/loaded")
async def loaded(user: User = Depends(user_with_posts)):
    return len(user.posts)


@app.get("/both")
async def both(first: User = Depends(user_with_posts), second: User = Depends(current_user)):
    return len(second.posts)


@app.get("/refreshed")
async def refreshed(user: CurrentUser, session: SessionDep):
    await session.refresh(user, ["posts"])
    return len(user.posts)


@app.get("/shared")
async def shared(user: CurrentUser, session: SessionDep):
    await session.scalars(select(User).options(selectinload(User.posts)))
    return len(user.posts)


@app.get("/serviced")
async def serviced(user: CurrentUser, users: Annotated[Users, Depends()]):
    await users.with_posts()
    return len(user.posts)


@app.get("/unnamed", dependencies=[Depends(load_posts)])
async def unnamed(user: CurrentUser):
    return len(user.posts)


@loading.get("/routed")
async def routed(user: CurrentUser):
    return len(user.posts)


@app.get("/own")
async def own(user: User = Depends(current_user, use_cache=False), session: AsyncSession = Depends(get_session)):
    await session.refresh(user, ["posts"])
    return len(user.posts)


@app.get("/checked")
async def checked(user: CurrentUser, _: Annotated[None, Depends(Checker())]):
    return len(user.posts)


@app.get("/classed")
async def classed(user: CurrentUser, loader: Annotated[Loader, Depends()]):
    return len(user.posts)


@app.get("/settled")
async def settled(user: CurrentUser, made: Annotated[dict, Depends(get_settings)], it: Annotated[Plain, Depends()]):
    return len(user.posts)  # relationship


def count(user: User, *, label: str = "") -> int:
    return len(user.posts)


async def name(user: User) -> str:
    return user.name


@app.get("/later")
async def later(user: CurrentUser, tasks: BackgroundTasks):
    tasks.add_task(count, user, label="posts")  # relationship


@app.get("/named")
async def named(user: CurrentUser, tasks: BackgroundTasks):
    tasks.add_task(name, user)


@app.get("/reloaded")
async def reloaded(user: CurrentUser, session: SessionDep, tasks: BackgroundTasks):
    tasks.add_task(count, user)
    await session.refresh(user, ["posts"])


app.include_router(loading)
"""
