#!/usr/bin/env python3
"""Imports users from a file, or deletes them: a tool for a terminal and for cron.

The key comes from KNOCK_API_KEY. The report goes to standard output: a line for each user that
failed, record that is bad and chunk that was not acknowledged. Progress goes to standard error.
What a later run needs is kept in FILE.state.json while it works.

exit status: 0 all users are done, 1 some are not and never will be as they are, 2 nothing was
tried, 3 the run ended early: what was said on standard error tells whether it can be resumed
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from knock_client import Knock, KnockError, bulk


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", help="a .csv file with a column id, or an .ndjson file", type=Path)
    parser.add_argument("--delete", action="store_true", help="delete the users instead")
    parser.add_argument("--resume", metavar="STATE", type=Path, help="the state of an earlier run")
    return parser.parse_args()


class Meter:
    """Shows progress: in place on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.last = time.monotonic()

    def show(self, progress: bulk.BulkProgress) -> None:
        if not self.terminal and time.monotonic() - self.last < 10:
            return
        self.last = time.monotonic()
        text = "{processed} processed, {sent} sent, {failed} failed".format(**progress)
        if progress["remaining_ms"] is not None:
            text += f", {progress['remaining_ms'] / 1000:.0f} s left"
        if self.terminal:
            tell(f"\r{text}\033[K", end="")
        else:
            tell(text)


def tell(text: str, end: str = "\n") -> None:
    """Says something on standard error, whether or not anybody listens."""
    with contextlib.suppress(OSError):
        print(text, end=end, file=sys.stderr)


def report(summary: bulk.BulkSummary) -> None:
    for bad in summary["bad_records"]:
        print(f"record {bad['position'] + 1}: {bad['reason']}")
    for failure in summary["failures"]:
        print(f"user {failure['id']}: {failure['reason']}")
    for chunk in summary["unacknowledged"]:
        print(f"records {chunk['first'] + 1} to {chunk['end']}: {chunk['reason']}")
    text = "{read} read, {accepted} accepted, {succeeded} done, {failed} failed"
    print(text.format(**summary), flush=True)


class State:
    """The file that keeps what a later run needs: whole or not at all, for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: OSError | None = None
        self.exists = self.is_there()

    def is_there(self) -> bool:
        """Whether there is a file that a state may replace. It is never one behind a link."""
        if self.path.is_symlink():
            raise OSError(f"{self.path} is a symbolic link; no state is kept through one")
        if self.path.exists() and not self.path.is_file():
            raise OSError(f"{self.path} is not a regular file")
        return self.path.exists()

    def keep(self, summary: bulk.BulkSummary) -> None:
        """Keeps a state in place of the last one, and tells the first of several failures."""
        try:
            self.is_there()
            self.write(json.dumps(summary))
        except OSError as error:
            if self.failure is None:
                tell(f"the state cannot be written to {self.path}: {error}")
            self.failure = error
        else:
            self.failure, self.exists = None, True

    def write(self, text: str) -> None:
        number, fresh = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        try:
            with os.fdopen(number, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(number)
            os.replace(fresh, self.path)
        except BaseException:
            os.unlink(fresh)
            raise

    def remove(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            tell(f"{self.path} cannot be removed: {error}")

    def conclude(self, summary: bulk.BulkSummary) -> None:
        """Keeps the state of a run that ended early, and says whether it can be resumed."""
        self.keep(summary)
        if self.failure is None:
            tell(f"go on with --resume {self.path}")
        elif self.exists:
            tell(f"{self.path} has an earlier state: --resume {self.path} sends some users again")
        else:
            tell("this run cannot be resumed, only started over")


def work(given: argparse.Namespace, state: State) -> bulk.BulkSummary:
    resume = json.loads(state.path.read_text()) if state.exists else None
    operation = "users.bulk.delete" if given.delete else "users.bulk.identify"
    meter = Meter()
    with Knock() as client:
        run = bulk.Run(client, operation, given.file, resume=resume)
        sent = 0
        try:
            for progress in run:
                if progress["sent"] > sent and run.state is not None:
                    sent = progress["sent"]
                    state.keep(run.state)
                meter.show(progress)
        except (KeyboardInterrupt, KnockError, OSError) as error:
            # What was done so far must not be lost; a later run does the rest.
            if run.summary is None or run.summary["read"] == 0:
                raise
            tell(str(error) or "interrupted")
    assert run.summary is not None
    return run.summary


def main(given: argparse.Namespace) -> int:
    # To be told to end is no reason to lose what was done.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    state = State(given.resume or given.file.with_name(f"{given.file.name}.state.json"))
    if state.exists and not given.resume:
        raise ValueError(
            f"{state.path} has the state of a run that did not end; go on with --resume "
            f"{state.path}, or remove it to start over"
        )
    summary = work(given, state)
    early = summary["interrupted"] or summary["unacknowledged"] or summary["pending"]
    # First of all, for the report may go to somebody who does not read it to its end.
    if early:
        state.conclude(summary)
    else:
        state.remove()
    try:
        report(summary)
    except OSError as error:
        tell(f"the report could not be written: {error}")
        # What is left of it must not fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if early:
        return 3
    return 1 if summary["failed"] or summary["bad_records"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main(arguments()))
    except (KnockError, OSError, ValueError) as error:
        tell(f"import_users: {error}")
        sys.exit(2)
