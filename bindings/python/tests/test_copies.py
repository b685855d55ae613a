"""Copies of clients and of what belongs to them: a client of its own, or an error that helps."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Sandbox
from test_processes import in_child

from knock_client import ClientClosedError, Knock, KnockError, bulk
from knock_client.types import ListUsersResponse


@pytest.fixture
def original(sandbox: Sandbox) -> Knock:
    return Knock(api_key="sk_test_of_the_original", base_url=sandbox.url, pacing="off")


def key_of(sandbox: Sandbox, client: Any, user_id: str) -> str:
    """The key that a client's call brings, as the journal shows it."""
    client.users.update(user_id)
    return str(dict(sandbox.requests(f"/v1/users/{user_id}")[-1]["headers"])["authorization"])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_client_of_its_own(
    sandbox: Sandbox, original: Knock, user_id: str, copied: Callable[[Any], Any]
) -> None:
    original.users.update(user_id)
    for one in (original, original.with_options(timeout=5)):
        twin = copied(one)
        assert key_of(sandbox, twin, user_id) == "Bearer sk_test_…inal"
        twin.close()
        assert not one.is_closed() and one.users.get(user_id).id == user_id
    twin = copied(original)
    users, raw = copied(original.users), copied(original.users.with_raw_response)
    original.close()
    assert twin.users.get(user_id).id == users.get(user_id).id == user_id
    if copied is copy.deepcopy:
        assert raw.get(user_id).parse().id == user_id
    assert copied(original).is_closed()
    with pytest.raises(ClientClosedError):
        copied(original).users.get(user_id)


def test_a_copy_keeps_its_options_and_attributes(sandbox: Sandbox, user_id: str) -> None:
    class Ours(Knock):
        team = "none"

    ours = Ours(api_key="sk_ours", base_url=sandbox.url)
    ours.team = "search"
    traced = ours.with_options(default_headers={"x-trace": "1"})
    assert isinstance(copy.copy(ours), Ours) and copy.copy(ours).team == "search"
    copy.copy(traced).users.update(user_id)
    assert dict(sandbox.requests(f"/v1/users/{user_id}")[-1]["headers"])["x-trace"] == "1"


def test_what_is_copied_together_shares_a_client(original: Knock) -> None:
    first, second = copy.deepcopy([original, original.with_options(timeout=1)])
    first.close()
    assert second.is_closed() and not original.is_closed()


def belongings(client: Knock) -> list[Any]:
    page = client.users.list(page_size=1)
    items, pages = iter(page), page.iter_pages(prefetch=True)
    next(items)
    next(pages)
    run = bulk.Run(client, "users.bulk.delete", ["a"])
    return [items, pages, pages._pager, run]


def test_what_belongs_to_a_process_is_not_pickled(original: Knock) -> None:
    clients = [original, original.with_options(user_token="sk_token")]
    methods = [original.users.get, original.with_raw_response.users.get]
    for thing in [*clients, original.users, original.users.with_raw_response, *methods]:
        with pytest.raises(TypeError, match=r"cannot be pickled.*make one where it is used"):
            pickle.dumps(thing)
    for thing in belongings(original):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            pickle.dumps(thing)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_iterators_and_runs_are_not_copied(original: Knock, copied: Callable[[Any], Any]) -> None:
    for thing in belongings(original):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            copied(thing)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_client_is_not_handed_to_another_process(original: Knock, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    process = context.Process(target=print, args=(original,))
    with pytest.raises(TypeError, match="make one where it is used"):
        process.start()


def test_a_child_does_not_go_on_with_a_run(original: Knock) -> None:
    run = bulk.Run(original, "users.bulk.delete", ["a", "b"], poll_interval_ms=1)

    def work() -> str:
        # The first handle of the child.
        other = bulk.Run(Knock(api_key="sk_other"), "users.bulk.delete", [])
        with pytest.raises(KnockError, match="belongs to the process that started it"):
            list(run)
        run.cancel()
        run.__del__()
        return str(other._bulk != 0)

    assert in_child(work) == (0, b"True")
    list(run)
    assert run.summary is not None and run.summary["accepted"] == 2


def test_a_page_from_a_cache_keeps_its_cursor(client: Knock, user_id: str) -> None:
    for number in range(3):
        client.users.update(f"{user_id}-{number}")
    page = client.users.list(page_size=1)
    cached: ListUsersResponse = pickle.loads(pickle.dumps(page))
    assert cached == page and cached.next_cursor == page.next_cursor
    assert cached.has_next_page() and cached.entries[0].id == page.entries[0].id
    following = client.users.list(page_size=1, after=cached.next_cursor)
    assert following == page.get_next_page()
    back = client.users.list(page_size=1, before=following.entries[0]["__cursor"])
    assert pickle.loads(pickle.dumps(back)).next_cursor == back.next_cursor

    items = iter(cached)
    assert next(items) == page.entries[0]
    for goes_on in (items.__next__, cached.get_next_page):
        with pytest.raises(KnockError, match=r"pass its next_cursor as after"):
            goes_on()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copied_page_goes_on(client: Knock, copied: Callable[[Any], Any]) -> None:
    page = client.users.list(page_size=1)
    assert copied(page).get_next_page() == page.get_next_page()
    assert copied(page) == page and copied(page).to_dict() is not page.to_dict()
