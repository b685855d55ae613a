"""Records from CSV files: nothing in them is lost or changed without a word."""

from __future__ import annotations

import csv
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox

from knock_client import InvalidArgumentError, Knock, bulk

IDENTIFY = "/v1/users/bulk/identify"


class Table:
    """Identifies the users of a CSV file, and says what was sent and what was not."""

    def __init__(self, client: Knock, sandbox: Sandbox, folder: Path) -> None:
        self.client = client
        self.sandbox = sandbox
        self.folder = folder

    def load(self, text: str | bytes, name: str = "users.csv") -> tuple[list[Any], list[str]]:
        file = self.folder / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.identify(file)

    def identify(self, records: bulk.Records) -> tuple[list[Any], list[str]]:
        before = len(self.sandbox.requests(IDENTIFY))
        summary = bulk.identify(self.client, records, poll_interval_ms=1)
        requests = self.sandbox.requests(IDENTIFY)[before:]
        sent = [user for request in requests for user in request["json"]["users"]]
        return sent, [bad["reason"] for bad in summary["bad_records"]]

    def refused(self, text: str | bytes) -> str:
        """Why the whole file is refused, before anything is sent."""
        before = len(self.sandbox.requests(IDENTIFY))
        with pytest.raises(InvalidArgumentError) as caught:
            self.load(text)
        assert len(self.sandbox.requests(IDENTIFY)) == before
        return caught.value.message.replace(f"{self.folder}/", "")


@pytest.fixture
def table(client: Knock, sandbox: Sandbox, tmp_path: Path) -> Table:
    return Table(client, sandbox, tmp_path)


JANE = {"id": "jane", "email": "jane@ingen.net"}


@pytest.mark.parametrize(
    "text",
    [
        "id,email\njane,jane@ingen.net\n",
        "id, email \njane,jane@ingen.net\n",
        '"id","email"\r\n"jane","jane@ingen.net"\r\n',
        "id;email\njane;jane@ingen.net\n",
        "email\tid\njane@ingen.net\tjane\n",
        "sep=;\nid;email\njane;jane@ingen.net\n",
        "SEP=|\r\nid|email\r\njane|jane@ingen.net\r\n",
        "sep=\t\nid\temail\njane\tjane@ingen.net\n",
        "\ufeffid,email\njane,jane@ingen.net\n",
        "\ufeffsep=,\nid,email\njane,jane@ingen.net\n",
        "id,email,,\njane,jane@ingen.net,,\n",
        "id,email\n\njane,jane@ingen.net,,\n\n",
    ],
)
def test_tables_of_all_kinds(table: Table, text: str) -> None:
    assert table.load(text) == ([JANE], [])


def test_names_of_files_are_told_in_any_case(table: Table) -> None:
    assert table.load("id,email\njane,jane@ingen.net\n", "USERS.CSV") == ([JANE], [])
    assert table.load('{"id":"jane"}\n', "USERS.NdJson") == ([{"id": "jane"}], [])


def test_values_keep_delimiters_quotes_lines_and_spaces(table: Table) -> None:
    sent, bad = table.load('id,note\njane,"a;b, ""c""\n d "\n')
    assert (sent, bad) == ([{"id": "jane", "note": 'a;b, "c"\n d '}], [])


def test_a_row_that_does_not_fit_its_columns_is_a_bad_record(table: Table) -> None:
    sent, bad = table.load("id,email,\nmore,a,,b\nfewer,a\nunnamed,a,c\njane,jane@ingen.net,\n")
    assert sent == [JANE]
    assert bad == [
        "line 2: a row of 4, where there are 3 columns",
        "line 3: a row of 2, where there are 3 columns",
        'line 4: the value "c" is in column 3, which has no name',
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "users.csv: there is no column id; the columns are none"),
        (
            "user,E-mail\njane,a\n",
            'users.csv: there is no column id; the columns are "user", "E-mail"',
        ),
        ("ID;email\njane;a\n", 'users.csv: there is no column id; the columns are "ID", "email"'),
        (
            "id,email, email\njane,a,b\n",
            'users.csv: more than one column has the name "email": "id", "email", "email"',
        ),
        (b"id,n\xe4me\njane,a\n", "users.csv: the names of the columns are not UTF-8 text"),
    ],
)
def test_columns_that_cannot_be_used_are_one_error(
    table: Table, text: str | bytes, message: str
) -> None:
    assert table.refused(text) == message


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ('jane,"Jane\nbob,Bob\ncarl,Carl\n', "line 3 do not match: .* goes on to line 5"),
        ('jane,"Jane\nbob,"Bob"\ncarl,Carl\n', "line 3 do not match: .* goes on to line 4"),
        ('jane,"Jane', "line 3 do not match"),
        ('jane,"' + "bob,Bob\n" * 20_000, r"line 3 do not match: .* goes on to line \d+"),
    ],
)
def test_an_open_quote_swallows_nobody(table: Table, rows: str, lines: str) -> None:
    message = table.refused(f"id,name\nalan,Alan\n{rows}")
    assert message.startswith("users.csv: the quotes in ")
    with pytest.raises(InvalidArgumentError, match=lines):
        table.load(f"id,name\nalan,Alan\n{rows}")


def test_an_open_quote_ends_a_pipe_with_a_summary(client: Knock, tmp_path: Path) -> None:
    pipe = tmp_path / "users.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=('id,name\na,A\nb,"B\nc,C\n',))
    writer.start()
    with pytest.raises(InvalidArgumentError, match="the quotes in line 3 do not match") as caught:
        bulk.identify(client, pipe, poll_interval_ms=1, max_records=1)
    writer.join()
    state: bulk.BulkSummary = caught.value.summary  # type: ignore[attr-defined]
    assert state["accepted"] == 1 and state["interrupted"] is not None


def test_a_quote_amiss_within_a_line_costs_that_line(table: Table) -> None:
    sent, bad = table.load('id,name\na,"A" B"\njane,Jane\n')
    assert sent == [{"id": "jane", "name": "Jane"}]
    assert bad == ["line 2 is not valid CSV: ',' expected after '\"'"]


def test_how_many_rows_there_are_is_known(client: Knock, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("id,name\na,A\n\nb,\nc\n")
    seen: list[bulk.BulkProgress] = []
    bulk.identify(client, file, poll_interval_ms=1, on_progress=seen.append)
    assert seen[-1]["total"] == 3


def test_a_dict_reader(table: Table) -> None:
    def read(text: str, **options: Any) -> tuple[list[Any], list[str]]:
        return table.identify(csv.DictReader(io.StringIO(text), **options))

    sent, bad = read("id,email\nmore,a,b\nfewer\njane,jane@ingen.net\n")
    assert sent == [JANE]
    assert bad == [
        "line 2: a row of 3, where there are 2 columns",
        "line 3: a row of 1, where there are 2 columns",
    ]
    assert read("id,email\njane\n", restval="none")[0] == [{"id": "jane", "email": "none"}]
    with pytest.raises(InvalidArgumentError, match='no column id; the columns are "user", "email"'):
        read("user,email\njane,a\n")
    # What it made of a row with too many cells, without it.
    sent, bad = table.identify([{"id": "more", None: ["b"]}, JANE])
    assert (sent, bad) == ([JANE], ["a key is None; keys are text"])
