"""User tokens: proof to Knock that a browser or app acts for one of your users."""

from __future__ import annotations

from ._errors import InvalidArgumentError
from ._library import library
from ._process import OfOneProcess
from ._signing import call, seconds
from ._typing import TYPE_CHECKING, hinted
from ._values import decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ._signing import Moment
    from ._values import Text

# The addresses of entities, whatever the base URL of a client.
_ENTITIES = "https://api.knock.app/v1"


@hinted
class Grants:
    """Rights on users, objects and tenants, for a user token.

    Each method returns new grants and leaves these as they are. Grants for one entity are merged,
    each name once, in the order given. The names that Knock documents are constants; others are
    passed on.

        grants = Grants().tenant("acme", Grants.SLACK_CHANNELS_READ)
        grants = grants.object("projects", "p1", Grants.CHANNEL_DATA_READ)
    """

    __slots__ = ("_entities",)

    SLACK_CHANNELS_READ = "slack/channels_read"
    """Reads the channels of a Slack workspace."""
    MS_TEAMS_CHANNELS_READ = "ms_teams/channels_read"
    """Reads the teams and channels of a Microsoft Teams tenant."""
    CHANNEL_DATA_READ = "channel_data/read"
    """Reads channel data."""
    CHANNEL_DATA_WRITE = "channel_data/write"
    """Sets channel data."""
    USER_READ = "user/read"
    """Reads a user."""
    USER_WRITE = "user/write"
    """Changes a user."""
    USER_FEED_READ = "user/feed_read"
    """Reads a user's feeds."""
    USER_FEED_WRITE = "user/feed_write"
    """Changes the status of items in a user's feeds."""
    USER_GUIDE_READ = "user/guide_read"
    """Reads a user's guides."""
    USER_GUIDE_WRITE = "user/guide_write"
    """Changes the status of a user's guides."""
    PREFERENCES_READ = "preferences/read"
    """Reads preferences."""
    PREFERENCES_WRITE = "preferences/write"
    """Changes preferences."""

    def __init__(self) -> None:
        self._entities: dict[str, tuple[str, ...]] = {}

    def user(self, id: str, *names: str) -> Grants:
        """With grants on a user."""
        return self.entity(f"{_ENTITIES}/users/{id}", *names)

    def object(self, collection: str, id: str, *names: str) -> Grants:
        """With grants on an object."""
        return self.entity(f"{_ENTITIES}/objects/{collection}/{id}", *names)

    def tenant(self, id: str, *names: str) -> Grants:
        """With grants on a tenant, by its address as an object of the collection `$tenants`."""
        return self.object("$tenants", id, *names)

    def entity(self, uri: str, *names: str) -> Grants:
        """With grants on an entity by its address: `https://api.knock.app/v1/tenants/acme`.

        Raises:
          InvalidArgumentError: A name is no text, such as a list of names.
        """
        for name in names:
            if not isinstance(name, str):
                raise InvalidArgumentError(
                    f"names of grants must be text, each an argument of its own; {name!r} is not"
                )
        more = Grants()
        known = self._entities.get(uri, ())
        more._entities = {**self._entities, uri: tuple(dict.fromkeys(known + names))}
        return more

    def to_dict(self) -> dict[str, list[str]]:
        """The names of the grants by the addresses of their entities."""
        return {uri: list(names) for uri, names in self._entities.items()}

    def __bool__(self) -> bool:
        return bool(self._entities)

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Grants):
            return NotImplemented
        return self._entities == other._entities

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Grants {self.to_dict()}>"


@hinted
class UserToken(OfOneProcess):
    """A signed user token. Its `repr` does not show it, and it is not pickled."""

    __slots__ = ("expires_at", "token")

    token: str
    """The token, for `user_token=` of a client or a call, or for a client in a browser."""
    expires_at: int
    """Time of expiry, in seconds since 1970."""

    _refusal = "a user token must not get into a pickle; its text is its `token`"

    def __init__(self, token: str, expires_at: int) -> None:
        self.token = token
        self.expires_at = expires_at

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UserToken):
            return NotImplemented
        return (self.token, self.expires_at) == (other.token, other.expires_at)

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> UserToken:
        return UserToken(self.token, self.expires_at)

    def __deepcopy__(self, _memo: dict[int, Any]) -> UserToken:
        return self.__copy__()

    def __repr__(self) -> str:
        return f"<UserToken, expires at {self.expires_at}>"


@hinted
def sign_user_token(
    user_id: Text,
    *,
    signing_key: str | None = None,
    expires_in: int = 3600,
    issued_at: Moment | None = None,
    jti: bool | Text = False,
    grants: Grants | Mapping[str, Sequence[str]] | None = None,
    explicit_grants: bool = False,
) -> UserToken:
    """Signs a user token (RS256). No call is made.

        token = sign_user_token("jane").token

    Args:
      user_id: The user that the token is for.
      signing_key: The private key of the environment as PEM, or base64 of PEM; PKCS#8 or PKCS#1.
        Else that of the environment variable `KNOCK_SIGNING_KEY`.
      expires_in: Seconds until the token expires.
      issued_at: The time of issue, now by default.
      jti: The token's id: True for a random UUID, or text. None by default.
      grants: Rights that the token gives. A mapping has names of grants by the address of their
        entity.
      explicit_grants: Allows what the grants name and nothing else.

    Raises:
      ConfigurationError: There is no signing key, or it is none. The message does not show it.
      InvalidArgumentError: An argument cannot be signed.
    """
    options: dict[str, Any] = {
        "user_id": user_id,
        "expires_in": expires_in,
        "jti": jti,
        "explicit_grants": explicit_grants,
    }
    if signing_key is not None:
        options["signing_key"] = signing_key
    if issued_at is not None:
        options["issued_at"] = int(seconds("issued_at", issued_at))
    if grants is not None:
        options["grants"] = grants.to_dict() if isinstance(grants, Grants) else grants
    return UserToken(**decode(call(library.knock_user_token_sign, options)))
