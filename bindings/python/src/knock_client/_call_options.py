"""The keywords that every method accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from ._typing import hinted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._timeout import Seconds


@hinted
class CallOptions(TypedDict, total=False):
    """Keywords that every method accepts; what is left out stays as the client has it."""

    timeout: Seconds
    """Seconds that one attempt may take; None is for no limit. A `Timeout` may stand for them."""
    deadline: float | None
    """Seconds that the whole call may take: every attempt and all waits; None is for no limit."""
    max_retries: int
    """How many times a failed attempt may be repeated, where repeating it is safe."""
    idempotency_key: str
    """Sent as `Idempotency-Key`, 1 to 255 characters."""
    user_token: str
    """The signed token of the user to act for, sent as `X-Knock-User-Token`."""
    extra_headers: Mapping[str, str]
    """More headers, in place of the client's own of those names."""
    extra_query: Mapping[str, Any]
    """More query parameters: text, numbers, booleans or lists of them."""
    extra_body: Mapping[str, Any]
    """More fields of the body, in place of those that the arguments give."""


RequestOptions = CallOptions
"""`CallOptions` by the name that Knock's own package has."""
