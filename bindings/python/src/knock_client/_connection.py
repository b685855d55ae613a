"""A client of the library: its handle, its settings, and a new one after a fork."""

from __future__ import annotations

import ctypes
import os
import sys
from _thread import allocate_lock

from . import _interrupt
from ._errors import ClientClosedError, ConfigurationError, InvalidArgumentError, from_library
from ._library import library, take
from ._process import OfOneProcess
from ._typing import TYPE_CHECKING
from ._values import decode, encode

if TYPE_CHECKING:
    from typing import Any

# Counts forks: a handle of an earlier count belongs to the parent. Locks that other threads of
# the parent held would stay locked for ever, so the child has its own.
_generation = 0
_reopening = allocate_lock()


def forks() -> int:
    """How many forks lie between the first process and this one."""
    return _generation


def _after_fork() -> None:
    global _generation, _reopening
    _generation += 1
    _reopening = allocate_lock()
    _interrupt.thread = None
    if "knock_client._logging" in sys.modules:
        sys.modules["knock_client._logging"].forget()
    if "knock_client.bulk" in sys.modules:
        sys.modules["knock_client.bulk"].forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Connection(OfOneProcess):
    """Keeps a client of the library open, and opens another one in the child of a fork.

    A copy is a client of its own, with the same settings.
    """

    __slots__ = ("__weakref__", "_generation", "_handle", "_settings")

    _refusal = (
        "a client cannot be pickled: its connections belong to this process, and its key must not "
        "get into a pickle; make one where it is used, such as in the initializer of a pool"
    )

    def __init__(self, settings: dict[str, Any]) -> None:
        self._handle = 0
        try:
            self._settings: bytes | None = encode(settings)
        except InvalidArgumentError as error:
            raise ConfigurationError(error.message) from None
        self._generation = _generation
        self._handle = self._open(self._settings)

    def __copy__(self) -> Connection:
        twin = object.__new__(Connection)
        twin._settings = self._settings
        twin._generation = _generation
        twin._handle = 0
        if twin._settings is not None:
            twin._handle = self._open(twin._settings)
        return twin

    def __deepcopy__(self, _memo: dict[int, Any]) -> Connection:
        return self.__copy__()

    @staticmethod
    def _open(settings: bytes) -> int:
        handle, error = ctypes.c_uint64(), ctypes.c_char_p()
        if library.knock_client_new(settings, ctypes.byref(handle), ctypes.byref(error)):
            raise from_library(decode(take(error))["error"])
        return handle.value

    def handle(self) -> int:
        """The handle for a call of this process."""
        if self._generation != _generation:
            self._reopen()
        if not self._handle:
            raise ClientClosedError("the client is closed")
        return self._handle

    def _reopen(self) -> None:
        with _reopening:
            if self._generation != _generation:
                # The parent's client is left alone: its connections are the parent's.
                self._handle = 0 if self._settings is None else self._open(self._settings)
                self._generation = _generation

    def close(self) -> None:
        """Closes the client. Calls that run end; closing twice is fine."""
        handle, self._handle, self._settings = self._handle, 0, None
        if handle and self._generation == _generation:
            library.knock_client_close(handle)

    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._settings is None

    def __del__(self) -> None:
        # What failed to open has nothing to close, and at exit the module may be gone already.
        if getattr(self, "_handle", 0) and library is not None:
            self.close()
