"""What concerns one call, or the calls of `with_options`, instead of the whole client."""

from __future__ import annotations

from ._errors import InvalidArgumentError, KnockError
from ._typing import TYPE_CHECKING
from ._values import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._timeout import Seconds

_MOST_MILLIS = 2**32 - 1


def millis(name: str, seconds: Seconds, wrong: type[KnockError] = InvalidArgumentError) -> int:
    """Seconds as the library wants them; None and infinity are as long as it can count, 49 days."""
    if name == "timeout" and hasattr(seconds, "read"):
        timeouts: Any = seconds
        phases = (timeouts.read, timeouts.write)
        seconds = None if None in phases else max(phases)
    if seconds is None or seconds == float("inf"):
        return _MOST_MILLIS
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise wrong(
            f"{name} must be seconds, a number above 0, or None for no limit; it is {seconds!r}"
        )
    return min(max(round(seconds * 1000), 1), _MOST_MILLIS)


def merge(options: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The options with others put over them; headers, query and body are merged by name."""
    merged = {**options, **{k: v for k, v in over.items() if not isinstance(v, NotGiven)}}
    for name in ("extra_headers", "extra_query", "extra_body"):
        if options.get(name) and merged.get(name):
            merged[name] = {**options[name], **merged[name]}
    return merged


def apply(options: dict[str, Any], request: dict[str, Any], more: Mapping[str, bool]) -> None:
    """Writes the options, and more that no user gives, into a request of the library."""
    written: dict[str, Any] = dict(more)
    for name, value in options.items():
        if value is NOT_GIVEN:
            continue
        if name in ("timeout", "deadline"):
            written[name + "_ms"] = millis(name, value)
        elif name in ("max_retries", "idempotency_key", "user_token"):
            if value is not None:
                written[name] = value
        elif name in ("extra_headers", "extra_query"):
            if value:
                written[name[len("extra_") :]] = value
        elif name == "extra_body":
            if value:
                request["body"] = {**request.get("body", {}), **value}
        else:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    if written:
        request["request_options"] = written
