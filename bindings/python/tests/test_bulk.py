"""Bulk runs."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from enum import Enum
from itertools import repeat
from pathlib import Path
from typing import Any, get_args, get_type_hints
from uuid import uuid4

import pytest
from conftest import Sandbox

from knock_client import InvalidArgumentError, Knock, NotFoundError, bulk

QUICK: dict[str, Any] = {"poll_interval_ms": 1, "max_records": 2}
RUST = Path(__file__).parents[3] / "src" / "bulk"


def was_cancelled(summary: bulk.BulkSummary) -> bool:
    return summary["interrupted"] is not None and summary["interrupted"]["reason"] == "cancelled"


def reasons(summary: bulk.BulkSummary) -> list[tuple[int, str | None, str]]:
    return [(bad["position"], bad["id"], bad["reason"]) for bad in summary["bad_records"]]


def test_any_iterable_of_users_is_identified(client: Knock, user_id: str) -> None:
    users = ({"id": f"{user_id}-{n}", "n": n} for n in range(5))
    seen: list[bulk.BulkProgress] = []
    summary = bulk.identify(client, users, total=5, on_progress=seen.append, **QUICK)
    assert (summary["read"], summary["succeeded"], summary["interrupted"]) == (5, 5, None)
    assert seen[-1]["processed"] == seen[-1]["total"] == 5
    assert client.users.get(f"{user_id}-4").get("n") == 4


def test_files_of_csv_and_ndjson(client: Knock, user_id: str, tmp_path: Path) -> None:
    table, lines = tmp_path / "users.csv", tmp_path / "users.ndjson"
    table.write_text(f"id,email,plan\n{user_id},jane@ingen.net,\n")
    assert bulk.identify(client, table, **QUICK)["succeeded"] == 1
    user = client.users.get(user_id)
    assert user.email == "jane@ingen.net" and user.get("plan") is None
    lines.write_text(json.dumps({"id": user_id}) + "\n")
    assert bulk.delete(client, str(lines), **QUICK)["succeeded"] == 1
    with pytest.raises(NotFoundError):
        client.users.get(user_id)
    with pytest.raises(InvalidArgumentError, match="must end in"):
        bulk.delete(client, "users.txt")


def test_records_hold_what_arguments_hold(client: Knock, sandbox: Sandbox) -> None:
    class Plan(Enum):
        PRO = "pro"

    id = uuid4()
    joined = datetime(2025, 3, 1, tzinfo=timezone.utc)
    record = {"id": id, "joined": joined, "plan": Plan.PRO}
    assert bulk.identify(client, [record], **QUICK)["succeeded"] == 1
    user = client.users.get(id)
    assert user.properties == {"joined": "2025-03-01T00:00:00+00:00", "plan": "pro"}
    assert bulk.identify(client, [user], **QUICK)["succeeded"] == 1
    sent = sandbox.requests("/v1/users/bulk/identify")[-1]["json"]["users"][0]
    assert sent["plan"] == "pro" and not [name for name in sent if name.startswith("__")]
    assert bulk.delete(client, [id], **QUICK)["succeeded"] == 1
    with pytest.raises(NotFoundError):
        client.users.get(id)


def test_a_bad_record_stops_nothing(client: Knock, user_id: str) -> None:
    records: list[Any] = [
        {"id": 7},
        {"id": "x", "y": object()},
        {"id": "half", "name": "a\ud800b"},
        {"id": "when", "at": datetime(2025, 3, 1)},
        [{"id": "a"}, {"id": "b"}],
        {"id": user_id},
    ]
    summary = bulk.identify(client, records, **QUICK)
    assert summary["read"] == 6 and summary["succeeded"] == 1
    number, unknown, half, naive, several = reasons(summary)
    assert number == (0, None, "its id is 7, not text")
    assert unknown[:2] == (1, "x") and unknown[2].startswith("y: an object cannot be sent as JSON")
    assert half[:2] == (2, "half") and half[2].startswith("name: the text holds half of a")
    assert naive[:2] == (3, "when") and "has no time zone" in naive[2]
    assert several == (4, None, "it is a list, not a record")
    json.dumps(summary)
    again = bulk.identify(client, records, resume=summary, **QUICK)
    assert again["accepted"] == 1 and reasons(again) == reasons(summary)


def test_what_is_wrong_in_a_file_stops_nothing(client: Knock, user_id: str, tmp_path: Path) -> None:
    lines = tmp_path / "users.ndjson"
    good = json.dumps({"id": user_id}).encode()
    wrong = (b'{"id":"l","name":"Jos\xe9"}', b"[broken", b'[{"id":"x"}]', b'{"id":"\0"}', b"{")
    lines.write_bytes(b"\xef\xbb\xbf" + b"\n\n".join([good, *wrong, good]))
    summary = bulk.identify(client, lines, **QUICK)
    assert (summary["read"], summary["accepted"]) == (7, 2)
    latin, *lists, nul, broken = reasons(summary)
    assert latin == (1, None, "it is not UTF-8 text")
    assert lists == [(at, None, "it is a list, not a record") for at in (2, 3)]
    assert nul == (4, None, "it is not valid JSON: it holds a NUL")
    assert broken[0] == 5 and "not valid JSON" in broken[2]

    table = tmp_path / "users.csv"
    long = b"x" * (csv.field_size_limit() + 1)
    table.write_bytes(b"id,name\nl,Jos\xe9\nlong,%s\n\n%s,\n" % (long, user_id.encode()))
    summary = bulk.identify(client, table, **QUICK)
    assert (summary["read"], summary["succeeded"]) == (3, 1)
    latin, large = reasons(summary)
    assert latin == (0, "l", "it is not UTF-8 text")
    assert large[0] == 1 and large[2].startswith("line 3 is not valid CSV: field larger than")


def test_preferences_are_set(client: Knock, user_id: str) -> None:
    summary = bulk.set_preferences(client, {"workflows": {"w": False}}, [user_id], **QUICK)
    assert summary["succeeded"] == 1
    with pytest.raises(InvalidArgumentError, match="preferences is required"):
        bulk.Run(client, "users.bulk.set_preferences", [user_id])


def test_progress_comes_while_iterating_and_a_run_is_resumed(client: Knock) -> None:
    ids = ["a", "b", "c", "d", "e"]
    run = bulk.Run(client, "users.bulk.delete", ids, **QUICK)
    for progress in run:
        if progress["sent"] >= 2:
            run.cancel()
    state = json.loads(json.dumps(run.summary))
    assert state["interrupted"]["reason"] == "cancelled" and state["accepted"] < 5
    summary = bulk.delete(client, ids, resume=state, **QUICK)
    assert (summary["accepted"], summary["interrupted"]) == (5, None)


def test_the_state_is_there_after_each_acknowledged_chunk(client: Knock, sandbox: Sandbox) -> None:
    records: list[Any] = [{"id": "a"}, {"id": "when", "at": datetime(2025, 3, 1)}, "b", "c"]
    run = bulk.Run(client, "users.bulk.delete", records, max_records=1, poll_interval_ms=1)
    assert run.state is None
    states: list[tuple[int, bulk.BulkSummary | None]] = [(p["sent"], run.state) for p in run]
    # Progress that is read late finds a state that is ahead of it, and never one that is behind.
    assert all(state is not None and state["accepted"] >= sent for sent, state in states if sent)
    before = [0, *(sent for sent, _ in states)]
    new = [(sent, state) for was, (sent, state) in zip(before, states, strict=False) if sent > was]
    accepted = [(sent, state["accepted"]) for sent, state in new if state is not None]
    assert accepted == [(1, 1), (2, 2), (3, 3)]
    first = new[0][1]
    # As if the process had been killed there.
    calls = len(sandbox.requests("/v1/users/bulk/delete"))
    summary = bulk.delete(client, records, resume=json.loads(json.dumps(first)), **QUICK)
    assert (summary["accepted"], summary["succeeded"]) == (3, 3)
    sent = [r["json"]["user_ids"] for r in sandbox.requests("/v1/users/bulk/delete")[calls:]]
    assert sent == [["b", "c"]]
    (bad,) = reasons(summary)
    assert "has no time zone" in bad[2]
    assert run.state is not None and run.summary is not None
    assert run.state["acknowledged"] == run.summary["acknowledged"]


def test_ctrl_c_leaves_a_summary_to_resume_from(client: Knock, sandbox: Sandbox) -> None:
    def ids() -> Iterator[str]:
        yield from ("a", "b", "c")
        os.kill(os.getpid(), signal.SIGINT)
        yield "d"

    with pytest.raises(bulk.BulkInterrupted) as interrupted:
        bulk.delete(client, ids(), **QUICK)
    state = interrupted.value.summary
    assert state["accepted"] == 2 and was_cancelled(state)
    summary = bulk.delete(client, ["a", "b", "c", "d"], resume=state, **QUICK)
    assert summary["accepted"] == 4


class Stop(Exception):
    pass


class Halt(BaseException):
    pass


@pytest.mark.parametrize("raised", [Stop, Halt, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("max_records", [2, 1000])
def test_what_progress_raises_leaves_a_summary(
    client: Knock, raised: type[BaseException], max_records: int
) -> None:
    def tell(progress: bulk.BulkProgress) -> None:
        raise raised

    ids = ["a", "b", "c"]
    options: Any = {**QUICK, "max_records": max_records}
    with pytest.raises(raised) as ended:
        bulk.delete(client, ids, on_progress=tell, **options)
    assert isinstance(ended.value, bulk.BulkInterrupted) == (raised is KeyboardInterrupt)
    state: bulk.BulkSummary = ended.value.summary  # type: ignore[attr-defined]
    summary = bulk.delete(client, ids, resume=state, **options)
    assert (summary["accepted"], summary["processed"]) == (3, 3)


def test_what_records_raise_leaves_a_summary(client: Knock) -> None:
    def ids() -> Iterator[str]:
        yield from ("a", "b", "c")
        raise Stop

    with pytest.raises(Stop) as stopped:
        bulk.delete(client, ids(), **QUICK)
    state: bulk.BulkSummary = stopped.value.summary  # type: ignore[attr-defined]
    assert state["accepted"] == 2 and was_cancelled(state)


def test_leaving_the_loop_ends_the_run(client: Knock) -> None:
    sending = bulk.Run(client, "users.bulk.delete", repeat("a"), **QUICK)
    for _ in sending:
        break
    assert sending.summary is not None and was_cancelled(sending.summary)
    following = bulk.Run(client, "users.bulk.delete", ["a", "b", "c"], poll_interval_ms=1)
    for _ in following:
        break
    assert following.summary is not None


def test_a_second_ctrl_c_leaves_the_summary(client: Knock, sandbox: Sandbox) -> None:
    # Asking how far the service is hangs.
    sandbox.fault("/v1/bulk_operations/**", send="nothing", then="hang", times=50)
    asked = len(sandbox.requests("/v1/bulk_operations/**"))
    cancelled = threading.Event()

    class Run(bulk.Run):
        def cancel(self) -> None:
            super().cancel()
            cancelled.set()

    def interrupt_twice() -> None:
        while len(sandbox.requests("/v1/bulk_operations/**")) == asked:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        cancelled.wait()
        os.kill(os.getpid(), signal.SIGINT)

    state: bulk.BulkSummary | None = None
    with ThreadPoolExecutor(1) as pool:
        interrupting = pool.submit(interrupt_twice)
        try:
            try:
                list(Run(client, "users.bulk.delete", ["a", "b"], **QUICK))
            except bulk.BulkInterrupted as interrupted:
                state = interrupted.summary
            interrupting.result()
        except KeyboardInterrupt:
            # The second came when all was over.
            pass
    sandbox.ask("DELETE", "faults")
    assert state is not None and was_cancelled(state)
    assert state["pending"][0]["user_ids"] == ["a", "b"]


def test_exits_while_daemon_threads_make_runs(sandbox: Sandbox) -> None:
    program = """
import sys, threading
from knock_client import Knock, bulk

client = Knock(api_key="sk_x", base_url=sys.argv[1], pacing="off")
busy = threading.Barrier(5)
waiting = iter([True] * 4)

def told(progress):
    if next(waiting, False):
        busy.wait()

def run():
    ids = iter(lambda: "a", "b")
    bulk.delete(client, ids, max_records=1, poll_interval_ms=1, on_progress=told)

for _ in range(4):
    threading.Thread(target=run, daemon=True).start()
busy.wait()
# This one is in its last phase, and nobody goes on with it.
steps = iter(bulk.Run(client, "users.bulk.delete", map(str, range(9)), poll_interval_ms=1))
next(steps)
"""
    for _ in range(3):
        run = subprocess.run([sys.executable, "-c", program, sandbox.url], capture_output=True)
        assert (run.returncode, run.stderr) == (0, b"")


def test_the_types_have_the_keys_of_the_library() -> None:
    source = (RUST / "summary.rs").read_text() + (RUST / "progress.rs").read_text()
    structs = re.findall(r"pub struct (\w+) \{(.*?)\n\}", source, re.DOTALL)
    assert len(structs) == 8
    for name, body in structs:
        fields = re.findall(r'(?:rename = "(\w+)".*\n)?    pub (\w+):', body)
        keys = [renamed or field for renamed, field in fields]
        assert keys == list(getattr(bulk, name).__annotations__), name
    (reasons,) = re.findall(r"pub enum InterruptionReason \{(.*?)\n\}", source, re.DOTALL)
    words = [re.sub(r"\B(?=[A-Z])", "_", word) for word in re.findall(r"\n    (\w+),", reasons)]
    typed = get_args(get_type_hints(bulk.Interruption)["reason"])
    assert [word.lower() for word in words] == list(typed)
