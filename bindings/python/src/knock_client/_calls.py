"""Making calls: a request as JSON into the library, a result out of its answer."""

from __future__ import annotations

import sys
from ctypes import byref, c_char_p

from . import _interrupt, _options
from ._connection import Connection
from ._errors import from_library
from ._library import functions, take
from ._raw import RawResponse
from ._typing import TYPE_CHECKING
from ._values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar, cast

    from ._pages import Page

    P = TypeVar("P", bound=Page[Any])
    R = TypeVar("R")
else:
    from ._typing import cast


class Calls:
    """What a resource makes its calls with: a connection, and options for each call."""

    __slots__ = ("_connection", "_options", "_raw")

    def __init__(
        self, connection: Connection, options: Mapping[str, Any] | None = None, raw: bool = False
    ) -> None:
        self._connection = connection
        self._options = options or {}
        self._raw = raw

    @property
    def connection(self) -> Connection:
        """The connection that the calls go through."""
        return self._connection

    def raw(self) -> Calls:
        """The same, but results come as `RawResponse`."""
        return Calls(self._connection, self._options, True)

    def with_options(self, options: Mapping[str, Any]) -> Calls:
        """The same, with options put over those that there are."""
        merged = _options.merge(self._options, options)
        _options.apply(merged, {}, False)
        return Calls(self._connection, merged, self._raw)

    def call(
        self,
        function: str,
        result: Callable[[Any], R],
        request: dict[str, Any],
        options: Mapping[str, object],
    ) -> R:
        """Calls a function of the library and makes the result of its answer."""
        answer = self._call(function, request, options)
        if self._raw:
            # Resources with raw responses say so in their types.
            return cast("R", RawResponse(result(answer["data"]), answer["meta"]))
        return result(answer)

    def page(
        self,
        function: str,
        result: Callable[[Any], P],
        request: dict[str, Any],
        options: Mapping[str, object],
    ) -> P:
        """Calls a function that lists something; the page knows how to fetch the next one."""
        parameters = dict(request)

        def fetch(cursor: str, backward: bool) -> P:
            at = {**parameters, "before" if backward else "after": cursor}
            return Calls(self._connection, self._options).page(function, result, at, options)

        def page(data: dict[str, Any]) -> P:
            return result(data)._comes_from(fetch, parameters)

        return self.call(function, page, request, options)

    def _call(self, function: str, request: dict[str, Any], options: Mapping[str, object]) -> Any:
        if options or self._options or self._raw:
            merged = _options.merge(self._options, options)
            _options.apply(merged, request, self._raw)
        text = encode(request)
        handle = self._connection.handle()
        begin()
        answer = c_char_p()
        status = functions[function](handle, text, byref(answer))
        content = take(answer)
        if _interrupt.raised:
            _interrupt.reraise()
        if status:
            raise from_library(decode(content)["error"])
        return decode(content)


def begin() -> None:
    """What comes before a call: whom the library asks about signals, and what it logs."""
    if _interrupt.thread is None:
        _interrupt.watch()
    if "logging" in sys.modules:
        _follow_logging()


def _follow_logging() -> None:
    # The first use imports what needs the logging module, and puts its function in place.
    global _follow_logging
    from ._logging import follow as _follow_logging

    _follow_logging()


class Resource:
    """What the classes of all resources have."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls


def each(model: Callable[[Any], R]) -> Callable[[Any], list[R]]:
    """Makes a list of results."""
    return lambda answer: [model(item) for item in answer]


def nothing(_answer: object) -> None:
    """The result of a call whose answer has no content."""
