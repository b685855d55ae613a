"""Loading the shared library, what that costs, and that calls leak nothing."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Sandbox

from knock_client import Knock, NotFoundError
from knock_client._library import path


def load(library: Path | str) -> str:
    """Why the package refuses a library."""
    program = "import knock_client"
    environment = {**os.environ, "KNOCK_LIBRARY": str(library)}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    return run.stderr.splitlines()[-1]


def compiled(folder: Path, source: str) -> Path:
    library = folder / "libknock.so"
    (folder / "knock.c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "knock.c"], check=True)
    return library


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "libknock.so"
    assert load(missing) == (
        f"knock_client._errors.LibraryError: the knock library cannot be loaded: {missing}: cannot "
        "open shared object file: No such file or directory; KNOCK_LIBRARY may name another file"
    )


def test_a_library_of_something_else(tmp_path: Path) -> None:
    other = compiled(tmp_path, "int nothing;")
    assert load(other).endswith(f"{other} is no knock library: it has no knock_abi_version")


@pytest.mark.parametrize(("abi", "version"), [(2, "0.1.0"), (1, "9.9.9")])
def test_a_library_of_another_release(tmp_path: Path, abi: int, version: str) -> None:
    other = compiled(
        tmp_path,
        f"unsigned knock_abi_version(void) {{ return {abi}; }}"
        f'const char *knock_version(void) {{ return "{version}"; }}',
    )
    message = load(other)
    assert f"{other} is version {version} with ABI {abi}, and this package is version" in message
    assert message.endswith("install both from the same release")


def test_the_environment_names_the_library(tmp_path: Path) -> None:
    copy = shutil.copy(path(), tmp_path / "another-name.so")
    program = "from knock_client._library import library; print(library._name)"
    environment = {**os.environ, "KNOCK_LIBRARY": str(copy)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True)
    assert run.stdout.decode().strip() == str(copy)


def test_other_implementations_of_python_are_refused() -> None:
    program = "import sys; sys.implementation.name = 'pypy'; import knock_client"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 1
    assert "LibraryError: knock_client needs CPython, and this is pypy" in run.stderr


@pytest.mark.skipif(shutil.which("pypy3") is None, reason="needs PyPy")
def test_pypy_is_refused() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    command = ["pypy3", "-c", "import knock_client"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.stderr.splitlines()[-1].startswith(
        "knock_client._errors.LibraryError: knock_client needs CPython, and this is pypy"
    )


SEVERAL_INTERPRETERS = """
import logging, sys, threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
from knock_client import Knock

logging.basicConfig(level=logging.DEBUG, filename="/dev/null")
client = Knock(api_key="sk_x", base_url=sys.argv[1])
client.users.update("first")
second = interpreters.create()
code = '''
try:
    import knock_client
except ImportError as error:
    print(type(error).__name__, error, flush=True)
'''

def run():
    interpreters.run_string(second, code)

run()
thread = threading.Thread(target=run)
thread.start()
thread.join()
print(client.users.update("first").id)
"""


def test_a_second_interpreter_of_a_process_is_refused(sandbox: Sandbox) -> None:
    command = [sys.executable, "-c", SEVERAL_INTERPRETERS, sandbox.url]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    *refused, first = run.stdout.splitlines()
    assert first == "first" and len(refused) == 2
    for line in refused:
        assert line.startswith("LibraryError knock_client works in the main interpreter")


def test_importing_loads_little() -> None:
    program = """
import sys
from knock_client import Knock, NotFoundError
Knock(api_key="sk_x").users
heavy = {"typing", "logging", "datetime", "uuid", "threading", "inspect", "dataclasses", "socket"}
print(sorted(heavy & set(sys.modules)))
"""
    # Without site-packages: what those load as the interpreter starts is not ours.
    package = Path(__file__).parents[1] / "src"
    environment = {"KNOCK_LIBRARY": path(), "PYTHONPATH": str(package)}
    run = subprocess.run(
        [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True
    )
    assert run.stdout == "[]\n", run.stderr


def test_a_source_distribution_has_every_member_of_the_workspace() -> None:
    package = Path(__file__).parents[1]
    (members,) = re.findall(
        r"^members = \[(.*?)\]", (package.parents[1] / "Cargo.toml").read_text(), re.M | re.S
    )
    (carried,) = re.findall(
        r"^RUST = \((.*?)\)", (package / "hatch_build.py").read_text(), re.M | re.S
    )
    folders = {member.split("/")[0] for member in re.findall(r'"(.*?)"', members)}
    assert {"capi", "sandbox"} <= folders <= set(re.findall(r'"(.*?)"', carried))


def resident() -> int:
    """Kilobytes of memory that the process takes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


# Answers at once, for it only looks for the end of a request: the sandbox takes longer than a call.
SERVER = """
import json, socket

user = json.dumps({"id": "jane", "note": "x" * 1000})
missing = json.dumps({"code": "resource_missing", "message": "y" * 1000, "status": 404})
answers = [
    f"HTTP/1.1 {status}\\r\\ncontent-length: {len(body)}\\r\\n\\r\\n{body}".encode()
    for status, body in (("200 OK", user), ("404 Not Found", missing))
]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while request := connection.recv(65536):
        while not request.endswith(b"\\r\\n\\r\\n"):
            request += connection.recv(65536)
        connection.sendall(answers[b"/nobody" in request])
"""


@pytest.fixture
def quick_server() -> Iterator[str]:
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
    assert server.stdout is not None
    yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    server.kill()
    server.communicate()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_calls_leak_nothing(quick_server: str, caplog: pytest.LogCaptureFixture) -> None:
    # Lines that are logged would be kept.
    caplog.set_level(logging.CRITICAL, "knock_client")
    with Knock(api_key="sk_test", base_url=quick_server, pacing="off") as client:

        def calls(count: int) -> None:
            for _ in range(count // 10):
                for _ in range(9):
                    client.users.get("jane")
                try:
                    client.users.get("nobody")
                except NotFoundError:
                    pass

        calls(10_000)
        before = resident()
        calls(100_000)
        assert resident() - before < 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_clients_leak_nothing(sandbox: Sandbox, user_id: str) -> None:
    def clients(count: int) -> None:
        for _ in range(count):
            with Knock(api_key="sk_x", base_url=sandbox.url) as client:
                client.users.update(user_id)

    clients(100)
    before = resident()
    clients(300)
    assert resident() - before < 2048
