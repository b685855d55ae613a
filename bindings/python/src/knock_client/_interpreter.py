"""Refuses interpreters that the package cannot work in, before it loads anything."""

from __future__ import annotations

import sys

from ._errors import LibraryError


def _is_main() -> bool:
    """Whether this is the first interpreter of the process."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
        except ImportError:
            continue
        return bool(interpreters.get_current() == interpreters.get_main())
    return True


def check() -> None:
    """Raises where the package cannot work.

    Raises:
      LibraryError: This is not CPython, or not the main interpreter of the process.
    """
    if sys.implementation.name != "cpython":
        raise LibraryError(
            f"knock_client needs CPython, and this is {sys.implementation.name}: its calls come in "
            "through the Python API of C, which only CPython has"
        )
    if not _is_main():
        raise LibraryError(
            "knock_client works in the main interpreter of a process only, and this is another: "
            "the signals and log lines of all would come out in one of them. Use processes, and "
            "with mod_wsgi `WSGIApplicationGroup %{GLOBAL}`"
        )


check()
