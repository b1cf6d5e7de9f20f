from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def ping() -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar_one()
