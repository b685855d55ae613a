"""Every operation of the library is a method, and each of them reaches the service."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from conftest import Sandbox

from knock_client import Knock, Page
from knock_client._library import library

CHANNEL = "5a88728a-3ecb-400d-ba6f-9c0956ab252f"
# Of the sandbox's demo world.
GUIDES = "f1000000-0000-4000-8000-000000000005"
GUIDE: dict[str, Any] = {
    "channel_id": GUIDES,
    "guide_id": "f6000000-0000-4000-8000-000000000001",
    "guide_key": "welcome-banner",
    "guide_step_ref": "step_1",
    "content": {},
}

# The arguments of each method, after the path parameters.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "users.list": {"page_size": 1, "include": ["preferences"]},
    "users.update": {"email": "jane@ingen.net", "plan": "pro"},
    "users.merge": {"from_user_id": "other"},
    "users.list_messages": {"status": ["sent"], "inserted_at_gte": "2025-01-01T00:00:00Z"},
    "users.list_schedules": {"workflow": "welcome"},
    "users.list_subscriptions": {"objects": [{"id": "1", "collection": "projects"}]},
    "users.set_channel_data": {"data": {"tokens": ["device-1"]}},
    "users.get_preferences": {"tenant": "ingen"},
    "users.set_preferences": {"workflows": {"welcome": False}},
    "users.preferences.update_workflows": {"workflows": {"welcome": False}},
    "users.preferences.update_workflow": {"subscribed": False},
    "users.preferences.update_categories": {"categories": {"news": True}},
    "users.preferences.update_category": {"subscribed": True},
    "users.preferences.update_channel_types": {"email": True},
    "users.preferences.update_channel_type": {"subscribed": True},
    "users.feeds.list_items": {"status": "unread", "trigger_data": {"plan": "pro"}},
    "users.guides.get_channel": {"tenant": "ingen", "data": {"plan": "pro"}},
    **{
        f"users.guides.{name}": GUIDE
        for name in (
            "mark_seen",
            "mark_interacted",
            "mark_archived",
            "unarchive",
            "reset_engagement",
            "mark_message_as_seen",
            "mark_message_as_interacted",
            "mark_message_as_archived",
        )
    },
    "users.bulk.identify": {"users": [{"id": "jane", "plan": "pro"}]},
    "users.bulk.delete": {"user_ids": ["nobody"]},
    "users.bulk.set_preferences": {"user_ids": ["jane"], "preferences": {"workflows": {}}},
}


def manifest() -> list[dict[str, Any]]:
    import ctypes

    library.knock_operations.restype = ctypes.c_char_p
    operations: list[dict[str, Any]] = json.loads(library.knock_operations())["operations"]
    return operations


OPERATIONS = {operation["name"]: operation for operation in manifest()}


def method_of(client: object, name: str) -> Any:
    found: Any = client
    for part in name.split("."):
        found = getattr(found, part)
    return found


def path_argument(name: str, user_id: str, operation: str) -> str:
    if name == "id":
        return "default" if "preferences" in operation else CHANNEL
    known = {"user_id": user_id, "channel_id": CHANNEL, "key": "welcome", "type": "email"}
    return known[name]


def guide_message(client: Knock, sandbox: Sandbox) -> str:
    """The message of a guide that a user of the demo world has seen."""
    sandbox.reset()
    client.users.guides.mark_seen("ian", **GUIDE)
    guides = client.users.guides.get_channel("ian", GUIDES).entries
    (guide,) = [guide for guide in guides if guide.key == GUIDE["guide_key"]]
    step = (guide.steps or [])[0]
    assert step.message is not None and step.message.id is not None
    return step.message.id


@pytest.mark.parametrize("name", OPERATIONS)
def test_reaches_the_service(name: str, client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.update(user_id, name="Jane")
    client.users.update("other", name="Other")
    client.users.set_channel_data(user_id, CHANNEL, data={"tokens": ["device-1"]})
    operation = OPERATIONS[name]
    placeholders = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
    if name == "bulk_operations.get":
        path = [client.users.bulk.delete(user_ids=["nobody"]).id]
    elif ".guides.mark_message" in name:
        path = ["ian", guide_message(client, sandbox)]
    elif name in ARGUMENTS and ARGUMENTS[name] is GUIDE:
        path = ["ian"]
    else:
        path = [path_argument(placeholder, user_id, name) for placeholder in placeholders]

    raw = method_of(client.with_raw_response, name)(*path, **ARGUMENTS.get(name, {}))

    assert raw.status_code == (200 if operation["response"] else 204)
    sent = operation["path"]
    for placeholder, value in zip(placeholders, path, strict=True):
        sent = sent.replace("{" + placeholder + "}", value)
    request = sandbox.requests(sent)[-1]
    assert (request["method"], request["request_id"]) == (operation["method"], raw.request_id)
    assert isinstance(raw.parse(), Page) == bool(operation["pagination"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_has_every_parameter_and_its_documentation(name: str, client: Knock) -> None:
    operation = OPERATIONS[name]
    method = method_of(client, name)
    parameters = inspect.signature(method).parameters
    for parameter in operation["parameters"]:
        keyword = parameter["name"].replace(".", "_")
        assert keyword in parameters
        assert f"  {keyword}: " in (method.__doc__ or "")
    assert operation["path"] in " ".join((method.__doc__ or "").split())


def test_identify_is_update(client: Knock, user_id: str) -> None:
    assert client.users.identify(user_id, plan="pro")["plan"] == "pro"
    assert client.users.with_raw_response.identify(user_id).parse().id == user_id
