"""`typing.get_type_hints` and what asks it know the types of everything, and nobody else pays."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

import knock_client
from knock_client import Knock, NotGiven, bulk, params, types
from knock_client._library import path


def public() -> Iterator[tuple[str, Any]]:
    """Everything that a program can name, and the methods of its classes."""
    with Knock(api_key="sk_test") as client:
        resources = [client, client.users, client.users.feeds, client.users.guides]
        resources += [client.users.bulk, client.users.preferences, client.bulk_operations]
        raw = [resource.with_raw_response for resource in resources]  # type: ignore[attr-defined]
    found = [(type(one).__name__, type(one)) for one in (*resources, *raw)]
    for module in (knock_client, bulk, params, types):
        found += [(f"{module.__name__}.{name}", getattr(module, name)) for name in module.__all__]
    for name, one in found:
        if inspect.isclass(one) or inspect.isfunction(one):
            yield name, one
        for member, function in inspect.getmembers(one, inspect.isfunction):
            if inspect.isclass(one) and function.__module__.startswith("knock_client"):
                yield f"{name}.{member}", function


PUBLIC = dict(public())


def test_hints_of_everything() -> None:
    assert len(PUBLIC) > 300
    for thing in PUBLIC.values():
        typing.get_type_hints(thing)


def test_hints_are_what_is_written() -> None:
    assert typing.get_type_hints(types.User)["properties"] == dict[str, Any]
    assert typing.get_type_hints(types.User)["email"] == str | None
    assert typing.get_type_hints(types.ListUsersResponse)["entries"] == list[types.User]
    hints = typing.get_type_hints(Knock.__init__)
    assert hints["deadline"] == float | None | NotGiven and hints["return"] is type(None)
    hints = typing.get_type_hints(Knock(api_key="sk_test").users.get)
    assert hints["return"] is types.User
    assert typing.get_type_hints(params.PreferenceSetRequest)["workflows"] is not None
    status = typing.get_type_hints(bulk.Interruption)["reason"]
    assert typing.get_origin(status) is Literal


@pytest.mark.parametrize(
    "thing", ["Knock.with_options", "types.User", "params.Condition", "bulk.Run", "Page.iter_pages"]
)
def test_hints_where_typing_comes_later(thing: str) -> None:
    program = f"""
import sys
import knock_client
from knock_client import Knock, Page
early = "typing" in sys.modules
import typing
from knock_client import bulk, params, types
print(early, len(typing.get_type_hints({thing})) > 0)
"""
    package = Path(__file__).parents[1] / "src"
    environment = {"KNOCK_LIBRARY": path(), "PYTHONPATH": str(package)}
    command = [sys.executable, "-S", "-c", program]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.stdout == "False True\n", run.stderr


def test_a_frozen_program_works_without_hints() -> None:
    program = """
import inspect

def no_source(_module):
    raise OSError

inspect.getsource = no_source
from knock_client import Knock
print(list(inspect.signature(Knock.with_options).parameters)[:2])
"""
    environment = {**os.environ, "KNOCK_LIBRARY": path()}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.stdout == "['self', 'timeout']\n", run.stderr
