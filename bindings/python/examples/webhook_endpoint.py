#!/usr/bin/env python3
"""An endpoint for webhooks: a WSGI application, and a server of the standard library that runs it.

    KNOCK_WEBHOOK_SECRET=... webhook_endpoint.py [PORT]

`application` runs under any WSGI server: `gunicorn webhook_endpoint:application`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import make_server

from knock_client import InvalidSignatureError, verify_webhook
from knock_client.types import Message, WebhookEvent

# Two for the time in which one replaces the other: KNOCK_WEBHOOK_SECRET="new old".
SECRETS = os.environ["KNOCK_WEBHOOK_SECRET"].split()
LARGEST = 1 << 20


def handle(event: WebhookEvent) -> None:
    """Does what there is to do, at once: Knock waits for the response, and repeats what fails."""
    if event.type == "message.bounced":
        message = Message(event.data)
        print("bounced:", message.id, "to", message.recipient, flush=True)
    else:
        print(event.type, "at", event.created_at, flush=True)


def respond(environ: dict[str, Any]) -> str:
    """The status of the response to a request."""
    if environ["REQUEST_METHOD"] != "POST":
        return "405 Method Not Allowed"
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return "413 Content Too Large"
    body = environ["wsgi.input"].read(int(length))
    try:
        # The bytes as they came: JSON that was parsed and written again is not what was signed.
        event = verify_webhook(body, environ.get("HTTP_X_KNOCK_SIGNATURE"), SECRETS)
    except InvalidSignatureError as error:
        print("refused:", error.code, error.message, file=sys.stderr, flush=True)
        return "400 Bad Request"
    handle(event)
    return "204 No Content"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response(respond(environ), [])
    return []


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    with make_server("127.0.0.1", port, application) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
