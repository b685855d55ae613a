"""Signs user tokens for the tests of Knock's Node package: a JSON list in, a list of tokens out."""

from __future__ import annotations

import json
import sys
from typing import Any

from knock_client import Grants, sign_user_token


def sign(asked: dict[str, Any]) -> str:
    grants = Grants()
    for kind, *entity, names in asked.pop("grants", []):
        grants = getattr(grants, kind)(*entity, *names)
    return sign_user_token(grants=grants, **asked).token


json.dump([sign(asked) for asked in json.load(sys.stdin)], sys.stdout)
