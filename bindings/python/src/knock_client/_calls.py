"""Making calls: a request as JSON into the library, a result out of its response."""

from __future__ import annotations

import sys
from ctypes import byref, c_char_p

from . import _interrupt, _options
from ._connection import Connection
from ._errors import InvalidArgumentError, from_library
from ._library import functions, take
from ._raw import RawResponse
from ._typing import TYPE_CHECKING, hinted
from ._values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Generic, TypeVar, cast

    from typing_extensions import Self

    from ._pager import Pager
    from ._pages import Page

    P = TypeVar("P", bound=Page[Any])
    R = TypeVar("R")
else:
    from ._typing import Generic, P, cast


class Calls:
    """What a resource makes its calls with: a connection, and options for each call."""

    __slots__ = ("_connection", "_options", "_raw")

    def __init__(
        self, connection: Connection, options: Mapping[str, Any] | None = None, raw: bool = False
    ) -> None:
        self._connection = connection
        self._options = options or {}
        self._raw = raw

    def __copy__(self) -> Calls:
        return Calls(self._connection.__copy__(), self._options, self._raw)

    def __deepcopy__(self, memo: dict[int, Any]) -> Calls:
        from copy import deepcopy

        return Calls(deepcopy(self._connection, memo), self._options, self._raw)

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
        _options.apply(merged, {}, {})
        return Calls(self._connection, merged, self._raw)

    def call(
        self,
        function: str,
        result: Callable[[Any], R],
        request: dict[str, Any],
        options: Mapping[str, object],
    ) -> R:
        """Calls a function of the library and makes the result of its response."""
        answer = self._call(function, request, options)
        if self._raw:
            # Resources with raw responses say so in their types.
            return cast("R", RawResponse(result(answer["data"]), answer["meta"]))
        return result(answer)

    def request(
        self, method: str, path: str, request: dict[str, Any], options: Mapping[str, object]
    ) -> Any:
        """Calls an endpoint by its method and path."""
        if "\0" in method + path:
            raise InvalidArgumentError("the method and path must not hold a NUL")
        return self._call("knock_request", request, options, method.encode(), path.encode())

    def page(
        self,
        operation: str,
        result: Callable[[Any], P],
        request: dict[str, Any],
        options: Mapping[str, object],
    ) -> P:
        """Calls an operation that lists something; the page knows where the next one comes from."""
        source = Source(Calls(self._connection, self._options), operation, result, request, options)
        return self.call(source.function, source.page, dict(request), options)

    def prepare(
        self, request: dict[str, Any], options: Mapping[str, object], **more: bool
    ) -> bytes:
        """The request with its options, as the library takes it."""
        if options or self._options or more:
            merged = _options.merge(self._options, options)
            _options.apply(merged, request, more)
        return encode(request)

    def _call(
        self,
        function: str,
        request: dict[str, Any],
        options: Mapping[str, object],
        *texts: bytes,
    ) -> Any:
        more = {"metadata": True} if self._raw else {}
        text = self.prepare(request, options, **more)
        handle = self._connection.handle()
        begin()
        answer = c_char_p()
        status = functions[function](handle, *texts, text, byref(answer))
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


class Source(Generic[P]):
    """Where the pages of a list come from."""

    __slots__ = ("_parameters", "_result", "calls", "function", "operation", "options")

    def __init__(
        self,
        calls: Calls,
        operation: str,
        result: Callable[[Any], P],
        parameters: dict[str, Any],
        options: Mapping[str, object],
    ) -> None:
        self.calls = calls
        self.operation = operation
        self.function = "knock_" + operation.replace(".", "_")
        self.options = options
        self._result = result
        self._parameters = parameters

    def page(self, data: dict[str, Any], request: dict[str, Any] | None = None) -> P:
        """The page that a request was answered with, the first one where it is left out."""
        return self._result(data)._comes_from(self, request or self._parameters)

    def at(self, cursor: str, backward: bool) -> dict[str, Any]:
        """The request for the page at a cursor."""
        return {**self._parameters, "before" if backward else "after": cursor}

    def fetch(self, cursor: str, backward: bool) -> P:
        """Fetches the page at a cursor."""

        def page(data: dict[str, Any]) -> P:
            return self.page(data, self.at(cursor, backward))

        return self.calls.call(self.function, page, self.at(cursor, backward), self.options)

    def ahead(self, cursor: str, backward: bool) -> Pager[P]:
        """Starts to fetch the pages from a cursor on."""
        from ._pager import Pager

        return Pager(self, cursor, backward)


@hinted
class Resource:
    """What the classes of all resources have."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        hinted(cls)

    def __copy__(self) -> Self:
        twin = object.__new__(type(self))
        # The resources that it has made go through its own connection.
        own = {k: v for k, v in vars(self).items() if not isinstance(v, Resource)}
        vars(twin).update(own, _calls=self._calls.__copy__())
        return twin


def each(model: Callable[[Any], R]) -> Callable[[Any], list[R]]:
    """Makes a list of results; what is no object stays JSON."""
    return lambda answer: [model(item) if isinstance(item, dict) else item for item in answer]


def nothing(_answer: object) -> None:
    """The result of a call whose response has no content."""


def as_it_came(answer: R) -> R:
    """The result of a call whose response is plain JSON."""
    return answer
