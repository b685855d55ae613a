"""What one call costs: counted exactly where that is possible, timed where it is not.

A count is the difference between a long and a short run over the number of calls between them, so that starting,
connecting and ending are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = TARGET / "release"
BUILD = TARGET / "benches"
DRIVERS = ROOT / "benches/compare/drivers"
KNOCK_FLAGS = [f"-I{ROOT}/include", f"-L{RELEASE}", "-lknock", f"-Wl,-rpath,{RELEASE}"]


def need(commands: dict[str, str], headers: dict[str, str] | None = None) -> None:
    """Installs the Debian packages of commands and headers that are missing."""
    missing = [package for command, package in commands.items() if not shutil.which(command)]
    missing += [package for header, package in (headers or {}).items() if not found(header)]
    if not missing:
        return
    print("installing what is missing:", *missing, flush=True)
    if not shutil.which("apt-get"):
        raise SystemExit(f"there is no apt-get here; please install these yourself: {' '.join(missing)}")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, "apt-get", "-qq", "update"], check=True)
    install = [*sudo, "apt-get", "-qq", "install", "--yes", *missing]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)


def found(header: str) -> bool:
    check = subprocess.run(["cc", "-E", "-xc++", "-", "-o", os.devnull], input=f"#include <{header}>\n", text=True,
                           stderr=subprocess.DEVNULL)
    return check.returncode == 0


def build_rust() -> None:
    """The library, the server and the Rust drivers, as they are released."""
    packages = ["-p", "knock-capi", "-p", "knock-benches"]
    subprocess.run(["cargo", "build", "--release", "--quiet", "--lib", "--bins", *packages], cwd=ROOT, check=True)
    BUILD.mkdir(parents=True, exist_ok=True)


def stripped_library() -> Path:
    stripped = BUILD / "libknock.stripped.so"
    subprocess.run(["strip", "-o", stripped, RELEASE / "libknock.so"], check=True)
    return stripped


def build_driver(source: str, *flags: str) -> Path:
    program = BUILD / Path(source).name.replace(".", "_")
    compiler = ["c++", "-std=c++17"] if source.endswith(".cpp") else ["cc"]
    subprocess.run([*compiler, "-O2", "-o", program, DRIVERS / source, *flags], check=True)
    return program


class Server:
    """The server that answers at once; `url` is where."""

    def __enter__(self) -> Server:
        self.process = subprocess.Popen([RELEASE / "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Client:
    """A program that makes calls: `command BASE_URL WORK CALLS`."""

    name: str
    command: list[str | Path]
    # How many calls a second it makes, about; longer runs are for faster clients.
    pace: int = 10_000
    environment: dict[str, str] | None = None

    def run(self, url: str, work: str, calls: int, prefix: tuple[str, ...] = ()) -> Usage:
        command = [*prefix, *map(str, self.command), url, work, str(calls)]
        environment = {**os.environ, **(self.environment or {})}
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{self.name} failed: {' '.join(command)}")
        return Usage(wall, usage.ru_utime + usage.ru_stime)

    def instructions(self, url: str, work: str, calls: tuple[int, int] = (100, 600)) -> float:
        """Instructions in user space per call."""

        def count(calls: int) -> int:
            with tempfile.TemporaryDirectory() as folder:
                log = Path(folder, "log")
                tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}")
                self.run(url, work, calls, tool)
                return int(re.search(r"Collected : (\d+)", log.read_text()).group(1))

        return per_call(count, calls)

    def system_calls(self, url: str, work: str, calls: tuple[int, int] = (100, 600)) -> float:
        """System calls of all threads per call."""

        def count(calls: int) -> int:
            with tempfile.NamedTemporaryFile("r") as log:
                self.run(url, work, calls, ("strace", "-f", "-c", "-U", "calls,name", "-o", log.name))
                rows = re.findall(r"^ *(\d+) +(?!total)\w+", log.read(), re.MULTILINE)
                return sum(map(int, rows))

        return per_call(count, calls)

    def memory(self, url: str, work: str, calls: int) -> float:
        """The peak of resident memory in MiB.

        What the system tells of a process includes what it was forked from, which is less for `time` than for Python.
        """
        with tempfile.NamedTemporaryFile("r") as log:
            self.run(url, work, calls, ("/usr/bin/time", "--format=%M", f"--output={log.name}"))
            return int(log.read()) / 1024

    def times(self, url: str, work: str, rounds: int = 5) -> Usage:
        """Seconds per call, the best of some rounds."""
        short, long = self.pace // 20, self.pace
        fast = [self.run(url, work, short) for _ in range(rounds)]
        slow = [self.run(url, work, long) for _ in range(rounds)]

        def seconds(field: str) -> float:
            best = [min(getattr(usage, field) for usage in runs) for runs in (fast, slow)]
            return max(best[1] - best[0], 0) / (long - short)

        return Usage(seconds("wall"), seconds("cpu"))


@dataclass
class Usage:
    """Seconds that passed, and seconds of CPU."""

    wall: float
    cpu: float


def per_call(count, calls: tuple[int, int]) -> float:
    short, long = calls
    return (count(long) - count(short)) / (long - short)
