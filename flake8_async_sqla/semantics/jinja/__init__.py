"""What Jinja templates read of the objects they are rendered with; Jinja itself is not needed."""
