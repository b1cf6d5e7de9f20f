"""What Pydantic and SQLModel schemas read of the objects they are made from."""
