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
    InvalidSignatureError,
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
from ._values import NOT_GIVEN as not_given
from ._values import NOT_GIVEN as omit
from ._values import NotGiven as Omit
from ._version import __version__

if TYPE_CHECKING:
    from typing import Any

    from . import bulk, params, types
    from ._call_options import CallOptions, RequestOptions
    from ._timeout import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, Timeout
    from ._user_token import Grants, UserToken, sign_user_token
    from ._webhook import sign_webhook, verify_signature, verify_webhook

Client = Knock
BaseModel = Model

# Names that are loaded when they are asked for, by their modules.
_LATER = {
    "CallOptions": "_call_options",
    "RequestOptions": "_call_options",
    "DEFAULT_MAX_RETRIES": "_timeout",
    "DEFAULT_TIMEOUT": "_timeout",
    "Timeout": "_timeout",
    "Grants": "_user_token",
    "UserToken": "_user_token",
    "sign_user_token": "_user_token",
    "sign_webhook": "_webhook",
    "verify_signature": "_webhook",
    "verify_webhook": "_webhook",
}

__all__ = [
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BaseModel",
    "CallOptions",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "Grants",
    "InternalServerError",
    "InvalidArgumentError",
    "InvalidSignatureError",
    "Knock",
    "KnockError",
    "LibraryError",
    "Model",
    "NotFoundError",
    "NotGiven",
    "Omit",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "RequestOptions",
    "Timeout",
    "UnprocessableEntityError",
    "UserToken",
    "__version__",
    "bulk",
    "not_given",
    "omit",
    "params",
    "sign_user_token",
    "sign_webhook",
    "types",
    "verify_signature",
    "verify_webhook",
]


def __getattr__(name: str) -> Any:
    # Programs do not pay for what they do not use.
    if name in ("bulk", "params", "types"):
        return import_module(f"{__name__}.{name}")
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
