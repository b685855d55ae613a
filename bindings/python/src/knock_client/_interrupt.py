"""Lets Python handle signals while a call waits, so that Ctrl-C ends it."""

from __future__ import annotations

import ctypes
import sys
from _thread import get_ident

from ._library import for_ever, library
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

# What signal handlers raised while a call ran.
raised: list[BaseException] = []


def _answers() -> Generator[int, object, None]:
    """Answers whether the call should end: 1 when a signal handler raised, which ends it.

    A generator, because the interpreter runs signal handlers as a function begins, where no
    `try` catches what they raise; a generator goes on inside of its `try`.
    """
    answer = 0
    while True:
        try:
            yield answer
            # Something may have been raised elsewhere, such as while a log line was written.
            answer = 1 if raised else 0
        except GeneratorExit:
            raise
        except BaseException as error:
            raised.append(error)
            answer = 1


_answer = _answers()
next(_answer)
_callback = for_ever(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(_answer.send))

# The thread that handles signals, once it has told the library whom to ask.
thread: int | None = None


def watch() -> None:
    """Has the library ask about calls of this thread, if signals are handled on it."""
    global thread
    # Where nobody has imported `threading` there is only this thread.
    threading = sys.modules.get("threading")
    if threading is None or threading.main_thread().ident == get_ident():
        library.knock_set_interrupt_callback(_callback, None)
        thread = get_ident()


def reraise() -> None:
    """Raises what a signal handler raised during a call of this thread."""
    if get_ident() == thread:
        first = raised[0]
        raised.clear()
        raise first
