"""Where in a value something is that JSON cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from ._errors import InvalidArgumentError
from ._models import Model
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# More levels than the service reads.
_DEEPEST = 200


def find(
    value: Any, plain: Callable[[Any], Any], path: str = "", around: tuple[Any, ...] = ()
) -> str | None:
    """What cannot be sent and where, such as `body.tags[3]: a set cannot be sent as JSON`.

    Args:
      value: What was to be sent.
      plain: Makes JSON of a value that is none; raises for one that cannot be sent.
      path: Where the value is.
      around: The values around it, from the outermost.
    """
    if any(value is outer for outer in around):
        return _at(path, "the value holds itself")
    if len(around) > _DEEPEST:
        return _at(f"{path[:40]}…", "the value is nested too deeply")
    around = (*around, value)
    if isinstance(value, (Model, Mapping, list, tuple)):
        found = (wrong or find(item, plain, at, around) for at, item, wrong in _parts(value, path))
        return next(filter(None, found), None)
    if isinstance(value, str):
        return None if is_utf8(value) else _at(path, "the text holds half of a surrogate pair")
    if isinstance(value, float) and not isfinite(value):
        return _at(path, f"{value} cannot be sent as JSON")
    if value is None or isinstance(value, (int, float)):
        return None
    try:
        return find(plain(value), plain, path, around)
    except InvalidArgumentError as error:
        return _at(path, error.message)


def is_utf8(text: str) -> bool:
    """Whether the text has an encoding; half of a surrogate pair has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(path: str, wrong: str) -> str:
    return f"{path}: {wrong}" if path else wrong


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any, str | None]]:
    """The parts of a value with their paths, and what is wrong with their keys."""
    if isinstance(value, (list, tuple)):
        yield from ((f"{path}[{number}]", item, None) for number, item in enumerate(value))
        return
    for key, item in (value._data if isinstance(value, Model) else value).items():
        wrong = None
        if key is None or isinstance(key, (tuple, frozenset, bytes)):
            wrong = _at(path, f"a key is {key!r}; keys are text")
        elif isinstance(key, str) and not is_utf8(key):
            wrong = _at(path, f"the key {key!a} holds half of a surrogate pair")
        plain = isinstance(key, str) and key.isidentifier()
        step = f".{key}" if plain else f"[{str(key)!r}]"
        yield f"{path}{step}".lstrip("."), item, wrong
