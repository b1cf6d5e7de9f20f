"""What a module means: scopes, imports, inferred types and the project's other modules."""
