"""Threads, forks, signals and logging."""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import Sandbox

from knock_client import ClientClosedError, Knock

SILENT = {"send": "nothing", "then": "hang"}


def test_threads_share_a_client(client: Knock) -> None:
    def work(number: int) -> set[str]:
        names = {str(turn) for turn in range(20)}
        updated = {client.users.update(f"thread-{number}", name=name).name or "" for name in names}
        assert client.users.get(f"thread-{number}").id == f"thread-{number}"
        return names ^ updated

    with ThreadPoolExecutor(24) as pool:
        assert set().union(*pool.map(work, range(24))) == set()


def test_calls_run_in_parallel(client: Knock, sandbox: Sandbox, user_id: str) -> None:
    client.users.update(user_id)
    sandbox.fault(f"/v1/users/{user_id}", delay_ms=300, times=16)
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        users = list(pool.map(lambda _: client.users.get(user_id), range(16)))
    assert len(users) == 16
    # One after the other they take 4.8 seconds.
    assert time.monotonic() - began < 2.4


def test_closing_ends_calls_of_other_threads(sandbox: Sandbox, user_id: str) -> None:
    sandbox.fault(f"/v1/users/{user_id}", **SILENT)
    client = Knock(api_key="sk_x", base_url=sandbox.url)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.users.get, user_id)
        while not any(f["path"] == f"/v1/users/{user_id}" for f in sandbox.requests("**")):
            time.sleep(0.01)
        client.close()
        with pytest.raises(ClientClosedError):
            call.result(timeout=5)


def test_a_client_is_closed_when_nothing_refers_to_it(sandbox: Sandbox) -> None:
    client = Knock(api_key="sk_x", base_url=sandbox.url)
    connection = weakref.ref(client._calls.connection)
    users = client.with_options(timeout=1).users
    del client
    gc.collect()
    assert connection() is not None
    del users
    gc.collect()
    assert connection() is None


def in_child(work: Any) -> tuple[int, bytes]:
    """Forks, and returns how the child ended and what it wrote. A child that hangs fails."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(write, str(work()).encode())
            status = 0
        except BaseException as error:
            os.write(write, repr(error).encode())
        finally:
            os._exit(status)
    os.close(write)
    try:
        if not select.select([read], [], [], 20)[0]:
            os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), os.read(read, 4096)
    finally:
        os.close(read)


def test_a_child_has_a_working_client(client: Knock, user_id: str) -> None:
    client.users.update(user_id, name="Jane")
    fast = client.with_options(timeout=5)
    assert in_child(lambda: [client.users.get(user_id).name, fast.users.get(user_id).name]) == (
        0,
        b"['Jane', 'Jane']",
    )
    assert client.users.get(user_id).name == "Jane"


def test_a_child_goes_on_with_pages_that_are_fetched_ahead(client: Knock) -> None:
    everyone = [user.id for user in client.users.list(page_size=50)]
    items = client.users.list(page_size=1).iter_items(prefetch=True)
    assert next(items).id == everyone[0]
    rest = str(everyone[1:]).encode()
    assert in_child(lambda: [user.id for user in items]) == (0, rest)
    assert [user.id for user in items] == everyone[1:]


def test_forks_in_the_midst_of_calls_never_hang(client: Knock, user_id: str) -> None:
    client.users.update(user_id, name="Jane")
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            client.users.get(user_id)
            Knock(api_key="sk_other", base_url="http://127.0.0.1:9").close()

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(busy) for _ in range(8)]
        try:
            for _ in range(15):
                assert in_child(lambda: client.users.get(user_id).name) == (0, b"Jane")
        finally:
            stop.set()
        for call in calls:
            call.result()


def test_a_child_may_close_what_the_parent_uses(client: Knock, user_id: str) -> None:
    client.users.update(user_id)
    assert in_child(client.close) == (0, b"None")
    assert client.users.get(user_id).id == user_id


def run_program(sandbox: Sandbox, user_id: str, program: str, number: int) -> tuple[int, str, str]:
    """Runs a program that waits for a response, and sends it a signal while it does."""
    sandbox.fault(f"/v1/users/{user_id}", **SILENT)
    header = f"""
import signal, sys, time
from knock_client import Knock
client = Knock(api_key="sk_x", base_url={sandbox.url!r})
user_id = {user_id!r}
"""
    command = [sys.executable, "-c", header + program]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not sandbox.requests(f"/v1/users/{user_id}"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err


def test_ctrl_c_ends_a_call(sandbox: Sandbox, user_id: str) -> None:
    program = """
try:
    client.users.get(user_id)
except KeyboardInterrupt:
    print("interrupted")
print(client.users.update("after-ctrl-c").id)
"""
    status, out, err = run_program(sandbox, user_id, program, signal.SIGINT)
    assert (status, out, err) == (0, "interrupted\nafter-ctrl-c\n", "")


def test_ctrl_c_ends_a_program(sandbox: Sandbox, user_id: str) -> None:
    status, _, err = run_program(sandbox, user_id, "client.users.get(user_id)", signal.SIGINT)
    assert status == -signal.SIGINT
    assert err.endswith("KeyboardInterrupt\n") and "ignored" not in err


def test_what_a_handler_raises_comes_out_of_the_call(sandbox: Sandbox, user_id: str) -> None:
    program = """
def stop(*_):
    client.users.update("from-the-handler")
    sys.exit(7)
signal.signal(signal.SIGTERM, stop)
client.users.get(user_id)
"""
    assert run_program(sandbox, user_id, program, signal.SIGTERM) == (7, "", "")
    assert sandbox.requests("/v1/users/from-the-handler")


def test_a_handler_that_returns_does_not_end_the_call(sandbox: Sandbox, user_id: str) -> None:
    program = """
signal.signal(signal.SIGUSR1, lambda *_: print("handled", flush=True))
try:
    client.users.get(user_id, timeout=1, max_retries=0)
except Exception as error:
    print(type(error).__name__)
"""
    status, out, err = run_program(sandbox, user_id, program, signal.SIGUSR1)
    assert (status, out, err) == (0, "handled\nAPITimeoutError\n", "")


def test_logging(
    client: Knock, sandbox: Sandbox, user_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "knock_client")
    sandbox.fault(f"/v1/users/{user_id}", status=503, headers={"retry-after-ms": "1"})
    client.users.update(user_id)
    first, second = [record for record in caplog.records if record.name == "knock_client"]
    assert (first.levelno, second.levelno) == (logging.WARNING, logging.DEBUG)
    assert "users.update" in first.getMessage() and "503" in first.getMessage()
    assert "sk_test" not in caplog.text

    caplog.clear()
    caplog.set_level(logging.ERROR, "knock_client")
    client.users.update(user_id)
    assert not caplog.records


def run_alone(program: str, *arguments: str) -> tuple[int, str, str]:
    """Runs a program in an interpreter of its own."""
    command = [sys.executable, "-c", program, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout, run.stderr


def test_exits_while_daemon_threads_call_and_log(sandbox: Sandbox) -> None:
    program = """
import logging, sys, threading
from knock_client import Knock

logging.basicConfig(level=logging.DEBUG, filename="/dev/null")
client = Knock(api_key="sk_x", base_url=sys.argv[1], pacing="off")
busy = threading.Barrier(9)

def call():
    client.users.update("busy")
    busy.wait()
    while True:
        client.users.update("busy")

for _ in range(8):
    threading.Thread(target=call, daemon=True).start()
busy.wait()
client.users.update("busy")
"""
    for _ in range(3):
        assert run_alone(program, sandbox.url) == (0, "", "")


def test_what_a_handler_raises_while_lines_are_logged_comes_out(sandbox: Sandbox) -> None:
    program = """
import logging, signal, sys
from knock_client import Knock

class Alarm(BaseException):
    pass

def ring(*_):
    raise Alarm

logging.basicConfig(level=logging.DEBUG, filename="/dev/null")
client = Knock(api_key="sk_x", base_url=sys.argv[1], pacing="off")
client.users.update("alarm")
signal.signal(signal.SIGALRM, ring)
for _ in range(100):
    signal.setitimer(signal.ITIMER_REAL, 0.005)
    try:
        for _ in range(1000):
            client.users.update("alarm")
        print("lost")
    except Alarm:
        pass
"""
    assert run_alone(program, sandbox.url) == (0, "", "")


def test_nothing_is_logged_that_nobody_asked_for(sandbox: Sandbox) -> None:
    program = """
import logging, sys
from knock_client import Knock, NotFoundError

try:
    Knock(api_key="sk_x", base_url=sys.argv[1]).users.get("nobody")
except NotFoundError:
    print("handled")
"""
    assert run_alone(program, sandbox.url) == (0, "handled\n", "")
