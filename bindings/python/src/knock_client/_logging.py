"""Passes the library's log lines on to the `logging` module, under the name `knock_client`."""

from __future__ import annotations

import ctypes
import logging

from ._library import library

logger = logging.getLogger("knock_client")

# The levels of the library, from the one that says most.
_LEVELS = ((4, logging.DEBUG), (3, logging.INFO), (2, logging.WARNING), (1, logging.ERROR))
_TO_PYTHON = dict(_LEVELS)

_level = 0


def forget() -> None:
    """Forgets what the library was told, as it does itself in the child of a fork."""
    global _level
    _level = 0


def _log(level: int, message: bytes, _user_data: object) -> None:
    logger.log(_TO_PYTHON.get(level, logging.DEBUG), "%s", message.decode("utf-8", "replace"))


_Callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_callback = _Callback(_log)
_none = _Callback()


def follow() -> None:
    """Has the library write what `logging` would show at this time."""
    global _level
    wanted = next((level for level, known in _LEVELS if logger.isEnabledFor(known)), 0)
    if wanted != _level:
        _level = wanted
        library.knock_set_log_callback(wanted, _callback if wanted else _none, None)
