"""Firebase Cloud Messaging, HTTP v1 (docs: firebase.google.com/docs/reference/fcm/rest/v1)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from core.errors import Misconfigured, Refused, SendError, SettingsError, Unavailable
from core.model import Channel, Message, Receipt
from core.providers.base import HttpProvider, clean, probe, wait_of
from core.providers.fitting import KEPT_FOR, fitting, packed, tag_of
from core.providers.google_oauth import TokenSource, by_service_account
from core.providers.parts import Parts, example_of, needed

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
TOKEN = re.compile(r"[A-Za-z0-9_:.-]{32,2048}")  # of a device; a browser's subscription is JSON
ROOM = 4_000  # bytes of what is shown and handed on; Google takes 4,096
GONE = {"UNREGISTERED", "SENDER_ID_MISMATCH"}  # the app is gone, or the token belongs to another project
OVER_QUOTA = 60.0  # seconds to wait where Google names none (docs: "Best practices when sending at scale")


class Fcm(HttpProvider):
    """Apps on Android and iOS, by their registration tokens. FCM takes no idempotency key; ours is the notification's
    tag, so that a repeated one replaces the first on the device."""

    name, channel = "fcm", Channel.PUSH

    def __init__(self, http: httpx.AsyncClient, tokens: TokenSource, base_url: str, project: str, title: str) -> None:
        super().__init__(http)
        self._url = f"{base_url}/v1/projects/{project}/messages:send"
        self._tokens = tokens
        self._title = title
        self._token = ""

    def reaches(self, to: str) -> bool:
        """A device's registration token."""
        return TOKEN.fullmatch(to) is not None

    async def send(self, message: Message, key: str) -> Receipt:
        """Hand the message over; raises a `SendError`. A token of ours that Google refuses is not used again."""
        token = self._token = await self._tokens.token()
        try:
            return await super().send(message, key)
        except Misconfigured as error:
            if error.code == "unauthorized":
                self._tokens.forget(token)
            raise

    def build(self, message: Message, key: str) -> httpx.Request:
        """The notification as every platform shows it, and our key and link for the app."""
        return self._request({"message": {"token": message.to, **_content(message, key, self._title)}})

    def receipt(self, response: httpx.Response) -> Receipt:
        """`projects/{project}/messages/{id}`."""
        return Receipt(str(response.json()["name"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A token that is no longer, or never was, one of this project; a quota that is used up."""
        code, words = _error_code(response), clean(response.text)
        if code in GONE:
            return Refused("unreachable", words, hard=True)
        if code == "INVALID_ARGUMENT" and _blames_the_token(response):
            return Refused("invalid_address", words, hard=True)
        if response.status_code == 429:
            wait = wait_of(response.headers)
            return Unavailable("rate_limited", words, retry_after=OVER_QUOTA if wait is None else wait)
        return None

    async def check(self) -> None:
        """Has Google look at a message without sending it: the project, the key and its rights are right."""
        self._token = await self._tokens.token()
        await probe(self.http, self._request({"validateOnly": True, "message": {"topic": "check"}}))

    async def close(self) -> None:
        """No more tokens are asked for."""
        await self._tokens.close()

    def _request(self, body: Mapping[str, Any]) -> httpx.Request:
        return self.http.build_request("POST", self._url, json=body, headers={"Authorization": f"Bearer {self._token}"})


def _content(message: Message, key: str, title: str) -> dict[str, Any]:
    tag, life = tag_of(key), f"{KEPT_FOR}s"
    notification = {"title": fitting(message.subject or title, _bytes, ROOM // 8)}
    data = {"key": key} | ({"url": message.url} if message.url else {})
    link = {"fcmOptions": {"link": message.url}} if message.url.startswith("https://") else {}
    rest = {
        "data": data,  # the values must be strings
        "android": {"priority": "HIGH", "ttl": life, "notification": {"tag": tag}},
        "apns": {"headers": {"apns-collapse-id": tag}},
        "webpush": {"headers": {"TTL": str(KEPT_FOR), "Topic": tag}, **link},
    }
    body = fitting(message.text, lambda text: _bytes([notification, data, text]), ROOM)
    return {"notification": {**notification, "body": body}, **rest}


def _bytes(value: Any) -> int:
    return len(packed(value))


def _details(response: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = response.json()["error"]["details"]
    except (ValueError, LookupError, TypeError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _error_code(response: httpx.Response) -> str:
    """FCM's own code (`error.details[].errorCode`): the status above it is too coarse."""
    return next((str(one["errorCode"]) for one in _details(response) if "errorCode" in one), "")


def _blames_the_token(response: httpx.Response) -> bool:
    """INVALID_ARGUMENT is said of our own mistakes too."""
    violations = [one.get("fieldViolations") for one in _details(response)]
    fields = [
        one.get("field") for each in violations if isinstance(each, list) for one in each if isinstance(one, dict)
    ]
    message = str(response.json()["error"].get("message", "")).lower()
    return "message.token" in fields or "not a valid fcm registration token" in message


def credentials(path: str) -> Mapping[str, Any]:
    """A service account's file; raises `SettingsError` with one line."""
    problem = ""
    try:
        found = json.loads(Path(path).read_text())
        if not isinstance(found, dict) or not {"client_email", "private_key"} <= found.keys():
            problem = "is not a service account's key"
    except OSError as error:
        problem = f"can't be read: {error.strerror}"
    except ValueError:
        problem = "is not JSON"
    if problem:
        raise SettingsError(f"FCM_CREDENTIALS_FILE: {path} {problem}{example_of('FCM_CREDENTIALS_FILE')}")
    account: Mapping[str, Any] = found
    return account


def build(parts: Parts) -> Fcm:
    """As the settings say."""
    ours = parts.settings.fcm
    project = needed("FCM_PROJECT_ID", ours.project_id, "fcm")
    account = credentials(needed("FCM_CREDENTIALS_FILE", ours.credentials_file, "fcm"))
    tokens = by_service_account(parts.http, ours.token_url, account, SCOPE, parts.clock)
    return Fcm(parts.http, tokens, ours.base_url, project, parts.settings.sender_name)
