"""The engine, the sessions and the dependency that hands them out."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from bookshop.config import DATABASE_URL

engine = create_async_engine(DATABASE_URL, poolclass=QueuePool, pool_size=20, pool_timout=5)
async_session = async_sessionmaker(engine)
catalogue_session = async_session()


async def get_db() -> AsyncSession:
    async with async_session() as session:
        yield session
