"""Webhooks to whoever wants to hear of things by program, signed as Standard Webhooks has it (standardwebhooks.com)."""

import hmac
import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import httpx

from core.errors import Refused, SendError, SettingsError
from core.model import Channel, Message, Receipt
from core.ports import Clock
from core.providers.base import HttpProvider, clean
from core.providers.fitting import packed
from core.providers.guarded import guarded_client, is_any, is_public, parsed
from core.providers.parts import Parts, example_of, needed

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret, as the specification wants them
PLAIN = re.compile(r"[A-Za-z0-9:_-]+")  # an id must not hold the dot that stands between the signed parts


class Webhook(HttpProvider):
    """Posts a message to the web address it is for. Our key is `webhook-id`: a reader knows by it what came twice."""

    name, channel = "webhook", Channel.WEBHOOK

    def __init__(self, http: httpx.AsyncClient, secret: bytes, clock: Clock) -> None:
        super().__init__(http)
        self._secret, self._clock = secret, clock

    def reaches(self, to: str) -> bool:
        """A web address."""
        return to.startswith(("http://", "https://"))

    def build(self, message: Message, key: str) -> httpx.Request:
        """The body and its signature of this moment."""
        now = self._clock()
        body, name, moment = body_of(message, now.isoformat()), id_of(key), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Postrider",
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{signature(self._secret, name, moment, body)}",
        }
        return self.http.build_request("POST", parsed(message.to), content=body, headers=headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """Any 2xx; what a stranger's server says beside it is not read."""
        return Receipt(response.request.headers["webhook-id"])

    def refusal(self, response: httpx.Response) -> SendError | None:
        """410: the endpoint wants no more, and is not asked again."""
        is_gone = response.status_code == 410
        return Refused("unreachable", f"410 {clean(response.text)}", hard=True) if is_gone else None

    async def close(self) -> None:
        """The guarded connections are this adapter's own."""
        await self.http.aclose()


def body_of(message: Message, moment: str) -> bytes:
    """A text that is a JSON object already, as the renderer makes it, as it is; any other as the data of one."""
    try:
        if isinstance(json.loads(message.text), dict):
            return message.text.encode()
    except ValueError:
        pass
    data: dict[str, Any] = {"title": message.subject, "text": message.text, "url": message.url}
    return packed({"type": "notification.message", "timestamp": moment, "data": data})


def id_of(key: str) -> str:
    """Our key, or where it holds other signs, a name made from it."""
    return key if PLAIN.fullmatch(key) else f"msg_{sha256(key.encode()).hexdigest()}"


def signature(secret: bytes, name: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over id, timestamp and the raw body, in base64."""
    return b64encode(hmac.digest(secret, f"{name}.{moment}.".encode() + body, "sha256")).decode()


def secret_of(text: str) -> bytes:
    """`whsec_` and base64; raises `SettingsError` with one line."""
    try:
        secret = b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        wanted = f"is not whsec_ and {SHORTEST} to {LONGEST} bytes in base64"
        raise SettingsError(f"WEBHOOK_SECRET: {wanted}{example_of('WEBHOOK_SECRET')}")
    return secret


def build(parts: Parts) -> Webhook:
    """As the settings say, through the guard: strangers name the addresses."""
    ours, settings = parts.settings.webhook, parts.settings
    allows = is_any if ours.allow_private else is_public
    http = guarded_client(settings.provider_timeout, allows=allows)
    return Webhook(http, secret_of(needed("WEBHOOK_SECRET", ours.secret, "webhook")), parts.clock)
