"""Vonage's SMS API, once Nexmo's, and its signed receipts (docs: developer.vonage.com/messaging/sms).

It answers 200 whatever happens: what counts is the status of every part of the message. It takes no idempotency key;
ours travels as the client reference, where one receipt speaks for the whole message.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx

from core.errors import BadSignature, Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Channel, DeliveryEvent, EventType, InboundMessage, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers.base import HttpProvider, clean, probe
from core.providers.parts import Parts, needed, secret
from core.providers.phones import basic, callback, digits, e164, fields_of
from core.rendering.segments import Encoding, segments_of

LONGEST = 100  # characters of a client reference and of an address for receipts
STALE = timedelta(hours=25)  # receipts are repeated for a day
ACCEPTED = "0"
ERRORS: dict[str, Callable[[str], SendError]] = {  # developer.vonage.com/api-errors/sms; all others are our fault
    "1": partial(Unavailable, "rate_limited", retry_after=1.0),
    "4": partial(Misconfigured, "unauthorized"),
    "5": partial(Unavailable, "unavailable", maybe_sent=True),
    "6": partial(Refused, "invalid_address"),  # an unknown prefix, or a message that can't be handled
    "7": partial(Refused, "barred", hard=True),
    "8": partial(Misconfigured, "unauthorized"),
    "9": partial(Misconfigured, "out_of_credit"),
    "10": partial(Unavailable, "rate_limited", retry_after=1.0),
    "12": partial(Refused, "too_big"),
    "14": partial(Misconfigured, "unauthorized"),
    "15": partial(Misconfigured, "sender_refused"),
    "33": partial(Refused, "invalid_address", hard=True),  # switched off for good
}
EVENTS = {
    "accepted": EventType.SENT,
    "buffered": EventType.DEFERRED,
    "delivered": EventType.DELIVERED,
    "expired": EventType.FAILED,
    "failed": EventType.FAILED,
    "rejected": EventType.FAILED,
}
# Codes of receipts (developer.vonage.com/messaging/sms/guides/delivery-receipts): ours, and whether for good.
TROUBLES = {
    "2": ("absent", False),
    "3": ("invalid_address", True),
    "4": ("barred", True),
    "6": ("carrier_filtered", False),
    "7": ("absent", False),
    "9": ("unsubscribed", True),
    "12": ("absent", False),
    "13": ("barred", False),
    "14": ("barred", False),
    "15": ("barred", False),
}
HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}  # by the length of a signature in hex


class Vonage(HttpProvider):
    """SMS. What was sent can't be asked about, so the receipts must come in."""

    name, channel = "vonage", Channel.SMS
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: tuple[str, str],
        sender: str,
        base_url: str,
        clock: Clock,
        signature_secret: str | None = None,
        public_url: str | None = None,
    ) -> None:
        """`account` is its key and its secret; `sender` a number or a name; `signature_secret` signs the receipts."""
        super().__init__(http)
        self._account = account
        self._sender = digits(sender)
        self._url = base_url
        self._clock = clock
        self._signature_secret = signature_secret
        self._public_url = public_url

    def build(self, message: Message, key: str) -> httpx.Request:
        """A form. A long message has a receipt for each of its parts, and the first must not speak for all: there our
        key stays at home, and the last part's id is the message's."""
        cost = segments_of(message.text)
        form = {
            "api_key": self._account[0],
            "api_secret": self._account[1],
            "from": self._sender,
            "to": digits(message.to),
            "text": message.text,
            "type": "unicode" if cost.encoding is Encoding.UCS2 else "text",
        }
        if cost.count <= 1 and len(key) <= LONGEST:
            form["client-ref"] = key
        if (address := callback(self._public_url, self.name)) and len(address) <= LONGEST:
            form["callback"] = address
        return self.http.build_request("POST", f"{self._url}/sms/json", data=form)

    def receipt(self, response: httpx.Response) -> Receipt:
        """Every part must have been accepted; the last one's id is the message's. Raises what a part was refused for,
        and `Uncertain` where others are on their way."""
        parts = response.json()["messages"]
        refused = [str(part["status"]) for part in parts if str(part["status"]) != ACCEPTED]
        if refused and len(refused) < len(parts):
            raise Uncertain("uncertain", f"{len(parts) - len(refused)} of {len(parts)} parts were taken")
        if refused:
            raise _error(refused[0], str(parts[0].get("error-text") or ""))
        return Receipt(str(parts[-1]["message-id"]))

    async def check(self) -> None:
        """The balance."""
        headers = basic(self._account)
        await probe(self.http, self.http.build_request("GET", f"{self._url}/account/get-balance", headers=headers))

    async def verify(self, request: WebhookRequest) -> None:
        """The field `sig` over all other fields, in the way that the account has chosen: its length tells which. Raises
        `BadSignature`, also where it is old."""
        if not self._signature_secret:
            raise BadSignature("VONAGE_SIGNATURE_SECRET is not set")
        told = fields_of(request)
        given = told.pop("sig", "").lower().encode()
        made = [one.encode() for one in _signatures(told, self._signature_secret, len(given))]
        if not any(hmac.compare_digest(one, given) for one in made):
            raise BadSignature("the signature is not Vonage's")
        signed_at = _unix(told.get("timestamp"))
        if signed_at is None or abs(self._clock() - signed_at) > STALE:
            raise BadSignature("the signature is old, or bears no time")

    def parse(self, request: WebhookRequest) -> Reports:
        """A receipt for a message of ours, or what somebody wrote to us."""
        told = fields_of(request)
        message_id = told.get("messageId", "")
        if "status" in told:
            event = self._event(told, message_id)
            return Reports((event,) if event else ())
        sender = e164(told.get("msisdn", ""))
        if not (message_id and sender and "text" in told):
            return Reports()
        at = _date(told.get("message-timestamp")) or self._clock()
        return Reports(inbound=(InboundMessage(self.name, message_id[:255], Channel.SMS, sender, told["text"], at),))

    def _event(self, told: Mapping[str, str], message_id: str) -> DeliveryEvent | None:
        kind = EVENTS.get(told["status"].lower())
        code = told.get("err-code", "")
        if kind is None or not message_id:
            return None
        ours, hard = TROUBLES.get(code, (None, False)) if kind is EventType.FAILED else (None, False)
        at = _date(told.get("message-timestamp")) or self._clock()
        words = f"{told['status']} {code}" if kind is EventType.FAILED else ""
        return DeliveryEvent(
            self.name, f"{message_id}:{told['status']}:{code}"[:255], message_id[:255], kind, at, ours, clean(words),
            hard=hard, key=told.get("client-ref", "")[:200],
        )  # fmt: skip


def _error(status: str, words: str) -> SendError:
    return ERRORS.get(status, partial(Misconfigured, f"http_{status}"))(clean(f"{status} {words}"))


def _signatures(told: Mapping[str, str], key: str, length: int) -> list[str]:
    """Every signature of a length: an HMAC, and for MD5 also the hash over fields and secret, Vonage's default."""
    text = "".join(f"&{name}={_escaped(told[name])}" for name in sorted(told))
    kind = HASHES.get(length)
    if kind is None:
        return []
    made = [hmac.new(key.encode(), text.encode(), kind).hexdigest()]
    if kind == "md5":
        made.append(hashlib.md5((text + key).encode(), usedforsecurity=True).hexdigest())  # noqa: S324 - theirs
    return made


def _escaped(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")


def _unix(value: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _date(value: str | None) -> datetime | None:
    """`2020-01-01 12:00:00`, in UTC."""
    try:
        return datetime.strptime(value or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def build(parts: Parts) -> Vonage:
    """As the settings say."""
    ours = parts.settings.vonage
    account = (
        needed("VONAGE_API_KEY", ours.api_key, "vonage"),
        needed("VONAGE_API_SECRET", ours.api_secret, "vonage"),
    )
    sender = needed("VONAGE_FROM", ours.from_, "vonage")
    return Vonage(
        parts.http, account, sender, ours.base_url, parts.clock, secret(ours.signature_secret),
        parts.settings.public_url,
    )  # fmt: skip
