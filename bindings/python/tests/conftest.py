"""A server of our own for the tests, and clients for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from knock_client import Knock


class Sandbox:
    """The stand-in for the Knock API, as a process of its own."""

    def __init__(self) -> None:
        built = Path(__file__).parents[3] / "target" / "debug" / "knock-sandbox"
        program = os.environ.get("KNOCK_SANDBOX") or str(built)
        command = [program, "--addr", "127.0.0.1:0", "--seed", "demo"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        # It says where it listens.
        self.url = self.process.stdout.readline().split()[-1]

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Calls one of the sandbox's own endpoints."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request) as response:
            text = response.read()
        return json.loads(text) if text else None

    def fault(self, path: str, **fault: object) -> None:
        """Makes something go wrong with the next request for a path."""
        self.ask("POST", "faults", {"path": path, **fault})

    def requests(self, path: str) -> list[dict[str, Any]]:
        """What was asked for under a path, the oldest first."""
        found: list[dict[str, Any]] = self.ask("GET", f"requests?path={quote(path)}")["entries"]
        return found

    def reset(self) -> None:
        """Puts the demo world in place, as if nothing had happened."""
        self.ask("POST", "reset")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Ctrl-C interrupts, also where a shell started the tests with it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def client(sandbox: Sandbox) -> Iterator[Knock]:
    with Knock(api_key="sk_test", base_url=sandbox.url, pacing="off") as client:
        yield client


@pytest.fixture
def user_id() -> str:
    """A user that no other test knows."""
    return f"user-{uuid4()}"
