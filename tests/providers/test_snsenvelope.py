"""Envelopes of Amazon SNS, signed here by a certificate that a pretend Amazon hands out."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from core.errors import BadSignature, SendError
from core.model import WebhookRequest
from core.providers.base import http_client
from core.providers.snsenvelope import KEPT, Envelopes, message_in
from tests.providers.vendor import payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:postrider"
AMAZON = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{AMAZON}/SimpleNotificationService-12345abcde.pem"
PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOTIFICATION: dict[str, Any] = json.loads(payload("amazonses/notification.json")) | {"Message": '{"a": "ü"}\n'}
CONFIRMATION: dict[str, Any] = json.loads(payload("amazonses/confirmation.json"))


def certificate(key: Any = PRIVATE_KEY) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return built.public_bytes(serialization.Encoding.PEM)


def signed(envelope: dict[str, Any], version: str = "1") -> dict[str, Any]:
    """As Amazon's page describes it: for a notification with a subject, and for the two others."""
    one = envelope
    if one["Type"] == "Notification":
        subject = f"Subject\n{one['Subject']}\n" if "Subject" in one else ""
        text = f"Message\n{one['Message']}\nMessageId\n{one['MessageId']}\n{subject}Timestamp\n{one['Timestamp']}\n"
        text += f"TopicArn\n{one['TopicArn']}\nType\nNotification\n"
    else:
        text = f"Message\n{one['Message']}\nMessageId\n{one['MessageId']}\nSubscribeURL\n{one['SubscribeURL']}\n"
        text += f"Timestamp\n{one['Timestamp']}\nToken\n{one['Token']}\nTopicArn\n{one['TopicArn']}\n"
        text += f"Type\n{one['Type']}\n"
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = PRIVATE_KEY.sign(text.encode(), padding.PKCS1v15(), algorithm)
    return one | {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


def asked(body: Any) -> WebhookRequest:
    """SNS posts its JSON as text."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "text/plain; charset=UTF-8"}
    return WebhookRequest("POST", "https://desk.example.org/webhooks/amazonses", headers, raw)


class Amazon:
    """Hands out certificates and takes confirmations; `fetched` are the addresses that were asked for."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.fetched: list[str] = []
        self.answer = answer or (lambda request: httpx.Response(200, content=certificate()))

    def envelopes(self, topic: str | None = TOPIC, own_url: str | None = None) -> Envelopes:
        return Envelopes(http_client(1, httpx.MockTransport(self._handle)), topic, own_url)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.fetched.append(str(request.url))
        return self.answer(request)


@pytest.fixture
def amazon() -> Amazon:
    return Amazon()


@pytest.mark.parametrize("version", ["1", "2"])
async def test_both_versions_of_the_signature_are_believed(amazon: Amazon, version: str):
    """The certificate is fetched once."""
    envelopes = amazon.envelopes()
    without_subject = {name: value for name, value in NOTIFICATION.items() if name != "Subject"}
    for envelope in (NOTIFICATION, without_subject, NOTIFICATION):
        await envelopes.verify(asked(signed(envelope, version)))
    assert amazon.fetched == [CERTIFICATE]


async def test_a_topic_that_asks_is_answered(amazon: Amazon):
    """Once its question is known to be Amazon's."""
    await amazon.envelopes().verify(asked(signed(CONFIRMATION)))
    assert amazon.fetched == [CERTIFICATE, CONFIRMATION["SubscribeURL"]]


async def test_a_goodbye_is_not_taken_back(amazon: Amazon):
    """Its address would subscribe us again."""
    await amazon.envelopes().verify(asked(signed(CONFIRMATION | {"Type": "UnsubscribeConfirmation"})))
    assert amazon.fetched == [CERTIFICATE]


ELSEWHERE = [
    "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
    "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
    "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
    "https://evil.example\\@sns.eu-west-1.amazonaws.com/x.pem",
    "https://someone@sns.eu-west-1.amazonaws.com/x.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
    "https://s3.eu-west-1.amazonaws.com/x.pem",
    "https://sns.a.b.amazonaws.com/x.pem",
    "https://sns.s3.amazonaws.com/SimpleNotificationService-12345abcde.pem",
    "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-12345abcde.pem",
    "http://sns.eu-west-1.amazonaws.com/x.pem",
    "http://127.0.0.1:9999/x.pem",
    "https://[/x.pem",
    "file:///etc/x.pem",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_nothing_is_fetched_from_elsewhere(amazon: Amazon, address: str):
    """Neither certificates nor what calls itself a confirmation: anybody could name any address of ours."""
    with pytest.raises(BadSignature):
        await amazon.envelopes().verify(asked(signed(NOTIFICATION | {"SigningCertURL": address})))
    assert amazon.fetched == []
    with pytest.raises(BadSignature):
        await amazon.envelopes().verify(asked(signed(CONFIRMATION | {"SubscribeURL": address})))
    assert amazon.fetched == [CERTIFICATE]


@pytest.mark.parametrize(
    "path",
    [
        "/?Action=GetTopicAttributes&X-Amz-Signature=12345abcde&x=.pem",
        "/SimpleNotificationService-12345abcde.pem?Action=GetTopicAttributes",
        "/?/SimpleNotificationService-12345abcde.pem",
        "/x.pem",
    ],
)
async def test_a_certificate_stands_where_amazon_keeps_them(amazon: Amazon, path: str):
    """SNS itself gives out what strangers wrote, to whoever asks with a query that they have signed."""
    with pytest.raises(BadSignature):
        await amazon.envelopes().verify(asked(signed(NOTIFICATION | {"SigningCertURL": AMAZON + path})))
    assert amazon.fetched == []


async def test_a_server_of_our_own_may_play_amazon(amazon: Amazon):
    """The one that the settings name, by scheme, host and port; no other."""
    envelopes = amazon.envelopes(own_url="http://127.0.0.1:5000/base")
    await envelopes.verify(asked(signed(NOTIFICATION | {"SigningCertURL": "http://127.0.0.1:5000/c.pem"})))
    with pytest.raises(BadSignature):
        await envelopes.verify(asked(signed(NOTIFICATION | {"SigningCertURL": "http://127.0.0.1:5001/c.pem"})))
    assert amazon.fetched == ["http://127.0.0.1:5000/c.pem"]


@pytest.mark.parametrize(
    "body",
    [
        signed(NOTIFICATION) | {"Message": '{"a": "changed"}'},
        signed(NOTIFICATION) | {"Timestamp": "2026-03-02T08:59:59.676Z"},
        signed(NOTIFICATION) | {"Subject": None},
        signed(NOTIFICATION) | {"Signature": "EXAMPLE-SIGNATURE=="},
        signed(NOTIFICATION) | {"Signature": "bm90IGEgc2lnbmF0dXJl"},
        signed(NOTIFICATION, "2") | {"SignatureVersion": "1"},
        signed(NOTIFICATION) | {"SignatureVersion": "3"},
        signed(NOTIFICATION) | {"Type": "Letter"},
        signed(NOTIFICATION) | {"SigningCertURL": f"{AMAZON}/"},
        signed(NOTIFICATION | {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:postrider"}),
        {"eventType": "Delivery"},
        [],
        b"\xff",
        b"[" * 100_000,
    ],
)
async def test_anything_else_is_a_bad_signature(amazon: Amazon, body: Any):
    """Also what Amazon signed for a topic of somebody else."""
    with pytest.raises(BadSignature):
        await amazon.envelopes().verify(asked(body))


async def test_without_a_topic_of_ours_any_is_read_that_amazon_signed(amazon: Amazon):
    """What it says counts by Amazon's own message id alone, which a stranger does not know."""
    theirs = signed(NOTIFICATION | {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:postrider"})
    await amazon.envelopes(None).verify(asked(theirs))
    with pytest.raises(BadSignature):
        await amazon.envelopes(None).verify(asked(theirs | {"TopicArn": TOPIC}))


@pytest.mark.parametrize("pem", [b"no certificate", certificate(ec.generate_private_key(ec.SECP256R1()))])
async def test_a_certificate_must_be_one_of_amazons_kind(pem: bytes):
    """And is not kept otherwise."""
    amazon = Amazon(lambda request: httpx.Response(200, content=pem))
    with pytest.raises(BadSignature):
        await amazon.envelopes().verify(asked(signed(NOTIFICATION)))


async def test_a_certificate_that_cannot_be_had_condemns_nothing():
    """Amazon shall bring the envelope again."""
    amazon = Amazon(lambda request: httpx.Response(503))
    envelopes = amazon.envelopes()
    with pytest.raises(SendError):
        await envelopes.verify(asked(signed(NOTIFICATION)))
    amazon.answer = lambda request: httpx.Response(200, content=certificate())
    await envelopes.verify(asked(signed(NOTIFICATION)))


async def test_a_confirmation_that_fails_is_asked_for_again():
    """Nothing would ever be reported otherwise."""
    amazon = Amazon(lambda r: httpx.Response(200 if r.url.path.endswith(".pem") else 500, content=certificate()))
    with pytest.raises(SendError):
        await amazon.envelopes().verify(asked(signed(CONFIRMATION)))


async def test_only_a_few_certificates_are_kept(amazon: Amazon):
    """Their addresses are not under the signature before it is checked."""
    envelopes = amazon.envelopes()
    for number in range(KEPT + 5):
        await envelopes.verify(
            asked(signed(NOTIFICATION | {"SigningCertURL": f"{AMAZON}/SimpleNotificationService-{number}.pem"}))
        )
    assert len(envelopes._keys) == KEPT


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        (NOTIFICATION, {"a": "ü"}),
        (NOTIFICATION | {"Message": "Successfully validated SNS topic for Amazon SES event publishing."}, {}),
        (NOTIFICATION | {"Message": "[1]"}, {}),
        (CONFIRMATION | {"Message": "{}"}, {}),
        ([], {}),
    ],
)
def test_only_notifications_hold_a_report(envelope: Any, message: dict[str, Any]):
    """Some hold words for people."""
    assert message_in(asked(envelope)) == message
