"""Postmark's transactional mail (docs: postmarkapp.com/developer), and its webhooks.

The webhooks are unsigned: they prove themselves by the name and password in the address that Postmark was given. Our
key travels as metadata; it comes back with reports, and messages can be looked up by it.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from core.errors import BadSignature, Misconfigured, Refused, SendError, Unavailable
from core.model import Channel, DeliveryEvent, EventType, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers import mailreports, mime
from core.providers.base import HttpProvider, answer_to, clean, probe, wait_of
from core.providers.parts import Parts, needed, secret

EVENTS = {
    "Delivery": EventType.DELIVERED,
    "Open": EventType.OPENED,
    "Bounce": EventType.BOUNCED,
    "SpamComplaint": EventType.COMPLAINED,
    "SubscriptionChange": EventType.UNSUBSCRIBED,
}
# What a bounce's Type says (postmarkapp.com/developer/api/bounce-api): type, code, whether for good. Types that are
# about no message of ours, like an absent person's answer, are left out.
BOUNCES: Mapping[str, tuple[EventType, str | None, bool]] = {
    "HardBounce": (EventType.BOUNCED, "bounced", True),
    "BadEmailAddress": (EventType.BOUNCED, "invalid_address", True),
    "SoftBounce": (EventType.BOUNCED, "bounced", False),
    "Blocked": (EventType.BOUNCED, "content_refused", False),
    "DMARCPolicy": (EventType.BOUNCED, "content_refused", False),
    "VirusNotification": (EventType.BOUNCED, "content_refused", False),
    "SpamNotification": (EventType.BOUNCED, "content_refused", False),  # a filter's word, not the reader's
    "Transient": (EventType.DEFERRED, None, False),
    "DnsError": (EventType.DEFERRED, None, False),
    "OpenRelayTest": (EventType.DEFERRED, None, False),
    "SpamComplaint": (EventType.COMPLAINED, None, False),
    "Unsubscribe": (EventType.UNSUBSCRIBED, None, False),
    "ManualSuppression": (EventType.UNSUBSCRIBED, None, False),
    "ManuallyDeactivated": (EventType.FAILED, "suppressed", False),
    "SMTPApiError": (EventType.FAILED, "rejected", False),
}
# Error codes (postmarkapp.com/developer/api/overview), which come with 422 and may come with 200.
INVALID, INACTIVE = 300, 406
OURS = {10: "unauthorized", 400: "sender_refused", 401: "sender_refused", 405: "out_of_credit", 412: "suspended",
        413: "suspended"}  # fmt: skip
LATER = {100: "unavailable", 429: "rate_limited"}
ABOUT_TO = re.compile(r"'To'")  # 300 is about any field; its words name it
MOMENTS = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")
VALUE = 80  # characters that a metadata value may have


class Postmark(HttpProvider):
    """One server there. Texts and links stay as they are: nothing is tracked."""

    name, channel = "postmark", Channel.EMAIL
    can_ask = can_poll = reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str,
        base_url: str,
        sender: str,
        clock: Clock,
        login: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """`login` is the name and the password in the webhooks' address."""
        super().__init__(http)
        self._headers = {"X-Postmark-Server-Token": token, "Accept": "application/json"}
        self._url = base_url
        self._sender = sender
        self._clock = clock
        self._login = login

    def reaches(self, to: str) -> bool:
        """Addresses in ASCII, though of any domain."""
        return mime.is_ascii_mailbox(to)

    def build(self, message: Message, key: str) -> httpx.Request:
        """JSON, with our key where it is not too long for a metadata value."""
        body = {
            "From": mime.author_text(message, self._sender),
            "To": mime.address(message.to).addr_spec,
            "Subject": mime.one_line(message.subject),
            "TextBody": message.text,
            "HtmlBody": message.html,
            "Headers": [{"Name": name, "Value": value} for name, value in mime.headers_of(message).items()],
            "Metadata": {mime.KEY: key} if len(key) <= VALUE else {},
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        return self._request("POST", "/email", json={name: value for name, value in body.items() if value is not None})

    def receipt(self, response: httpx.Response) -> Receipt:
        """200 and ErrorCode 0; any other code is a refusal all the same."""
        found = response.json()
        if found["ErrorCode"] != 0:
            raise self.refusal(response) or Misconfigured(f"http_{response.status_code}", clean(response.text))
        return Receipt(str(found["MessageID"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """By the error code; a 300 blames the recipient only where its words name that field."""
        code, words = _error_of(response)
        if code == INACTIVE:
            return Refused("suppressed", clean(words), hard=True)
        if code == INVALID and ABOUT_TO.search(words):
            return Refused("invalid_address", clean(words), hard=True)
        if code in OURS:
            return Misconfigured(OURS[code], f"{code} {clean(words)}")
        if code in LATER:
            return Unavailable(LATER[code], f"{code} {clean(words)}", retry_after=wait_of(response.headers))
        return None

    async def find(self, to: str, key: str) -> Receipt | None:
        """The message that was taken with our key."""
        if len(key) > VALUE:
            return None
        params = {"count": 50, "offset": 0, "recipient": mime.address(to).addr_spec, f"metadata_{mime.KEY}": key}
        found = await answer_to(self.http, self._request("GET", "/messages/outbound", params=params))
        for one in found.get("Messages") or ():
            if _part(one, "Metadata").get(mime.KEY) == key:
                return Receipt(str(one.get("MessageID", "")))
        return None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """Whether it came back or arrived; None while it is under way."""
        details = await answer_to(self.http, self._request("GET", f"/messages/outbound/{message_id}/details"))
        events = {str(one.get("Type")): one for one in details.get("MessageEvents") or () if isinstance(one, dict)}
        told = {"MessageID": message_id, "Metadata": details.get("Metadata")}
        if bounce_id := _part(events.get("Bounced", {}), "Details").get("BounceID"):
            bounce = await answer_to(self.http, self._request("GET", f"/bounces/{bounce_id}"))
            if event := self._event({**bounce, **told, "RecordType": "Bounce"}):
                return event
        if delivered := events.get("Delivered"):
            words = _part(delivered, "Details").get("DeliveryMessage")
            at = delivered.get("ReceivedAt")
            return self._event({**told, "RecordType": "Delivery", "DeliveredAt": at, "Details": words})
        return None

    async def check(self) -> None:
        """The server's own settings."""
        await probe(self.http, self._request("GET", "/server"))

    async def verify(self, request: WebhookRequest) -> None:
        """Name and password; raises `BadSignature`."""
        user, password = self._login
        if not user or not password:
            raise BadSignature("POSTMARK_WEBHOOK_USER and POSTMARK_WEBHOOK_PASSWORD are not set")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            login = base64.b64decode(given.encode(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadSignature("the login can't be read") from error
        if scheme.lower() != "basic" or not hmac.compare_digest(login, f"{user}:{password}".encode()):
            raise BadSignature("the name or the password is wrong")

    def parse(self, request: WebhookRequest) -> Reports:
        """One report."""
        found = json.loads(request.body)
        event = self._event(found) if isinstance(found, dict) else None
        return Reports((event,) if event else ())

    def _event(self, one: Mapping[str, Any]) -> DeliveryEvent | None:
        meaning = _meaning(one)
        if meaning is None:
            return None
        kind, code, hard = meaning
        at = str(next((one[name] for name in MOMENTS if one.get(name)), ""))
        subject = one.get("ID") or one.get("MessageID")
        return DeliveryEvent(
            provider=self.name,
            event_id=f"{one['RecordType']}:{subject}:{at}"[:255],
            provider_message_id=str(one.get("MessageID", ""))[:255],
            type=kind,
            at=mailreports.of_iso(at, self._clock()),
            code=code,
            detail=clean(str(one.get("Details") or one.get("Description") or "")),
            hard=hard,
            key=str(_part(one, "Metadata").get(mime.KEY, ""))[:200],
        )

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        return self.http.build_request(method, f"{self._url}{path}", headers=self._headers, **content)


def _meaning(one: Mapping[str, Any]) -> tuple[EventType, str | None, bool] | None:
    """What a report says; None where it says nothing about a delivery."""
    record = str(one.get("RecordType"))
    if record in ("Bounce", "SpamComplaint"):
        return BOUNCES.get(str(one.get("Type")))
    if record == "SubscriptionChange":
        return BOUNCES.get(str(one.get("SuppressionReason"))) if one.get("SuppressSending") is True else None
    kind = EVENTS.get(record)
    return (kind, None, False) if kind else None


def _error_of(response: httpx.Response) -> tuple[int, str]:
    try:
        found = response.json()
        return int(found["ErrorCode"]), str(found.get("Message", ""))
    except (ValueError, LookupError, TypeError):
        return 0, ""


def _part(one: Any, name: str) -> Mapping[str, Any]:
    found = one.get(name) if isinstance(one, dict) else None
    return found if isinstance(found, dict) else {}


def build(parts: Parts) -> Postmark:
    """As the settings say."""
    ours = parts.settings.postmark
    token = needed("POSTMARK_SERVER_TOKEN", ours.server_token, "postmark")
    login = (ours.webhook_user, secret(ours.webhook_password))
    return Postmark(parts.http, token, ours.base_url, parts.settings.sender_email, parts.clock, login)
