"""Webhooks: whether a request came from Knock, and its event."""

from __future__ import annotations

from ._errors import APIResponseValidationError
from ._library import library
from ._options import millis
from ._signing import body_of, call, header_of, seconds
from ._typing import TYPE_CHECKING, hinted
from ._values import decode
from .types.webhook_event import WebhookEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ._signing import Body, Moment


@hinted
def verify_webhook(
    body: Body,
    signature: str | None,
    secret: str | Sequence[str],
    *,
    tolerance: float | None = 300,
    now: Moment | None = None,
) -> WebhookEvent:
    """Verifies the signature of a webhook and returns its event.

        event = verify_webhook(request.body, request.headers.get("x-knock-signature"), SECRET)

    Args:
      body: The bytes of the request's body as they came, before anything parses them.
      signature: The header `x-knock-signature` (`x-webhook-signature` for an HTTP channel); None
        where the request has none.
      secret: The signing secret; several while one replaces another.
      tolerance: Seconds that the time of signing may differ from now, either way; None for any.
      now: The time that counts as now, for tests.

    Raises:
      InvalidSignatureError: The signature does not hold; `code` tells why.
      APIResponseValidationError: The body is signed, and yet no event; see `verify_signature`.
      InvalidArgumentError: An argument is none, such as a body that is text.
      ConfigurationError: There is no secret, or an empty one.
    """
    return WebhookEvent(decode(_verify(body, signature, secret, tolerance, now)))


@hinted
def verify_signature(
    body: Body,
    signature: str | None,
    secret: str | Sequence[str],
    *,
    tolerance: float | None = 300,
    now: Moment | None = None,
) -> None:
    """Verifies the signature of a request whose body may be anything, as of HTTP channels.

    Its arguments are those of `verify_webhook`.

    Raises:
      InvalidSignatureError: The signature does not hold; `code` tells why.
      InvalidArgumentError: An argument is none, such as a body that is text.
      ConfigurationError: There is no secret, or an empty one.
    """
    try:
        _verify(body, signature, secret, tolerance, now)
    except APIResponseValidationError:
        # The signature holds; the body is no event.
        pass


@hinted
def sign_webhook(body: Body, secret: str | Sequence[str], *, at: Moment | None = None) -> str:
    """The signature header that Knock would send with a body, for tests of your own endpoint.

    Args:
      body: The bytes of the body.
      secret: The signing secret; the first of several.
      at: The time of signing, now by default.

    Raises:
      InvalidArgumentError: An argument is none, such as a body that is text.
      ConfigurationError: There is no secret, or an empty one.
    """
    options: dict[str, Any] = {"secret": secret}
    if at is not None:
        options["now_ms"] = round(seconds("at", at) * 1000)
    content = body_of(body)
    return call(library.knock_webhook_sign, options, content, len(content))


def _verify(
    body: Body,
    signature: str | None,
    secret: str | Sequence[str],
    tolerance: float | None,
    now: Moment | None,
) -> str:
    """The body as text, where its signature holds and it is an event."""
    options: dict[str, Any] = {"secret": secret}
    if tolerance is None or tolerance == float("inf"):
        # The library takes none for any.
        options["tolerance_ms"] = 0
    else:
        options["tolerance_ms"] = millis("tolerance", tolerance)
    if now is not None:
        options["now_ms"] = round(seconds("now", now) * 1000)
    content = body_of(body)
    header = None if signature is None else header_of(signature)
    return call(library.knock_webhook_verify, options, header, content, len(content))
