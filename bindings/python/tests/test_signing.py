"""User tokens and webhooks. No server takes part."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import pickle
import re
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from knock_client import (
    APIResponseValidationError,
    ConfigurationError,
    Grants,
    InvalidArgumentError,
    InvalidSignatureError,
    KnockError,
    UserToken,
    sign_user_token,
    sign_webhook,
    verify_signature,
    verify_webhook,
)
from knock_client.types import Message, WebhookEvent

ROOT = Path(__file__).parents[3]
KEY = (ROOT / "sandbox/tests/fixtures/user_token_private.pem").read_text()
PUBLIC_KEY = (ROOT / "sandbox/tests/fixtures/user_token_public.pem").read_text()

SECRET = "some-secret"
BODY = b'{"type":"message.sent","data":{"id":"2w3YUpTTOxuDvZFji8OMsKrG176"}}'
SIGNATURE = "t=1735689600000,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y="
SENT = 1735689600


def sign(user_id: str = "jhammond", **options: Any) -> UserToken:
    return sign_user_token(user_id, **{"signing_key": KEY, "issued_at": SENT, **options})


def payload(token: UserToken) -> str:
    part = token.token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def test_a_token_is_the_one_that_knocks_node_package_signs() -> None:
    token = sign()
    assert token.token.rpartition(".")[0] == (
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJzdWIiOiJqaGFtbW9uZCIsImlhdCI6MTczNTY4OTYwMCwiZXhwIjoxNzM1NjkzMjAwfQ"
    )
    assert hashlib.sha256(token.token.encode()).hexdigest() == (
        "a39edba81673727503fb01370d329af9c17c4f50f05eb09a18131b183aafeebb"
    )
    assert token.expires_at == 1735693200


def test_claims_stand_in_their_order() -> None:
    grants = (
        Grants()
        .tenant("jurassic-park", Grants.SLACK_CHANNELS_READ, Grants.MS_TEAMS_CHANNELS_READ)
        .object("projects", "p1", Grants.CHANNEL_DATA_READ)
    )
    token = sign(grants=grants, explicit_grants=True, expires_in=60, jti="token-1")
    assert payload(token) == (
        '{"sub":"jhammond","grants":{'
        '"https://api.knock.app/v1/objects/$tenants/jurassic-park":'
        '{"slack/channels_read":[],"ms_teams/channels_read":[]},'
        '"https://api.knock.app/v1/objects/projects/p1":{"channel_data/read":[]}},'
        '"explicit_grants":true,"iat":1735689600,"exp":1735689660,"jti":"token-1"}'
    )


def test_grants_for_one_entity_are_merged() -> None:
    grants = (
        Grants()
        .user("jane", Grants.USER_FEED_READ)
        .entity("https://api.knock.app/v1/tenants/acme", "a/b")
        .user("jane", Grants.PREFERENCES_READ, Grants.USER_FEED_READ)
    )
    names = {
        "https://api.knock.app/v1/users/jane": ["user/feed_read", "preferences/read"],
        "https://api.knock.app/v1/tenants/acme": ["a/b"],
    }
    assert grants.to_dict() == names
    assert sign(grants=grants) == sign(grants=names)


def test_grants_stay_as_they_are_when_others_are_made_of_them() -> None:
    base = Grants().tenant("acme", Grants.SLACK_CHANNELS_READ)
    more = base.tenant("acme", Grants.MS_TEAMS_CHANNELS_READ).user("jane", Grants.USER_READ)
    assert base == Grants().tenant("acme", Grants.SLACK_CHANNELS_READ) != more
    assert base and not Grants()
    assert repr(base) == (
        "<Grants {'https://api.knock.app/v1/objects/$tenants/acme': ['slack/channels_read']}>"
    )


def test_names_of_grants_are_those_of_the_library() -> None:
    source = (ROOT / "src/user_token/grants.rs").read_text()
    constants = dict(re.findall(r'const ([A-Z_]+): &\'static str = "(.+)";', source))
    assert len(constants) == 12
    assert constants == {name: value for name, value in vars(Grants).items() if name.isupper()}
    documentation = (ROOT / "docs/user-tokens.md").read_text()
    for name, value in constants.items():
        assert f"`{name}`" in documentation and f"`{value}`" in documentation


def test_arguments_come_as_programs_have_them() -> None:
    expected = sign()
    assert sign(issued_at=datetime.fromtimestamp(SENT, timezone.utc)) == expected
    assert sign(issued_at=SENT + 0.9) == expected
    assert sign(signing_key=base64.b64encode(KEY.encode()).decode()) == expected
    user_id = UUID("5a88728a-3ecb-400d-ba6f-9c0956ab252f")
    assert sign_user_token(user_id, signing_key=KEY, issued_at=SENT) == sign(str(user_id))
    assert "jti" not in payload(expected)
    first, second = (json.loads(payload(sign(jti=True)))["jti"] for _ in range(2))
    assert UUID(first).version == 4 and first != second


def test_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOCK_SIGNING_KEY", KEY)
    assert sign_user_token("jhammond", issued_at=SENT) == sign()
    before = int(time.time())
    assert before + 3600 <= sign_user_token("jane").expires_at <= int(time.time()) + 3600
    monkeypatch.delenv("KNOCK_SIGNING_KEY")
    with pytest.raises(ConfigurationError, match="set signing_key, or KNOCK_SIGNING_KEY"):
        sign_user_token("jane")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("sk_test_12345", "is neither PEM"),
        (PUBLIC_KEY, "is a public key"),
        (KEY[: len(KEY) // 2], "is not complete PEM"),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(key: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        sign(signing_key=key)
    assert not any(line in str(caught.value) for line in key.splitlines()[1:] or [key])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"user_id": ""}, "user_id must not be empty"),
        ({"expires_in": 0}, "expires_in must be 1 second or more"),
        ({"expires_in": 0.5}, "expires_in must be a whole number of seconds"),
        ({"issued_at": datetime(2025, 1, 1)}, "has no time zone"),
        ({"issued_at": "2025-01-01"}, "issued_at must be a datetime or seconds since 1970"),
        ({"issued_at": float("nan")}, "issued_at must be a datetime or seconds since 1970"),
        ({"issued_at": -1}, "issued_at must be a whole number of seconds since 1970"),
        ({"jti": 7}, "jti must be true or text"),
        ({"grants": {"https://api.knock.app/v1/users/jane": "a"}}, "grants must be"),
        ({"grants": ["user/read"]}, "grants must be"),
    ],
)
def test_arguments_that_no_token_can_say_are_refused(options: Any, problem: str) -> None:
    with pytest.raises(InvalidArgumentError, match=problem):
        sign(**options)


def test_names_of_grants_are_arguments_each() -> None:
    names: Any = [Grants.USER_READ]
    with pytest.raises(InvalidArgumentError, match="each an argument of its own"):
        Grants().user("jane", names)


def test_a_token_is_shown_and_pickled_nowhere() -> None:
    token = sign()
    assert repr(token) == str(token) == "<UserToken, expires at 1735693200>"
    with pytest.raises(TypeError, match="must not get into a pickle"):
        pickle.dumps(token)
    assert copy.copy(token) == copy.deepcopy(token) == token


def test_a_webhook_of_the_service_gives_its_event() -> None:
    event = verify_webhook(BODY, SIGNATURE, SECRET, now=SENT)
    assert isinstance(event, WebhookEvent)
    assert event.type == "message.sent"
    assert event.data == {"id": "2w3YUpTTOxuDvZFji8OMsKrG176"}
    assert event.created_at is None and event.event_data is None
    assert sign_webhook(BODY, SECRET, at=SENT) == SIGNATURE


def test_an_event_is_typed_and_keeps_what_it_does_not_know() -> None:
    sent = {
        "__typename": "Event",
        "type": "message.link_clicked",
        "created_at": "2025-01-01T00:00:00Z",
        "data": {"id": "m1", "balance": 123456789012345678901234567890},
        "event_data": {"url": "https://example.com"},
        "region": "us",
    }
    body = json.dumps(sent).encode()
    event = verify_webhook(body, sign_webhook(body, SECRET), SECRET)
    assert event.type_name == "Event"
    assert event.created_at == "2025-01-01T00:00:00Z"
    assert event.event_data == {"url": "https://example.com"}
    assert event.extra == {"region": "us"}
    assert event.to_dict() == sent
    assert Message(event.data).id == "m1"


@pytest.mark.parametrize(
    ("signature", "now", "code"),
    [
        (None, SENT, "signature_missing"),
        ("", SENT, "signature_missing"),
        ("sha256=abc", SENT, "signature_malformed"),
        ("t=1735689600000,s=\udcff", SENT, "signature_malformed"),
        (f"{SIGNATURE}\0", SENT, "signature_malformed"),
        (f"{SIGNATURE},t=1", SENT, "signature_malformed"),
        (SIGNATURE.replace("00000", "00001"), SENT, "signature_mismatch"),
        (SIGNATURE, SENT + 301, "timestamp_too_old"),
        (SIGNATURE, SENT - 301, "timestamp_too_early"),
    ],
)
def test_each_reason_has_its_code(signature: str | None, now: float, code: str) -> None:
    for verify in (verify_webhook, verify_signature):
        with pytest.raises(InvalidSignatureError) as caught:
            verify(BODY, signature, SECRET, now=now)
        error = caught.value
        assert error.code == code
        assert isinstance(error, KnockError) and SECRET not in str(error)
        assert pickle.loads(pickle.dumps(error)).code == code


def test_a_changed_body_and_another_secret_do_not_match() -> None:
    for body, secret in ((BODY + b" ", SECRET), (BODY, "another")):
        with pytest.raises(InvalidSignatureError) as caught:
            verify_webhook(body, SIGNATURE, secret, now=SENT)
        assert caught.value.code == "signature_mismatch"


def test_several_secrets_are_tried_while_one_replaces_another() -> None:
    for secrets in (["new-secret", SECRET], (SECRET, "old-secret")):
        assert verify_webhook(BODY, SIGNATURE, secrets, now=SENT).type == "message.sent"


def test_the_tolerance_is_seconds_or_none() -> None:
    moment = datetime.fromtimestamp(SENT + 10, timezone.utc)
    verify_signature(BODY, SIGNATURE, SECRET, tolerance=10, now=moment)
    with pytest.raises(InvalidSignatureError):
        verify_signature(BODY, SIGNATURE, SECRET, tolerance=9.9, now=moment)
    for tolerance in (None, float("inf")):
        verify_signature(BODY, SIGNATURE, SECRET, tolerance=tolerance)
    for wrong in (0, -1, "5"):
        some: Any = wrong
        with pytest.raises(InvalidArgumentError, match="tolerance must be seconds"):
            verify_signature(BODY, SIGNATURE, SECRET, tolerance=some)


def test_a_body_that_is_no_event() -> None:
    for body in (b"", b"not json", b"[]", b"{}", b"a\0b\xff"):
        signature = sign_webhook(body, SECRET)
        verify_signature(body, signature, SECRET)
        with pytest.raises(APIResponseValidationError, match="the webhook's body is not"):
            verify_webhook(body, signature, SECRET)


def test_bodies_are_bytes() -> None:
    for body in (BODY, bytearray(BODY), memoryview(BODY)):
        assert verify_webhook(body, SIGNATURE, SECRET, now=SENT).type == "message.sent"
        assert sign_webhook(body, SECRET, at=SENT) == SIGNATURE
    for wrong in (BODY.decode(), {"type": "message.sent"}, None):
        some: Any = wrong
        with pytest.raises(InvalidArgumentError, match="body must be the bytes as they came"):
            verify_webhook(some, SIGNATURE, SECRET)
        with pytest.raises(InvalidArgumentError, match="body must be the bytes as they came"):
            sign_webhook(some, SECRET)


def test_a_verifier_without_a_secret_is_refused() -> None:
    missing: Any = None
    with pytest.raises(InvalidArgumentError, match="secret must be text, or a list of it"):
        verify_webhook(BODY, SIGNATURE, missing)
    for secret in ("", [], [SECRET, ""]):
        with pytest.raises(ConfigurationError):
            verify_webhook(BODY, SIGNATURE, secret)
    header: Any = 7
    with pytest.raises(InvalidArgumentError, match="signature must be the text of the header"):
        verify_webhook(BODY, header, SECRET)


@pytest.mark.parametrize(
    "file", ["docs/user-tokens.md", "docs/webhooks.md", "bindings/python/README.md"]
)
def test_the_examples_of_the_documentation(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOCK_SIGNING_KEY", KEY)
    blocks = re.findall(r"```python\n(.+?)```", (ROOT / file).read_text(), re.DOTALL)
    blocks = [block for block in blocks if "sign_user_token" in block or "webhook" in block]
    assert blocks
    for block in blocks:
        names = {"body": BODY, "headers": {"x-knock-signature": sign_webhook(BODY, SECRET)}}
        exec(block, names)
        assert names.keys() & {"token", "event"}


def test_programs_that_do_not_sign_do_not_load_it() -> None:
    program = """
import sys
import knock_client
before = "knock_client._signing" in sys.modules
knock_client.verify_webhook, knock_client.sign_user_token
print(before, "knock_client._signing" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "False True\n", run.stderr
