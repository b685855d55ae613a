"""The client."""

from __future__ import annotations

from . import _options
from ._calls import Calls
from ._connection import Connection
from ._errors import ConfigurationError
from ._typing import TYPE_CHECKING
from ._values import NOT_GIVEN, NotGiven, given
from .resources import Resources, ResourcesWithRawResponse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self, Unpack

    from ._call_options import CallOptions
    from ._timeout import Seconds


class Knock(Resources):
    """A client for the Knock API. One is enough for a whole program and all its threads.

    Settings that are left out have the library's defaults. A child of `fork` may go on using the
    client: it gets connections of its own.

        client = Knock(api_key="sk_...")
        client.users.update("jane", email="jane@ingen.net", plan="pro")
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        branch: str | None = None,
        user_token: str | None = None,
        timeout: Seconds | NotGiven = NOT_GIVEN,
        connect_timeout: float | NotGiven = NOT_GIVEN,
        deadline: float | None | NotGiven = NOT_GIVEN,
        max_retries: int | NotGiven = NOT_GIVEN,
        pacing: Literal["on", "off"] | Mapping[str, float] | NotGiven = NOT_GIVEN,
        max_connections: int | NotGiven = NOT_GIVEN,
        idle_timeout: float | NotGiven = NOT_GIVEN,
        max_response_bytes: int | NotGiven = NOT_GIVEN,
        proxy: str | None = None,
        ca_file: str | None = None,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, Any] | None = None,
        user_agent: str | None = None,
        allow_http: bool | NotGiven = NOT_GIVEN,
    ) -> None:
        """Makes a client. Nothing is sent or connected yet.

        Args:
          api_key: `sk_...` or `pk_...`; else the environment's `KNOCK_API_KEY`.
          base_url: Where the API is; else `KNOCK_BASE_URL`, else `https://api.knock.app`. Plain
            http is for this machine, unless `allow_http`.
          branch: Sent as `X-Knock-Branch`; else `KNOCK_BRANCH`.
          user_token: The signed token of the user to act for, as a publishable key needs it.
          timeout: Seconds that one attempt may take, 60 by default; None is for no limit. A
            `Timeout`, also of httpx, gives the `connect_timeout` as well.
          connect_timeout: Seconds that resolving and connecting may take, 5 by default.
          deadline: Seconds that a call may take with all attempts and waits; no limit by default.
          max_retries: How many times a failed attempt is repeated where that is safe, 2 by default.
          pacing: Whether calls keep to the published rate limits: "on", which is the default,
            "off", or requests a second by tier for accounts with other limits, `{"4": 500}`.
          max_connections: How many may be open at a time, 100 by default; calls wait for one.
          idle_timeout: Seconds that a connection may be idle and still be used again, 60 by
            default. One that is older is closed by a later call, or with the client.
          max_response_bytes: The size that a response may have, 64 MiB by default.
          proxy: An HTTP proxy; else `HTTPS_PROXY` or `ALL_PROXY`, unless `NO_PROXY` covers the
            host.
          ca_file: A PEM file with authorities to trust beside the bundled ones, as are those of
            `SSL_CERT_FILE` and `SSL_CERT_DIR`.
          default_headers: Headers to send with every request.
          default_query: Query parameters to send with every request.
          user_agent: What to append to the `User-Agent`, such as `importer/2.1`.
          allow_http: Accepts plain http to other machines. Keys then travel in the clear.

        Raises:
          ConfigurationError: A setting is missing or cannot work.
          LibraryError: The shared library cannot be loaded, or is of another version.
        """
        settings = given(
            {
                "max_retries": max_retries,
                "pacing": pacing,
                "max_connections": max_connections,
                "max_response_bytes": max_response_bytes,
                "allow_http": allow_http,
            }
        )
        texts = {
            "api_key": api_key,
            "base_url": base_url,
            "branch": branch,
            "user_token": user_token,
            "proxy": proxy,
            "ca_file": ca_file,
            "user_agent": user_agent,
            "headers": default_headers,
        }
        settings.update({name: value for name, value in texts.items() if value is not None})
        durations = given(
            {
                "timeout": timeout,
                "connect_timeout": connect_timeout,
                "deadline": deadline,
                "idle_timeout": idle_timeout,
            }
        )
        connect = getattr(timeout, "connect", NOT_GIVEN)
        if connect_timeout is NOT_GIVEN and connect is not NOT_GIVEN:
            durations["connect_timeout"] = connect
        for name, seconds in durations.items():
            settings[f"{name}_ms"] = _options.millis(name, seconds, ConfigurationError)
        options = {"extra_query": default_query} if default_query else {}
        super().__init__(Calls(Connection(settings), options))

    def with_options(
        self,
        *,
        timeout: Seconds | NotGiven = NOT_GIVEN,
        deadline: float | None | NotGiven = NOT_GIVEN,
        max_retries: int | NotGiven = NOT_GIVEN,
        user_token: str | NotGiven = NOT_GIVEN,
        default_headers: Mapping[str, str] | NotGiven = NOT_GIVEN,
        default_query: Mapping[str, Any] | NotGiven = NOT_GIVEN,
    ) -> Self:
        """A client with other options, over the same connections and rate limits.

        Args:
          timeout: Seconds that one attempt may take; None is for no limit.
          deadline: Seconds that a call may take with all attempts and waits.
          max_retries: How many times a failed attempt is repeated where that is safe.
          user_token: The signed token of the user to act for.
          default_headers: Headers to send, beside the client's own.
          default_query: Query parameters to send, beside the client's own.

        Raises:
          InvalidArgumentError: A value cannot work.
        """
        options = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "user_token": user_token,
            "extra_headers": default_headers,
            "extra_query": default_query,
        }
        copy = object.__new__(type(self))
        Resources.__init__(copy, self._calls.with_options(options))
        return copy

    copy = with_options
    """`with_options` by its other name."""

    def request(
        self,
        method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        path: str,
        *,
        body: object = NOT_GIVEN,
        query: Mapping[str, Any] | NotGiven = NOT_GIVEN,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Calls an endpoint that this version does not know, and returns the JSON of its response.

            client.request("POST", "/v1/workflows/welcome/trigger", body={"recipients": ["jane"]})

        The call is not paced. `POST` and `PATCH` are repeated only when the request was certainly
        not processed, or for the trigger of a workflow with an `idempotency_key`.

        Args:
          method: The HTTP method.
          path: Starts with `/v1/` and is sent as it is, so percent-encode what goes into it.
          body: Anything that JSON can say.
          query: The query parameters: text, numbers, booleans or lists of them.
          **options: What concerns this call alone, see `CallOptions`.

        Raises:
          InvalidArgumentError: An argument cannot be sent; nothing was.
          APIError: The server refused, or no response could be had; see its subclasses.
        """
        request = given({"body": body, "query": query})
        return self._calls.request(method, path, request, options)

    @property
    def with_raw_response(self) -> ResourcesWithRawResponse:
        """The same methods, which return a `RawResponse` with status, headers and request id."""
        return ResourcesWithRawResponse(self)

    def close(self) -> None:
        """Closes the client, and all that `with_options` made of it. Calls that run end."""
        self._calls.connection.close()

    def is_closed(self) -> bool:
        """Whether the client was closed."""
        return self._calls.connection.is_closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()
