"""The sandbox gateway: every channel over HTTP, captured by the pretend mailbox and phones (design, section 7)."""

import httpx

from core.errors import Refused, SendError
from core.model import Channel, DeliveryStatus, Message, Receipt
from core.providers.base import HttpProvider, clean, exchange, failure
from core.providers.parts import Parts

ARRIVED = {"delivered": DeliveryStatus.DELIVERED}


class Sandbox(HttpProvider):
    """One channel of the gateway. It keeps one message for each key, and can be asked for it."""

    name = "sandbox"
    can_ask = True

    def __init__(self, http: httpx.AsyncClient, channel: Channel, base_url: str, api_key: str, sender: str) -> None:
        super().__init__(http)
        self.channel = channel
        self._url = f"{base_url}/sandbox/{channel}/messages"
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._sender = sender

    def build(self, message: Message, key: str) -> httpx.Request:
        """The message as JSON."""
        body = {
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "html": message.html or "",
            "key": key,
            "from": message.sender or self._sender,
        }
        return self.http.build_request("POST", self._url, json=body, headers=self._headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """202 with the message's id."""
        return Receipt(str(response.json()["id"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """422: this address can't be reached."""
        return Refused("invalid_address", clean(response.text), hard=True) if response.status_code == 422 else None

    async def find(self, to: str, key: str) -> Receipt | None:
        """The message taken with our key; None where there is none."""
        request = self.http.build_request("GET", self._url, params={"to": to}, headers=self._headers)
        response = await exchange(self.http, request)
        if not response.is_success:
            raise failure(response)
        for one in response.json():
            if one.get("key") == key:
                return Receipt(str(one["id"]), ARRIVED.get(one.get("status"), DeliveryStatus.SENT))
        return None


def build(parts: Parts) -> Sandbox:
    """As the settings say."""
    ours = parts.settings.sandbox
    key = ours.api_key.get_secret_value()
    return Sandbox(parts.http, parts.channel, ours.base_url, key, parts.settings.sender_email)
