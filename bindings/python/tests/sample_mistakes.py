"""Mistakes that type checkers find: where they find none, they say that an ignore is unused."""

from __future__ import annotations

from knock_client import Knock, bulk

client = Knock(api_key="sk_test")

client.users.gett("jane")  # type: ignore[attr-defined]
client.users.get()  # type: ignore[call-arg]
client.users.get(7)  # type: ignore[arg-type]
client.users.get("jane", timeuot=1)  # type: ignore[call-arg]
client.users.merge("jane")  # type: ignore[call-arg]
client.users.list(page_size="20")  # type: ignore[arg-type]
client.users.feeds.list_items("jane", "feed", status="raed")  # type: ignore[arg-type]
print(client.users.list().entires)  # type: ignore[attr-defined]
client.users.bulk.delete(user_ids="jane", idempotency_key=3)  # type: ignore[arg-type]
bulk.delete(client, ["jane"], max_record=1)  # type: ignore[call-arg]
print(bulk.delete(client, ["jane"])["fialed"])  # type: ignore[typeddict-item]
