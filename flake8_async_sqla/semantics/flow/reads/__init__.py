"""Reads of attributes: in the function, and by those who are handed its objects."""
