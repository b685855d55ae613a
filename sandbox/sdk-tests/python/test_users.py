"""Every Users method of Knock's own Python package, run against the sandbox's demo world."""

import json
from datetime import datetime, timezone

import knockapi
import pytest
from knockapi import Knock

import conftest

FEED = "f1000000-0000-4000-8000-000000000001"
EMAIL = "f1000000-0000-4000-8000-000000000002"
PUSH = "f1000000-0000-4000-8000-000000000003"
SLACK = "f1000000-0000-4000-8000-000000000004"
GUIDES = "f1000000-0000-4000-8000-000000000005"
STEP = {
    "channel_id": GUIDES,
    "guide_id": "f6000000-0000-4000-8000-000000000001",
    "guide_key": "welcome-banner",
    "guide_step_ref": "step_1",
}


def message_of(client):
    """Ian's engagement with the welcome banner."""
    guides = client.users.guides.get_channel("ian", GUIDES)
    (guide,) = [guide for guide in guides.entries if guide.key == "welcome-banner"]
    return guide.steps[0].message


def finish(client, operation):
    """Polls a bulk operation to its end, and tells what it went through."""
    statuses = [operation.status]
    while operation.status not in ("completed", "failed"):
        operation = client.bulk_operations.get(operation.id)
        statuses.append(operation.status)
    assert statuses == ["queued", "processing", "completed"]
    return operation


def test_update_and_get(client, sandbox):
    born = datetime(2024, 5, 22, 12, 0, tzinfo=timezone.utc)
    user = client.users.update(
        "new user-1",
        name="New",
        email="new@example.com",
        created_at=born,
        extra_body={"plan": "pro", "address": {"city": "Oslo"}},
    )
    assert (user.id, user.name, user.created_at) == ("new user-1", "New", born)
    assert user.api_typename == "User"
    client.users.update("new user-1", name=None, extra_body={"address": {"zip": "0150"}})
    read = client.users.get("new user-1")
    assert read.name is None
    assert read.email == "new@example.com"
    assert read.model_extra["plan"] == "pro"
    assert read.model_extra["address"] == {"city": "Oslo", "zip": "0150"}
    assert sandbox.last_request()["path"] == "/v1/users/new%20user-1"


def test_update_with_channel_data_and_preferences(client):
    client.users.update(
        "new",
        channel_data={PUSH: {"tokens": ["t1"]}},
        preferences={"default": {"workflows": {"digest": False}}},
    )
    assert client.users.get_channel_data("new", PUSH).data.tokens == ["t1"]
    assert client.users.get_preferences("new", "default").workflows == {"digest": False}


def test_list(client):
    page = client.users.list(page_size=2)
    assert [user.id for user in page.entries] == ["jane", "ian"]
    assert [user.id for user in client.users.list(page_size=2)] == ["jane", "ian", "ellie", "alan", "jane-old"]
    assert [user.id for user in client.users.list(order="desc", page_size=3).entries] == ["jane-old", "alan", "ellie"]
    before = page.get_next_page().page_info.model_extra["before"]
    back = client.users.list(page_size=2, before=before)
    assert [user.id for user in back.entries] == ["jane", "ian"]
    jane = client.users.list(include=["preferences"], page_size=1).entries[0]
    assert jane.model_extra["preferences"]["default"]["categories"] == {"marketing": False}


def test_delete(client):
    assert client.users.delete("alan") is None
    with pytest.raises(knockapi.NotFoundError) as caught:
        client.users.get("alan")
    assert caught.value.body["code"] == "resource_missing"


def test_merge(client):
    merged = client.users.merge("jane", from_user_id="jane-old")
    assert (merged.id, merged.email) == ("jane", "jane@ingen.net")
    assert merged.model_extra["legacy_id"] == 7
    with pytest.raises(knockapi.NotFoundError):
        client.users.get("jane-old")


def test_preferences(client, sandbox):
    set_ = client.users.set_preferences(
        "ian",
        "default",
        workflows={"a": False, "b": {"channel_types": {"email": False}}},
        categories={"c": {"conditions": [{"variable": "recipient.plan", "operator": "equal_to", "argument": "pro"}]}},
        channels={EMAIL: True},
        channel_types={"push": False},
        commercial_subscribed=True,
    )
    assert set_.id == "default"
    assert set_.workflows["b"].channel_types.email is False
    merged = client.users.set_preferences(
        "ian", "default", _persistence_strategy="merge", workflows={"b": {"channel_types": {"sms": True}}}
    )
    assert sandbox.last_request()["json"]["__persistence_strategy__"] == "merge"
    assert merged.workflows["a"] is False
    assert merged.workflows["b"].channel_types.to_dict() == {"email": False, "sms": True}
    assert merged.channels == {EMAIL: True}
    assert merged.commercial_subscribed is True
    replaced = client.users.set_preferences("ian", "default", categories={"d": False})
    assert (replaced.workflows, replaced.categories) == (None, {"d": False})

    assert [s.id for s in client.users.list_preferences("jane")] == ["acme", "default"]
    acme = client.users.get_preferences("jane", "default", tenant="acme")
    assert acme.categories["billing"].channel_types.email is True
    assert client.users.unset_preferences("jane", "acme") is None
    assert [s.id for s in client.users.list_preferences("jane")] == ["default"]


def test_channel_data(client):
    push = client.users.set_channel_data("ian", PUSH, data={"tokens": ["a", "b"]})
    assert (push.channel_id, push.provider) == (PUSH, "push_fcm")
    assert [device.token for device in push.data.devices] == ["a", "b"]
    slack = client.users.set_channel_data(
        "ian", SLACK, data={"connections": [{"access_token": "xoxb", "channel_id": "C1"}]}
    )
    assert slack.data.connections[0].access_token == "xoxb"
    assert client.users.get_channel_data("ian", PUSH).data.tokens == ["a", "b"]
    assert client.users.unset_channel_data("ian", PUSH) is None
    with pytest.raises(knockapi.NotFoundError):
        client.users.get_channel_data("ian", PUSH)


def test_list_messages(client):
    def numbers(**filters):
        return [message.data["number"] for message in client.users.list_messages("jane", **filters)]

    assert numbers() == numbers(page_size=5) == list(range(12))
    assert numbers(status=["bounced", "queued"]) == [2, 3, 6, 7, 10, 11]
    assert numbers(engagement_status=["read"], tenant="acme") == [8, 9, 10, 11]
    assert numbers(channel_id=EMAIL, source="comment-created") == [0, 6]
    assert numbers(message_ids=["DemoMessage0000000000000003"]) == [3]
    assert numbers(workflow_categories=["digest"]) == [1, 3, 5, 7, 9, 11]
    assert numbers(trigger_data=json.dumps({"number": 4})) == [4]
    assert numbers(workflow_run_id="f3000000-0000-4000-8000-000000000004") == [4]
    assert numbers(workflow_recipient_run_id="f4000000-0000-4000-8000-000000000005") == [5]
    assert numbers(inserted_at={"gt": "2999-01-01T00:00:00Z"}) == []
    pivot = client.users.list_messages("jane").items[3].inserted_at
    assert numbers(inserted_at={"gte": pivot.isoformat()}) == [0, 1, 2, 3]
    first = client.users.list_messages("jane", page_size=1).items[0]
    assert (first.recipient, first.status, first.channel.provider) == ("jane", "delivered", "email_postmark")


def test_list_schedules(client):
    schedules = list(client.users.list_schedules("jane", page_size=1))
    assert [schedule.workflow for schedule in schedules] == ["standup", "weekly-digest"]
    assert schedules[0].repeats[0].days == ["mon", "tue", "wed", "thu", "fri"]
    assert schedules[0].recipient.id == "jane"
    assert schedules[0].actor.id == "ellie"
    assert [s.workflow for s in client.users.list_schedules("jane", workflow="standup", tenant="acme")] == ["standup"]


def test_list_subscriptions(client, sandbox):
    subscriptions = list(client.users.list_subscriptions("jane", page_size=2))
    assert [s.object.id for s in subscriptions] == ["jeep-12", "visitor-center", "fences"]
    assert subscriptions[2].properties == {"role": "owner"}
    with_preferences = client.users.list_subscriptions("jane", include=["preferences"]).entries[0]
    assert "default" in with_preferences.recipient.model_extra["preferences"]
    # The package writes objects[][id]=…&objects[][collection]=…, which tears every pair apart.
    with pytest.raises(knockapi.UnprocessableEntityError):
        client.users.list_subscriptions("jane", objects=[{"id": "fences", "collection": "projects"}])
    assert "objects%5B%5D%5Bid%5D" in sandbox.last_request()["query"]


def test_feeds(client):
    def numbers(**filters):
        return [item.data["number"] for item in client.users.feeds.list_items("jane", FEED, **filters)]

    assert numbers(page_size=20) == list(range(55))
    assert numbers(status="unseen") == list(range(10))
    assert numbers(archived="only") == [55, 56, 57, 58, 59]
    assert numbers(source="invoice-paid", status="unread") == list(range(1, 20, 2))
    assert numbers(tenant="globex", has_tenant=True, status="unseen") == [2, 6]
    assert numbers(workflow_categories=["billing"], status="unseen") == [1, 3, 5, 7, 9]
    assert numbers(trigger_data=json.dumps({"kind": "invoice-paid", "number": 7})) == [7]
    assert numbers(inserted_at={"gt": "2999-01-01T00:00:00Z"}, locale="en-US") == []
    page = client.users.feeds.list_items("jane", FEED, page_size=1, exclude="entries.archived_at")
    item = page.entries[0]
    assert item.actors[0].id == "ian"
    assert item.activities[0].recipient.id == "jane"
    assert [block.type for block in item.blocks] == ["markdown", "button_set"]
    assert "archived_at" not in item.to_dict()
    compact = client.users.feeds.list_items("jane", FEED, page_size=1, mode="compact").entries[0]
    assert compact.data == {"kind": "comment-created", "number": 0}
    assert client.users.feeds.get_settings("jane", FEED).features.branding_required is True


def test_guides(client, sandbox):
    guides = client.users.guides.get_channel("jane", GUIDES, type="tour", data=json.dumps({"page": "home"}))
    assert [guide.key for guide in guides.entries] == ["pro-tour"]
    act = client.users.guides
    assert act.mark_message_as_seen("ian", content={"title": "Hi"}, data={"n": 1}, **STEP).status == "ok"
    seen = message_of(client)
    assert seen.seen_at is not None and seen.read_at is None
    assert act.mark_message_as_interacted("ian", metadata={"button": "ok"}, **STEP).status == "ok"
    assert message_of(client).interacted_at is not None
    assert act.mark_message_as_archived("ian", is_final=True, unthrottled=True, **STEP).status == "ok"
    after = client.users.guides.get_channel("ian", GUIDES)
    assert "welcome-banner" not in [guide.key for guide in after.entries]
    assert after.ineligible_guides[0].reason == "marked_as_archived"
    assert act.unarchive_guide_message("ian", guide_key="welcome-banner").status == "ok"
    assert sandbox.last_request()["json"] == {"guide_key": "welcome-banner"}
    assert message_of(client).archived_at is None
    assert act.reset_guide_engagements("ian", guide_key="welcome-banner").status == "ok"
    assert message_of(client).id is None


def test_bulk(client):
    users = [{"id": f"bulk-{n}", "name": f"Bulk {n}", "plan": "pro"} for n in range(7)]
    done = finish(client, client.users.bulk.identify(users=users))
    assert (done.name, done.processed_rows, done.success_count, done.error_items) == ("users.identify", 7, 7, [])
    assert client.users.get("bulk-6").model_extra["plan"] == "pro"

    preferences = {"id": "acme", "workflows": {"digest": False}}
    finish(client, client.users.bulk.set_preferences(user_ids=["bulk-1"], preferences=preferences))
    assert client.users.get_preferences("bulk-1", "acme").workflows == {"digest": False}

    finish(client, client.users.bulk.delete(user_ids=["bulk-1", "bulk-2"]))
    with pytest.raises(knockapi.NotFoundError):
        client.users.get("bulk-1")


def test_preference_center(client):
    config = client.users.preference_center.get_config("jane")
    assert config.user_email == "jane@ingen.net"
    assert [row.type for row in config.config.rows] == ["category", "workflow", "channel_types", "commercial_subscribed"]
    link = client.users.preference_center.generate_signed_url("jane")
    assert link.url.endswith(link.token)


def test_errors_are_told_apart(client, sandbox):
    with pytest.raises(knockapi.UnprocessableEntityError) as caught:
        client.users.update("jane", email=7)
    assert caught.value.body["errors"][0]["field"] == "email"
    with pytest.raises(knockapi.UnprocessableEntityError):
        client.users.feeds.list_items("jane", "inbox")
    with pytest.raises(knockapi.AuthenticationError):
        Knock(api_key="wrong", base_url=conftest.URL).users.get("jane")
    for status, error in [
        (400, knockapi.BadRequestError),
        (403, knockapi.PermissionDeniedError),
        (409, knockapi.ConflictError),
        (429, knockapi.RateLimitError),
        (503, knockapi.InternalServerError),
    ]:
        sandbox.fault(status=status)
        with pytest.raises(error):
            client.users.get("jane")


def test_retries_reach_the_sandbox(client, sandbox):
    sandbox.fault(status=503, headers={"retry-after-ms": "1"}, times=2)
    assert client.with_options(max_retries=2).users.get("jane").id == "jane"
    assert [request["status"] for request in sandbox.requests()] == [503, 503, 200]
    sandbox.fault(send="nothing", then="reset")
    with pytest.raises(knockapi.APIConnectionError):
        client.users.get("jane")


def test_every_method_was_called():
    properties = {"with_raw_response", "with_streaming_response"}
    missing = [
        f"{resource.__name__}.{name}"
        for resource, name in conftest.methods()
        if name not in properties and (resource, name) not in conftest.called
    ]
    assert missing == []
