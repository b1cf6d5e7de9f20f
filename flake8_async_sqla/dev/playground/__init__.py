"""The playground of the documentation: the linter and the fixer in the reader's browser."""
