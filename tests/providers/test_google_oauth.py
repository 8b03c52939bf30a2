"""Google's tokens against a server that hands them out as Google does."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.errors import Misconfigured, SendError, Unavailable
from core.providers.base import http_client
from core.providers.google_oauth import TokenSource, by_refresh_token, by_service_account
from tests.providers.contract import TIMEOUT
from tests.providers.vendor import DROP, HANG, Answer, Vendor, a_vendor, closed_port, payload

PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
ACCOUNT = {"client_email": "desk@project.iam.gserviceaccount.com", "private_key": PEM, "private_key_id": "key-1"}
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        yield vendor


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(TIMEOUT) as http:
        yield http


@pytest.fixture
def tokens(vendor: Vendor, http: httpx.AsyncClient, watch: Watch) -> TokenSource:
    return by_refresh_token(http, f"{vendor.url}/token", "client", "secret", "1//refresh", watch)


def token(name: str, expires_in: Any = 3599) -> Answer:
    return Answer(200, json.dumps({"access_token": name, "expires_in": expires_in, "token_type": "Bearer"}).encode())


async def test_a_refresh_token_is_exchanged(tokens: TokenSource, vendor: Vendor):
    """A form, as OAuth has it."""
    vendor.will(Answer(200, payload("googleworkspace/token.json")))
    assert await tokens.token() == "ya29.a0AfB_byC"
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("POST", "/token")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["refresh_token"], "client_id": ["client"], "client_secret": ["secret"],
        "refresh_token": ["1//refresh"],
    }  # fmt: skip


async def test_a_token_is_kept_until_its_last_minute(tokens: TokenSource, vendor: Vendor, watch: Watch):
    """It would end on its way."""
    vendor.will(token("first"), token("second"))
    assert await tokens.token() == "first"
    watch.wait(3599 - 61)
    assert await tokens.token() == "first"
    watch.wait(2)
    assert await tokens.token() == "second"
    assert len(vendor.asked) == 2


async def test_whoever_asks_meanwhile_waits_for_the_same_token(tokens: TokenSource, vendor: Vendor):
    """A thousand mails cost one question."""
    vendor.will(token("first"), token("second"))
    assert set(await asyncio.gather(*(tokens.token() for _ in range(50)))) == {"first"}
    assert len(vendor.asked) == 1


async def test_whoever_gives_up_does_not_take_it_from_the_others(tokens: TokenSource, vendor: Vendor):
    """The question goes on."""
    vendor.will(token("first"))
    hasty, patient = asyncio.create_task(tokens.token()), asyncio.create_task(tokens.token())
    await asyncio.sleep(0)
    hasty.cancel()
    assert await patient == "first"
    assert len(vendor.asked) == 1


async def test_a_refused_token_is_not_used_again(tokens: TokenSource, vendor: Vendor):
    """Unless somebody has another by now."""
    vendor.will(token("first"), token("second"), token("third"))
    tokens.forget(await tokens.token())
    assert await tokens.token() == "second"
    tokens.forget("first")
    assert await tokens.token() == "second"


async def test_a_token_without_an_end_is_used_once(tokens: TokenSource, vendor: Vendor):
    """Nobody knows how long it is good."""
    vendor.will(Answer(200, b'{"access_token": "first"}'), token("second"))
    assert [await tokens.token(), await tokens.token()] == ["first", "second"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, payload("googleworkspace/revoked.json")), Misconfigured),
        (Answer(401, b'{"error": "invalid_client"}'), Misconfigured),
        (Answer(200, b"<html>"), Misconfigured),
        (Answer(200, b'{"access_token": "x", "expires_in": "soon"}'), Misconfigured),
        (token("x", 1e300), Misconfigured),
        (Answer(429), Unavailable),
        (Answer(500), Unavailable),
        (Answer(503), Unavailable),
        (HANG, Unavailable),
        (DROP, Unavailable),
    ],
)
async def test_without_a_token_nothing_was_sent(
    tokens: TokenSource, vendor: Vendor, answer: Answer, kind: type[SendError]
):
    """So nothing is uncertain; and the next one asks again."""
    vendor.will(answer, token("good"))
    with pytest.raises(kind) as raised:
        await tokens.token()
    assert not getattr(raised.value, "maybe_sent", False)
    assert await tokens.token() == "good"


async def test_a_failure_is_everybodys_who_waited(tokens: TokenSource, vendor: Vendor):
    """They don't ask one after the other, each for its own ten seconds."""
    vendor.will(HANG)
    answers = await asyncio.gather(*(tokens.token() for _ in range(20)), return_exceptions=True)
    assert {type(one) for one in answers} == {Unavailable}
    assert len(vendor.asked) == 1


async def test_nobody_there(http: httpx.AsyncClient, watch: Watch):
    """May be tried again."""
    with pytest.raises(Unavailable):
        await by_refresh_token(http, f"http://127.0.0.1:{closed_port()}", "c", "s", "r", watch).token()


async def test_closing_stops_the_question(tokens: TokenSource, vendor: Vendor):
    """A process that ends waits for nobody."""
    vendor.will(HANG)
    waiting = asyncio.create_task(tokens.token())
    await asyncio.sleep(0.05)
    await tokens.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await tokens.close()


async def test_a_service_account_signs_its_wish(vendor: Vendor, http: httpx.AsyncClient, watch: Watch):
    """RS256, for an hour, by the key that Google knows."""
    vendor.will(token("first"))
    url = f"{vendor.url}/token"
    assert await by_service_account(http, url, ACCOUNT, SCOPE, watch).token() == "first"
    form = parse_qs(vendor.asked[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    (assertion,) = form["assertion"]
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "kid": "key-1", "typ": "JWT"}
    now = int(watch.now.timestamp())
    unchecked = {"verify_exp": False, "verify_iat": False}
    told = jwt.decode(assertion, PRIVATE_KEY.public_key(), algorithms=["RS256"], audience=url, options=unchecked)
    assert told == {
        "iss": ACCOUNT["client_email"], "scope": SCOPE, "aud": url, "iat": now, "exp": now + 3600,
    }  # fmt: skip


BROKEN: list[dict[str, Any]] = [{}, ACCOUNT | {"private_key": "no key"}, ACCOUNT | {"private_key": None}]


@pytest.mark.parametrize("account", BROKEN)
async def test_a_key_that_is_none_is_our_fault(
    vendor: Vendor, http: httpx.AsyncClient, watch: Watch, account: dict[str, Any]
):
    """And nothing is asked with it."""
    with pytest.raises(Misconfigured):
        await by_service_account(http, vendor.url, account, SCOPE, watch).token()
    assert vendor.asked == []
