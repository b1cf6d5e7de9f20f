"""A bookshop that looks asynchronous."""
