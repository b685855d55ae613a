"""Records of bulk runs, from memory and from files, as JSON text."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any, NamedTuple

from ._bulk_csv import BadRow, Rows, checked, dictionaries
from ._errors import InvalidArgumentError
from ._models import Model
from ._trouble import is_utf8
from ._values import encode

Records = str | os.PathLike[str] | Iterable[Any]

_LIST = "it is a list, not a record"
_NOT_UTF8 = "it is not UTF-8 text"


class Bad(NamedTuple):
    """A record that cannot be sent."""

    id: str | None
    reason: str


def texts(records: Records) -> tuple[Iterator[bytes | Bad], int | None]:
    """Records as JSON text, one by one, and how many there are, where that is known.

    An empty line of a file is no record.

    Raises:
      InvalidArgumentError: The file is none of records, as a whole.
    """
    if isinstance(records, csv.DictReader):
        checked(list(records.fieldnames or []))
        return map(_text, dictionaries(records)), None
    if not isinstance(records, (str, os.PathLike)):
        return map(_text, records), len(records) if isinstance(records, Sized) else None
    path = os.fspath(records)
    kind = os.path.splitext(path)[1].lower()
    if kind == ".csv":
        rows = Rows(path)
        return map(_row, rows), rows.count
    if kind in (".ndjson", ".jsonl"):
        return _lines(path), None
    raise InvalidArgumentError(f"{path} must end in .csv, .ndjson or .jsonl")


def _text(record: Any) -> bytes | Bad:
    if isinstance(record, BadRow):
        return Bad(None, record.reason)
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


def _row(row: Any) -> bytes | Bad:
    text = _text(row)
    # Nothing else can be wrong with text.
    return Bad(text.id, _NOT_UTF8) if isinstance(text, Bad) and isinstance(row, dict) else text


def _id(record: Any) -> str | None:
    id = record.get("id") if isinstance(record, Mapping) else None
    return id if isinstance(id, str) and is_utf8(id) else None


# What is not UTF-8 in a file is read as surrogates, which mark the records that hold it.


def _lines(path: str) -> Iterator[bytes | Bad]:
    with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
        for line in file:
            text = line.lstrip("\ufeff").strip()
            if not text:
                continue
            if not is_utf8(text):
                yield Bad(None, _NOT_UTF8)
            elif "\0" in text:
                yield Bad(None, "it is not valid JSON: it holds a NUL")
            elif text.startswith("["):
                yield Bad(None, _LIST)
            else:
                yield text.encode()
