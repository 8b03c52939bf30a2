"""Amazon SES v2 (docs: docs.aws.amazon.com/ses/latest/APIReference-V2), and its reports, which come by way of SNS.

Our key travels as a tag. A tag's value has letters, digits, - and _ only, so it is in base64url.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from core.errors import Misconfigured, Refused, SendError, Unavailable
from core.model import Channel, DeliveryEvent, EventType, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers import mailreports, mime
from core.providers.aws import endpoint, signed
from core.providers.base import HttpProvider, answer_to, clean, exchange, failure, wait_of
from core.providers.parts import Parts, needed
from core.providers.snsenvelope import Envelopes, envelope_of, message_in

EVENTS = {
    "Send": EventType.SENT,
    "Delivery": EventType.DELIVERED,
    "DeliveryDelay": EventType.DEFERRED,
    "Bounce": EventType.BOUNCED,
    "Complaint": EventType.COMPLAINED,
    "Reject": EventType.FAILED,  # SES has found a virus
    "Open": EventType.OPENED,
}
DETAILS = {"DeliveryDelay": "deliveryDelay"}  # where a report's details are; else its kind in lower case
ASKED = {"COMPLAINT": "Complaint", "BOUNCE": "Bounce", "REJECT": "Reject", "DELIVERY": "Delivery"}  # weightiest first
BOUNCES = {  # bounceSubType: our code
    "NoEmail": "invalid_address",
    "MailboxFull": "mailbox_full",
    "MessageTooLarge": "too_big",
    "ContentRejected": "content_refused",
    "AttachmentRejected": "content_refused",
    "Suppressed": "suppressed",
    "OnAccountSuppressionList": "suppressed",
}
# Errors by name (API_SendEmail.html, CommonErrors.html). MessageRejected is about our sender or our content.
OURS = {
    "MessageRejected": "content_refused",
    "MailFromDomainNotVerifiedException": "sender_refused",
    "AccountSuspendedException": "suspended",
    "SendingPausedException": "suspended",
}
LATER = {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}
BAD_ADDRESS = re.compile(r"Missing final '@domain'|Missing domain|(Domain|Local address) contains control")
NOT_VERIFIED = "not verified"
TAG = 256  # characters


class AmazonSes(HttpProvider):
    """One region of one account."""

    name, channel = "amazonses", Channel.EMAIL
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        key: tuple[str, str],
        region: str,
        base_url: str | None,
        sender: str,
        clock: Clock,
        topic: str | None = None,
    ) -> None:
        """`key` is an access key's id and its secret; `topic` the ARN of the SNS topic that reports come from:
        without it a report is matched by SES's own message id alone, which no stranger knows. Without `base_url`, the
        region's own."""
        super().__init__(http)
        self._key = key
        self._region = region
        self._url = endpoint(base_url, "email", region)
        self._sender = sender
        self._clock = clock
        self._topic = topic
        self._envelopes = Envelopes(http, topic, base_url)

    def reaches(self, to: str) -> bool:
        """Addresses in ASCII, though of any domain: SES has no SMTPUTF8."""
        return mime.is_ascii_mailbox(to)

    def build(self, message: Message, key: str) -> httpx.Request:
        """The whole mail, signed: its sender and its headers stand in it."""
        mail = mime.built(message, self._sender, key, self._clock())
        body = {
            "Destination": {"ToAddresses": [mail["To"].addresses[0].addr_spec]},
            "Content": {"Raw": {"Data": base64.b64encode(mime.as_bytes(mail)).decode()}},
        }
        tag = _encoded(key)
        if len(tag) <= TAG:
            body |= {"EmailTags": [{"Name": mime.KEY, "Value": tag}]}
        return self._request("POST", "/v2/email/outbound-emails", json=body)

    def receipt(self, response: httpx.Response) -> Receipt:
        """200 with the id."""
        return Receipt(str(response.json()["MessageId"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """By the error's name, which stands in a header, else in the body."""
        name = _error_of(response)
        words = f"{name} {clean(response.text)}"
        if name == "BadRequestException" and BAD_ADDRESS.search(response.text):
            return Refused("invalid_address", words, hard=True)
        if name in LATER:
            return Unavailable("rate_limited", words, retry_after=wait_of(response.headers))
        if name == "MessageRejected" and NOT_VERIFIED in response.text:
            return Misconfigured("sender_refused", words)
        return Misconfigured(OURS[name], words) if name in OURS else None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """The weightiest of a message's insights; SES keeps them where its Virtual Deliverability Manager is on."""
        request = self._request("GET", f"/v2/email/insights/{quote(message_id, safe='')}/")
        found = await answer_to(self.http, request)
        events = [one for insight in _list(found, "Insights") for one in _list(insight, "Events")]
        tags = {str(one.get("Name")): one.get("Value") for one in _list(found, "EmailTags")}
        for told, kind in ASKED.items():
            for one in events:
                if one.get("Type") == told and (meaning := _meaning(kind, _insight(one))):
                    at = mailreports.of_epoch(one.get("Timestamp"), self._clock())
                    event_id, key = f"poll:{message_id}:{told}", _decoded(tags.get(mime.KEY))
                    return DeliveryEvent(self.name, event_id, message_id, meaning[0], at, *meaning[1:], key=key)
        return None

    async def check(self) -> None:
        """The account. A key that may do nothing but send is good too; an account that may not send is not."""
        response = await exchange(self.http, self._request("GET", "/v2/email/account"))
        if _error_of(response).startswith("AccessDenied"):
            return
        if response.status_code in (401, 403) or response.status_code >= 500:
            raise failure(response)
        if _json(response).get("SendingEnabled") is False:
            raise Misconfigured("suspended", "sending is not enabled for this account")

    async def verify(self, request: WebhookRequest) -> None:
        """Raises `BadSignature`, or a `SendError` where Amazon's certificate could not be had."""
        await self._envelopes.verify(request)

    def parse(self, request: WebhookRequest) -> Reports:
        """One report, by event publishing (`eventType`) or by feedback notifications (`notificationType`)."""
        message = message_in(request)
        kind = str(message.get("eventType") or message.get("notificationType"))
        mail, details = _part(message, "mail"), _part(message, DETAILS.get(kind, kind.lower()))
        meaning = _meaning(kind, details)
        if meaning is None:
            return Reports()
        envelope = envelope_of(request)
        at = details.get("timestamp") or envelope.get("Timestamp")
        tags = _part(mail, "tags").get(mime.KEY)
        event = DeliveryEvent(
            self.name, str(envelope.get("MessageId"))[:255], str(mail.get("messageId", ""))[:255], meaning[0],
            mailreports.of_iso(at, self._clock()), *meaning[1:],
            key=_decoded(tags[0]) if self._topic and isinstance(tags, list) and tags else "",
        )  # fmt: skip
        return Reports((event,))

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        request = self.http.build_request(method, f"{self._url}{path}", **content)
        return signed(request, *self._key, self._region, "ses")


def _meaning(kind: str, details: Mapping[str, Any]) -> tuple[EventType, str | None, str, bool] | None:
    """A report's type, code, words and whether it is for good; None where it says nothing about a delivery."""
    event = EVENTS.get(kind)
    if event is None or details.get("complaintFeedbackType") == "not-spam":  # taken out of the spam folder
        return None
    if event is EventType.BOUNCED:
        recipients = _list(details, "bouncedRecipients")
        words = recipients[0].get("diagnosticCode") if recipients else details.get("diagnosticCode")
        why = BOUNCES.get(str(details.get("bounceSubType")), "bounced")
        hard = str(details.get("bounceType")).lower() == "permanent"
        return event, why, clean(str(words or details.get("bounceSubType") or "")), hard
    code = "content_refused" if event is EventType.FAILED else None
    said = details.get("smtpResponse") or details.get("reason") or details.get("complaintFeedbackType") or ""
    return event, code, clean(str(said)), False


def _insight(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """An insight's details under the names that reports have: `BounceType` as `bounceType`."""
    details = _part(one, "Details")
    found = {**_part(details, "Bounce"), **_part(details, "Complaint")}
    return {f"{name[:1].lower()}{name[1:]}": value for name, value in found.items()}


def _error_of(response: httpx.Response) -> str:
    """`MessageRejected`, of `x-amzn-errortype: MessageRejected:http://...` or of a body's `__type`."""
    name = response.headers.get("x-amzn-errortype") or str(_json(response).get("__type", ""))
    return name.rpartition("#")[2].partition(":")[0]


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _encoded(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decoded(tag: Any) -> str:
    text = tag if isinstance(tag, str) else ""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()[:200]
    except (binascii.Error, ValueError):
        return ""


def _part(one: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = one.get(name)
    return found if isinstance(found, dict) else {}


def _list(one: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = one.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def build(parts: Parts) -> AmazonSes:
    """As the settings say."""
    ours = parts.settings.amazonses
    key = (
        needed("AMAZONSES_ACCESS_KEY_ID", ours.access_key_id, "amazonses"),
        needed("AMAZONSES_SECRET_ACCESS_KEY", ours.secret_access_key, "amazonses"),
    )
    region = needed("AMAZONSES_REGION", ours.region, "amazonses")
    return AmazonSes(
        parts.http, key, region, ours.base_url, parts.settings.sender_email, parts.clock, ours.topic_arn
    )  # fmt: skip
