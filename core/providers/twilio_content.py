"""Twilio's Content API: WhatsApp templates are kept there and handed to WhatsApp for approval; no adapter itself.

A template is made (`create`), handed in (`submit`) and asked about (`approval`) until WhatsApp has decided, which takes
minutes to two days. What was handed in can't be changed: another text is another template.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from core.errors import AppError, Uncertain
from core.i18n import N_
from core.providers.base import answer_to, clean, exchange, failure
from core.providers.parts import secret
from core.providers.phones import basic
from core.settings import Settings

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
VARIABLE = re.compile(r"\{\{(\d+)\}\}")
UNSUBMITTED = "unsubmitted"
LONGEST = 1024  # characters of a body
NAME = re.compile(r"[^a-z0-9_]+")


class Approval(NamedTuple):
    """What WhatsApp thinks: unsubmitted, received, pending, approved, rejected, paused or disabled, and its reason for
    a rejection."""

    status: str
    rejection_reason: str


class Contents:
    """The templates of one account. Every call raises a `SendError` where Twilio does not do it."""

    def __init__(self, http: httpx.AsyncClient, account: tuple[str, str], base_url: str) -> None:
        """`account` is its SID and its auth token."""
        self._http = http
        self._url = f"{base_url}/v1/Content"
        self._headers = basic(account)

    async def create(self, name: str, language: str, body: str, examples: Mapping[str, str]) -> str:
        """Keep a text with variables `{{1}}`, `{{2}}` ... and an example for each; the SID that messages name it by.
        Raises `AppError` where WhatsApp would refuse its form."""
        check_body(body, examples)
        content = {
            "friendly_name": name,
            "language": language,
            "variables": {number: examples[number] for number in sorted(set(VARIABLE.findall(body)), key=int)},
            "types": {"twilio/text": {"body": body}},
        }
        made = await self._ask("POST", "", json=content)
        if not made.get("sid"):
            raise Uncertain("uncertain", "an answer without the template's SID")
        return str(made["sid"])

    async def submit(self, sid: str, name: str, category: str) -> None:
        """Hand a template to WhatsApp. Of the name lower-case letters, digits and _ are left."""
        content = {"name": NAME.sub("_", name.lower()).strip("_"), "category": category.upper()}
        await self._ask("POST", f"/{sid}/ApprovalRequests/whatsapp", json=content)

    async def approval(self, sid: str) -> Approval:
        """What has become of it."""
        found = await self._ask("GET", f"/{sid}/ApprovalRequests")
        whatsapp = found.get("whatsapp") or {}
        status = str(whatsapp.get("status") or UNSUBMITTED).lower()
        return Approval(status, clean(str(whatsapp.get("rejection_reason") or "")))

    async def delete(self, sid: str) -> None:
        """Take a template away, at WhatsApp too. One that is not there is no error."""
        request = self._http.build_request("DELETE", f"{self._url}/{sid}", headers=self._headers)
        response = await exchange(self._http, request)
        if not response.is_success and response.status_code != 404:
            raise failure(response)

    async def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        request = self._http.build_request(method, self._url + path, headers=self._headers, **content)
        return await answer_to(self._http, request)


def check_body(body: str, examples: Mapping[str, str]) -> None:
    """Make sure that WhatsApp takes the form of a text; raises `AppError` with what is wrong."""
    text = body.strip()
    found = list(VARIABLE.finditer(text))
    numbers = {int(one[1]) for one in found}
    missing = sorted(number for number in numbers if not examples.get(str(number), "").strip())
    if not text or len(text) > LONGEST:
        raise AppError(N_("A WhatsApp template has between 1 and {longest} characters."), {"longest": LONGEST})
    if found and (found[0].start() == 0 or found[-1].end() == len(text)):
        raise AppError(
            N_("WhatsApp refuses a text that begins or ends with a variable. Example: “Hello {name}, welcome.”"),
            {"name": "{{1}}"},
        )
    if numbers != set(range(1, len(numbers) + 1)):
        raise AppError(N_("Variables are numbered from {first} on, without a gap."), {"first": "{{1}}"})
    if missing:
        raise AppError(N_("WhatsApp wants an example for {variable}."), {"variable": f"{{{{{missing[0]}}}}}"})


def contents_of(settings: Settings, http: httpx.AsyncClient) -> Contents | None:
    """The templates of the account that the settings name; None where they name none."""
    ours = settings.twilio
    sid, token = ours.account_sid, secret(ours.auth_token)
    return Contents(http, (sid, token), ours.content_base_url) if sid and token else None
