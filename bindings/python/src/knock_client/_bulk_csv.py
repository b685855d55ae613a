"""Rows of CSV files as records of bulk runs: nothing is lost or changed without a word."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from ._errors import InvalidArgumentError

_DELIMITERS = ",;\t"


class BadRow(NamedTuple):
    """A row that is no record, and why."""

    reason: str


class Rows:
    """The rows of a CSV file, as dicts without the empty cells.

    The columns are read, and all of a regular file is looked through, before the first row is
    handed out: a file that lacks the column `id`, or a quote, is an error as a whole.
    """

    def __init__(self, path: str) -> None:
        """Reads the columns of the file and looks for what spoils more than a row.

        Raises:
          InvalidArgumentError: The file cannot be read as a table of records.
        """
        self._path = path
        # A pipe can be read once only.
        self._rows: Iterator[dict[str, str] | BadRow] | None = None
        self.count: int | None = None
        """How many rows there are, where the file can be read twice."""
        if os.path.isfile(path):
            self.count = sum(1 for _ in self._read())
        else:
            self._rows = self._read()

    def __iter__(self) -> Iterator[dict[str, str] | BadRow]:
        return self._rows or self._read()

    def _read(self) -> Iterator[dict[str, str] | BadRow]:
        # What is not UTF-8 is read as surrogates, which mark the records that hold it.
        with open(self._path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            first, skipped = file.readline(), 0
            delimiter = _named_delimiter(first)
            if delimiter is not None:
                first, skipped = file.readline(), 1
            reader = csv.reader(
                chain([first], file), delimiter=delimiter or _delimiter(first), strict=True
            )
            columns = self._columns(reader)
            while True:
                line = reader.line_num + skipped + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    self._check_span(line, reader.line_num + skipped, error)
                    yield BadRow(f"line {line} is not valid CSV: {error}")
                    continue
                if cells:
                    yield _record(columns, cells, line)

    def _columns(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            columns = [column.strip() for column in next(reader, [])]
            return checked(columns)
        except csv.Error as error:
            raise InvalidArgumentError(
                f"{self._path}: the columns cannot be read: {error}"
            ) from None
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"{self._path}: {error.message}") from None

    def _check_span(self, first: int, last: int, error: csv.Error) -> None:
        """Raises where an error of one value took more lines with it, or the rest of the file."""
        if last > first or "unexpected end of data" in str(error):
            raise InvalidArgumentError(
                f"{self._path}: the quotes in line {first} do not match: a value opened there "
                f"goes on to line {last} ({error}); double a quote within a value, and close each"
            ) from None


def checked(columns: list[str]) -> list[str]:
    """The columns, if records can be made of them."""
    names = ", ".join(f'"{column}"' for column in columns)
    try:
        names.encode()
    except UnicodeEncodeError:
        raise InvalidArgumentError("the names of the columns are not UTF-8 text") from None
    if "id" not in columns:
        raise InvalidArgumentError(f"there is no column id; the columns are {names or 'none'}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise InvalidArgumentError(f'more than one column has the name "{twice[0]}": {names}')
    return columns


def dictionaries(reader: csv.DictReader[Any]) -> Iterable[dict[Any, Any] | BadRow]:
    """The records of a `DictReader`; a row with other cells than columns is a bad one."""
    columns = list(reader.fieldnames or [])
    for row in reader:
        beyond: Any = row.get(reader.restkey)
        if beyond is not None:
            yield BadRow(_other_count(len(columns) + len(beyond), len(columns), reader.line_num))
        elif reader.restval is None and None in row.values():
            given = sum(value is not None for value in row.values())
            yield BadRow(_other_count(given, len(columns), reader.line_num))
        else:
            yield row


def _named_delimiter(line: str) -> str | None:
    """The delimiter that a first line such as `sep=;` names, as spreadsheets write it."""
    text = line.rstrip("\r\n")
    return text[4] if len(text) == 5 and text[:4].lower() == "sep=" else None


def _delimiter(line: str) -> str:
    """The delimiter with which a line of columns has an `id`, else the one that has most."""

    def columns(delimiter: str) -> list[str]:
        return [column.strip() for column in next(csv.reader([line], delimiter=delimiter), [])]

    return max(_DELIMITERS, key=lambda d: ("id" in columns(d), len(columns(d))))


def _record(columns: list[str], cells: list[str], line: int) -> dict[str, str] | BadRow:
    beyond = cells[len(columns) :]
    if len(cells) < len(columns) or any(beyond):
        return BadRow(_other_count(len(cells), len(columns), line))
    record = {}
    for number, (column, cell) in enumerate(zip(columns, cells, strict=False), 1):
        if cell and not column:
            return BadRow(
                f'line {line}: the value "{cell}" is in column {number}, which has no name'
            )
        if cell:
            record[column] = cell
    return record


def _other_count(cells: int, columns: int, line: int) -> str:
    return f"line {line}: a row of {cells}, where there are {columns} columns"
