"""Tools for those who work on flake8-async-sqla itself; no part of the installed package."""
