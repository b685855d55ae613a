"""The same program through Knock's own package and through this one gives the same results."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import knockapi
from conftest import Sandbox

import knock_client

FEED = "f1000000-0000-4000-8000-000000000001"
PUSH = "f1000000-0000-4000-8000-000000000003"
GUIDES = "f1000000-0000-4000-8000-000000000005"
GUIDE = {
    "channel_id": GUIDES,
    "guide_id": "f6000000-0000-4000-8000-000000000001",
    "guide_key": "welcome-banner",
    "guide_step_ref": "step_1",
}


def program(client: Any, errors: Any, plain: Callable[[Any], Any]) -> list[Any]:
    """What an application does; the two packages differ in nothing but their names."""
    users = client.users
    done: list[Any] = []

    jane = users.update("jane", email="jane@ingen.net", extra_body={"plan": "pro"})
    done += [jane.id, jane.email, jane.name, jane.phone_number, jane.plan, plain(jane)]
    done.append(plain(users.get("jane")))
    done.append([plain(user) for user in users.list(page_size=2)])
    done.append([user.id for user in users.list(extra_query={"order": "asc"})])
    page = users.list(page_size=2)
    done += [page.has_next_page(), len(page.entries), page.get_next_page().entries[0].id]
    done.append([len(page.entries) for page in page.iter_pages()])

    done.append(plain(users.set_channel_data("jane", PUSH, data={"tokens": ["a", "b"]})))
    done.append(users.get_channel_data("jane", PUSH).data.tokens)
    done.append(users.unset_channel_data("jane", PUSH))

    done.append(
        plain(users.set_preferences("jane", "default", workflows={"welcome": False, "news": True}))
    )
    done.append(users.get_preferences("jane", "default").workflows["welcome"])
    done.append([plain(one) for one in users.list_preferences("jane")])
    done.append(users.unset_preferences("jane", "default"))

    feed = users.feeds.list_items("ian", FEED, status="all", page_size=3)
    done.append([(item.id, [block.type for block in item.blocks]) for item in feed])
    done.append(users.feeds.get_settings("ian", FEED).features.branding_required)
    guides = users.guides.get_channel("ian", GUIDES)
    done.append([plain(guide)["key"] for guide in guides.entries])
    # The one method that is called differently: it needs no message, so it does not name one.
    mark_seen = getattr(users.guides, "mark_seen", None) or users.guides.mark_message_as_seen
    done.append(mark_seen("ian", content={}, **GUIDE).status)

    done.append([(m.status, m.source.key) for m in users.list_messages("ian", page_size=2)])
    done.append([plain(s) for s in users.list_schedules("ian")])
    done.append([s.recipient.id for s in users.list_subscriptions("ian")])

    bulk = users.bulk.identify(users=[{"id": "bulk-1", "plan": "pro"}, {"id": "bulk-2"}])
    done += [bulk.name, bulk.status, bulk.estimated_total_rows]
    done.append(client.bulk_operations.get(bulk.id).name)

    users.update("other", name="Other")
    done.append(users.merge("jane", from_user_id="other").name)
    done.append(users.delete("jane"))
    raw = users.with_raw_response.update("raw", name="Raw")
    done += [raw.status_code, raw.headers["content-type"], raw.parse().name]
    done += [raw.headers["Content-Type"], "CONTENT-TYPE" in raw.headers, raw.headers.get("None")]

    for wrong in (
        lambda: users.get("nobody"),
        lambda: users.merge("ian", from_user_id="nobody"),
        lambda: users.update("ian", extra_body={"email": {}}),
        lambda: client.with_options(max_retries=0).users.list(after="nonsense"),
        lambda: client.copy(max_retries=0).users.list(after="nonsense"),
    ):
        call: Callable[[], Any] = wrong
        try:
            call()
            done.append("accepted")
        except errors.APIStatusError as error:
            done.append((type(error).__name__, error.status_code, error.body))
    return done


def test_model_dump_is_the_same(sandbox: Sandbox) -> None:
    with knockapi.Knock(api_key="sk_test", base_url=sandbox.url) as theirs:
        with knock_client.Knock(api_key="sk_test", base_url=sandbox.url) as ours:
            workflows: Any = {"news": {"channel_types": {"email": True}}, "welcome": False}
            ours.users.set_preferences("dump", "default", workflows=workflows)
            sets: list[Any] = [
                client.users.get_preferences("dump", "default") for client in (ours, theirs)
            ]
            data: list[Any] = [
                client.users.set_channel_data("dump", PUSH, data={"tokens": ["a"]})
                for client in (ours, theirs)
            ]
    flags = ("by_alias", "exclude_unset", "exclude_defaults", "exclude_none")
    for chosen in itertools.product((False, True), repeat=len(flags)):
        options: Any = dict(zip(flags, chosen, strict=True))
        mine, knocks = (one.model_dump(**options) for one in sets)
        assert mine == knocks, options
        assert sets[0].model_copy().model_dump(**options) == knocks
    assert sets[0].model_fields_set == sets[1].model_fields_set
    mine, knocks = (one.model_dump(exclude_unset=True, include={"channel_id"}) for one in data)
    assert mine == knocks


def without_times(value: Any) -> Any:
    """The value without what differs from one run to the next."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k != "__cursor" and not k.endswith("_at")}
        return {k: without_times(v) for k, v in kept.items()}
    if isinstance(value, (list, tuple)):
        return [without_times(item) for item in value]
    return value


def test_same_program_same_results(sandbox: Sandbox) -> None:
    sandbox.reset()
    with knockapi.Knock(api_key="sk_test", base_url=sandbox.url) as theirs:
        expected = program(theirs, knockapi, lambda result: result.to_dict(mode="json"))
    sandbox.reset()
    with knock_client.Knock(api_key="sk_test", base_url=sandbox.url) as ours:
        actual = program(ours, knock_client, lambda result: result.to_dict())
    for mine, knocks in zip(without_times(actual), without_times(expected), strict=True):
        assert mine == knocks
