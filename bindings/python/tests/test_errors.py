"""Exceptions: one for each way to fail, with what the service said."""

from __future__ import annotations

import pickle
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Sandbox

import knock_client
from knock_client import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    Knock,
    KnockError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (418, APIStatusError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        (500, InternalServerError),
        (503, InternalServerError),
    ],
)
def test_statuses(
    client: Knock, sandbox: Sandbox, user_id: str, status: int, kind: type[APIStatusError]
) -> None:
    sandbox.fault(f"/v1/users/{user_id}", status=status)
    with pytest.raises(APIStatusError) as caught:
        client.users.get(user_id, max_retries=0)
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert isinstance(caught.value, (APIError, KnockError))


def test_what_the_service_said(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    body = {
        "code": "invalid_params",
        "message": "Bad",
        "status": 422,
        "type": "invalid_request_error",
        "errors": [{"field": "email", "message": "is no address", "type": None}],
    }
    headers = {"x-request-id": "req_1", "retry-after": "2"}
    sandbox.fault(f"/v1/users/{user_id}", status=429, body=body, headers=headers)
    with pytest.raises(RateLimitError) as caught:
        client.users.update(user_id, email="jane", max_retries=0)
    error = caught.value
    assert (error.code, error.type) == ("invalid_params", "invalid_request_error")
    assert error.errors == body["errors"]
    assert (error.request_id, error.body, error.operation) == ("req_1", body, "users.update")
    assert (error.retryable, error.retry_after, error.attempts) == (True, 2.0, 1)
    assert not error.may_have_been_processed
    text = "users.update: the server responded with 429 (invalid_params): Bad; email: is no address"
    assert str(error) == f"{text} [request req_1]"

    again = pickle.loads(pickle.dumps(error))
    assert type(again) is RateLimitError and str(again) == str(error)
    assert vars(again) == vars(error)


def test_a_body_that_is_not_json(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    sandbox.fault(f"/v1/users/{user_id}", status=502, body="<html>")
    with pytest.raises(InternalServerError) as caught:
        client.users.get(user_id, max_retries=0)
    assert caught.value.body == "<html>"


@pytest.mark.parametrize("body", [[], '"ok"', "null", 5])
def test_json_of_another_kind(client: Knock, sandbox: Sandbox, user_id: str, body: object) -> None:
    sandbox.fault(f"/v1/users/{user_id}", status=200, body=body)
    with pytest.raises(APIResponseValidationError, match="instead of an object"):
        client.users.get(user_id)


def test_timeouts(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    sandbox.fault(f"/v1/users/{user_id}", send="nothing", then="hang")
    with pytest.raises(APITimeoutError) as caught:
        client.users.get(user_id, timeout=0.05, max_retries=0)
    assert isinstance(caught.value, APIConnectionError)
    sandbox.fault(f"/v1/users/{user_id}", send="nothing", then="hang")
    with pytest.raises(APITimeoutError, match="deadline"):
        client.users.get(user_id, deadline=0.05)


def test_connections_that_break_or_are_refused(
    client: Knock, sandbox: Sandbox, user_id: str
) -> None:
    sandbox.fault(f"/v1/users/{user_id}/merge", send="nothing", then="reset", processed=True)
    with pytest.raises(APIConnectionError) as caught:
        client.users.merge(user_id, from_user_id="other")
    assert caught.value.may_have_been_processed
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with Knock(api_key="sk_x", base_url=refused, max_retries=0) as nobody:
            with pytest.raises(APIConnectionError):
                nobody.users.get("jane")


def test_answers_that_cannot_be_used(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    sandbox.fault(f"/v1/users/{user_id}", status=200, body='{"id": ')
    with pytest.raises(APIResponseValidationError) as caught:
        client.users.get(user_id, max_retries=0)
    assert caught.value.status_code == 200


@pytest.mark.parametrize("body", ["[]", '"ok"', "null", "5", "true"])
def test_json_of_another_kind_is_no_result(
    client: Knock, sandbox: Sandbox, user_id: str, body: str
) -> None:
    for call, path in (
        (lambda: client.users.get(user_id, max_retries=0), f"/v1/users/{user_id}"),
        (lambda: client.users.list(max_retries=0), "/v1/users"),
        (lambda: client.users.with_raw_response.get(user_id), f"/v1/users/{user_id}"),
    ):
        sandbox.fault(path, status=200, body=body)
        with pytest.raises(APIResponseValidationError, match="instead of an object"):
            call()
    path = f"/v1/users/{user_id}/preferences"
    sandbox.fault(path, status=200, body="{}")
    with pytest.raises(APIResponseValidationError, match="an object instead of a list"):
        client.users.list_preferences(user_id, max_retries=0)


def test_headers_keep_every_value(user_id: str) -> None:
    head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\nlink: a\r\nlink: b\r\nx-city: Zürich\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f'{head}{{"id":"a"}}'.encode())

        answering = pool.submit(answer)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with Knock(api_key="sk_x", base_url=url) as client:
            headers = client.users.with_raw_response.get(user_id).headers
        answering.result()
    assert (headers["Link"], headers["x-city"]) == ("a, b", "Zürich")


def test_retries_are_counted(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.update(user_id)
    sandbox.fault(f"/v1/users/{user_id}", status=503, headers={"retry-after-ms": "1"})
    raw = client.users.with_raw_response.get(user_id)
    assert (raw.attempts, raw.status_code, raw.parse().id) == (2, 200, user_id)
    assert raw.headers["content-type"].startswith("application/json")
    assert raw.request_id and raw.elapsed > 0


def test_the_clients_own_pacing(sandbox: Sandbox, user_id: str) -> None:
    with Knock(api_key="sk_paced", base_url=sandbox.url, pacing={"1": 1}) as paced:
        with pytest.raises(RateLimitError) as caught:
            for _ in range(2):
                paced.users.bulk.delete(user_ids=[user_id], deadline=0.2)
    assert (caught.value.status_code, caught.value.attempts) == (429, 0)


def test_a_closed_client(sandbox: Sandbox) -> None:
    with Knock(api_key="sk_x", base_url=sandbox.url) as client:
        other = client.with_options(timeout=1)
        assert not client.is_closed()
    client.close()
    assert client.is_closed() and other.is_closed()
    for closed in (client, other):
        with pytest.raises(ClientClosedError):
            closed.users.get("jane")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"api_key": ""}, "api_key"),
        ({"base_url": "http://example.com"}, "http"),
        ({"base_url": "nonsense"}, "base"),
        ({"pacing": "sometimes"}, "pacing"),
        ({"max_retries": -1}, "max_retries"),
        ({"default_headers": {"a b": "c"}}, "header"),
        ({"ca_file": "/nowhere.pem"}, "nowhere.pem"),
        ({"timeout": 0}, "timeout"),
        ({"connect_timeout": "soon"}, "connect_timeout"),
        ({"base_url": object()}, "object"),
    ],
)
def test_impossible_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Knock(**{"api_key": "sk_x", **settings})  # type: ignore[arg-type]


def test_settings_from_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, user_id: str
) -> None:
    monkeypatch.setenv("KNOCK_API_KEY", "sk_from_environment")
    monkeypatch.setenv("KNOCK_BASE_URL", sandbox.url)
    monkeypatch.setenv("KNOCK_BRANCH", "feature")
    with Knock() as client:
        client.users.update(user_id)
    headers = dict(sandbox.requests(f"/v1/users/{user_id}")[-1]["headers"])
    assert headers["authorization"] == "Bearer sk_…ment"
    assert headers["x-knock-branch"] == "feature"


def test_an_empty_branch_is_none(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, user_id: str
) -> None:
    monkeypatch.setenv("KNOCK_BRANCH", "feature")
    with Knock(api_key="sk_x", base_url=sandbox.url, branch="") as client:
        client.users.update(user_id)
    assert "x-knock-branch" not in dict(sandbox.requests(f"/v1/users/{user_id}")[-1]["headers"])


def test_no_secret_shows(sandbox: Sandbox) -> None:
    with Knock(api_key="sk_secret", user_token="secret.jwt", base_url=sandbox.url) as client:
        with pytest.raises(APIStatusError) as caught:
            client.users.get("nobody")
        assert "secret" not in repr(client) + repr(vars(caught.value)) + str(caught.value)


def test_every_exception_is_exported() -> None:
    for name in knock_client.__all__:
        found = getattr(knock_client, name)
        if isinstance(found, type) and issubclass(found, Exception):
            assert issubclass(found, KnockError) and (found.__doc__ or "").endswith(".")
