"""What type checkers know from `typing`. Importing that would cost more than this whole package."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, TypeVar

    H = TypeVar("H")


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


class Annotations(dict[str, "Any"]):
    """Annotations that bring the names they are written with, once somebody goes through them.

    `typing.get_type_hints` does, and so do libraries that ask it; nobody else pays for the names.
    """

    def __init__(self, annotations: dict[str, Any], module: str) -> None:
        super().__init__(annotations)
        self._module = module

    def _bring(self) -> None:
        from ._hints import bring

        bring(self._module)

    def __iter__(self) -> Any:
        self._bring()
        return super().__iter__()

    def keys(self) -> Any:
        self._bring()
        return super().keys()

    def items(self) -> Any:
        self._bring()
        return super().items()

    def values(self) -> Any:
        self._bring()
        return super().values()


def hinted(thing: H) -> H:
    """The class or function, of which `typing.get_type_hints` knows all types."""
    parts: list[Any] = [thing]
    if isinstance(thing, type):
        # What a property, a cached one or a class method is made of.
        parts += [
            getattr(member, "fget", None) or getattr(member, "func", None) or member
            for member in vars(thing).values()
        ]
    for part in parts:
        if getattr(part, "__module__", None) != thing.__module__:
            continue
        if hasattr(part, "__code__") or "__annotations__" in vars(part):
            found = part.__annotations__
            if not isinstance(found, Annotations):
                part.__annotations__ = Annotations(found, part.__module__)
    return thing
