"""Any number of users identified, deleted or given preferences, as one run.

```python
from knock_client import Knock, bulk

client = Knock()
summary = bulk.identify(client, "users.csv", on_progress=print)
for failure in summary["failures"]:
    print(failure["id"], failure["reason"])
```

Records are any iterable, or the path of a `.csv`, `.ndjson` or `.jsonl` file in UTF-8. They are
read while they are sent, at the pace that the service allows; what is no record is reported, and
the others go on. The summary is a dict that JSON can hold; with `resume` a later run goes on where
it ended. docs/bulk.md says what it has.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import threading
from collections.abc import Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from . import _connection, _interrupt
from ._bulk_records import Bad, Records, texts
from ._bulk_types import (
    AcknowledgedSpan,
    BadRecord,
    BulkFailure,
    BulkOptions,
    BulkProgress,
    BulkSummary,
    Interruption,
    PendingOperation,
    UnacknowledgedChunk,
)
from ._calls import begin
from ._errors import KnockError, from_library
from ._library import library, take
from ._process import OfOneProcess
from ._typing import hinted
from ._values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from typing_extensions import Unpack

    from ._client import Knock

__all__ = [
    "AcknowledgedSpan",
    "BadRecord",
    "BulkFailure",
    "BulkInterrupted",
    "BulkOptions",
    "BulkProgress",
    "BulkSummary",
    "Interruption",
    "PendingOperation",
    "Records",
    "Run",
    "UnacknowledgedChunk",
    "delete",
    "identify",
    "set_preferences",
]

_DONE = 1
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)
_TEXT = ctypes.POINTER(ctypes.c_char_p)

library.knock_bulk_new.argtypes = (
    ctypes.c_uint64,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(ctypes.c_uint64),
    _TEXT,
)
library.knock_bulk_push.argtypes = (ctypes.c_uint64, ctypes.c_char_p, _TEXT)
library.knock_bulk_on_progress.argtypes = (ctypes.c_uint64, _CALLBACK, ctypes.c_void_p)
library.knock_bulk_on_acknowledged.argtypes = (ctypes.c_uint64, _CALLBACK, ctypes.c_void_p)
library.knock_bulk_finish.argtypes = (ctypes.c_uint64, _TEXT)
library.knock_bulk_cancel.argtypes = (ctypes.c_uint64,)
library.knock_bulk_close.argtypes = (ctypes.c_uint64,)


# The runs that tell of their progress, until the interpreter exits.
_told: set[int] = set()
_exits = False


def forget() -> None:
    """Forgets the runs of the parent, in the child of a fork."""
    _told.clear()


def _stop() -> None:
    # Threads that still run cannot enter an interpreter that is gone, to tell of progress.
    global _exits
    _exits = True
    told = list(_told)
    for bulk in told:
        library.knock_bulk_cancel(bulk)
    for bulk in told:
        _be_silent(bulk)


def _be_silent(bulk: int) -> None:
    library.knock_bulk_on_progress(bulk, _CALLBACK(), None)
    library.knock_bulk_on_acknowledged(bulk, _CALLBACK(), None)


atexit.register(_stop)


@hinted
class BulkInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a run. `summary` says what became of it, to resume it later."""

    def __init__(self, summary: BulkSummary) -> None:
        super().__init__("the bulk run was interrupted")
        self.summary = summary


@hinted
class Run(OfOneProcess):
    """A bulk run under way: iterating over it does the work and yields its progress.

    `summary` says what became of it all once the iteration is over, however it ended: leaving
    the loop, or an exception in it, cancels the run.

        run = bulk.Run(client, "users.bulk.delete", ids)
        for progress in run:
            print(progress["processed"])
        print(run.summary["failed"])
    """

    summary: BulkSummary | None
    """What became of the run; None until it has ended."""

    _refusal = (
        "a bulk run cannot be copied or pickled; keep its summary instead, and pass it as resume "
        "to a later run"
    )

    def __init__(
        self,
        client: Knock,
        operation: str,
        records: Records,
        *,
        preferences: Mapping[str, Any] | None = None,
        **options: Unpack[BulkOptions],
    ) -> None:
        """Starts a run. Nothing is sent yet.

        Args:
          client: The client whose connections and rate limits it uses.
          operation: `users.bulk.identify`, `users.bulk.delete` or `users.bulk.set_preferences`.
          records: Users as dicts or models with an `id`, or their ids; or the path of a file.
          preferences: The set that the users get, for `users.bulk.set_preferences`.
          options: Those of `BulkOptions`.

        Raises:
          InvalidArgumentError: It cannot work like this.
        """
        given: dict[str, Any] = {"preferences": preferences, **options}
        self._texts, count = texts(records)
        if given.get("total") is None:
            given["total"] = count
        settings = {name: value for name, value in given.items() if value is not None}
        self.summary = None
        self._bulk = 0
        self._read = 0
        # What the library knows only as no record, by position.
        self._bad: dict[int, Bad] = {}
        # The library puts progress into it without a line of Python, and so without a place
        # where signal handlers could run and what they raise would be lost.
        self._seen: SimpleQueue[bytes] = SimpleQueue()
        self._states: SimpleQueue[bytes] = SimpleQueue()
        self._state: bytes | None = None
        self._callbacks = (_CALLBACK(self._seen.put), _CALLBACK(self._states.put))
        bulk, error = ctypes.c_uint64(), ctypes.c_char_p()
        handle, name = client._calls.connection.handle(), operation.encode()
        status = library.knock_bulk_new(
            handle, name, encode(settings), ctypes.byref(bulk), ctypes.byref(error)
        )
        message = take(error)
        if status:
            raise from_library(decode(message)["error"])
        self._bulk, self._forks = bulk.value, _connection.forks()
        _told.add(self._bulk)
        library.knock_bulk_on_progress(self._bulk, self._callbacks[0], None)
        library.knock_bulk_on_acknowledged(self._bulk, self._callbacks[1], None)
        if _exits:
            _be_silent(self._bulk)

    @property
    def state(self) -> BulkSummary | None:
        """The summary as it stood after the last chunk that the service acknowledged, or None.

        A run that resumes from it sends nothing twice that was acknowledged. It is new wherever
        the progress shows more records `sent`.
        """
        self._take_state()
        return None if self._state is None else self._with_reasons(json.loads(self._state))

    def _take_state(self) -> None:
        try:
            while True:
                self._state = self._states.get_nowait()
        except Empty:
            return

    def cancel(self) -> None:
        """Ends the run early, from any thread; `summary` then says where to go on."""
        if self._is_ours():
            library.knock_bulk_cancel(self._bulk)

    def _is_ours(self) -> bool:
        # What was started before a fork is the parent's, and its number may be another run here.
        return self._forks == _connection.forks()

    def __iter__(self) -> Generator[BulkProgress, None, None]:
        """Does the work.

        Raises:
          BulkInterrupted: Ctrl-C ended it.
        """
        if not self._is_ours():
            raise KnockError("the bulk run belongs to the process that started it, not to a child")
        cause: BaseException | None = None
        try:
            begin()
            for record in self._texts:
                goes_on = self._push(record)
                yield from self._progress()
                if not goes_on:
                    break
            # On a thread of its own, so that progress is seen while it works.
            args = (self._bulk, self._seen, self._callbacks)
            threading.Thread(target=_finish, args=args, daemon=True).start()
            while text := self._seen.get():
                self._take_state()
                yield json.loads(text)
        except BaseException as error:
            cause = error
        try:
            cause = self._end(cause)
            if isinstance(cause, KeyboardInterrupt) and self.summary is not None:
                raise BulkInterrupted(self.summary) from None
            if cause is not None:
                raise cause
        finally:
            # Its traceback leads here: without this they would keep each other alive.
            del cause

    def _push(self, record: bytes | Bad) -> bool:
        if isinstance(record, Bad):
            self._bad[self._read] = record
            record = b"null"
        self._read += 1
        # Only the last one is kept.
        self._take_state()
        error = ctypes.c_char_p()
        status = library.knock_bulk_push(self._bulk, record, ctypes.byref(error))
        message = take(error)
        if _interrupt.raised:
            _interrupt.reraise()
        if status not in (0, _DONE):
            raise from_library(decode(message)["error"])
        return bool(status != _DONE)

    def _progress(self) -> Iterator[BulkProgress]:
        try:
            while True:
                yield json.loads(self._seen.get_nowait())
        except Empty:
            return

    def _end(self, cause: BaseException | None) -> BaseException | None:
        """Waits for the summary, and returns what ended the run.

        A signal handler that raises meanwhile ends the run, but not the waiting.
        """
        while self.summary is None:
            try:
                if cause is not None:
                    self.cancel()
                content = ctypes.c_char_p()
                status = library.knock_bulk_finish(self._bulk, ctypes.byref(content))
                text = take(content)
                if status:
                    return from_library(decode(text)["error"])
                self.summary = self._with_reasons(json.loads(text))
                if _interrupt.raised:
                    _interrupt.reraise()
            except BaseException as error:
                cause = error
        return cause

    def _with_reasons(self, summary: BulkSummary) -> BulkSummary:
        for record in summary["bad_records"]:
            bad = self._bad.get(record["position"])
            if bad is not None:
                record["id"], record["reason"] = bad
        return summary

    def __del__(self) -> None:
        if getattr(self, "_bulk", 0) and library is not None:
            if self._is_ours():
                _told.discard(self._bulk)
                library.knock_bulk_close(self._bulk)
            self._bulk = 0


def _finish(bulk: int, seen: SimpleQueue[bytes], _kept: object) -> None:
    library.knock_bulk_finish(bulk, None)
    # Says that nothing more comes.
    seen.put(b"")


@hinted
def identify(
    client: Knock,
    users: Records,
    *,
    on_progress: Callable[[BulkProgress], object] | None = None,
    **options: Unpack[BulkOptions],
) -> BulkSummary:
    """Creates or updates users, and returns the summary.

    Args:
      client: The client to use.
      users: Dicts or models with an `id`, or the path of a file. In a CSV file an empty cell
        changes nothing.
      on_progress: A function that is told each progress.
      options: Those of `BulkOptions`.

    Raises:
      BulkInterrupted: Ctrl-C ended it; `summary` says where to go on.
      Exception: What the iterable or `on_progress` raised; it has a `summary` as well.
    """
    return _run(Run(client, "users.bulk.identify", users, **options), on_progress)


@hinted
def delete(
    client: Knock,
    user_ids: Records,
    *,
    on_progress: Callable[[BulkProgress], object] | None = None,
    **options: Unpack[BulkOptions],
) -> BulkSummary:
    """Deletes users by their ids, and returns the summary; otherwise as `identify`."""
    return _run(Run(client, "users.bulk.delete", user_ids, **options), on_progress)


@hinted
def set_preferences(
    client: Knock,
    preferences: Mapping[str, Any],
    user_ids: Records,
    *,
    on_progress: Callable[[BulkProgress], object] | None = None,
    **options: Unpack[BulkOptions],
) -> BulkSummary:
    """Gives users a preference set in place of theirs, and returns the summary."""
    operation = "users.bulk.set_preferences"
    run = Run(client, operation, user_ids, preferences=preferences, **options)
    return _run(run, on_progress)


def _run(run: Run, on_progress: Callable[[BulkProgress], object] | None) -> BulkSummary:
    steps = iter(run)
    cause: BaseException | None = None
    try:
        for progress in steps:
            if on_progress is not None:
                on_progress(progress)
    except BaseException as error:
        cause = error
    try:
        steps.close()
    except BaseException as error:
        cause = error
    summary = run.summary
    try:
        if cause is None:
            assert summary is not None
            return summary
        if summary is not None and not isinstance(cause, BulkInterrupted):
            if isinstance(cause, KeyboardInterrupt):
                raise BulkInterrupted(summary) from None
            cause.__dict__["summary"] = summary
        raise cause
    finally:
        # Its traceback leads here: without this they would keep each other alive.
        del cause
