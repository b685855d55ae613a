"""The exceptions, named as in `knockapi`, and how they come from the library's error objects."""

from __future__ import annotations

from ._typing import TYPE_CHECKING, hinted

if TYPE_CHECKING:
    from typing import Any, Literal


@hinted
class KnockError(Exception):
    """Whatever goes wrong in this package."""

    message: str
    """What was wrong, and what would be right."""
    operation: str | None
    """The operation that failed, such as `users.get`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        hinted(cls)

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.operation = details.get("operation")
        self._details = details

    def __str__(self) -> str:
        return f"{self.operation}: {self.message}" if self.operation else self.message

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), self.message, self._details)


class LibraryError(KnockError, ImportError):
    """The shared library cannot be loaded, or is not the one that this package was made for."""


class ConfigurationError(KnockError, ValueError):
    """Settings or secrets cannot work: an unknown or impossible value. Nothing was sent."""


class InvalidArgumentError(KnockError, ValueError):
    """The arguments of a call cannot be used. Nothing was sent."""


class ClientClosedError(KnockError):
    """The client was closed before or while the call ran."""


class InvalidSignatureError(KnockError, ValueError):
    """The signature of a webhook does not hold. The request is to be refused, with 400 or 401."""

    code: Literal[
        "signature_missing",
        "signature_malformed",
        "signature_mismatch",
        "timestamp_too_old",
        "timestamp_too_early",
    ]
    """Why it does not hold."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        self.code = details["code"]


class APIError(KnockError):
    """A call that reached for the service failed."""

    code: str | None
    """Knock's code, such as `resource_missing`."""
    type: str | None
    """Knock's type of error, such as `invalid_request_error`."""
    errors: list[dict[str, Any]]
    """The fields that the server did not accept, each with `field`, `message` and `type`."""
    request_id: str | None
    """The server's id of the request, to quote to Knock's support."""
    body: object | None
    """The server's response: decoded where it is JSON, else as text; None where there was none."""
    retryable: bool
    """Whether the same call may succeed later and may safely be made again."""
    retry_after: float | None
    """Seconds that the server asked to wait before the next try."""
    attempts: int
    """How many requests were sent for this call."""
    may_have_been_processed: bool
    """Whether the server may have done the work although the call failed."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        after = details.get("retry_after_ms")
        self.code = details.get("code")
        self.type = details.get("type")
        self.errors = details.get("errors") or []
        self.request_id = details.get("request_id")
        self.body = details.get("body")
        self.retryable = bool(details.get("retryable"))
        self.retry_after = None if after is None else after / 1000
        self.attempts = details.get("attempts") or 0
        self.may_have_been_processed = bool(details.get("maybe_processed"))

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text} [request {self.request_id}]" if self.request_id else text


class APIResponseValidationError(APIError):
    """The response, or a webhook that is signed, cannot be used: not JSON, cut short, no event."""

    status_code: int | None
    """The HTTP status."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        self.status_code = details.get("status")


class APIConnectionError(APIError):
    """No response could be had: name resolution, connecting, TLS, or a connection that broke."""


class APITimeoutError(APIConnectionError):
    """An attempt ran out of its timeout, or the call out of its deadline."""


class APIStatusError(APIError):
    """The server responded with a status of 400 or above."""

    status_code: int
    """The HTTP status."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        # Without a status it is the client's own pacing that had no slot within the deadline.
        self.status_code = details.get("status") or 429


class BadRequestError(APIStatusError):
    """400: the server could not read the request."""


class AuthenticationError(APIStatusError):
    """401: the API key or user token is missing, unknown or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the API key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing."""


class ConflictError(APIStatusError):
    """409: something else happened at the same time."""


class UnprocessableEntityError(APIStatusError):
    """422: the server does not accept a value; `errors` says which."""


class RateLimitError(APIStatusError):
    """429: too many requests, or the client's own pacing had no slot within the deadline."""


class InternalServerError(APIStatusError):
    """500 and above: the service failed."""


_BY_KIND: dict[str, type[KnockError]] = {
    "invalid_argument": InvalidArgumentError,
    "config": ConfigurationError,
    "api": APIStatusError,
    "rate_limited": RateLimitError,
    "timeout": APITimeoutError,
    "transport": APIConnectionError,
    "response": APIResponseValidationError,
    "invalid_signature": InvalidSignatureError,
    "closed": ClientClosedError,
    "invalid_handle": ClientClosedError,
}

_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def from_library(error: dict[str, Any]) -> KnockError:
    """The exception for an error object of the library."""
    details = dict(error)
    message = details.pop("message", "the call failed")
    kind = _BY_KIND.get(details.get("kind", ""), KnockError)
    if kind is APIStatusError:
        status = details["status"]
        kind = InternalServerError if status >= 500 else _BY_STATUS.get(status, APIStatusError)
    return kind(message, **details)


def _rebuild(kind: type[KnockError], message: str, details: dict[str, Any]) -> KnockError:
    return kind(message, **details)
