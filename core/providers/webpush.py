"""Web Push: straight to the push service of a person's browser (RFC 8030, 8291, 8292)."""

import httpx

from core.errors import Refused, SendError, SettingsError
from core.model import Channel, Message, Receipt
from core.ports import Clock
from core.providers.base import HttpProvider, clean
from core.providers.fitting import KEPT_FOR, fitting, packed, tag_of
from core.providers.guarded import guarded_client, parsed
from core.providers.parts import Parts, example_of, needed
from core.providers.subscription import ROOM, subscription_of
from core.providers.vapid import VapidKey

GONE = {404, 410}  # the person has turned notifications off, or the browser is gone
TITLE = 500  # bytes


class WebPush(HttpProvider):
    """Browsers, by their subscriptions as JSON. Our key becomes the topic: of two messages with one key that wait for
    a browser only the last is kept, and a browser shows one."""

    name, channel = "webpush", Channel.PUSH

    def __init__(
        self,
        http: httpx.AsyncClient,
        key: VapidKey,
        subject: str,
        clock: Clock,
        title: str,
        base_url: str | None = None,
    ) -> None:
        super().__init__(http)
        self._key, self._subject, self._clock, self._title = key, subject, clock, title
        self._base_url = base_url

    def reaches(self, to: str) -> bool:
        """A browser's subscription; a device's token is none."""
        try:
            subscription_of(to)
        except ValueError:
            return False
        return True

    def build(self, message: Message, key: str) -> httpx.Request:
        """What the browser's service worker gets to read, and nobody on the way."""
        try:
            to = subscription_of(message.to)
        except ValueError as error:
            raise Refused("invalid_address", str(error), hard=True) from error
        endpoint = parsed(to.endpoint)
        origin = f"{endpoint.scheme}://{endpoint.netloc.decode()}"
        headers = {
            "Authorization": self._key.authorization(origin, self._subject, self._clock()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_FOR),
            "Urgency": "normal",
            "Topic": tag_of(key),
        }
        url = endpoint if self._base_url is None else self._base_url + endpoint.raw_path.decode()
        body = to.encrypt(payload(message, key, self._title))
        return self.http.build_request("POST", url, content=body, headers=headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """The last part of the message's own address, with which alone nobody can take it back; some services give
        none."""
        place = response.headers.get("location", "").rstrip("/").rpartition("/")[2]
        return Receipt(place or response.request.headers["topic"])

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A subscription that is over; a message that is too long for this service."""
        if response.status_code in GONE:
            return Refused("unreachable", f"{response.status_code} {clean(response.text)}", hard=True)
        return Refused("too_big", f"413 {clean(response.text)}") if response.status_code == 413 else None

    async def close(self) -> None:
        """The guarded connections are this adapter's own."""
        if self._base_url is None:
            await self.http.aclose()


def payload(message: Message, key: str, title: str) -> bytes:
    """JSON for the service worker (`web/static/push_worker.js`), cut so that its record has at most 4,096 bytes."""
    content = {"title": fitting(message.subject or title, _bytes, TITLE), "url": message.url, "tag": tag_of(key)}
    if _bytes(content) > ROOM - TITLE:
        content["url"] = ""  # of the words at least the beginning must fit
    text = fitting(message.text, lambda text: _bytes({**content, "text": text}), ROOM)
    return packed({**content, "text": text})


def _bytes(value: object) -> int:
    return len(packed(value))


def vapid_key(text: str) -> VapidKey:
    """The key of the settings; raises `SettingsError` with one line."""
    try:
        return VapidKey(text)
    except ValueError:
        example = example_of("WEBPUSH_VAPID_PRIVATE_KEY")
        raise SettingsError(f"WEBPUSH_VAPID_PRIVATE_KEY: is not a P-256 key in base64url{example}") from None


def build(parts: Parts) -> WebPush:
    """As the settings say. People's browsers name the addresses, so that they are called through the guard."""
    ours, settings = parts.settings.webpush, parts.settings
    key = vapid_key(needed("WEBPUSH_VAPID_PRIVATE_KEY", ours.vapid_private_key, "webpush"))
    subject = needed("WEBPUSH_SUBJECT", ours.subject, "webpush")
    http = parts.http if ours.base_url else guarded_client(settings.provider_timeout)
    return WebPush(http, key, subject, parts.clock, settings.sender_name, ours.base_url)
