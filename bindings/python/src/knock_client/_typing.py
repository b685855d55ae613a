"""What type checkers know from `typing`. Importing that would cost more than this whole package."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any


class Generic:
    """A base whose parameters are for type checkers alone."""

    __slots__ = ()

    def __class_getitem__(cls, _parameters: object) -> type[Generic]:
        return cls


# Type variables.
P = R = T = None


def cast(_type: str, value: Any) -> Any:
    """The value, of which a type checker believes that it is of this type."""
    return value
