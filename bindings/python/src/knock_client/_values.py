"""What a request may hold, and how it becomes JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import Enum

from ._errors import InvalidArgumentError
from ._models import Model
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from typing import Any, Literal, TypeAlias
    from uuid import UUID


class NotGiven:
    """The type of `NOT_GIVEN`, which stands for an argument that was left out."""

    __slots__ = ()

    def __new__(cls) -> NotGiven:
        # There is one: it is told by what it is, not by its type.
        only = globals().get("NOT_GIVEN")
        return object.__new__(cls) if only is None else only

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"

    def __reduce__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = NotGiven()
"""An argument that was left out: nothing is sent. `None` is different, it sends null."""

Text: TypeAlias = "str | UUID | date | Enum"
"""Text, or what is written as text: a UUID, a datetime with a time zone, a date, an enum."""


def given(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that were given."""
    return {name: value for name, value in arguments.items() if value is not NOT_GIVEN}


def encode(value: Any) -> bytes:
    """The value as JSON text.

    Raises:
      InvalidArgumentError: Something in it cannot be sent; the message says what and where.
    """
    try:
        try:
            text = _encode(value)
        except TypeError:
            # Only a key, such as a UUID, brings the encoder here: `_plain` answers for values.
            text = _encode(_with_text_keys(value))
        # The encoder writes a key None like this.
        if '"null":' in text:
            _look_for_trouble(value)
        # In Python it is written without the outer underscores, as Knock's own package has it.
        if '"_persistence_strategy":' in text:
            text = _encode(_with_strategies(_with_text_keys(value)))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        _look_for_trouble(value)
        raise InvalidArgumentError(f"a value cannot be sent as JSON: {error}") from None


def _look_for_trouble(value: Any) -> None:
    """Raises for the first value that cannot be sent, with the path that leads to it."""
    from ._trouble import find

    found = find(value, _plain)
    if found is not None:
        raise InvalidArgumentError(found) from None


def _plain(value: Any) -> Any:
    """What stands for a value that JSON does not know."""
    if isinstance(value, Model):
        return value._data
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    text = text_of(value)
    if text is not None:
        return text
    if isinstance(value, NotGiven):
        raise InvalidArgumentError(
            "NOT_GIVEN leaves out an argument; it cannot stand inside a value"
        )
    name = type(value).__name__
    article = "an" if name[0] in "aeiou" else "a"
    raise InvalidArgumentError(
        f"{article} {name} cannot be sent as JSON; known are dict, list, tuple, str, int, "
        "float, bool, None, datetime, date, UUID and Enum"
    )


def text_of(value: Any) -> str | None:
    """The text of a UUID, date or datetime, which only exist where their modules are loaded."""
    uuid, datetime = sys.modules.get("uuid"), sys.modules.get("datetime")
    if uuid is not None and isinstance(value, uuid.UUID):
        return str(value)
    if datetime is None or not isinstance(value, datetime.date):
        return None
    if isinstance(value, datetime.datetime) and value.utcoffset() is None:
        raise InvalidArgumentError(
            f"datetime {value.isoformat()} has no time zone, so it is no moment in time; use "
            "value.astimezone() if it is local time, or value.replace(tzinfo=timezone.utc)"
        )
    return str(value.isoformat())


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, Model):
        value = value._data
    if isinstance(value, Mapping):
        return {_key(key): _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_text_keys(item) for item in value]
    return value


def _with_strategies(value: Any, within: bool = False) -> Any:
    """The value with `__persistence_strategy__` in preferences as the service names it."""
    if isinstance(value, list):
        return [_with_strategies(item, within) for item in value]
    if not isinstance(value, dict):
        return value
    own, wire = "_persistence_strategy", "__persistence_strategy__"
    if within and own in value:
        if wire in value:
            raise InvalidArgumentError(f"{own} is given twice, also as {wire}")
        value = {wire if key == own else key: item for key, item in value.items()}
    return {
        key: _with_strategies(item, within or key in ("preferences", "preference_set"))
        for key, item in value.items()
    }


def _key(key: Any) -> Any:
    if isinstance(key, Enum):
        return key.value
    text = text_of(key)
    return key if text is None else text


def _encoder() -> Callable[[Any], str]:
    encoder = json.JSONEncoder(
        default=_plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return encoder.encode
    # `encode` makes this anew each time, which takes as long as encoding a small request. It does
    # not look for cycles, which end at the interpreter's limit on recursion.
    iterate = make(
        None, _plain, json.encoder.encode_basestring, None, ":", ",", False, False, False
    )
    return lambda value: "".join(iterate(value, 0))


_encode = _encoder()
decode = json.JSONDecoder().decode
