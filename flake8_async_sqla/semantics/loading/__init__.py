"""What a query, ``get()`` or ``refresh()`` loads of mapped objects."""
