"""What is sent: left out, null, custom properties, Python values, options of a call."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from conftest import Sandbox

from knock_client import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT,
    NOT_GIVEN,
    APITimeoutError,
    ConfigurationError,
    InvalidArgumentError,
    Knock,
    NotFoundError,
    NotGiven,
    Omit,
    Timeout,
    bulk,
    not_given,
    omit,
)
from knock_client.types import User

CHANNEL = UUID("5a88728a-3ecb-400d-ba6f-9c0956ab252f")


class Plan(Enum):
    PRO = "pro"


class Status(str, Enum):
    UNREAD = "unread"


@pytest.fixture
def sent(client: Knock, sandbox: Sandbox, user_id: str) -> Any:
    """Identifies a user and returns the body that the service got."""

    def send(**arguments: Any) -> Any:
        client.users.update(user_id, **arguments)
        return sandbox.requests(f"/v1/users/{user_id}")[-1]["json"]

    return send


def test_none_is_null_and_what_is_left_out_is_not_sent(sent: Any) -> None:
    assert sent(email=None, name="Jane", avatar=NOT_GIVEN) == {"email": None, "name": "Jane"}
    assert sent() == {}


def test_a_custom_property_may_have_any_name(sent: Any) -> None:
    taken = {"user_id": 1, "timeout": 5, "self": True, "extra_body": {}, "with space": "ok"}
    assert sent(plan="pro", seats=3, properties=taken) == {"plan": "pro", "seats": 3, **taken}
    assert sent(plan="pro", extra_body={"plan": "free", "": 1}) == {"plan": "free", "": 1}


def test_python_values_become_json(sent: Any) -> None:
    moment = datetime(2025, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=-6)))
    assert sent(
        created_at=moment,
        plan=Plan.PRO,
        status=Status.UNREAD,
        account=CHANNEL,
        born=date(1990, 1, 2),
        tags=("a", "ü"),
        nested={CHANNEL: {Plan.PRO: moment}},
    ) == {
        "created_at": "2025-03-01T12:30:00-06:00",
        "plan": "pro",
        "status": "unread",
        "account": str(CHANNEL),
        "born": "1990-01-02",
        "tags": ["a", "ü"],
        "nested": {str(CHANNEL): {"pro": "2025-03-01T12:30:00-06:00"}},
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (datetime(2025, 3, 1), "body.value: datetime 2025-03-01T00:00:00 has no time zone"),
        ({"at": datetime(2025, 3, 1), CHANNEL: 1}, "body.value.at: datetime 2025-03-01T00:00:00"),
        (float("nan"), "body.value: nan cannot be sent as JSON"),
        (b"bytes", "body.value: a bytes cannot be sent as JSON; known are dict, list, "),
        (["a", ("b", {"c d": {1, 2}})], "body.value[1][1]['c d']: a set cannot be sent as JSON"),
        ({CHANNEL: {Plan.PRO: object()}}, f"body.value['{CHANNEL}']['Plan.PRO']: an object"),
        ("\ud800", "body.value: the text holds half of a surrogate pair"),
        ({"\ud800": 1}, "body.value: the key '\\ud800' holds half of a surrogate pair"),
        ([NOT_GIVEN], "body.value[0]: NOT_GIVEN leaves out an argument"),
        ({(1, 2): 3}, "body.value: a key is (1, 2); keys are text"),
        ({"a": [{None: 3}]}, "body.value.a[0]: a key is None; keys are text"),
        (User({"id": "a", "tags": [{7}]}), "body.value.tags[0]: a set cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_refused(sent: Any, value: object, message: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        sent(value=value)
    assert caught.value.message.startswith(message)


def test_text_like_null_is_sent(sent: Any) -> None:
    assert sent(value={"null": 1, "text": '"null":'}) == {"value": {"null": 1, "text": '"null":'}}


def test_what_has_no_end_is_refused(sent: Any) -> None:
    cycle: dict[str, Any] = {}
    cycle["again"] = [cycle]
    with pytest.raises(
        InvalidArgumentError, match=r"^body.value.again\[0\]: the value holds itself"
    ):
        sent(value=cycle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidArgumentError, match="nested too deeply"):
        sent(value=deep)


def test_values_of_parameters_and_settings_are_named(client: Knock, sandbox: Sandbox) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^user_id: a set cannot be sent"):
        client.users.get({"jane"})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"^headers.a: a set cannot be sent"):
        Knock(api_key="sk_x", default_headers={"a": {1}})  # type: ignore[dict-item]


def test_a_result_can_be_sent_again(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    first = client.users.set_preferences(user_id, "default", workflows={"welcome": False})
    client.users.set_preferences(user_id, "default", workflows=first.workflows)
    bodies = [r["json"] for r in sandbox.requests(f"/v1/users/{user_id}/preferences/default")]
    assert bodies[0] == bodies[1]


PERSISTENCE = ("_persistence_strategy", "__persistence_strategy__")


@pytest.mark.parametrize("name", PERSISTENCE)
def test_a_nested_persistence_strategy_has_the_name_of_the_service(
    client: Knock, sandbox: Sandbox, user_id: str, name: str
) -> None:
    given: dict[str, Any] = {"workflows": {"news": False}, name: "merge"}
    expected = {"workflows": {"news": False}, PERSISTENCE[1]: "merge"}
    preferences: Any = {"default": given, CHANNEL: given}
    client.users.update(user_id, preferences=preferences)
    (body,) = (request["json"] for request in sandbox.requests(f"/v1/users/{user_id}"))
    assert body["preferences"] == {"default": expected, str(CHANNEL): expected}

    users: list[Any] = [{"id": user_id, "preferences": {"default": given}}]
    client.users.bulk.identify(users=users)
    bulk.identify(client, users, poll_interval_ms=1)
    for request in sandbox.requests("/v1/users/bulk/identify")[-2:]:
        assert request["json"]["users"][0]["preferences"] == {"default": expected}


def test_a_persistence_strategy_elsewhere_is_a_custom_property(sent: Any) -> None:
    assert sent(_persistence_strategy="x") == {"_persistence_strategy": "x"}


def test_one_preference_set_has_one_persistence_strategy(sent: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="_persistence_strategy is given twice"):
        sent(preferences={"default": dict.fromkeys(PERSISTENCE, "merge")})


def test_ids_are_one_segment_of_the_path(client: Knock, sandbox: Sandbox) -> None:
    client.users.update("ä b?c%2F", name="Jane")
    assert sandbox.requests("/v1/users/%C3%A4%20b%3Fc%252F")
    for wrong in ("", ".", ".."):
        with pytest.raises(InvalidArgumentError, match="user_id"):
            client.users.get(wrong)
    with pytest.raises(InvalidArgumentError, match="must be text, not a number"):
        client.users.get(7)  # type: ignore[arg-type]


def test_query_parameters_of_all_kinds(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.feeds.list_items(
        user_id,
        CHANNEL,
        status=Status.UNREAD,
        has_tenant=False,
        workflow_categories=["a", "b"],
        trigger_data={"plan": "pro"},
        inserted_at_gte=datetime(2025, 3, 1, tzinfo=timezone.utc),
        page_size=5,
        after=None,
        extra_query={"new": ["1", 2], "old": True},
    )
    (request,) = sandbox.requests(f"/v1/users/{user_id}/feeds/{CHANNEL}")
    assert request["query"] == (
        "status=unread&has_tenant=false&workflow_categories[]=a&workflow_categories[]=b"
        "&trigger_data=%7B%22plan%22%3A%22pro%22%7D&page_size=5"
        "&inserted_at.gte=2025-03-01T00%3A00%3A00%2B00%3A00&new[]=1&new[]=2&old=true"
    )


def test_an_endpoint_without_a_method_is_called_by_its_path(
    client: Knock, sandbox: Sandbox, user_id: str
) -> None:
    path = f"/v1/users/{user_id}"
    body = {"plan": Plan.PRO, "email": None}
    answer = client.request("PUT", path, body=body, query={"n": [1, 2]}, extra_headers={"x-t": "1"})
    assert answer["plan"] == "pro"
    request = sandbox.requests(path)[-1]
    assert request["query"] == "n[]=1&n[]=2"
    assert request["json"] == {"plan": "pro", "email": None}
    assert dict(request["headers"])["x-t"] == "1"
    assert client.request("DELETE", path) is None
    with pytest.raises(NotFoundError):
        client.request("GET", path)
    with pytest.raises(InvalidArgumentError, match="must start with /"):
        client.request("GET", "v1/users")
    with pytest.raises(InvalidArgumentError, match="NUL"):
        client.request("GET", path + "\0/x")


def test_options_of_a_call(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.bulk.delete(
        user_ids=[user_id],
        timeout=2.5,
        deadline=None,
        max_retries=0,
        idempotency_key="once",
        extra_headers={"x-trace": "1", "x-knock-branch": "feature"},
        extra_body={"note": None},
    )
    request = sandbox.requests("/v1/users/bulk/delete")[-1]
    headers = dict(request["headers"])
    assert headers["idempotency-key"] == "once"
    assert (headers["x-trace"], headers["x-knock-branch"]) == ("1", "feature")
    assert request["json"] == {"user_ids": [user_id], "note": None}


def test_options_of_a_client(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    traced = client.with_options(default_headers={"x-trace": "1"}, default_query={"v": "2"})
    traced = traced.with_options(default_headers={"x-more": "2"}, timeout=3)
    traced.users.update(user_id, extra_headers={"x-trace": "3"})
    request = sandbox.requests(f"/v1/users/{user_id}")[-1]
    headers = dict(request["headers"])
    assert (headers["x-trace"], headers["x-more"], request["query"]) == ("3", "2", "v=2")
    client.users.update(user_id)
    assert "x-trace" not in dict(sandbox.requests(f"/v1/users/{user_id}")[-1]["headers"])


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), True, "5"])
def test_an_impossible_timeout_is_refused(client: Knock, timeout: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="timeout must be seconds"):
        client.users.get("jane", timeout=timeout)


def test_an_infinite_timeout_is_no_limit(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    endless: dict[str, Any] = {"timeout": math.inf, "deadline": math.inf}
    assert client.users.update(user_id, **endless).id == user_id
    assert client.with_options(**endless).users.get(user_id).id == user_id
    durations: dict[str, Any] = {**endless, "connect_timeout": math.inf, "idle_timeout": math.inf}
    with Knock(api_key="sk_x", base_url=sandbox.url, **durations) as patient:
        assert patient.users.get(user_id).id == user_id


def test_timeouts_by_phase(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    assert DEFAULT_TIMEOUT == Timeout(connect=5, read=60, write=60, pool=60) != Timeout(60)
    for kind in (Timeout, httpx.Timeout):
        with Knock(api_key="sk_x", base_url=sandbox.url, timeout=kind(5, connect=None)) as patient:
            assert patient.users.update(user_id, timeout=kind(None)).id == user_id
            assert patient.with_options(timeout=kind(7, read=2)).users.get(user_id).id == user_id
            sandbox.fault(f"/v1/users/{user_id}", send="nothing", then="hang")
            with pytest.raises(APITimeoutError):
                patient.users.get(user_id, timeout=kind(0.05), max_retries=0)
        with pytest.raises(ConfigurationError, match="connect_timeout must be seconds"):
            Knock(api_key="sk_x", timeout=kind(5, connect=-1))
        with pytest.raises(ValueError, match=r"Timeout.*four|default or set all"):
            kind(connect=1)


def test_the_defaults_are_those_of_the_library() -> None:
    source = (Path(__file__).parents[3] / "src" / "client" / "builder.rs").read_text()
    told = dict(re.findall(r"^            (\w+): (?:Duration::from_secs\()?(\d+)", source, re.M))
    assert (told["timeout"], told["connect_timeout"]) == ("60", "5")
    assert (DEFAULT_TIMEOUT.read, DEFAULT_TIMEOUT.connect) == (60, 5)
    assert told["max_retries"] == str(DEFAULT_MAX_RETRIES)


def test_what_is_left_out_has_several_names(sent: Any) -> None:
    assert sent(name=omit, email=not_given, avatar=Omit(), locale=NotGiven(), plan=1) == {"plan": 1}
    assert Omit is NotGiven and NotGiven() is NOT_GIVEN and not omit
    assert pickle.loads(pickle.dumps(omit)) is omit and copy.deepcopy(omit) is omit


def test_misspelt_keywords_are_refused(client: Knock) -> None:
    with pytest.raises(TypeError, match="timeuot"):
        client.users.get("jane", timeuot=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="statsu"):
        client.users.feeds.list_items("jane", CHANNEL, statsu="read")  # type: ignore[call-arg]


def test_a_body_for_a_call_without_one_is_refused(client: Knock) -> None:
    with pytest.raises(InvalidArgumentError, match="takes no body"):
        client.users.get("jane", extra_body={"a": 1})


def test_bodies_are_sent_as_utf8(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.update(user_id, name="Jåne 🦖")
    body = sandbox.requests(f"/v1/users/{user_id}")[-1]["body"]
    assert body == json.dumps({"name": "Jåne 🦖"}, ensure_ascii=False, separators=(",", ":"))
