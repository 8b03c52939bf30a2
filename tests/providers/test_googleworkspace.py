"""Gmail's API against a server that answers as Gmail does."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from core.errors import Misconfigured, SendError, Unavailable
from core.model import Receipt
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.google_oauth import TokenSource, by_refresh_token
from core.providers.googleworkspace import GoogleWorkspace
from tests.providers.contract import KEY, MAIL, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, a_vendor, payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeTokens(TokenSource):
    """Google's tokens, without Google."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def token(self) -> str:
        return "ya29.token"

    def forget(self, token: str) -> None:
        self.forgotten.append(token)

    async def close(self) -> None: ...


def make(url: str, tokens: TokenSource | None = None) -> GoogleWorkspace:
    return GoogleWorkspace(http_client(TIMEOUT), tokens or FakeTokens(), url, "desk@example.org", lambda: NOW)


class TestGoogleWorkspace(ProviderContract):
    """The contract, in Gmail's words."""

    accepts = Answer(200, payload("googleworkspace/sent.json"))
    receipt = Receipt("18e0f1b2c3d4e5f6")
    refuses = Answer(400, payload("googleworkspace/invalid_to.json"))
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, payload("googleworkspace/unauthorized.json"))
    throttles = Answer(429, payload("googleworkspace/too_many.json"))
    unreadable = Answer(200, b"{}")

    def make(self, url: str) -> GoogleWorkspace:
        return make(url)

    async def test_sends_what_the_api_takes(self, provider: GoogleWorkspace, vendor: Vendor):
        """The whole mail in base64url, with its headers."""
        vendor.will(self.accepts)
        await provider.send(replace(self.message, subject="Grüße 🎉", text="???>>>ÿÿÿ"), KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/gmail/v1/users/me/messages/send")
        assert asked.headers["Authorization"] == "Bearer ya29.token"
        assert not {"+", "/"} & set(asked.json["raw"])
        mail = message_from_bytes(base64.urlsafe_b64decode(asked.json["raw"]), policy=default)
        assert (mail["From"], mail["To"]) == ("Postrider <desk@example.org>", "ada@example.org")
        assert mail["Subject"] == "Grüße 🎉"
        assert mail["List-Unsubscribe"] == "<https://desk.example.org/u/x>"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]

    @pytest.mark.parametrize(
        ("answer", "kind", "wait"),
        [
            (Answer(403, payload("googleworkspace/user_quota.json")), Unavailable, 90),
            (Answer(403, payload("googleworkspace/daily_quota.json")), Unavailable, 3600),
            (Answer(403, payload("googleworkspace/daily_quota.json"), {"Retry-After": "60"}), Unavailable, 60),
            (Answer(429, b""), Unavailable, None),
            (Answer(403, payload("googleworkspace/policy.json")), Misconfigured, None),
            (Answer(403, b'{"error": "none"}'), Misconfigured, None),
        ],
    )
    async def test_a_403_may_be_a_quota(
        self, provider: GoogleWorkspace, vendor: Vendor, answer: Answer, kind: type[SendError], wait: float | None
    ):
        """Its reasons tell it from a missing right."""
        vendor.will(answer)
        error = await self.fails(provider)
        assert (type(error), error.retry_after) == (kind, wait)

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (Answer(200, b'{"emailAddress": "desk@example.org"}'), None),
            (Answer(403, payload("googleworkspace/send_alone.json")), None),
            (Answer(403, payload("googleworkspace/policy.json")), Misconfigured),
            (Answer(403, payload("googleworkspace/user_quota.json")), Unavailable),
            (Answer(401, payload("googleworkspace/unauthorized.json")), Misconfigured),
            (Answer(503), Unavailable),
        ],
    )
    async def test_a_check_asks_whose_mailbox_it_is(
        self, provider: GoogleWorkspace, vendor: Vendor, answer: Answer, fault: type[SendError] | None
    ):
        """A token that may only send is not told, and is good."""
        vendor.will(answer)
        if fault:
            with pytest.raises(fault):
                await provider.check()
        else:
            await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/gmail/v1/users/me/profile")


async def test_a_token_that_google_refuses_is_replaced():
    """The next mail goes with a new one."""
    async with a_vendor() as google:
        tokens = by_refresh_token(http := http_client(1), f"{google.url}/token", "id", "secret", "1//r", lambda: NOW)
        gmail = make(google.url, tokens)
        first, second = (Answer(200, json.dumps({"access_token": n, "expires_in": 3599}).encode()) for n in "ab")
        google.will(first, TestGoogleWorkspace.unauthorized, second, TestGoogleWorkspace.accepts)
        with pytest.raises(Misconfigured):
            await gmail.send(MAIL, KEY)
        await gmail.send(MAIL, KEY)
        used = [one.headers["Authorization"] for one in google.asked if one.path.endswith("/send")]
        assert used == ["Bearer a", "Bearer b"]
        await gmail.close()
        await http.aclose()
        await gmail.http.aclose()


async def test_without_a_token_nothing_is_sent():
    """A lost answer to the question for it leaves nothing uncertain."""
    async with a_vendor() as google:
        tokens = by_refresh_token(http := http_client(1), google.url, "id", "secret", "1//r", lambda: NOW)
        gmail = make(google.url, tokens)
        google.will(Answer(500))
        with pytest.raises(Unavailable) as raised:
            await gmail.send(MAIL, KEY)
        assert (raised.value.maybe_sent, len(google.asked)) == (False, 1)
        await http.aclose()
        await gmail.http.aclose()


def test_it_says_nothing_more():
    """`sent` is all that is ever known: what comes back comes as mail."""
    gmail = make("http://127.0.0.1")
    assert not isinstance(gmail, Reporting)
    assert (gmail.can_poll, gmail.can_ask, gmail.reports_arrival) == (False, False, False)
