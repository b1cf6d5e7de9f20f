"""Dataclasses that only the type checker keeps from being changed: to make one takes half the time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

Class = TypeVar("Class")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool) -> Callable[[type[Class]], type[Class]]:
        """Make a dataclass as `dataclasses.dataclass` does, with an ``__init__`` that assigns plainly.

        Args:
            frozen: Whether nobody changes its objects, so that they can be keys.
            slots: Whether they have nothing but their fields.

        Returns:
            The decorator.
        """
        return dataclasses.dataclass(unsafe_hash=frozen, slots=slots)
