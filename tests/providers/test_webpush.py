"""Web Push: the standards' own examples, and a push service that answers as they say."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core.delivery.budget import Budget
from core.errors import Refused, SettingsError
from core.model import Channel, Message, Receipt
from core.providers import webpush
from core.providers.base import http_client
from core.providers.parts import Parts
from core.providers.subscription import Subscription, subscription_of
from core.providers.vapid import VapidKey, decoded, encoded, new_key, point_of
from core.providers.webpush import WebPush, payload
from core.settings import Settings
from tests.conftest import NOW
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Asked, Vendor, a_vendor

# RFC 8291, appendix A
RFC_PLAIN = b"When I grow up, I want to be a watermelon"
RFC_SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RFC_BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RFC_SALT, RFC_AUTH = "DGv6ra1nlYgDCS1FRnbzlw", "BTBZMqHH6r4Tts7J_aSIgg"
RFC_BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
ENDPOINT = "https://push.example.net/send/8Fq-secret?x=1"
AUTH = bytes(range(16))
VAPID = VapidKey(new_key())
DEVICE = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1-a_device_of_the_tests"


class FakeBrowser:
    """A browser's half: it can read what was written for it."""

    def __init__(self, endpoint: str = ENDPOINT) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.to = Subscription(endpoint, point_of(self.key), AUTH).text()

    def read(self, body: bytes) -> bytes:
        """By Mozilla's library, which knows nothing of ours."""
        plain: bytes = http_ece.decrypt(body, private_key=self.key, auth_secret=AUTH, version="aes128gcm")
        return plain


def named(asked: Asked) -> dict[str, str]:
    """Headers by their lower-case names."""
    return {name.lower(): value for name, value in asked.headers.items()}


BROWSER = FakeBrowser()
NEWS = Message(Channel.PUSH, BROWSER.to, "Version 2 is ready.", subject="Your draft", url="https://t.me/desk_bot")


class TestWebPush(ProviderContract):
    """The contract, as push services answer."""

    message = NEWS
    accepts = Answer(201, b"", {"Location": "https://push.example.net/message/qDIYHNcfAIPP_5ITvURr-d6BGt"})
    receipt = Receipt("qDIYHNcfAIPP_5ITvURr-d6BGt")
    refuses = Answer(410, b"push subscription has unsubscribed or expired.\n")
    refusal = ("unreachable", True)
    unauthorized = Answer(403, b"the VAPID credentials do not correspond to the credentials of the subscription\n")
    throttles = Answer(429, b"", {"Retry-After": "7"})

    def make(self, url: str) -> WebPush:
        return WebPush(http_client(TIMEOUT), VAPID, "mailto:desk@example.org", lambda: NOW, "Postrider", url)

    async def finish(self, provider: WebPush) -> None:  # type: ignore[override]
        await provider.http.aclose()

    async def test_sends_what_the_standards_ask_for(self, provider: WebPush, vendor: Vendor):
        """A time to live, an urgency, a topic that is the same for the same key and tells nothing of it."""
        vendor.will(self.accepts)
        for key in (KEY, KEY, "post:43:v1:push"):
            await provider.send(NEWS, key)
        first, again, other = vendor.asked
        assert (first.method, first.path) == ("POST", "/send/8Fq-secret?x=1")
        headers = named(first)
        assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("86400", "normal", "aes128gcm")
        assert len(headers["topic"]) == 32
        assert set(headers["topic"]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert named(again)["topic"] == headers["topic"] != named(other)["topic"]
        assert again.body != first.body

    async def test_only_the_browser_can_read_it(self, provider: WebPush, vendor: Vendor):
        """With Mozilla's library in the browser's place."""
        vendor.will(self.accepts)
        await provider.send(NEWS, KEY)
        body = vendor.asked[0].body
        assert b"draft" not in body
        assert json.loads(BROWSER.read(body)) == {
            "title": "Your draft",
            "text": "Version 2 is ready.",
            "url": "https://t.me/desk_bot",
            "tag": named(vendor.asked[0])["topic"],
        }

    async def test_says_who_it_is(self, provider: WebPush, vendor: Vendor):
        """To this push service only, for less than a day, signed with the key that browsers know (RFC 8292)."""
        vendor.will(self.accepts)
        await provider.send(NEWS, KEY)
        scheme, _, rest = vendor.asked[0].headers["Authorization"].partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert (scheme, fields["k"]) == ("vapid", VAPID.public)
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(fields["k"]))
        claims = jwt.decode(
            fields["t"], point, algorithms=["ES256"], audience="https://push.example.net",
            options={"verify_exp": False},
        )  # fmt: skip
        assert jwt.get_unverified_header(fields["t"]) == {"typ": "JWT", "alg": "ES256"}
        assert claims["sub"] == "mailto:desk@example.org"
        assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3600

    async def test_a_subscription_that_is_not_known_is_over_too(self, provider: WebPush, vendor: Vendor):
        """404, as some services say it."""
        vendor.will(Answer(404))
        assert (type(error := await self.fails(provider)), error.code) == (Refused, "unreachable")

    async def test_a_message_that_is_too_long_blames_nobody(self, provider: WebPush, vendor: Vendor):
        """Another one may go through."""
        vendor.will(Answer(413))
        error = await self.fails(provider)
        assert isinstance(error, Refused)
        assert (error.code, error.hard) == ("too_big", False)

    async def test_a_service_that_names_no_message_is_believed_all_the_same(self, provider: WebPush, vendor: Vendor):
        """Its 201 says enough."""
        vendor.will(Answer(201))
        receipt = await provider.send(NEWS, KEY)
        assert receipt.provider_message_id == named(vendor.asked[0])["topic"]

    @pytest.mark.parametrize(
        "to", ["{}", DEVICE, '{"endpoint":"https://a.example","keys":{"p256dh":"AAAA","auth":"AAAA"}}']
    )
    async def test_what_is_no_subscription_is_refused_unsent(self, provider: WebPush, vendor: Vendor, to: str):
        """It will never be one."""
        with pytest.raises(Refused) as raised:
            await provider.send(Message(Channel.PUSH, to, "Hello"), KEY)
        assert (raised.value.code, raised.value.hard, vendor.asked) == ("invalid_address", True, [])

    def test_reaches_browsers_and_not_devices(self):
        """Whose token is another provider's."""
        provider = self.make("http://127.0.0.1")
        assert provider.reaches(BROWSER.to)
        assert not any(provider.reaches(to) for to in (DEVICE, "https://push.example.net/abc", "{}", "[]", "", "null"))


@pytest.mark.parametrize("letter", ["x", "é", "🙂", '"', "\\"])
@pytest.mark.parametrize("length", [3_800, 4_000, 20_000])
def test_a_message_fits_its_record(letter: str, length: int):
    """4,096 bytes, of which as many as possible are used."""
    plain = payload(Message(Channel.PUSH, BROWSER.to, letter * length, subject=letter * length), KEY, "Postrider")
    assert json.loads(plain)["text"].strip("…")
    body = subscription_of(BROWSER.to).encrypt(plain)
    assert 4_085 <= len(body) <= 4_096
    assert BROWSER.read(body) == plain


def test_a_link_that_leaves_no_room_for_words_is_left_out():
    """The words matter more."""
    plain = payload(
        Message(Channel.PUSH, BROWSER.to, "Hello", url="https://a.example/" + "x" * 4_000), KEY, "Postrider"
    )
    assert json.loads(plain)["url"] == ""
    assert json.loads(plain)["text"] == "Hello"


def test_half_a_letter_does_not_stop_a_message():
    """UTF-8 has no lone surrogates."""
    assert b"?" in payload(Message(Channel.PUSH, BROWSER.to, "a \ud83d"), KEY, "Postrider")


def test_the_example_of_rfc_8291():
    """With its keys and salt, bit for bit."""
    sender = ec.derive_private_key(int.from_bytes(decoded(RFC_SENDER)), ec.SECP256R1())
    to = Subscription("https://push.example.net/", decoded(RFC_BROWSER), decoded(RFC_AUTH))
    assert encoded(to.encrypt(RFC_PLAIN, sender=sender, salt=decoded(RFC_SALT))) == RFC_BODY


def test_a_subscription_is_written_in_one_way():
    """However a browser orders and pads it, so that it is known again."""
    browser = json.loads(BROWSER.to)
    loose = json.dumps({"expirationTime": None, "keys": dict(reversed(browser["keys"].items())), **browser}, indent=2)
    assert subscription_of(loose.replace(browser["keys"]["auth"], browser["keys"]["auth"] + "==")).text() == BROWSER.to
    assert len(BROWSER.to) < 2048


@pytest.mark.parametrize(
    "text",
    [
        "", "no", "[]", "null", '{"endpoint":"https://a.example"}', '{"endpoint":"https://a.example","keys":[]}',
        json.dumps({"endpoint": "https://a.example", "keys": {"p256dh": encoded(bytes(65)), "auth": encoded(AUTH)}}),
        json.dumps({"endpoint": "https://a.example", "keys": {"p256dh": "ä", "auth": encoded(AUTH)}}),
        json.dumps({"endpoint": "https://a.example", "keys": json.loads(BROWSER.to)["keys"] | {"auth": "AAAA"}}),
    ],
)  # fmt: skip
def test_what_can_not_be_written_to_is_no_subscription(text: str):
    """No JSON, no keys, a key that is no point of the curve, a secret of the wrong length."""
    with pytest.raises(ValueError):  # noqa: PT011 - also those of the libraries
        subscription_of(text)


def test_a_new_key_is_one():
    """As the settings take it."""
    assert VapidKey(new_key()).public != VapidKey(new_key()).public
    assert len(decoded(VAPID.public)) == 65


# Built as the settings say --------------------------------------------------------------------------------------


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        vendor.will(Answer(201))
        yield vendor


def parts(**ours: str) -> Parts:
    values = {"vapid_private_key": new_key(), "subject": "mailto:desk@example.org", **ours}
    return Parts(Settings(_env_file=None, webpush=values), http_client(TIMEOUT), Budget(25), lambda: NOW, Channel.PUSH)


async def test_an_endpoint_inside_our_network_is_not_called(vendor: Vendor):
    """Whoever subscribes names it."""
    provider = webpush.build(parts())
    inside = FakeBrowser(f"http://localhost:{urlsplit(vendor.url).port}/send")
    for to in (inside.to, inside.to.replace("localhost", "127.0.0.1"), inside.to.replace("http:", "file:")):
        with pytest.raises(Refused) as raised:
            await provider.send(Message(Channel.PUSH, to, "Hello"), KEY)
        assert raised.value.code in ("forbidden_address", "invalid_address")
    assert vendor.asked == []
    await provider.close()


async def test_one_server_can_stand_in_for_all_push_services(vendor: Vendor):
    """The one of the setting."""
    made = parts(base_url=vendor.url)
    provider = webpush.build(made)
    await provider.send(NEWS, KEY)
    assert vendor.asked[0].path == "/send/8Fq-secret?x=1"
    await provider.close()
    assert not made.http.is_closed
    await made.http.aclose()


@pytest.mark.parametrize("key", ["AAAA", "_" * 43, "ä", "-----BEGIN EC PRIVATE KEY-----", "A" * 43])
def test_a_key_that_is_none_is_one_clear_line(key: str):
    """At the start."""
    with pytest.raises(SettingsError) as raised:
        webpush.build(parts(vapid_private_key=key))
    line = "WEBPUSH_VAPID_PRIVATE_KEY: is not a P-256 key in base64url (example: WEBPUSH_VAPID_PRIVATE_KEY="
    assert str(raised.value).startswith(line)
    assert key not in str(raised.value)
