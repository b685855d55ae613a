"""The response behind a result: status, headers, request id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ._typing import TYPE_CHECKING, hinted

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic, ParamSpec, TypeVar, cast

    P = ParamSpec("P")
    R = TypeVar("R")
else:
    from ._typing import Generic, R, cast


@hinted
class Headers(Mapping[str, str]):
    """Headers by their names, however those are written.

    The values of a header that came several times are joined by commas.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        # The library writes names in lower case.
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


@hinted
class RawResponse(Generic[R]):
    """A response with its result."""

    status_code: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers; upper and lower case in their names are the same."""
    request_id: str | None
    """The server's id of the request."""
    attempts: int
    """How many requests were sent for this call."""
    elapsed: float
    """Seconds that the call took, with all its attempts and waits."""

    def __init__(self, result: R, meta: Mapping[str, Any]) -> None:
        self._result = result
        self.status_code = meta["status"]
        self.headers = Headers(meta["headers"])
        self.request_id = meta["request_id"]
        self.attempts = meta["attempts"]
        self.elapsed = meta["elapsed_ms"] / 1000

    def parse(self) -> R:
        """What the method returns without `with_raw_response`."""
        return self._result

    def __repr__(self) -> str:
        return f"RawResponse(status_code={self.status_code}, request_id={self.request_id!r})"


def raw(method: Callable[P, R]) -> Callable[P, RawResponse[R]]:
    """The type of a method of `Calls.raw()`, which returns a `RawResponse` already."""
    return cast("Callable[P, RawResponse[R]]", method)
