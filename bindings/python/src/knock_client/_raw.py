"""The answer behind a result: status, headers, request id."""

from __future__ import annotations

from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Generic, ParamSpec, TypeVar, cast

    P = ParamSpec("P")
    R = TypeVar("R")
else:
    from ._typing import Generic, R, cast


class RawResponse(Generic[R]):
    """An answer with its result."""

    status_code: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    request_id: str | None
    """The server's id of the request."""
    attempts: int
    """How many requests were sent for this call."""
    elapsed: float
    """Seconds that the call took, with all its attempts and waits."""

    def __init__(self, result: R, meta: Mapping[str, Any]) -> None:
        self._result = result
        self.status_code = meta["status"]
        self.headers = meta["headers"]
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
