"""Google Workspace: mail sent by a person's mailbox through the Gmail API (docs: developers.google.com/gmail/api).

Nothing is reported back: what can't be delivered comes as a mail to that mailbox, and with the right to send alone it
can't be read. Quotas come as 403 and as 429; the reasons in the answer tell them from a missing right.
"""

import base64
import re
from typing import Any

import httpx

from core.errors import Refused, SendError, Unavailable
from core.model import Channel, Message, Receipt
from core.ports import Clock
from core.providers import mailreports, mime
from core.providers.base import HttpProvider, clean, exchange, failure, wait_of
from core.providers.google_oauth import TokenSource, by_refresh_token
from core.providers.parts import Parts, needed

# Reasons (developers.google.com/gmail/api/guides/handle-errors), and the seconds to wait where nothing tells them.
QUOTAS = {
    "rateLimitExceeded": None,
    "userRateLimitExceeded": None,
    "dailyLimitExceeded": 3600.0,
    "quotaExceeded": 3600.0,
}
RETRY_AFTER = re.compile(r"Retry after (?P<moment>\d{4}-[\dT:.+-]+Z?)")
SEND_ALONE = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}  # a good token that may not read
BAD_ADDRESS = "invalid to header"


class GoogleWorkspace(HttpProvider):
    """One mailbox. Google takes no idempotency key; our Message-ID, made from it, goes with the mail."""

    name, channel = "googleworkspace", Channel.EMAIL

    def __init__(self, http: httpx.AsyncClient, tokens: TokenSource, base_url: str, sender: str, clock: Clock) -> None:
        super().__init__(http)
        self._tokens = tokens
        self._token = ""
        self._url = f"{base_url}/gmail/v1/users/me"
        self._sender = sender
        self._clock = clock

    async def send(self, message: Message, key: str) -> Receipt:
        """Get a token, then hand the mail over; raises a `SendError`."""
        self._token = await self._tokens.token()
        return await super().send(message, key)

    def build(self, message: Message, key: str) -> httpx.Request:
        """The whole mail in base64url."""
        mail = mime.built(message, self._sender, key, self._clock())
        raw = base64.urlsafe_b64encode(mime.as_bytes(mail)).decode()
        return self._request("POST", "/messages/send", json={"raw": raw})

    def receipt(self, response: httpx.Response) -> Receipt:
        """200 with Gmail's own id of the mail."""
        return Receipt(str(response.json()["id"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """An address that is none; a quota, with its end in the message. A token that Google refuses is forgotten."""
        if response.status_code == 401:
            self._tokens.forget(self._token)
        if response.status_code == 400 and BAD_ADDRESS in response.text.lower():
            return Refused("invalid_address", clean(response.text), hard=True)
        quotas = _reasons(response) & QUOTAS.keys()
        if response.status_code == 429 or (response.status_code == 403 and quotas):
            words = f"{response.status_code} {clean(response.text)}"
            return Unavailable("rate_limited", words, retry_after=self._wait(response, quotas))
        return None

    async def check(self) -> None:
        """A token, and whether Gmail takes it: with the right to send alone it may not tell more."""
        self._token = await self._tokens.token()
        response = await exchange(self.http, self._request("GET", "/profile"))
        if response.status_code == 403 and _reasons(response) & SEND_ALONE:
            return
        if response.status_code in (401, 403) or response.status_code >= 500:
            raise self.refusal(response) or failure(response)

    async def close(self) -> None:
        """No more tokens are asked for."""
        await self._tokens.close()

    def _wait(self, response: httpx.Response, quotas: set[str]) -> float | None:
        now = self._clock()
        if found := RETRY_AFTER.search(response.text):
            return max(0.0, (mailreports.of_iso(found["moment"], now) - now).total_seconds())
        told = wait_of(response.headers)
        return told if told is not None else max((QUOTAS[one] or 0.0 for one in quotas), default=0.0) or None

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self.http.build_request(method, f"{self._url}{path}", headers=headers, **content)


def _reasons(response: httpx.Response) -> set[str]:
    """Google's reasons in the older form (`error.errors`) and the newer (`error.details`)."""
    try:
        error = response.json()["error"]
        found = [*(error.get("errors") or ()), *(error.get("details") or ())]
        return {str(one["reason"]) for one in found if isinstance(one, dict) and "reason" in one}
    except (ValueError, LookupError, TypeError, AttributeError):
        return set()


def build(parts: Parts) -> GoogleWorkspace:
    """As the settings say."""
    ours = parts.settings.googleworkspace
    client_id = needed("GOOGLEWORKSPACE_CLIENT_ID", ours.client_id, "googleworkspace")
    client_secret = needed("GOOGLEWORKSPACE_CLIENT_SECRET", ours.client_secret, "googleworkspace")
    refresh_token = needed("GOOGLEWORKSPACE_REFRESH_TOKEN", ours.refresh_token, "googleworkspace")
    tokens = by_refresh_token(parts.http, ours.token_url, client_id, client_secret, refresh_token, parts.clock)
    return GoogleWorkspace(parts.http, tokens, ours.base_url, parts.settings.sender_email, parts.clock)
