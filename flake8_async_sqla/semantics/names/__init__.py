"""Scopes, bindings and imports: what names mean."""
