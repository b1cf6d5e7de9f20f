"""The files of the project: found, read and held, within bounds."""
