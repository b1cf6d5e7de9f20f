"""Calls: the functions of the project run on the objects of their caller."""
