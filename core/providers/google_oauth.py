"""Google's access tokens: asked for once by everybody who needs one, kept until shortly before they end.

Sources: developers.google.com/identity/protocols/oauth2/web-server (refresh) and .../service-account (signed JWT).
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from core.errors import Misconfigured, SendError, Unavailable, Uncertain
from core.ports import Clock
from core.providers.base import clean, exchange, failure

MARGIN = timedelta(seconds=60)  # a token is not used in its last minute: it would end on its way
LIFETIME = timedelta(hours=1)  # of our signed wish; Google allows no more
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
Grant = Callable[[datetime], Mapping[str, str]]  # the form that asks for a token at a moment


class TokenSource:
    """Access tokens by one grant. Whoever asks while a request is under way waits for the same answer."""

    def __init__(self, http: httpx.AsyncClient, token_url: str, grant: Grant, clock: Clock) -> None:
        self._http = http
        self._url = token_url
        self._grant = grant
        self._clock = clock
        self._token = ""
        self._good_until: datetime | None = None
        self._asking: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """A token that is good for at least a minute. Raises `Misconfigured` where Google refuses the grant, and
        `Unavailable` for every other trouble: the message itself was not sent yet."""
        if self._good_until and self._clock() < self._good_until:
            return self._token
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), name="google token")
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)  # whoever gives up waiting does not take it from the others

    def forget(self, token: str) -> None:
        """A token was refused: the next call asks for another, unless somebody has done so already."""
        if token == self._token:
            self._good_until = None

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> str:
        now = self._clock()
        request = self._http.build_request("POST", self._url, data=dict(self._grant(now)))
        try:
            response = await exchange(self._http, request)
        except Uncertain as error:
            raise Unavailable("connect", f"no token: {error.detail}") from error
        if not response.is_success:
            raise _refused(response)
        self._token, lifetime = _read(response)
        self._good_until = now + lifetime - MARGIN
        return self._token

    def _asked(self, task: asyncio.Task[str]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits any more


def by_refresh_token(
    http: httpx.AsyncClient, token_url: str, client_id: str, client_secret: str, refresh_token: str, clock: Clock
) -> TokenSource:
    """Tokens in the name of a person who has allowed it once."""
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    return TokenSource(http, token_url, lambda now: form, clock)


def by_service_account(
    http: httpx.AsyncClient, token_url: str, credentials: Mapping[str, Any], scope: str, clock: Clock
) -> TokenSource:
    """Tokens of a service account; `credentials` is its file, read as JSON (`client_email`, `private_key`,
    `private_key_id`). Raises `Misconfigured` when a token is asked for with a key that is none."""

    def grant(now: datetime) -> Mapping[str, str]:
        return {"grant_type": JWT_GRANT, "assertion": _assertion(credentials, scope, token_url, now)}

    return TokenSource(http, token_url, grant, clock)


def _assertion(credentials: Mapping[str, Any], scope: str, token_url: str, now: datetime) -> str:
    import jwt

    wish = {
        "iss": credentials.get("client_email"),
        "scope": scope,
        "aud": token_url,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
    }
    headers = {"kid": str(credentials["private_key_id"])} if credentials.get("private_key_id") else None
    try:
        return jwt.encode(wish, str(credentials.get("private_key", "")), algorithm="RS256", headers=headers)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Misconfigured("unauthorized", f"the private key is none: {type(error).__name__}") from error


def _refused(response: httpx.Response) -> SendError:
    """400 `invalid_grant` and `invalid_client` are ours to mend; without a token nothing was sent, whatever the 5xx."""
    found = failure(response)
    if isinstance(found, Unavailable):
        found.maybe_sent = False
        return found
    return Misconfigured("unauthorized", f"no token: {response.status_code} {clean(response.text)}")


def _read(response: httpx.Response) -> tuple[str, timedelta]:
    try:
        answer = response.json()
        return str(answer["access_token"]), timedelta(seconds=float(answer.get("expires_in", 0)))
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise Misconfigured("unauthorized", f"a token that can't be read: {type(error).__name__}") from error
