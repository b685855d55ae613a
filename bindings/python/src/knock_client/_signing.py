"""The functions of the library that sign and verify, and the arguments that they share."""

from __future__ import annotations

import ctypes
import sys
from math import isfinite

from ._errors import InvalidArgumentError, from_library
from ._library import library, take
from ._typing import TYPE_CHECKING
from ._values import decode, encode, text_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, TypeAlias

Body: TypeAlias = "bytes | bytearray | memoryview"
"""The bytes of a body, as they came."""

Moment: TypeAlias = "datetime | float"
"""A moment: a datetime with a time zone, or seconds since 1970 as `time.time()` gives them."""

_out = ctypes.POINTER(ctypes.c_char_p)
_body = (ctypes.c_void_p, ctypes.c_size_t)

library.knock_user_token_sign.argtypes = (ctypes.c_char_p, _out)
library.knock_webhook_sign.argtypes = (ctypes.c_char_p, *_body, _out)
library.knock_webhook_verify.argtypes = (ctypes.c_char_p, ctypes.c_char_p, *_body, _out)


def call(function: Any, options: dict[str, Any], *arguments: object) -> str:
    """Calls a function of the library with options, and returns the text that it gives.

    Raises:
      KnockError: The function failed.
    """
    text = ctypes.c_char_p()
    if function(encode(options), *arguments, ctypes.byref(text)):
        raise from_library(decode(take(text))["error"])
    return take(text)


def body_of(body: Any) -> bytes:
    """The bytes of a body.

    Raises:
      InvalidArgumentError: It is text or something else that came of the bytes.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    raise InvalidArgumentError(
        f"body must be the bytes as they came, before anything decodes them, not a "
        f"{type(body).__name__}"
    )


def header_of(value: Any) -> bytes:
    """The bytes of a header's value. A sender may have put anything into it, which is no mistake of
    the caller's.

    Raises:
      InvalidArgumentError: It is no text.
    """
    if not isinstance(value, (str, bytes)):
        raise InvalidArgumentError(
            f"signature must be the text of the header, or None, not a {type(value).__name__}"
        )
    text = value if isinstance(value, bytes) else value.encode(errors="replace")
    # The library's texts end at a NUL.
    return text.replace(b"\0", b"?")


def seconds(name: str, moment: Any) -> float:
    """Seconds since 1970.

    Raises:
      InvalidArgumentError: It is no moment, or a datetime without a time zone.
    """
    datetime = sys.modules.get("datetime")
    if datetime is not None and isinstance(moment, datetime.datetime):
        text_of(moment)
        return float(moment.timestamp())
    number = isinstance(moment, (int, float)) and not isinstance(moment, bool)
    if not number or not isfinite(moment):
        raise InvalidArgumentError(
            f"{name} must be a datetime or seconds since 1970; it is {moment!r}"
        )
    return float(moment)
