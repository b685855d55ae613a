"""Records of bulk runs, from memory and from files, as JSON text."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Union

from ._errors import InvalidArgumentError
from ._models import Model
from ._values import encode

Records = Union[str, "os.PathLike[str]", Iterable[Any]]

_LIST = "it is a list, not a record"
_NOT_UTF8 = "it is not UTF-8 text"


class Bad(NamedTuple):
    """A record that cannot be sent."""

    id: str | None
    reason: str


def texts(records: Records) -> Iterator[bytes | Bad]:
    """Records as JSON text, one by one; an empty line of a file is none."""
    if not isinstance(records, (str, os.PathLike)):
        return map(_text, records)
    path = os.fspath(records)
    if path.endswith(".csv"):
        return _rows(path)
    if path.endswith((".ndjson", ".jsonl")):
        return _lines(path)
    raise InvalidArgumentError(f"{path} must end in .csv, .ndjson or .jsonl")


def _text(record: Any) -> bytes | Bad:
    if isinstance(record, Model):
        # What the service says of a result, such as its `__cursor`, is no property of a user.
        data = record._data.items()
        record = {name: value for name, value in data if not name.startswith("__")}
    try:
        text = encode(record)
    except InvalidArgumentError as error:
        return Bad(_id(record), error.message)
    # The library would take each element for a record.
    return Bad(None, _LIST) if text.startswith(b"[") else text


def _id(record: Any) -> str | None:
    id = record.get("id") if isinstance(record, Mapping) else None
    return id if isinstance(id, str) and _is_utf8(id) else None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# What is not UTF-8 in a file is read as surrogates, which mark the records that hold it.


def _lines(path: str) -> Iterator[bytes | Bad]:
    with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
        for line in file:
            text = line.lstrip("\ufeff").strip()
            if not text:
                continue
            if not _is_utf8(text):
                yield Bad(None, _NOT_UTF8)
            elif "\0" in text:
                yield Bad(None, "it is not valid JSON: it holds a NUL")
            elif text.startswith("["):
                yield Bad(None, _LIST)
            else:
                yield text.encode()


def _rows(path: str) -> Iterator[bytes | Bad]:
    with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        try:
            columns = next(reader, [])
        except csv.Error as error:
            raise InvalidArgumentError(f"{path}: the columns cannot be read: {error}") from None
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Bad(None, f"it is not valid CSV: {error}")
                continue
            if row:
                cells = zip(columns, row, strict=False)
                text = _text({name: cell for name, cell in cells if name and cell})
                # Nothing else can be wrong with text.
                yield Bad(text.id, _NOT_UTF8) if isinstance(text, Bad) else text
