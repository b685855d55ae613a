"""Timeouts, as one number or as the several of HTTP libraries."""

from __future__ import annotations

from ._typing import TYPE_CHECKING, hinted
from ._values import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    from typing import Protocol, TypeAlias

    class Timeouts(Protocol):
        """A `Timeout`, of this package or of httpx."""

        @property
        def connect(self) -> float | None: ...
        @property
        def read(self) -> float | None: ...
        @property
        def write(self) -> float | None: ...


Seconds: TypeAlias = "float | Timeouts | None"
"""Seconds that one attempt may take: a number, None for no limit, or a `Timeout`."""

DEFAULT_MAX_RETRIES = 2
"""How many times a client repeats a failed attempt where that is safe, unless told otherwise."""


@hinted
class Timeout:
    """Timeouts by phase, in seconds, as httpx has them; None is for no limit.

    An attempt may take the longer of `read` and `write`. `connect` becomes the `connect_timeout` of
    a client, and is of no effect for a single call; `pool` is of none.

        client = Knock(timeout=Timeout(60, connect=2))
    """

    __slots__ = ("connect", "pool", "read", "write")

    def __init__(
        self,
        timeout: float | None | NotGiven = NOT_GIVEN,
        *,
        connect: float | None | NotGiven = NOT_GIVEN,
        read: float | None | NotGiven = NOT_GIVEN,
        write: float | None | NotGiven = NOT_GIVEN,
        pool: float | None | NotGiven = NOT_GIVEN,
    ) -> None:
        """Sets the phases that are given, and the others to `timeout`.

        Raises:
          ValueError: There is no `timeout`, and a phase is missing.
        """

        def phase(seconds: float | None | NotGiven) -> float | None:
            chosen = timeout if isinstance(seconds, NotGiven) else seconds
            if isinstance(chosen, NotGiven):
                raise ValueError("Timeout takes a number for all phases, or all four of them")
            return chosen

        self.connect = phase(connect)
        self.read = phase(read)
        self.write = phase(write)
        self.pool = phase(pool)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timeout):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        phases = ", ".join(f"{name}={getattr(self, name)}" for name in self.__slots__)
        return f"Timeout({phases})"


DEFAULT_TIMEOUT = Timeout(60, connect=5)
"""The timeouts of a client that is told no other."""
