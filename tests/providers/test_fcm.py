"""Firebase Cloud Messaging against a server that answers as Google does."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.delivery.budget import Budget
from core.errors import Misconfigured, Refused, SettingsError, Unavailable
from core.model import Channel, Message, Receipt
from core.providers import fcm
from core.providers.base import http_client
from core.providers.fcm import Fcm
from core.providers.parts import Parts
from core.settings import Settings
from tests.conftest import NOW
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, a_vendor, payload

DEVICE = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1-a_device_of_the_tests"
BROWSER = '{"endpoint":"https://push.example.net/abc","keys":{"p256dh":"BP4z","auth":"BTBZ"}}'
NEWS = Message(Channel.PUSH, DEVICE, "Version 2 is ready.", subject="Your draft", url="https://t.me/desk_bot")
ID = "projects/my-project/messages/0:1500415314455276%31bd1c9631bd1c96"


class FakeTokens:
    """Google's tokens, without Google."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.is_closed = False

    async def token(self) -> str:
        return "ya29.token"

    def forget(self, token: str) -> None:
        self.forgotten.append(token)

    async def close(self) -> None:
        self.is_closed = True


class TestFcm(ProviderContract):
    """The contract, in Google's words."""

    message = NEWS
    accepts = Answer(200, payload("fcm/sent.json"))
    receipt = Receipt(ID)
    refuses = Answer(404, payload("fcm/unregistered.json"))
    refusal = ("unreachable", True)
    unauthorized = Answer(401, payload("fcm/unauthenticated.json"))
    throttles = Answer(429, payload("fcm/quota.json"), {"Retry-After": "7"})
    unavailable = Answer(503, payload("fcm/unavailable.json"))
    broken = Answer(500, payload("fcm/internal.json"))
    unreadable = Answer(200, b"{}")

    def make(self, url: str) -> Fcm:
        self.tokens = FakeTokens()
        return Fcm(http_client(TIMEOUT), self.tokens, url, "my-project", "Postrider")  # type: ignore[arg-type]

    async def test_sends_what_the_api_takes(self, provider: Fcm, vendor: Vendor):
        """For every platform; a repeated message replaces the first; all values of data are strings."""
        vendor.will(self.accepts)
        await provider.send(NEWS, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/v1/projects/my-project/messages:send")
        assert asked.headers["Authorization"] == "Bearer ya29.token"
        message = asked.json["message"]
        tag = message["android"]["notification"]["tag"]
        assert message == {
            "token": DEVICE,
            "notification": {"title": "Your draft", "body": "Version 2 is ready."},
            "data": {"key": KEY, "url": "https://t.me/desk_bot"},
            "android": {"priority": "HIGH", "ttl": "86400s", "notification": {"tag": tag}},
            "apns": {"headers": {"apns-collapse-id": tag}},
            "webpush": {"headers": {"TTL": "86400", "Topic": tag}, "fcmOptions": {"link": "https://t.me/desk_bot"}},
        }
        await provider.send(NEWS, "post:42:v4:email")
        assert vendor.asked[1].json["message"]["android"]["notification"]["tag"] != tag

    async def test_a_link_that_is_not_https_is_for_the_app_alone(self, provider: Fcm, vendor: Vendor):
        """Google refuses a message with such a link for browsers."""
        vendor.will(self.accepts)
        await provider.send(Message(Channel.PUSH, DEVICE, "Hello", url="http://127.0.0.1:8081"), KEY)
        message = vendor.asked[0].json["message"]
        assert message["data"]["url"] == "http://127.0.0.1:8081"
        assert "fcmOptions" not in message["webpush"]
        assert message["notification"]["title"] == "Postrider"

    @pytest.mark.parametrize("letter", ["x", "é", "🙂", '"', "\\"])
    async def test_a_long_text_is_cut_to_what_google_takes(self, provider: Fcm, vendor: Vendor, letter: str):
        """4,096 bytes, however many of them a letter has."""
        vendor.will(self.accepts)
        await provider.send(Message(Channel.PUSH, DEVICE, letter * 5_000 + "end", subject=letter * 5_000), KEY)
        message = vendor.asked[0].json["message"]
        shown = json.dumps([message["notification"], message["data"]], ensure_ascii=False).encode()
        assert 3_900 < len(shown) <= 4_096
        assert message["notification"]["body"].endswith("…")

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (Answer(403, payload("fcm/sender_id_mismatch.json")), "unreachable"),
            (Answer(400, payload("fcm/invalid_token.json")), "invalid_address"),
            (Answer(400, payload("fcm/invalid_token_field.json")), "invalid_address"),
        ],
    )
    async def test_a_token_that_is_none_of_this_project(self, provider: Fcm, vendor: Vendor, answer: Answer, code: str):
        """It will never be one."""
        vendor.will(answer)
        error = await self.fails(provider)
        assert isinstance(error, Refused)
        assert (error.code, error.hard) == (code, True)

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(400, payload("fcm/invalid_value.json")),
            Answer(404, b"<html>"),
            Answer(400, b'{"error": {"details": [7]}}'),
        ],
    )
    async def test_a_mistake_of_ours_blames_no_device(self, provider: Fcm, vendor: Vendor, answer: Answer):
        """Nor does an address that is not FCM's."""
        vendor.will(answer)
        assert isinstance(await self.fails(provider), Misconfigured)

    async def test_over_quota_without_a_word_on_how_long_is_a_minute(self, provider: Fcm, vendor: Vendor):
        """As Google's guide says."""
        vendor.will(Answer(429, payload("fcm/quota.json")))
        error = await self.fails(provider)
        assert isinstance(error, Unavailable)
        assert (error.code, error.retry_after) == ("rate_limited", 60)

    async def test_a_refused_token_of_ours_is_not_used_again(self, provider: Fcm, vendor: Vendor):
        """It may have been revoked before its time; another refusal says nothing about it."""
        vendor.will(self.unauthorized, Answer(400, b"{}"))
        await self.fails(provider)
        await self.fails(provider)
        assert self.tokens.forgotten == ["ya29.token"]

    async def test_is_checked_without_sending(self, provider: Fcm, vendor: Vendor):
        """By a message that is only looked at; what Google thinks of the message does not matter."""
        vendor.will(self.accepts, Answer(400, b"{}"), self.unauthorized, self.unavailable)
        await provider.check()
        assert vendor.asked[0].json["validateOnly"] is True
        await provider.check()
        for expected in (Misconfigured, Unavailable):
            with pytest.raises(expected):
                await provider.check()

    def test_reaches_devices_and_not_browsers(self):
        """Whose subscription is another provider's."""
        provider = self.make("http://127.0.0.1")
        assert provider.reaches(DEVICE)
        assert not any(
            provider.reaches(to) for to in (BROWSER, "https://push.example.net/abc", "short", "", DEVICE + "\n")
        )

    async def test_closing_stops_asking_for_tokens(self):
        """No task is left behind."""
        provider = self.make("http://127.0.0.1")
        await provider.close()
        assert self.tokens.is_closed


@pytest.fixture
async def google() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        yield vendor


@pytest.fixture(scope="module")
def account_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def account_file(folder: Path, key: rsa.RSAPrivateKey) -> Path:
    """A service account's key, as Google's console gives it."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "service-account.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account", "project_id": "my-project", "private_key_id": "k1",
                "private_key": private.decode(), "client_email": "desk@my-project.iam.gserviceaccount.com",
            }
        )
    )  # fmt: skip
    return path


def parts(url: str, **ours: Any) -> Parts:
    settings = Settings(
        _env_file=None, fcm={"project_id": "my-project", "base_url": url, "token_url": f"{url}/token", **ours}
    )
    return Parts(settings, http_client(TIMEOUT), Budget(25), lambda: NOW, Channel.PUSH)


async def test_built_from_a_service_account(google: Vendor, tmp_path: Path, account_key: rsa.RSAPrivateKey):
    """A token is asked for with a signed wish, once for many messages."""
    made = parts(google.url, credentials_file=str(account_file(tmp_path, account_key)))
    provider = fcm.build(made)
    token = Answer(200, b'{"access_token": "ya29.fresh", "expires_in": 3599, "token_type": "Bearer"}')
    google.will(token, Answer(200, payload("fcm/sent.json")))
    for _ in range(2):
        await provider.send(NEWS, KEY)
    assert [asked.path for asked in google.asked] == ["/token", *["/v1/projects/my-project/messages:send"] * 2]
    assert google.asked[2].headers["Authorization"] == "Bearer ya29.fresh"
    assertion = google.asked[0].body.decode().partition("assertion=")[2]
    wish = jwt.decode(
        assertion, account_key.public_key(), algorithms=["RS256"], audience=f"{google.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    assert wish["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    assert wish["iss"] == "desk@my-project.iam.gserviceaccount.com"
    await provider.close()
    await made.http.aclose()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "can't be read: No such file or directory"),
        ("not json", "is not JSON"),
        ('{"type": "authorized_user"}', "is not a service account's key"),
        ("[]", "is not a service account's key"),
    ],
)
async def test_a_file_that_is_no_key_is_one_clear_line(tmp_path: Path, content: str | None, why: str):
    """At the start, not at the first message."""
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    made = parts("http://127.0.0.1", credentials_file=str(path))
    with pytest.raises(SettingsError) as raised:
        fcm.build(made)
    assert str(raised.value).startswith(f"FCM_CREDENTIALS_FILE: {path} {why} (example: ")
    await made.http.aclose()
