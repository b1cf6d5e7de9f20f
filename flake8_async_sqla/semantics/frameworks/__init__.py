"""What frameworks do with the functions of a project: dependencies, registrations, state."""
