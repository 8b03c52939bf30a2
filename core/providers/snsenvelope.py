"""The envelope in which Amazon SNS brings reports: is it Amazon's, from our topic, and what is in it.

Source: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Amazon's signature alone proves little,
since anybody may have a topic and point it at us: the settings may name the one topic that is believed.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from core.errors import BadSignature
from core.model import WebhookRequest
from core.providers.base import exchange, failure

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

# A region and nothing else: `sns.s3.amazonaws.com` and its like are anybody's bucket.
HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+)+-\d+\.amazonaws\.com(\.cn)?")
# No query: by one, SNS answers with what strangers have written into a topic of theirs, a certificate perhaps.
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]+\.pem")
NOTIFICATION, CONFIRMATION = "Notification", "SubscriptionConfirmation"
SIGNED = {  # the fields under the signature, in its order; a field that is missing is left out
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
KEPT = 10  # certificates: Amazon has one at a time


class Envelopes:
    """Opens what comes from a topic, any where it is None. `own_url` is a server that plays Amazon's part, where the
    settings name one: its certificates are believed too, since it gets our mails anyway."""

    def __init__(self, http: httpx.AsyncClient, topic: str | None, own_url: str | None = None) -> None:
        self._http = http
        self._topic = topic
        self._own = httpx.URL(own_url) if own_url else None
        self._keys: dict[str, RSAPublicKey] = {}

    async def verify(self, request: WebhookRequest) -> None:
        """Raises `BadSignature` for what is not from our topic, `SendError` where Amazon could not be asked. A topic
        that asks whether we want its messages is answered."""
        found = envelope_of(request)
        if self._topic and found.get("TopicArn") != self._topic:
            raise BadSignature("from another topic")
        await self._verify_signature(found)
        if found["Type"] == CONFIRMATION:
            await self._get(str(found.get("SubscribeURL")))

    async def _verify_signature(self, found: Mapping[str, Any]) -> None:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        versions = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - Amazon's choice where a topic has no other
        version = versions.get(str(found.get("SignatureVersion")))
        if version is None:
            raise BadSignature("a signature of an unknown version")
        key = await self._key(str(found.get("SigningCertURL")))
        try:
            signature = base64.b64decode(str(found.get("Signature")).encode(), validate=True)
            key.verify(signature, signed_text(found), PKCS1v15(), version)
        except (InvalidSignature, binascii.Error) as error:
            raise BadSignature("the signature is not Amazon's") from error

    async def _key(self, url: str) -> "RSAPublicKey":
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

        if url in self._keys:
            return self._keys[url]
        where = _url(url)
        if not (self._is_our_own(where) or CERTIFICATE.fullmatch(where.raw_path.decode())):
            raise BadSignature("the certificate is none")
        try:
            key = x509.load_pem_x509_certificate((await self._get(url)).content).public_key()
        except ValueError as error:
            raise BadSignature("the certificate can't be read") from error
        if not isinstance(key, RSAPublicKey):
            raise BadSignature("the certificate is of another kind")
        while len(self._keys) >= KEPT:
            self._keys.pop(next(iter(self._keys)))
        self._keys[url] = key
        return key

    async def _get(self, address: str) -> httpx.Response:
        """A page of SNS itself: no other is ever fetched because somebody's envelope says so."""
        url = _url(address)
        if not (self._is_amazons(url) or self._is_our_own(url)):
            raise BadSignature("an address that is not Amazon's")
        response = await exchange(self._http, self._http.build_request("GET", url))
        if not response.is_success:
            raise failure(response)
        return response

    def _is_amazons(self, url: httpx.URL) -> bool:
        is_plain = url.scheme == "https" and url.port is None and not url.userinfo
        return is_plain and HOST.fullmatch(url.host) is not None

    def _is_our_own(self, url: httpx.URL) -> bool:
        ours = self._own
        return ours is not None and (url.scheme, url.host, url.port) == (ours.scheme, ours.host, ours.port)


def _url(address: str) -> httpx.URL:
    try:
        return httpx.URL(address)
    except httpx.InvalidURL as error:
        raise BadSignature("an address that is none") from error


def envelope_of(request: WebhookRequest) -> Mapping[str, Any]:
    """The envelope, which comes as text/plain; empty where the body is none."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def message_in(request: WebhookRequest) -> Mapping[str, Any]:
    """The report in a notification's envelope; empty where it holds words for people, or none."""
    found = envelope_of(request)
    if found.get("Type") != NOTIFICATION:
        return {}
    try:
        message = json.loads(str(found.get("Message")))
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def signed_text(found: Mapping[str, Any]) -> bytes:
    """What the signature is made over: names and values, a line each. Raises `BadSignature` for an unknown type."""
    fields = SIGNED.get(str(found.get("Type")))
    if fields is None:
        raise BadSignature("an envelope of an unknown type")
    return "".join(f"{name}\n{found[name]}\n" for name in fields if found.get(name) is not None).encode()
