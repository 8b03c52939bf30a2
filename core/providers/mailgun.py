"""Mailgun's messages and events (docs: documentation.mailgun.com), and its webhooks.

A webhook's signature covers a timestamp and a token, not the report, and not where the one ends and the other begins.
So a signature is believed for a day and once: with another report it is somebody who has overheard it. Mailgun's event
log is late by up to half an hour, so it can't tell that a message never arrived; our key travels as a variable and
comes back with each report.
"""

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from core.errors import BadSignature, Misconfigured, Refused, SendError, Unavailable
from core.model import Channel, DeliveryEvent, EventType, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers import mailreports, mime
from core.providers.base import HttpProvider, answer_to, clean, probe
from core.providers.parts import Parts, needed, secret

EVENTS = {
    "accepted": EventType.SENT,
    "delivered": EventType.DELIVERED,
    "failed": EventType.BOUNCED,
    "rejected": EventType.FAILED,
    "opened": EventType.OPENED,
    "complained": EventType.COMPLAINED,
    "unsubscribed": EventType.UNSUBSCRIBED,
}
WITHOUT_A_TRY = {"suppress-bounce", "suppress-complaint", "suppress-unsubscribe"}  # reasons: it is on Mailgun's lists
GAVE_UP = "old"  # a reason: no mail server took it for hours
NEWS = ("complained", "failed", "rejected", "delivered")  # what a question is about, the weightiest first
GREETING = "Mailgun Magnificent API"
BAD_ADDRESS = re.compile(r"\bto'? parameter is not a valid address")
WAIT = re.compile(r"limit exceeded(?:, try again after (?P<moment>[^\"}]+))?")  # comes as 429, and as 420 and 400 too
SIGNED_AT = re.compile("[0-9]{10}")  # seconds since 1970; with digits of the token after it, another time
TOKENS = 10_000  # so many signatures are remembered


class Mailgun(HttpProvider):
    """One domain. Texts and links stay as they are: nothing is tracked."""

    name, channel = "mailgun", Channel.EMAIL
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_key: str,
        domain: str,
        base_url: str,
        sender: str,
        clock: Clock,
        signing_key: str | None = None,
    ) -> None:
        super().__init__(http)
        self._auth = httpx.BasicAuth("api", api_key)
        self._url = f"{base_url}/v3/{domain}"
        self._sender = sender
        self._clock = clock
        self._signing_key = signing_key
        self._tokens: OrderedDict[str, bytes] = OrderedDict()  # of which report each signed text was

    def reaches(self, to: str) -> bool:
        """Addresses in ASCII, though of any domain."""
        return mime.is_ascii_mailbox(to)

    def build(self, message: Message, key: str) -> httpx.Request:
        """A multipart form, as the API's description has it."""
        fields = {
            "from": mime.author_text(message, self._sender),
            "to": mime.address(message.to).addr_spec,
            "subject": mime.one_line(message.subject),
            "text": message.text,
            "o:tracking": "no",
            f"v:{mime.KEY}": key,
            **{f"h:{name}": value for name, value in mime.headers_of(message).items()},
        }
        if message.html:
            fields["html"] = message.html
        return self._request("POST", "/messages", files=[(name, (None, value)) for name, value in fields.items()])

    def receipt(self, response: httpx.Response) -> Receipt:
        """200 with the id in angle brackets, which reports leave out. An address that is none of the API's is answered
        by 200 too, with a greeting."""
        if GREETING in response.text:
            raise Misconfigured("http_404", "MAILGUN_DOMAIN or MAILGUN_BASE_URL is wrong")
        return Receipt(str(response.json()["id"]).strip("<>"))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """An address that is none; and limits, whose end stands in the message."""
        if BAD_ADDRESS.search(response.text):
            return Refused("invalid_address", clean(response.text), hard=True)
        found = WAIT.search(response.text)
        if not found or response.status_code >= 500:
            return None
        words = f"{response.status_code} {clean(response.text)}"
        return Unavailable("rate_limited", words, retry_after=_seconds_until(found["moment"], self._clock()))

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """The weightiest of what the event log has; needs a key that may read it, a domain's sending key may not."""
        request = self._request("GET", "/events", params={"message-id": message_id, "limit": 300})
        found = (await answer_to(self.http, request)).get("items", [])
        known = [one for one in found if isinstance(one, dict) and one.get("severity") != "temporary"]
        for kind in NEWS:
            for one in known:
                if one.get("event") == kind:
                    return self._event(one)
        return None

    async def check(self) -> None:
        """A message without recipient, sender and text: refused as such where the key is good. Reading anything would
        need more than a sending key."""
        await probe(self.http, self._request("POST", "/messages", files=[("o:testmode", (None, "yes"))]))

    async def verify(self, request: WebhookRequest) -> None:
        """HMAC-SHA256 of timestamp and token, by the domain's own key or its parent account's; each token for one
        report. Raises `BadSignature`."""
        if not self._signing_key:
            raise BadSignature("MAILGUN_WEBHOOK_SIGNING_KEY is not set")
        signature, report = _halves(request)
        timestamp = str(signature.get("timestamp", ""))
        signed = f"{timestamp}{signature.get('token', '')}"
        made = hmac.new(self._signing_key.encode(), signed.encode(), hashlib.sha256).hexdigest()
        given = [str(signature.get(name, "")) for name in ("signature", "parent-signature")]
        if not any(hmac.compare_digest(made.encode(), one.encode()) for one in given):
            raise BadSignature("the signature is not Mailgun's")
        if not SIGNED_AT.fullmatch(timestamp):
            raise BadSignature("signed at no time")
        now = self._clock()
        mailreports.fresh(mailreports.of_epoch(timestamp, now), now)
        self._once(signed, report)

    def parse(self, request: WebhookRequest) -> Reports:
        """One report."""
        event = self._event(_halves(request)[1])
        return Reports((event,) if event else ())

    def _event(self, one: Mapping[str, Any]) -> DeliveryEvent | None:
        kind = EVENTS.get(str(one.get("event")))
        if kind is None:
            return None
        kind, code, hard, words = _meaning(kind, one)
        headers = _part(_part(one, "message"), "headers")
        return DeliveryEvent(
            provider=self.name,
            event_id=_event_id(one),
            provider_message_id=str(headers.get("message-id", "")).strip("<>")[:255],
            type=kind,
            at=mailreports.of_epoch(one.get("timestamp"), self._clock()),
            code=code,
            detail=clean(words),
            hard=hard,
            key=str(_part(one, "user-variables").get(mime.KEY, ""))[:200],
        )

    def _once(self, signed: str, report: Mapping[str, Any]) -> None:
        digest = _digest(report)
        known = self._tokens.setdefault(signed, digest)
        if known != digest:
            raise BadSignature("this signature came with another report")
        while len(self._tokens) > TOKENS:
            self._tokens.popitem(last=False)

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        request = self.http.build_request(method, f"{self._url}{path}", **content)
        return next(self._auth.auth_flow(request))


def _meaning(kind: EventType, one: Mapping[str, Any]) -> tuple[EventType, str | None, bool, str]:
    """A report's type and code, whether it is for good, and in which words."""
    status = _part(one, "delivery-status")
    words = str(status.get("message") or status.get("description") or _part(one, "reject").get("reason") or "")
    reason = str(one.get("reason"))
    if kind is EventType.FAILED:
        return kind, "rejected", False, words
    if kind is not EventType.BOUNCED:
        return kind, None, False, words
    if one.get("severity") == "temporary":
        return EventType.DEFERRED, None, False, words
    if reason in WITHOUT_A_TRY:
        return EventType.FAILED, "suppressed", False, words
    if reason == GAVE_UP:
        return EventType.FAILED, "not_taken", False, words
    numbered = f"{status.get('enhanced-code') or ''} {words}"
    code, hard = mailreports.refused(numbered, hard=status.get("bounce-type") != "soft")
    return kind, code, hard, words


def _halves(request: WebhookRequest) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The signature and what was not signed."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}, {}
    return (_part(found, "signature"), _part(found, "event-data")) if isinstance(found, dict) else ({}, {})


def _part(one: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = one.get(name)
    return found if isinstance(found, dict) else {}


def _event_id(one: Mapping[str, Any]) -> str:
    """Mailgun's own ids are unique within a day only; the same report has the same id by webhook and by question."""
    return f"{one['id']}:{one.get('timestamp')}"[:255] if one.get("id") else _digest(one).hex()


def _digest(one: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(one, sort_keys=True).encode()).digest()


def _seconds_until(date: str | None, now: datetime) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date or "") - now).total_seconds())
    except (ValueError, TypeError):
        return None


def build(parts: Parts) -> Mailgun:
    """As the settings say."""
    ours = parts.settings.mailgun
    key = needed("MAILGUN_API_KEY", ours.api_key, "mailgun")
    domain = needed("MAILGUN_DOMAIN", ours.domain, "mailgun")
    return Mailgun(
        parts.http, key, domain, ours.base_url, parts.settings.sender_email, parts.clock,
        secret(ours.webhook_signing_key),
    )  # fmt: skip
