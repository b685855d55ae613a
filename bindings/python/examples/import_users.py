#!/usr/bin/env python3
"""Imports users from a file, or deletes them: a tool for a terminal and for cron.

The key comes from KNOCK_API_KEY. The report goes to standard output: a line for each user that
failed, record that is bad and chunk that was not acknowledged. Progress goes to standard error.

exit status: 0 all users are done, 1 some are not and never will be as they are, 2 nothing was
tried, 3 the run ended early and can be resumed
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

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

    def show(self, progress: dict[str, Any]) -> None:
        if not self.terminal and time.monotonic() - self.last < 10:
            return
        self.last = time.monotonic()
        text = "{processed} processed, {sent} sent, {failed} failed".format(**progress)
        if progress["remaining_ms"] is not None:
            text += f", {progress['remaining_ms'] / 1000:.0f} s left"
        print(f"\r{text}\033[K" if self.terminal else text, end="", file=sys.stderr)
        if not self.terminal:
            print(file=sys.stderr)


def report(summary: dict[str, Any]) -> None:
    for bad in summary["bad_records"]:
        print(f"record {bad['position'] + 1}: {bad['reason']}")
    for failure in summary["failures"]:
        print(f"user {failure['id']}: {failure['reason']}")
    for chunk in summary["unacknowledged"]:
        print(f"records {chunk['first'] + 1} to {chunk['end']}: {chunk['reason']}")
    print("{read} read, {accepted} accepted, {succeeded} done, {failed} failed".format(**summary))


def run(given: argparse.Namespace) -> int:
    state = given.resume or given.file.with_name(f"{given.file.name}.state.json")
    options: dict[str, Any] = {"on_progress": Meter().show}
    if given.resume and given.resume.exists():
        options["resume"] = json.loads(given.resume.read_text())
    work = bulk.delete if given.delete else bulk.identify
    with Knock() as client:
        try:
            summary = work(client, given.file, **options)
        except bulk.BulkInterrupted as interrupted:
            summary = interrupted.summary
    report(summary)
    if summary["interrupted"] or summary["unacknowledged"] or summary["pending"]:
        state.write_text(json.dumps(summary))
        print(f"go on with --resume {state}", file=sys.stderr)
        return 3
    state.unlink(missing_ok=True)
    return 1 if summary["failed"] or summary["bad_records"] else 0


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except (KnockError, OSError, ValueError) as error:
        print(f"import_users: {error}", file=sys.stderr)
        sys.exit(2)
