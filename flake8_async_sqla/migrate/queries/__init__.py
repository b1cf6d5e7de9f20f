"""The legacy ``Query`` and the ``select()`` that gives the same rows."""
