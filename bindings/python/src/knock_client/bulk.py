"""Any number of users identified, deleted or given preferences, as one run.

```python
from knock_client import Knock, bulk

client = Knock()
summary = bulk.identify(client, "users.csv", on_progress=print)
for failure in summary["failures"]:
    print(failure["id"], failure["reason"])
```

Records are any iterable, or the path of a `.csv`, `.ndjson` or `.jsonl` file. They are read while
they are sent, at the pace that the service allows. The summary is a dict that JSON can hold; with
`resume` a later run goes on where it ended. docs/bulk.md says what it has.
"""

from __future__ import annotations

import csv
import ctypes
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sized
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Union

from . import _interrupt
from ._errors import InvalidArgumentError, from_library
from ._library import library, take
from ._values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Knock

Records = Union[str, "os.PathLike[str]", Iterable[Any]]

_DONE = 1
_PROGRESS = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)
_TEXT = ctypes.POINTER(ctypes.c_char_p)

library.knock_bulk_new.argtypes = (
    ctypes.c_uint64,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(ctypes.c_uint64),
    _TEXT,
)
library.knock_bulk_push.argtypes = (ctypes.c_uint64, ctypes.c_char_p, _TEXT)
library.knock_bulk_on_progress.argtypes = (ctypes.c_uint64, _PROGRESS, ctypes.c_void_p)
library.knock_bulk_finish.argtypes = (ctypes.c_uint64, _TEXT)
library.knock_bulk_cancel.argtypes = (ctypes.c_uint64,)
library.knock_bulk_close.argtypes = (ctypes.c_uint64,)


class BulkInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a run. `summary` says what became of it, to resume it later."""

    def __init__(self, summary: dict[str, Any]) -> None:
        super().__init__("the bulk run was interrupted")
        self.summary = summary


class Run:
    """A bulk run under way: iterating over it does the work and yields its progress.

    Each progress is a dict with `read`, `sent`, `processed`, `failed`, `bad_records`, `total`,
    `elapsed_ms` and `remaining_ms`. At the end `summary` says what became of it all.

        run = bulk.Run(client, "users.bulk.delete", ids)
        for progress in run:
            print(progress["processed"])
        print(run.summary["failed"])
    """

    def __init__(
        self,
        client: Knock,
        operation: str,
        records: Records,
        *,
        preferences: Mapping[str, Any] | None = None,
        resume: Mapping[str, Any] | None = None,
        total: int | None = None,
        **options: int,
    ) -> None:
        """Starts a run. Nothing is sent yet.

        Args:
          client: The client whose connections and rate limits it uses.
          operation: `users.bulk.identify`, `users.bulk.delete` or `users.bulk.set_preferences`.
          records: Users as dicts with an `id`, or their ids; or the path of a file of them.
          preferences: The set that the users get, for `users.bulk.set_preferences`.
          resume: The summary of a run that was interrupted, to go on with the same records.
          total: How many records there will be, to estimate the time that remains.
          options: `max_records`, `max_body_bytes`, `poll_interval_ms`, `max_poll_interval_ms`
            and `stall_timeout_ms`, as in `knock_bulk_new`.

        Raises:
          InvalidArgumentError: It cannot work like this.
        """
        if total is None and isinstance(records, Sized) and not isinstance(records, str):
            total = len(records)
        given = {"preferences": preferences, "resume": resume, "total": total, **options}
        settings = {name: value for name, value in given.items() if value is not None}
        self.summary: dict[str, Any] | None = None
        self._bulk = 0
        self._texts = _texts(records)
        self._seen: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._callback = _PROGRESS(lambda text, _: self._seen.put(json.loads(text)))
        bulk, error = ctypes.c_uint64(), ctypes.c_char_p()
        handle, name = client._calls.connection.handle(), operation.encode()
        _check(
            library.knock_bulk_new(
                handle, name, encode(settings), ctypes.byref(bulk), ctypes.byref(error)
            ),
            error,
        )
        self._bulk = bulk.value
        library.knock_bulk_on_progress(self._bulk, self._callback, None)

    def cancel(self) -> None:
        """Ends the run early, from any thread; `summary` then says where to go on."""
        library.knock_bulk_cancel(self._bulk)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        try:
            for text in self._texts:
                goes_on = self._push(text)
                yield from self._progress()
                if not goes_on:
                    break
            # On a thread of its own, so that progress is seen while it works.
            finishing = threading.Thread(target=self._finish, daemon=True)
            finishing.start()
            while finishing.is_alive():
                yield from self._progress(0.1)
            yield from self._progress()
        except KeyboardInterrupt:
            self.cancel()
            self._finish()
            raise BulkInterrupted(self.summary or {}) from None

    def _push(self, text: str) -> bool:
        if _interrupt.thread is None:
            _interrupt.watch()
        error = ctypes.c_char_p()
        # A NUL, which no JSON holds, would hide what follows it.
        content = text.replace("\0", "\\").encode(errors="replace")
        status = library.knock_bulk_push(self._bulk, content, ctypes.byref(error))
        message = take(error)
        if _interrupt.raised:
            _interrupt.reraise()
        if status not in (0, _DONE):
            raise from_library(decode(message)["error"])
        return bool(status != _DONE)

    def _finish(self) -> None:
        summary = ctypes.c_char_p()
        if library.knock_bulk_finish(self._bulk, ctypes.byref(summary)) == 0:
            self.summary = json.loads(take(summary))

    def _progress(self, wait: float = 0) -> Iterator[dict[str, Any]]:
        try:
            while True:
                yield self._seen.get(timeout=wait) if wait else self._seen.get_nowait()
        except Empty:
            return

    def __del__(self) -> None:
        if getattr(self, "_bulk", 0) and library is not None:
            library.knock_bulk_close(self._bulk)


def identify(client: Knock, users: Records, **options: Any) -> dict[str, Any]:
    """Creates or updates users, and returns the summary.

    Args:
      client: The client to use.
      users: Dicts with an `id`, or the path of a file. In a CSV file an empty cell changes
        nothing.
      options: Those of `Run`, and `on_progress`: a function that is told each progress.

    Raises:
      BulkInterrupted: Ctrl-C ended it; `summary` says where to go on.
    """
    return _run(client, "users.bulk.identify", users, **options)


def delete(client: Knock, user_ids: Records, **options: Any) -> dict[str, Any]:
    """Deletes users by their ids, and returns the summary; otherwise as `identify`."""
    return _run(client, "users.bulk.delete", user_ids, **options)


def set_preferences(
    client: Knock, preferences: Mapping[str, Any], user_ids: Records, **options: Any
) -> dict[str, Any]:
    """Gives users a preference set in place of theirs, and returns the summary."""
    options["preferences"] = preferences
    return _run(client, "users.bulk.set_preferences", user_ids, **options)


def _run(
    client: Knock,
    operation: str,
    records: Records,
    *,
    on_progress: Callable[[dict[str, Any]], object] | None = None,
    **options: Any,
) -> dict[str, Any]:
    run = Run(client, operation, records, **options)
    for progress in run:
        if on_progress is not None:
            on_progress(progress)
    return run.summary or {}


def _check(status: int, error: ctypes.c_char_p) -> None:
    message = take(error)
    if status:
        raise from_library(decode(message)["error"])


def _texts(records: Records) -> Iterator[str]:
    """Records as JSON text, one by one; an empty line of a file is none."""
    if not isinstance(records, (str, os.PathLike)):
        return map(_text, records)
    path = os.fspath(records)
    if path.endswith(".csv"):
        return map(_text, _rows(path))
    if path.endswith((".ndjson", ".jsonl")):
        return _lines(path)
    raise InvalidArgumentError(f"{path} must end in .csv, .ndjson or .jsonl")


def _text(record: Any) -> str:
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        # No JSON, so the library reports it as a bad record, and the others go on.
        return f"{{{error!r}"


def _lines(path: str) -> Iterator[str]:
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        yield from file


def _rows(path: str) -> Iterator[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: cell for name, cell in row.items() if name and cell}
