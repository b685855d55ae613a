"""The endpoint for webhooks among the examples, over a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from knock_client import sign_webhook

EVENT = {"type": "message.sent", "created_at": "2025-01-01T00:00:00Z", "data": {"id": "m1"}}
BODY = json.dumps(EVENT).encode()


@pytest.fixture
def endpoint() -> Iterator[subprocess.Popen[str]]:
    program = Path(__file__).parents[1] / "examples" / "webhook_endpoint.py"
    environment = {**os.environ, "KNOCK_WEBHOOK_SECRET": "new-secret old-secret"}
    command = [sys.executable, str(program), "0"]
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


def test_a_webhook_of_the_service_is_taken_and_all_else_refused(
    endpoint: subprocess.Popen[str],
) -> None:
    assert endpoint.stdout is not None and endpoint.stderr is not None
    url = endpoint.stdout.readline().split()[-1]

    def send(body: bytes | None, signature: str | None) -> int:
        headers = {} if signature is None else {"x-knock-signature": signature}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    for secret in ("new-secret", "old-secret"):
        assert send(BODY, sign_webhook(BODY, secret)) == 204
        assert endpoint.stdout.readline() == "message.sent at 2025-01-01T00:00:00Z\n"
    bounced = b'{"type": "message.bounced", "data": {"id": "m1", "recipient": "jane"}}'
    assert send(bounced, sign_webhook(bounced, "new-secret")) == 204
    assert endpoint.stdout.readline() == "bounced: m1 to jane\n"
    assert send(BODY, None) == 400
    assert send(BODY, sign_webhook(BODY, "another")) == 400
    assert send(BODY + b" ", sign_webhook(BODY, "new-secret")) == 400
    assert send(BODY, sign_webhook(BODY, "new-secret", at=time.time() - 3600)) == 400
    assert send(None, None) == 405

    # What is too large is not waited for.
    connection = HTTPConnection(url.removeprefix("http://"))
    connection.putrequest("POST", "/")
    connection.putheader("content-length", str((1 << 20) + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
