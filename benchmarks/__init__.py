"""What flake8-async-sqla costs, in multiples of `ast.parse`: ``python -m benchmarks --help``."""
