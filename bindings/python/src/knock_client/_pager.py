"""Pages that are fetched ahead."""

from __future__ import annotations

import ctypes

from . import _connection, _interrupt
from ._calls import begin
from ._errors import from_library
from ._library import library, take
from ._process import OfOneProcess
from ._typing import TYPE_CHECKING
from ._values import decode

if TYPE_CHECKING:
    from typing import Any, Generic, TypeVar

    from ._calls import Source
    from ._pages import Page

    P = TypeVar("P", bound=Page[Any])
else:
    from ._typing import Generic, P

_DONE = 1

library.knock_pager_new.argtypes = (
    ctypes.c_uint64,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(ctypes.c_uint64),
    ctypes.POINTER(ctypes.c_char_p),
)
library.knock_pager_next.argtypes = (ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p))
library.knock_pager_close.argtypes = (ctypes.c_uint64,)


class Pager(OfOneProcess, Generic[P]):
    """Fetches the page after the one that was taken last, on a thread of the library."""

    _refusal = "a pager cannot be copied or pickled: it belongs to one iterator of this process"

    def __init__(self, source: Source[P], cursor: str, backward: bool) -> None:
        self._handle = 0
        self._source = source
        self._backward = backward
        self._open(cursor)

    def _open(self, cursor: str) -> None:
        self._close()
        calls = self._source.calls
        request = self._source.at(cursor, self._backward)
        text = calls.prepare(request, self._source.options, prefetch=True)
        handle, pager, error = calls.connection.handle(), ctypes.c_uint64(), ctypes.c_char_p()
        name = self._source.operation.encode()
        begin()
        status = library.knock_pager_new(
            handle, name, text, ctypes.byref(pager), ctypes.byref(error)
        )
        message = take(error)
        if status:
            raise from_library(decode(message)["error"])
        self._handle = pager.value
        self._forks = _connection.forks()
        self._upcoming: str | None = cursor

    def next(self, cursor: str) -> P | None:
        """The page at a cursor; None where the list ends before it."""
        self._source.calls.connection.handle()
        # A page that was fetched and then lost to an exception is fetched again.
        if self._upcoming != cursor or self._forks != _connection.forks():
            self._open(cursor)
        self._upcoming = None
        begin()
        answer = ctypes.c_char_p()
        status = library.knock_pager_next(self._handle, ctypes.byref(answer))
        content = take(answer)
        if _interrupt.raised:
            _interrupt.reraise()
        if status == _DONE:
            return None
        if status:
            # It asks for the same page again.
            self._upcoming = cursor
            raise from_library(decode(content)["error"])
        page = self._source.page(decode(content), self._source.at(cursor, self._backward))
        self._upcoming = page.next_cursor
        return page

    def _close(self) -> None:
        # What was opened before a fork is the parent's.
        if self._handle and self._forks == _connection.forks():
            library.knock_pager_close(self._handle)
        self._handle = 0

    def __del__(self) -> None:
        if library is not None:
            self._close()
