"""Passes the library's log lines on to the `logging` module, under the name `knock_client`."""

from __future__ import annotations

import atexit
import ctypes
import logging
import sys
from _thread import allocate_lock, get_ident

from . import _interrupt
from ._library import for_ever, library
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

logger = logging.getLogger("knock_client")
# Without a handler `logging` would print warnings of programs that never asked for any.
logger.addHandler(logging.NullHandler())

# The levels of the library, from the one that says most.
_LEVELS = ((4, logging.DEBUG), (3, logging.INFO), (2, logging.WARNING), (1, logging.ERROR))
_TO_PYTHON = dict(_LEVELS)

_level = 0
# Who holds it may tell the library; once the interpreter exits, nobody any more.
_telling = allocate_lock()


def forget() -> None:
    """Forgets what the library was told, as it does itself in the child of a fork."""
    global _level, _telling
    _level, _telling = 0, allocate_lock()


def _log(level: int, message: bytes, _user_data: object) -> None:
    logger.log(_TO_PYTHON.get(level, logging.DEBUG), "%s", message.decode("utf-8", "replace"))


_Callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_callback = for_ever(_Callback(_log))
_none = _Callback()


def follow() -> None:
    """Has the library write what `logging` would show at this time."""
    wanted = next((level for level, known in _LEVELS if logger.isEnabledFor(known)), 0)
    if wanted != _level and _telling.acquire(blocking=False):
        try:
            _tell(wanted)
        finally:
            _telling.release()


def _tell(wanted: int) -> None:
    global _level
    _level = wanted
    library.knock_set_log_callback(wanted, _callback if wanted else _none, None)


def _unraisable(unraisable: UnraisableHookArgs, /) -> None:
    """Keeps what a signal handler raises while a line is written, for the call to raise.

    Handlers run as `_log` begins, where no `try` of its own would catch what they raise.
    """
    trace = unraisable.exc_traceback
    ours = trace is not None and trace.tb_frame.f_code is _log.__code__
    if ours and unraisable.exc_value is not None and get_ident() == _interrupt.thread:
        _interrupt.raised.append(unraisable.exc_value)
    else:
        _hook_before(unraisable)


_hook_before, sys.unraisablehook = sys.unraisablehook, _unraisable


def _stop() -> None:
    # Threads that still call cannot enter an interpreter that is gone.
    _telling.acquire()
    _tell(0)


atexit.register(_stop)
