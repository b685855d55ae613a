"""A demo world for every test, and a record of the methods that were called."""

import functools
import json
import os
import urllib.request

import pytest
from knockapi import Knock
from knockapi.resources.bulk_operations import BulkOperationsResource
from knockapi.resources.users.bulk import BulkResource
from knockapi.resources.users.feeds import FeedsResource
from knockapi.resources.users.guides import GuidesResource
from knockapi.resources.users.preference_center import PreferenceCenterResource
from knockapi.resources.users.users import UsersResource

URL = os.environ["KNOCK_SANDBOX_URL"]
RESOURCES = [
    UsersResource,
    FeedsResource,
    GuidesResource,
    BulkResource,
    PreferenceCenterResource,
    BulkOperationsResource,
]

called = set()


def methods():
    """Every method of the package that calls the Users API."""
    for resource in RESOURCES:
        for name, attribute in vars(resource).items():
            if callable(attribute) and not name.startswith("_"):
                yield resource, name


def record(resource, name):
    method = getattr(resource, name)

    @functools.wraps(method)
    def recorded(*args, **kwargs):
        called.add((resource, name))
        return method(*args, **kwargs)

    setattr(resource, name, recorded)


for _resource, _name in list(methods()):
    record(_resource, _name)


class Sandbox:
    """What a test does to the sandbox behind the package's back."""

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{URL}/_sandbox/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def reset(self):
        self._send("POST", "reset")

    def fault(self, **fault):
        self._send("POST", "faults", fault)

    def requests(self):
        return self._send("GET", "requests")["entries"]

    def last_request(self):
        return self.requests()[-1]


@pytest.fixture
def sandbox():
    sandbox = Sandbox()
    sandbox.reset()
    return sandbox


@pytest.fixture
def client(sandbox):
    with Knock(api_key="sk_test", base_url=URL, max_retries=0) as client:
        yield client


def pytest_terminal_summary(terminalreporter):
    count = {name: len(terminalreporter.stats.get(name, [])) for name in ("passed", "failed", "error")}
    terminalreporter.write_line(f"python: {count['passed']} passed, {count['failed'] + count['error']} failed")
