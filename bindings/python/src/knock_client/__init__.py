"""A client for the Knock notifications API.

```python
from knock_client import Knock

client = Knock(api_key="sk_...")
client.users.update("jane", email="jane@ingen.net", plan="pro")
for user in client.users.list():
    print(user.id, user.get("plan"))
```
"""

from __future__ import annotations

from importlib import import_module

# First, for others load what such an interpreter cannot.
from . import _interpreter as _interpreter  # isort: skip
from ._client import Knock
from ._errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    InvalidArgumentError,
    KnockError,
    LibraryError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from ._models import Model
from ._pages import Page
from ._raw import RawResponse
from ._typing import TYPE_CHECKING
from ._values import NOT_GIVEN, NotGiven
from ._version import __version__

if TYPE_CHECKING:
    from typing import Any

    from . import bulk, params, types
    from ._call_options import CallOptions

Client = Knock

__all__ = [
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "CallOptions",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "InternalServerError",
    "InvalidArgumentError",
    "Knock",
    "KnockError",
    "LibraryError",
    "Model",
    "NotFoundError",
    "NotGiven",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "UnprocessableEntityError",
    "__version__",
    "bulk",
    "params",
    "types",
]


def __getattr__(name: str) -> Any:
    # Programs do not pay for what they do not use.
    if name in ("bulk", "params", "types"):
        return import_module(f"{__name__}.{name}")
    if name == "CallOptions":
        return import_module(f"{__name__}._call_options").CallOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
