#!/usr/bin/env python3
"""Imports users from a file, or deletes them: a tool for a terminal and for cron.

The key comes from KNOCK_API_KEY. The report goes to standard output: a line for each user that
failed, record that is bad and chunk that was not acknowledged. Progress goes to standard error.

exit status: 0 all users are done, 1 some are not and never will be as they are, 2 nothing was
tried, 3 the run ended early and can be resumed
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
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


def keep(summary: bulk.BulkSummary, state: Path) -> None:
    """Keeps what a later run needs, whole or not at all."""
    fresh = state.with_name(f"{state.name}.new")
    fresh.write_text(json.dumps(summary))
    fresh.replace(state)


def work(given: argparse.Namespace, resume: bulk.BulkSummary | None) -> bulk.BulkSummary:
    operation = "users.bulk.delete" if given.delete else "users.bulk.identify"
    meter = Meter()
    with Knock() as client:
        run = bulk.Run(client, operation, given.file, resume=resume)
        try:
            for progress in run:
                meter.show(progress)
        except (KeyboardInterrupt, OSError) as error:
            # What was done so far must not be lost; a later run does the rest.
            if run.summary is None or run.summary["read"] == 0:
                raise
            tell(str(error) or "interrupted")
    assert run.summary is not None
    return run.summary


def main(given: argparse.Namespace) -> int:
    state = given.resume or given.file.with_name(f"{given.file.name}.state.json")
    resume = None
    if given.resume and given.resume.exists():
        resume = json.loads(given.resume.read_text())
    summary = work(given, resume)
    early = summary["interrupted"] or summary["unacknowledged"] or summary["pending"]
    # First of all, for the report may go to somebody who does not read it to its end.
    try:
        if early:
            keep(summary, state)
            tell(f"go on with --resume {state}")
        else:
            state.unlink(missing_ok=True)
    except OSError as error:
        tell(f"{state}: {error}")
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
