"""Lists that are longer than a page."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import Sandbox

from knock_client import (
    APIResponseValidationError,
    ClientClosedError,
    InternalServerError,
    Knock,
    KnockError,
)
from knock_client.types import ListMessagesResponse, ListUsersResponse, UserInAppFeedResponse

FEED = "/v1/users/jane/feeds/f"


@pytest.fixture
def pages(sandbox: Sandbox) -> None:
    """Three pages of a feed, and then the first again."""

    def page(ids: str, after: str | None, before: str | None) -> dict[str, Any]:
        info = {"after": after, "before": before, "page_size": 2}
        meta = {"total_count": 5, "unread_count": 1}
        return {"entries": [{"id": id} for id in ids], "page_info": info, "meta": meta, "vars": {}}

    sandbox.ask("DELETE", "faults")
    for body in (page("ab", "2", None), page("cd", "3", "1"), page("e", None, "2")):
        sandbox.fault(FEED, status=200, body=body)


def cursors(sandbox: Sandbox, count: int) -> list[str]:
    return [request["query"] for request in sandbox.requests(FEED)[-count:]]


@pytest.mark.usefixtures("pages")
def test_iterating_walks_all_pages(client: Knock, sandbox: Sandbox) -> None:
    page = client.users.feeds.list_items("jane", "f", status="unread")
    assert isinstance(page, UserInAppFeedResponse)
    assert [item.id for item in page.entries] == ["a", "b"]
    assert page.meta is not None and page.meta.unread_count == 1
    assert page.has_next_page() and page.next_cursor == "2"
    assert [item.id for item in page] == list("abcde")
    assert cursors(sandbox, 3) == [
        "status=unread",
        "status=unread&after=2",
        "status=unread&after=3",
    ]


@pytest.mark.usefixtures("pages")
def test_pages_one_by_one(client: Knock) -> None:
    first = client.users.feeds.list_items("jane", "f")
    last = first.get_next_page().get_next_page()
    assert not last.has_next_page() and last.next_cursor is None
    with pytest.raises(KnockError, match="last page"):
        last.get_next_page()


@pytest.mark.usefixtures("pages")
def test_all_pages(client: Knock) -> None:
    first = client.users.feeds.list_items("jane", "f")
    assert [len(page.entries) for page in first.iter_pages()] == [2, 2, 1]


@pytest.mark.usefixtures("pages")
def test_goes_on_after_an_error(client: Knock, sandbox: Sandbox) -> None:
    items = iter(client.users.feeds.list_items("jane", "f", max_retries=0))
    waiting = sandbox.ask("GET", "faults")["entries"]
    sandbox.ask("DELETE", "faults")
    sandbox.fault(FEED, status=500)
    for fault in waiting:
        sandbox.ask("POST", "faults", fault)
    seen = [next(items).id, next(items).id]
    with pytest.raises(InternalServerError):
        next(items)
    assert seen + [item.id for item in items] == list("abcde")


def test_goes_backward_from_before(client: Knock, sandbox: Sandbox) -> None:
    for number in range(5):
        client.users.update(f"backward-{number}")
    everyone = [user.id for user in client.users.list(page_size=50)]
    last = client.users.list(page_size=50)
    while last.has_next_page():
        last = last.get_next_page()
    cursor = last.entries[-1]["__cursor"]
    page = client.users.list(before=cursor, page_size=2)
    backward = [[user.id for user in page.entries] for page in page.iter_pages()]
    assert [id for ids in reversed(backward) for id in ids] == everyone[:-1]


def test_one_page_is_fetched_ahead(client: Knock, sandbox: Sandbox) -> None:
    everyone = [user.id for user in client.users.list(page_size=50)]
    assert len(everyone) > 6
    asked = len(sandbox.requests("/v1/users"))

    def wait_for(count: int) -> None:
        while len(sandbox.requests("/v1/users")) < asked + count:
            time.sleep(0.01)

    first = client.users.list(page_size=2)
    pages = first.iter_pages(prefetch=True)
    seen = []
    for number in (2, 3, 4):
        page = next(pages)
        # Before anybody asks for it.
        wait_for(number)
        seen += [user.id for user in page.entries]
    resumed = client.users.list(page_size=2, after=page.next_cursor)
    assert seen + [user.id for user in resumed.iter_items(prefetch=True)] == everyone
    seen += [user.id for page in pages for user in page.entries]
    assert seen == everyone


def test_fetching_ahead_ends_with_the_list_and_goes_backward(client: Knock) -> None:
    for number in range(3):
        client.users.update(f"ahead-{number}")
    page = client.users.list(page_size=50)
    everyone = [user.id for user in page.iter_items(prefetch=True)]
    assert everyone == [user.id for user in page]
    *_, last = page
    page = client.users.list(before=last["__cursor"], page_size=2)
    backward = [[user.id for user in page.entries] for page in page.iter_pages(prefetch=True)]
    assert [id for ids in reversed(backward) for id in ids] == everyone[:-1]


@pytest.mark.usefixtures("pages")
def test_fetching_ahead_goes_on_after_an_error(client: Knock, sandbox: Sandbox) -> None:
    waiting = sandbox.ask("GET", "faults")["entries"]
    sandbox.ask("DELETE", "faults")
    sandbox.ask("POST", "faults", waiting[0])
    page = client.users.feeds.list_items("jane", "f", max_retries=0)
    sandbox.fault(FEED, status=500, times=2)
    for fault in waiting[1:]:
        sandbox.ask("POST", "faults", fault)
    items = page.iter_items(prefetch=True)
    seen: list[str] = []
    failed = 0
    while True:
        try:
            seen.append(next(items).id)
        except InternalServerError:
            failed += 1
        except StopIteration:
            break
    assert (seen, failed) == (list("abcde"), 2)


@pytest.mark.usefixtures("pages")
def test_fetching_ahead_ends_with_its_client(sandbox: Sandbox) -> None:
    client = Knock(api_key="sk_test", base_url=sandbox.url)
    pages = client.users.feeds.list_items("jane", "f").iter_pages(prefetch=True)
    next(pages)
    client.close()
    with pytest.raises(ClientClosedError):
        next(pages)


@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("cursors", ["1", "12", "123", "12345678"])
def test_cursors_in_a_circle_end_the_list_with_an_error(
    client: Knock, sandbox: Sandbox, cursors: str, prefetch: bool
) -> None:
    sandbox.ask("DELETE", "faults")
    for number in range(4 * len(cursors) + 2):
        info = {"after": cursors[number % len(cursors)], "before": None}
        body = {"entries": [{"id": str(number)}], "page_info": info, "meta": {}, "vars": {}}
        sandbox.fault(FEED, status=200, body=body)
    page = client.users.feeds.list_items("jane", "f")
    items = page.iter_items(prefetch=prefetch)
    with pytest.raises(APIResponseValidationError, match="circle"):
        for _ in range(4 * len(cursors) + 3):
            next(items)
    with pytest.raises(APIResponseValidationError, match="circle"):
        next(items)
    sandbox.ask("DELETE", "faults")


def test_a_page_that_leads_to_itself_has_no_next_page(client: Knock, sandbox: Sandbox) -> None:
    body = {"entries": [{"id": "a"}], "page_info": {"after": "here"}, "meta": {}, "vars": {}}
    sandbox.fault(FEED, status=200, body=body)
    page = client.users.feeds.list_items("jane", "f", after="here")
    with pytest.raises(APIResponseValidationError, match="circle"):
        page.get_next_page()


def test_ends_where_a_page_is_empty() -> None:
    nothing: Any = None
    for data in (
        {"entries": [], "page_info": {"after": "x"}},
        {"entries": [{"id": "a"}]},
        {"page_info": None},
    ):
        page = ListUsersResponse(data)._comes_from(nothing, {"after": "here"})
        assert not page.has_next_page()
    assert ListUsersResponse({}).entries == []


def test_messages_keep_theirs_under_items(client: Knock) -> None:
    page = client.users.list_messages("nobody")
    assert isinstance(page, ListMessagesResponse)
    assert page.items == [] == list(page)


def test_raw_pages_lead_to_plain_ones(client: Knock) -> None:
    for number in range(3):
        client.users.update(f"raw-{number}")
    raw = client.users.with_raw_response.list(page_size=1)
    assert raw.status_code == 200
    assert len(raw.parse().get_next_page().entries) == 1
