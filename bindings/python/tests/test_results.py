"""Results: attributes, items, and nothing lost."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from conftest import Sandbox
from fastapi.encoders import jsonable_encoder

from knock_client import Knock, Model
from knock_client.types import (
    ChannelData,
    DiscordChannelData,
    GuidesResponse,
    ListUsersResponse,
    MessageInAppFeedButtonSetBlock,
    MessageInAppFeedContentBlock,
    Object,
    OneSignalChannelData,
    PreferenceSetWorkflowCategorySettingObject,
    PushChannelData,
    SlackChannelData,
    SlackIncomingWebhookConnection,
    SlackTokenConnection,
    Subscription,
    User,
    UserInAppFeedResponse,
)

CHANNEL = "5a88728a-3ecb-400d-ba6f-9c0956ab252f"


def test_attributes_and_items(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, email="jane@ingen.net", plan="pro", address={"zip": 1})
    assert (user.id, user.email, user.locale) == (user_id, "jane@ingen.net", None)
    assert (user["email"], user["plan"], user.plan) == ("jane@ingen.net", "pro", "pro")
    assert user.properties == {"plan": "pro", "address": {"zip": 1}} == user.extra
    assert user.type_name == user["__typename"] == "User"
    assert ("plan" in user, "locale" in user, user.get("locale", "en")) == (True, False, "en")
    with pytest.raises(AttributeError, match="User has no 'nothing'"):
        _ = user.nothing
    with pytest.raises(KeyError):
        _ = user["locale"]
    assert "plan" in dir(user)
    assert "email='jane@ingen.net'" in repr(user)


def test_nothing_is_lost(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    answer = {
        "id": user_id,
        "to_dict": 1,
        "get": None,
        "properties": {"a": [1.5, {"b": None}]},
        "_data": "x",
        "new": [],
        "big": 2**70,
    }
    sandbox.fault(f"/v1/users/{user_id}", status=200, body=answer)
    user = client.users.get(user_id)
    assert user.to_dict() == answer
    assert json.loads(user.to_json()) == answer
    assert user["to_dict"] == 1 and user["_data"] == "x"
    assert user.properties["properties"] == {"a": [1.5, {"b": None}]}
    user.to_dict()["new"].append(1)
    assert user["new"] == []


def test_results_are_values(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, plan="pro")
    assert user == client.users.get(user_id) == pickle.loads(pickle.dumps(user))
    assert copy.deepcopy(user) == user != User({"id": "other"})


def test_results_for_fixtures() -> None:
    user = User(id="jane", type_name="User", plan="pro")
    assert user.to_dict() == {"id": "jane", "__typename": "User", "plan": "pro"}
    assert (user.email, user.properties) == (None, {"plan": "pro"})
    user.email, user.plan, user.seats = "jane@ingen.net", "free", 3
    assert (user.email, user["email"], user.plan) == ("jane@ingen.net",) * 2 + ("free",)
    assert user.properties == {"plan": "free", "seats": 3}
    user.properties = {"team": "search"}
    assert user.to_dict().keys() == {"id", "__typename", "email", "team"}
    assert User({"id": "jane"}, email="a") == User(id="jane", email="a") != User(id="jane")

    page = ListUsersResponse(entries=[user])
    assert list(page) == [user] and isinstance(page.entries[0], User)
    page.entries[0].name = "Jane"
    assert page.to_dict()["entries"][0]["name"] == "Jane"


def test_a_changed_copy_leaves_the_original(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, name="Jane", address={"zip": 1})
    for other in (copy.copy(user), copy.deepcopy(user), pickle.loads(pickle.dumps(user))):
        other.name = "Joe"
        assert (user.name, other.name) == ("Jane", "Joe")
    page = client.users.list(page_size=1)
    other_page = copy.copy(page)
    other_page.entries = []
    assert len(page.entries) == 1 and other_page.entries == []


def test_results_as_dicts_and_lists(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, plan="pro", keys=["a"])
    assert dict(user) == {**user} == user.to_dict()
    assert list(user) == list(user.to_dict().items())
    assert user["keys"] == user.properties["keys"] == ["a"]
    preferences = client.users.set_preferences(user_id, "default", channel_types={"email": True})
    assert dict(preferences)["channel_types"] == preferences.channel_types
    page = client.users.list(page_size=1)
    assert dict(page)["entries"] == page.entries
    assert dict(page).keys() == page.to_dict().keys()


def test_web_frameworks_see_the_fields(client: Knock, user_id: str) -> None:
    preferences = client.users.set_preferences(user_id, "default", channel_types={"email": True})
    assert jsonable_encoder(preferences) == preferences.to_dict()
    page = client.users.list(page_size=1)
    assert jsonable_encoder({"page": page, "users": page.entries}) == {
        "page": page.to_dict(),
        "users": page.to_dict()["entries"],
    }


def test_model_dump(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, email="a@ingen.net", name=None, plan="pro")
    dumped = user.model_dump()
    assert (dumped["email"], dumped["locale"], dumped["plan"]) == ("a@ingen.net", None, "pro")
    assert dumped["type_name"] == "User" and "properties" not in dumped
    assert user.model_dump(by_alias=True, exclude_unset=True) == user.to_dict()
    assert user.model_dump(include={"id", "plan"}) == {"id": user_id, "plan": "pro"}
    assert "email" not in user.model_dump(exclude=["email"])
    assert user.model_extra == {"plan": "pro"}
    assert {"id", "email", "type_name"} <= user.model_fields_set
    assert not {"plan", "locale"} & user.model_fields_set
    assert json.loads(user.model_dump_json(exclude_none=True)) == user.model_dump(exclude_none=True)
    assert user.model_dump_json(include={"id"}) == f'{{"id":"{user_id}"}}'
    wrong: Any = {"id": {"x"}}
    with pytest.raises(TypeError, match="names of fields"):
        user.model_dump(exclude=wrong)


def test_model_copy(client: Knock, user_id: str) -> None:
    user = client.users.update(user_id, email="a@ingen.net", address={"zip": 1})
    other = user.model_copy(update={"name": "Jane", "type_name": "Other", "plan": "pro"})
    assert (other.name, other["__typename"], other.plan, other.id) == (
        "Jane",
        "Other",
        "pro",
        user_id,
    )
    assert user.name is None and "plan" not in user
    deep = user.model_copy(deep=True)
    deep["address"]["zip"] = 2
    assert user["address"] == {"zip": 1} and deep["address"] == {"zip": 2}
    page = client.users.list(page_size=1)
    shown = page.model_copy(update={"entries": [other]})
    assert shown.entries == [other] and isinstance(shown.entries[0], User)
    assert shown.next_cursor == page.next_cursor
    assert shown.get_next_page() == page.get_next_page()


def test_results_within_results(client: Knock, user_id: str) -> None:
    condition: Any = {"variable": "data.n", "operator": "equal_to", "argument": "1"}
    client.users.set_preferences(
        user_id,
        "default",
        workflows={"welcome": {"conditions": [condition]}, "digest": False},
        channel_types={"email": True},
    )
    (preferences,) = client.users.list_preferences(user_id)
    workflows = preferences.workflows or {}
    assert workflows["digest"] is False
    welcome = workflows["welcome"]
    assert isinstance(welcome, PreferenceSetWorkflowCategorySettingObject)
    assert [c.operator for c in welcome.conditions or []] == ["equal_to"]
    assert preferences.channel_types is not None and preferences.channel_types.email is True


@pytest.mark.parametrize(
    ("provider", "data", "kind"),
    [
        ("push_fcm", {"tokens": ["t"], "devices": []}, PushChannelData),
        (None, {"devices": [], "tokens": []}, PushChannelData),
        (None, {"player_ids": []}, OneSignalChannelData),
        ("chat_slack", {"connections": []}, SlackChannelData),
        ("chat_discord", {"connections": []}, DiscordChannelData),
        (None, {"connections": [], "token": {"access_token": "x"}}, SlackChannelData),
        (None, {"connections": []}, Model),
        ("http_knock_webhook", {}, Model),
        ("future", {"new": 1}, Model),
    ],
)
def test_channel_data_is_told_by_provider_or_keys(
    provider: str | None, data: dict[str, Any], kind: type[Model]
) -> None:
    channel = ChannelData({"channel_id": CHANNEL, "provider": provider, "data": data})
    assert type(channel.data) is kind
    assert channel.data.to_dict() == data


def test_connections_are_told_by_their_keys() -> None:
    slack = SlackChannelData(
        {"connections": [{"url": "https://hooks"}, {"access_token": "x", "channel_id": "C1"}, {}]}
    )
    kinds = [type(connection) for connection in slack.connections]
    assert kinds == [SlackIncomingWebhookConnection, SlackTokenConnection, Model]


def test_blocks_and_recipients_are_told_by_their_tag() -> None:
    feed = UserInAppFeedResponse(
        {
            "entries": [
                {
                    "blocks": [
                        {"type": "markdown", "name": "body", "rendered": "<p>", "content": "x"},
                        {"type": "button_set", "name": "actions", "buttons": [{"label": "Go"}]},
                        {"type": "video", "url": "https://x"},
                    ],
                    "actors": [{"__typename": "Object", "id": "1", "collection": "c"}, {"id": "j"}],
                }
            ]
        }
    )
    (item,) = feed.entries
    text, buttons, other = item.blocks or []
    assert isinstance(text, MessageInAppFeedContentBlock) and text.type == "markdown"
    assert isinstance(buttons, MessageInAppFeedButtonSetBlock)
    assert [button.label for button in buttons.buttons or []] == ["Go"]
    assert type(other) is Model and other["url"] == "https://x"
    assert [type(actor) for actor in item.actors or []] == [Object, User]


def test_what_does_not_fit_stays_json() -> None:
    subscription = Subscription({"object": "text", "recipient": None, "properties": 7})
    assert subscription.object == "text"
    assert subscription.recipient is None
    assert GuidesResponse({"entries": {"not": "a list"}}).entries == {"not": "a list"}


def test_what_is_no_object_in_a_list_stays_json(
    client: Knock, sandbox: Sandbox, user_id: str
) -> None:
    path = f"/v1/users/{user_id}/preferences"
    sandbox.fault(path, status=200, body='[{"id": "default"}, null, 5]')
    first, *others = client.users.list_preferences(user_id)
    assert first.id == "default" and others == [None, 5]
