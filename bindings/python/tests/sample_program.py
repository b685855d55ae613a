"""A program that uses types of the package throughout. Type checkers find nothing in it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from uuid import UUID, uuid4

from typing_extensions import assert_type

from knock_client import (
    CallOptions,
    Grants,
    InvalidSignatureError,
    Knock,
    NotFoundError,
    RateLimitError,
    RawResponse,
    bulk,
    sign_user_token,
    verify_webhook,
)
from knock_client.params import Condition, PreferenceSetRequest
from knock_client.types import (
    BulkOperation,
    InAppFeedItem,
    ListUsersResponse,
    Message,
    Object,
    PreferenceSet,
    PushChannelData,
    User,
    UserInAppFeedResponse,
)

CHANNEL = UUID("5a88728a-3ecb-400d-ba6f-9c0956ab252f")


def identify(client: Knock) -> str:
    user = client.users.update(
        "jane",
        email="jane@ingen.net",
        name=None,
        created_at=datetime(2025, 3, 1, tzinfo=timezone.utc),
        preferences={"default": {"workflows": {"welcome": False}}},
        channel_data={str(CHANNEL): {"tokens": ["device-1"]}},
        plan="pro",
        properties={"timeout": 5},
        timeout=2.5,
    )
    assert_type(user, User)
    assert_type(user.email, str | None)
    plan: str = user.plan
    return plan + str(user["plan"]) + user.id


def endpoint(body: bytes, headers: dict[str, str]) -> str | None:
    try:
        event = verify_webhook(body, headers.get("x-knock-signature"), ["new", "old"], now=0.5)
    except InvalidSignatureError as error:
        return None if error.code == "timestamp_too_old" else error.code
    assert_type(event.data, dict[str, Any] | None)
    if event.type == "message.sent":
        return Message(event.data).id
    return event.created_at


def for_a_browser() -> str:
    grants = Grants().tenant("acme", Grants.SLACK_CHANNELS_READ).user("jane", "feed/read")
    token = sign_user_token("jane", grants=grants, issued_at=datetime.now(timezone.utc))
    assert_type(token.expires_at, int)
    return token.token


def read(client: Knock, options: CallOptions) -> User | None:
    try:
        return client.users.get("jane", **options)
    except NotFoundError as error:
        assert_type(error.status_code, int)
        return None
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
        raise


def lists(client: Knock) -> list[str]:
    page = client.users.list(page_size=20, include=["preferences"])
    assert_type(page, ListUsersResponse)
    assert_type(page.entries, list[User])
    ids = [user.id for user in page]
    for user in page.iter_items(prefetch=True):
        assert_type(user, User)
    for following in page.iter_pages(prefetch=True):
        assert_type(following, ListUsersResponse)
        total = following.page_info.total_count if following.page_info else None
        ids.append(str(total))
    for message in client.users.list_messages("jane", status=["sent"], channel_id=CHANNEL):
        assert_type(message, Message)
        ids += message.engagement_statuses
    feed = client.users.feeds.list_items("jane", CHANNEL, status="unread", has_tenant=True)
    assert_type(feed, UserInAppFeedResponse)
    for item in feed:
        assert_type(item, InAppFeedItem)
        for actor in item.actors or []:
            ids.append(actor.collection if isinstance(actor, Object) else actor.id)
    return ids


def preferences(client: Knock) -> PreferenceSet:
    condition: Condition = {"variable": "data.n", "operator": "equal_to", "argument": "1"}
    request: PreferenceSetRequest = {"channel_types": {"email": {"conditions": [condition]}}}
    started = client.users.bulk.set_preferences(user_ids=["jane"], preferences=request)
    assert_type(started, BulkOperation)
    first = client.users.set_preferences("jane", "default", channel_types={"email": True})
    again = client.users.set_preferences("jane", "default", workflows=first.workflows)
    assert_type(client.users.list_preferences("jane"), list[PreferenceSet])
    return again


def channel_data(client: Knock) -> list[str]:
    data = client.users.get_channel_data("jane", CHANNEL).data
    return (data.tokens or []) if isinstance(data, PushChannelData) else []


def raw(client: Knock) -> str | None:
    response = client.users.with_raw_response.get("jane")
    assert_type(response, RawResponse[User])
    feeds = client.with_raw_response.users.feeds
    assert_type(feeds.list_items("jane", CHANNEL), RawResponse[UserInAppFeedResponse])
    nothing = client.users.with_raw_response.delete("jane", max_retries=0)
    assert_type(nothing, RawResponse[None])
    return response.headers.get("content-type") or response.request_id or response.parse().email


def in_bulk(client: Knock) -> list[str]:
    ids = [uuid4(), "jane"]
    options: bulk.BulkOptions = {"max_records": 100, "total": len(ids)}
    try:
        summary = bulk.delete(client, ids, on_progress=print, **options)
    except bulk.BulkInterrupted as interrupted:
        summary = bulk.delete(client, ids, resume=interrupted.summary)
    assert_type(summary, bulk.BulkSummary)
    for progress in bulk.Run(client, "users.bulk.identify", [{"id": "jane"}]):
        assert_type(progress["remaining_ms"], int | None)
    return [failure["reason"] for failure in summary["failures"]]


def main() -> None:
    with Knock(api_key="sk_test", timeout=None, pacing={"4": 500}) as client:
        slow = client.with_options(deadline=30, max_retries=5)
        assert_type(slow, Knock)
        identify(slow)
        print(read(client, {"timeout": 1}), lists(client), preferences(client))
        print(channel_data(client), raw(client), in_bulk(client))


if __name__ == "__main__":
    main()
