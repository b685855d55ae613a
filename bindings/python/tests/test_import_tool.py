"""The import tool among the examples: what it says, and the state that it keeps."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox

IDENTIFY = "/v1/users/bulk/identify"


def import_tool(sandbox: Sandbox, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    tool = Path(__file__).parents[1] / "examples" / "import_users.py"
    environment = {**os.environ, "KNOCK_API_KEY": "sk_test", "KNOCK_BASE_URL": sandbox.url}
    command = [sys.executable, str(tool), *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, env=environment, text=True, **options)


def test_the_import_tool(sandbox: Sandbox, user_id: str, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(f"id,plan\n{user_id},pro\n,free\n")
    done = import_tool(sandbox, file)
    output, said = done.communicate()
    assert done.returncode == 1, said
    assert output == ("record 2: it has no id\n2 read, 1 accepted, 1 done, 0 failed\n")
    missing = import_tool(sandbox, "none.csv")
    missing.communicate()
    assert missing.returncode == 2


def test_the_import_tool_keeps_its_state(sandbox: Sandbox, user_id: str, tmp_path: Path) -> None:
    file, state = tmp_path / "users.csv", tmp_path / "users.csv.state.json"
    file.write_text(f"id,plan\n{user_id},pro\n")
    # Nobody reads the report.
    reader, writer = os.pipe()
    os.close(reader)
    sandbox.fault("/v1/users/bulk/identify", status=401)
    denied = import_tool(sandbox, file, stdout=writer)
    os.close(writer)
    denied.communicate()
    assert denied.returncode == 3
    assert json.loads(state.read_text())["interrupted"]["reason"] == "denied"
    resumed = import_tool(sandbox, file, "--resume", state)
    resumed.communicate()
    assert resumed.returncode == 0
    assert os.listdir(tmp_path) == [file.name]


class Scene:
    """A file with a user, and the tool that imports it."""

    def __init__(self, sandbox: Sandbox, folder: Path, user_id: str) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.file = folder / "users.csv"
        self.file.write_text(f"id,plan\n{user_id},pro\n")
        self.state = folder / "users.csv.state.json"

    def run(self, *arguments: object, **options: Any) -> tuple[int, str]:
        tool = import_tool(self.sandbox, self.file, *arguments, **options)
        _, said = tool.communicate(timeout=60)
        return tool.returncode, said

    def sent(self) -> int:
        return len(self.sandbox.requests(IDENTIFY))

    def hanging(self) -> subprocess.Popen[str]:
        """The tool, while it waits to hear what became of a chunk that was acknowledged."""
        self.sandbox.fault("/v1/bulk_operations/**", send="nothing", then="hang", times=50)
        tool = import_tool(self.sandbox, self.file)
        while not self.state.exists():
            assert tool.poll() is None, tool.communicate()
            time.sleep(0.01)
        return tool


@pytest.fixture
def scene(sandbox: Sandbox, tmp_path: Path, user_id: str) -> Iterator[Scene]:
    yield Scene(sandbox, tmp_path, user_id)
    sandbox.ask("DELETE", "faults")


def test_a_killed_import_goes_on_where_it_was(scene: Scene) -> None:
    tool = scene.hanging()
    tool.kill()
    tool.communicate()
    state = json.loads(scene.state.read_text())
    assert (state["accepted"], len(state["pending"])) == (1, 1)
    assert scene.state.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(scene.folder)) == [scene.file.name, scene.state.name]

    status, said = scene.run()
    assert status == 2 and f"go on with --resume {scene.state}, or remove it" in said
    scene.sandbox.ask("DELETE", "faults")
    sent = scene.sent()
    assert scene.run("--resume", scene.state)[0] == 0
    assert scene.sent() == sent and not scene.state.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_import_that_is_told_to_end_keeps_its_state(
    scene: Scene, number: signal.Signals
) -> None:
    tool = scene.hanging()
    tool.send_signal(number)
    output, said = tool.communicate(timeout=60)
    assert tool.returncode == 3 and f"go on with --resume {scene.state}" in said
    assert "1 read, 1 accepted" in output
    state = json.loads(scene.state.read_text())
    assert state["interrupted"]["reason"] == "cancelled" and state["pending"]


@pytest.mark.parametrize("there", [True, False])
def test_no_state_is_kept_through_a_link(scene: Scene, there: bool) -> None:
    target = scene.folder / "target"
    if there:
        target.write_text("precious")
    scene.state.symlink_to(target)
    sent = scene.sent()
    for arguments in ([], ["--resume", scene.state]):
        status, said = scene.run(*arguments)
        assert status == 2 and f"{scene.state} is a symbolic link" in said
    assert scene.sent() == sent
    assert target.exists() == there and (not there or target.read_text() == "precious")
    status, said = scene.run("--resume", "/dev/full")
    assert status == 2 and "/dev/full is not a regular file" in said


def full_disk() -> None:
    """No file can grow."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_full_disk_is_told_and_nothing_is_promised(scene: Scene) -> None:
    scene.sandbox.fault(IDENTIFY, status=401)
    status, said = scene.run(preexec_fn=full_disk)
    assert status == 3
    assert f"the state cannot be written to {scene.state}: [Errno " in said
    assert "this run cannot be resumed, only started over" in said and "--resume" not in said
    assert os.listdir(scene.folder) == [scene.file.name]

    status, said = scene.run(preexec_fn=full_disk)
    assert status == 0 and said.count("the state cannot be written to") == 1

    scene.sandbox.fault(IDENTIFY, status=401)
    assert scene.run()[0] == 3
    earlier = json.loads(scene.state.read_text())
    scene.sandbox.fault(IDENTIFY, status=401)
    status, said = scene.run("--resume", scene.state, preexec_fn=full_disk)
    assert status == 3 and f"--resume {scene.state} sends some users again" in said
    assert json.loads(scene.state.read_text()) == earlier
