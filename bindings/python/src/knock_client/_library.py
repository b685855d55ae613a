"""Finds and loads the shared library, and refuses one that this package was not made for."""

from __future__ import annotations

import ctypes
import os
import sys

from ._errors import LibraryError
from ._typing import TYPE_CHECKING
from ._version import ABI_VERSION, __version__

if TYPE_CHECKING:
    from typing import Any


_NAMES = {"win32": "knock.dll", "cygwin": "knock.dll", "darwin": "libknock.dylib"}


def path() -> str:
    """Where the library is: `KNOCK_LIBRARY`, else inside the package."""
    name = _NAMES.get(sys.platform, "libknock.so")
    return os.environ.get("KNOCK_LIBRARY") or os.path.join(os.path.dirname(__file__), name)


class Functions(dict[str, "Any"]):
    """The functions of the library that take a handle and a request, declared as they are used."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        request = library.knock_request
        texts = (ctypes.c_char_p,) * 3
        request.argtypes = (ctypes.c_uint64, *texts, ctypes.POINTER(ctypes.c_char_p))
        request.restype = ctypes.c_int32
        self["knock_request"] = request

    def __missing__(self, name: str) -> Any:
        function = getattr(self._library, name)
        function.argtypes = (ctypes.c_uint64, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p))
        function.restype = ctypes.c_int32
        self[name] = function
        return function


def _load(file: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(file)
    except OSError as error:
        raise LibraryError(
            f"the knock library cannot be loaded: {error}; KNOCK_LIBRARY may name another file"
        ) from None
    try:
        library.knock_abi_version.restype = ctypes.c_uint32
        library.knock_version.restype = ctypes.c_char_p
        abi, version = library.knock_abi_version(), library.knock_version().decode()
    except AttributeError:
        raise LibraryError(f"{file} is no knock library: it has no knock_abi_version") from None
    if (abi, version) != (ABI_VERSION, __version__):
        raise LibraryError(
            f"{file} is version {version} with ABI {abi}, and this package is version "
            f"{__version__} with ABI {ABI_VERSION}; install both from the same release"
        )
    library.knock_client_new.argtypes = (
        ctypes.c_char_p,
        ctypes.POINTER(ctypes.c_uint64),
        ctypes.POINTER(ctypes.c_char_p),
    )
    library.knock_client_new.restype = ctypes.c_int32
    library.knock_client_close.argtypes = (ctypes.c_uint64,)
    library.knock_client_close.restype = ctypes.c_int32
    return library


library = _load(path())
functions = Functions(library)

# Freeing takes no time, so the GIL is kept: who gives it up may have to wait for it.
_free = ctypes.PyDLL(None, handle=library._handle).knock_string_free
_free.argtypes = (ctypes.c_char_p,)
_free.restype = None


def take(string: ctypes.c_char_p) -> str:
    """The text that the library handed out, which is freed."""
    text = string.value
    _free(string)
    return "" if text is None else text.decode()


def for_ever(callback: Any) -> Any:
    """The callback, which is never freed: the library may call it until the process is gone."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(callback))
    return callback
