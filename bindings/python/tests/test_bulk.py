"""Bulk runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox

from knock_client import InvalidArgumentError, Knock, NotFoundError, bulk

QUICK: dict[str, Any] = {"poll_interval_ms": 1, "max_records": 2}


def test_any_iterable_of_users_is_identified(client: Knock, user_id: str) -> None:
    users = ({"id": f"{user_id}-{n}", "n": n} for n in range(5))
    seen: list[dict[str, Any]] = []
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


def test_a_bad_record_stops_nothing(client: Knock, user_id: str) -> None:
    summary = bulk.identify(client, [{"id": 7}, {"id": "x", "y": object()}, {"id": user_id}])
    assert [bad["position"] for bad in summary["bad_records"]] == [0, 1]
    assert summary["succeeded"] == 1


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


def test_ctrl_c_leaves_a_summary_to_resume_from(client: Knock, sandbox: Sandbox) -> None:
    def ids() -> Iterator[str]:
        yield from ("a", "b", "c")
        os.kill(os.getpid(), signal.SIGINT)
        yield "d"

    with pytest.raises(bulk.BulkInterrupted) as interrupted:
        bulk.delete(client, ids(), **QUICK)
    state = interrupted.value.summary
    assert (state["accepted"], state["interrupted"]["reason"]) == (2, "cancelled")
    summary = bulk.delete(client, ["a", "b", "c", "d"], resume=state, **QUICK)
    assert summary["accepted"] == 4


def test_the_import_tool(sandbox: Sandbox, user_id: str, tmp_path: Path) -> None:
    tool = Path(__file__).parents[1] / "examples" / "import_users.py"
    file = tmp_path / "users.csv"
    file.write_text(f"id,plan\n{user_id},pro\n,free\n")
    environment = {**os.environ, "KNOCK_API_KEY": "sk_test", "KNOCK_BASE_URL": sandbox.url}
    command = [sys.executable, str(tool), str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ("record 2: it has no id\n2 read, 1 accepted, 1 done, 0 failed\n")
    missing = subprocess.run([*command[:2], "none.csv"], env=environment, capture_output=True)
    assert missing.returncode == 2
