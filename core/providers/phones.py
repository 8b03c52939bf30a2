"""What the adapters of phones share; itself no adapter: Basic authentication, forms of a number, an address for
reports that brings our key back, what vendors tell."""

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from core.model import WebhookRequest

KEY = "key"  # the field of a report's address that carries our idempotency key
NUMBER = re.compile(r"\+?([1-9]\d{6,14})")


def basic(account: tuple[str, str]) -> dict[str, str]:
    """The header of Basic authentication (RFC 7617) for a name and a password."""
    return {"Authorization": f"Basic {base64.b64encode(':'.join(account).encode()).decode()}"}


def digits(number: str) -> str:
    """`+14155550100` as `14155550100`: what most vendors take. A sender's name stays as it is."""
    return number.removeprefix("+")


def e164(text: str) -> str:
    """A vendor's form of a number as `+14155550100`; empty where it is none, but a short code or a name."""
    found = NUMBER.fullmatch(text.strip())
    return f"+{found[1]}" if found else ""


def callback(public_url: str | None, provider: str, key: str = "") -> str | None:
    """The address for reports about one message; None where nobody can call us. With `key` it brings our idempotency
    key back, in base64url: vendors sign the address, and no two ways of escaping it may differ."""
    if not public_url:
        return None
    address = f"{public_url}/webhooks/{provider}"
    return f"{address}?{KEY}={base64.urlsafe_b64encode(key.encode()).decode().rstrip('=')}" if key else address


def key_of(request: WebhookRequest) -> str:
    """Our idempotency key in the address that was called; empty where there is none."""
    text = dict(request.query).get(KEY, "")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()[:200]
    except (binascii.Error, ValueError):
        return ""


def form_of(request: WebhookRequest) -> list[tuple[str, str]]:
    """The fields of a posted form, in order and with repetitions."""
    return parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)


def fields_of(request: WebhookRequest) -> dict[str, str]:
    """What a vendor tells, whether with a query, a form or a JSON object; a number in JSON as its digits."""
    told = dict(request.query)
    if "json" not in request.headers.get("content-type", ""):
        return told | dict(form_of(request))
    try:
        found = json.loads(request.body)
    except ValueError:
        return told
    return told | {name: _written(value) for name, value in found.items()} if isinstance(found, dict) else told


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
