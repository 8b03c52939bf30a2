"""MessageBird's SMS API, and its signed webhooks, which mostly are GETs (docs: developers.messagebird.com)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from core.errors import BadSignature, Misconfigured, Refused, SendError
from core.model import Channel, DeliveryEvent, EventType, InboundMessage, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers.base import HttpProvider, answer_to, clean, probe
from core.providers.parts import Parts, needed, secret
from core.providers.phones import callback, digits, e164, fields_of
from core.rendering.segments import Encoding, segments_of

SIGNATURE = "messagebird-signature-jwt"
ALGORITHMS = ["HS256", "HS384", "HS512"]
CLAIMS = ["iss", "nbf", "exp", "url_hash"]
SKEW = timedelta(seconds=1)  # two clocks are never quite the same
COMPACT = "%Y%m%d%H%M%S"  # of times from short codes
OUT_OF_CREDIT = 25
WRONG_PARAMETER = {9, 10}  # missing or wrong; which one stands beside it
RECIPIENTS = {"recipient", "recipients"}
EVENTS = {
    "sent": EventType.SENT,
    "buffered": EventType.DEFERRED,
    "delivered": EventType.DELIVERED,
    "expired": EventType.FAILED,
    "delivery_failed": EventType.FAILED,
}
# Error codes and reasons of reports: ours, and whether for good.
TROUBLES = {
    "1": ("invalid_address", True),
    "103": ("unsubscribed", True),
    "unknown subscriber": ("invalid_address", True),
    "opted out": ("unsubscribed", True),
    "incorrect number": ("invalid_address", False),
    "unavailable subscriber": ("absent", False),
    "expired": ("absent", False),
    "carrier rejected": ("carrier_filtered", False),
    "insufficient balance": ("out_of_credit", False),
}


class MessageBird(HttpProvider):
    """SMS. It takes no idempotency key; ours is the reference that comes back with the reports."""

    name, channel = "messagebird", Channel.SMS
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        access_key: str,
        originator: str,
        base_url: str,
        clock: Clock,
        signing_key: str | None = None,
        public_url: str | None = None,
    ) -> None:
        """`originator` is a number, or a name of at most 11 characters."""
        super().__init__(http)
        self._headers = {"Authorization": f"AccessKey {access_key}"}
        self._originator = digits(originator)
        self._url = base_url
        self._clock = clock
        self._signing_key = signing_key
        self._public_url = public_url

    def build(self, message: Message, key: str) -> httpx.Request:
        """JSON, numbers without a plus. Reports come only where there is a reference."""
        is_wide = segments_of(message.text).encoding is Encoding.UCS2
        content = {
            "originator": self._originator,
            "recipients": [digits(message.to)],
            "body": message.text,
            "datacoding": "unicode" if is_wide else "plain",
            "reference": key,
        }
        if address := callback(self._public_url, self.name):
            content["reportUrl"] = address
        return self.http.build_request("POST", f"{self._url}/messages", json=content, headers=self._headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """201 with the message's id."""
        return Receipt(str(response.json()["id"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A recipient that is none, or an empty account."""
        for error in _errors(response):
            if error.get("code") in WRONG_PARAMETER and error.get("parameter") in RECIPIENTS:
                return Refused("invalid_address", clean(str(error.get("description"))), hard=True)
            if error.get("code") == OUT_OF_CREDIT:
                return Misconfigured("out_of_credit", clean(str(error.get("description"))))
        return None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message; None while it is on its way."""
        request = self.http.build_request("GET", f"{self._url}/messages/{message_id}", headers=self._headers)
        found = await answer_to(self.http, request)
        items = (found.get("recipients") or {}).get("items") or [{}]
        told = {name: str(value) for name, value in items[0].items() if value is not None}
        return self._event(told, message_id, f"poll:{message_id}:{told.get('status')}")

    async def check(self) -> None:
        """The balance."""
        await probe(self.http, self.http.build_request("GET", f"{self._url}/balance", headers=self._headers))

    async def verify(self, request: WebhookRequest) -> None:
        """A JWT with the hashes of the address and of the body, good for about a minute; raises `BadSignature`."""
        import jwt

        if not self._signing_key:
            raise BadSignature("MESSAGEBIRD_SIGNING_KEY is not set")
        options: Any = {"require": CLAIMS, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            token = request.headers.get(SIGNATURE, "")
            claims = jwt.decode(token, self._signing_key, ALGORITHMS, options=options, issuer="MessageBird")
            begin, end = (datetime.fromtimestamp(float(claims[name]), UTC) for name in ("nbf", "exp"))
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError) as error:
            raise BadSignature(type(error).__name__) from error
        if not begin - SKEW <= self._clock() <= end + SKEW:
            raise BadSignature("the signature is of another time")
        _same(request.url.encode(), claims["url_hash"])
        if request.body or claims.get("payload_hash"):
            _same(request.body, claims.get("payload_hash"))

    def parse(self, request: WebhookRequest) -> Reports:
        """A report about a message of ours, or what somebody wrote to us."""
        told = fields_of(request)
        message_id = told.get("id", "")
        if "status" in told:
            event_id = f"{message_id}:{told['status']}:{told.get('statusDatetime', '')}"
            event = self._event(told, message_id, event_id)
            return Reports((event,) if event else ())
        sender = e164(told.get("originator", ""))
        if not (message_id and sender and "body" in told):
            return Reports()
        at = _time(told.get("createdDatetime") or told.get("receive_datetime")) or self._clock()
        return Reports(inbound=(InboundMessage(self.name, message_id[:255], Channel.SMS, sender, told["body"], at),))

    def _event(self, told: Mapping[str, str], message_id: str, event_id: str) -> DeliveryEvent | None:
        kind = EVENTS.get(told.get("status", ""))
        if kind is None or not message_id:
            return None
        reason, code = told.get("statusReason", ""), told.get("statusErrorCode", "")
        known = TROUBLES.get(code) or TROUBLES.get(reason.lower()) or TROUBLES.get(told["status"]) or (None, False)
        ours, hard = known if kind is EventType.FAILED else (None, False)
        return DeliveryEvent(
            self.name, event_id[:255], message_id[:255], kind, _time(told.get("statusDatetime")) or self._clock(),
            ours, clean(f"{code} {reason}") if kind is EventType.FAILED else "", hard=hard,
            key=told.get("reference", "")[:200],
        )  # fmt: skip


def _errors(response: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = response.json()["errors"]
    except (ValueError, LookupError, TypeError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _same(content: bytes, claimed: Any) -> None:
    """Make sure that a claim is the SHA-256 of something; raises `BadSignature`."""
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest().encode(), str(claimed).encode()):
        raise BadSignature("the request is not the one that was signed")


def _time(value: str | None) -> datetime | None:
    """`2023-07-27T00:49:29+00:00`, or `20230727004929` from a short code; both in UTC where they name no zone."""
    text = value or ""
    try:
        moment = datetime.strptime(text, COMPACT) if text.isdecimal() else datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def build(parts: Parts) -> MessageBird:
    """As the settings say."""
    ours = parts.settings.messagebird
    key = needed("MESSAGEBIRD_ACCESS_KEY", ours.access_key, "messagebird")
    originator = needed("MESSAGEBIRD_ORIGINATOR", ours.originator, "messagebird")
    return MessageBird(
        parts.http, key, originator, ours.base_url, parts.clock, secret(ours.signing_key), parts.settings.public_url
    )
