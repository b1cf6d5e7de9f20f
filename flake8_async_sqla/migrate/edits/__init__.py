"""What becomes of each part of a program, in the vocabulary of `flake8_async_sqla.fixes.vocabulary`."""
