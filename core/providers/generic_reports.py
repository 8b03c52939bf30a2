"""The reports of a provider that is defined by configuration: how they prove themselves and what they say."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from core.errors import BadSignature
from core.model import DeliveryEvent, EventType, WebhookRequest
from core.model import Reports as Told
from core.providers.base import clean
from core.providers.definitions import Definition, Mapped, Reading, WebhookTable
from core.providers.json_path import look_up, text_at
from core.providers.phones import fields_of


class Reports:
    """The webhook half of one table."""

    def __init__(self, name: str, table: WebhookTable, secret: str) -> None:
        self._name, self._table, self._secret = name, table, secret.encode()

    async def verify(self, request: WebhookRequest) -> None:
        """The secret itself, or an HMAC over the raw body; raises `BadSignature`."""
        table = self._table
        if table.secret_header:
            given, expected = request.headers.get(table.secret_header.lower(), ""), self._secret
        elif table.secret_query:
            given, expected = dict(request.query).get(table.secret_query, ""), self._secret
        else:
            assert table.signature_header is not None
            given, expected = request.headers.get(table.signature_header.lower(), ""), self._signature(request.body)
        if not hmac.compare_digest(given.encode(), expected):
            raise BadSignature(f"the proof is not {self._name}'s")

    def _signature(self, body: bytes) -> bytes:
        made = hmac.digest(self._secret, body, self._table.algorithm)
        text = made.hex() if self._table.encoding == "hex" else b64encode(made).decode()
        return f"{self._table.prefix}{text}".encode()

    def parse(self, request: WebhookRequest) -> Told:
        """The reports whose words the table knows, out of JSON, a form or a query."""
        document = _document(request)
        try:
            found = look_up(document, self._table.events)
        except LookupError:
            return Told()
        items = found if isinstance(found, list) else [found]
        return Told(tuple(event for one in items if isinstance(one, dict) and (event := self._event(one))))

    def _event(self, one: dict[str, Any]) -> DeliveryEvent | None:
        table = self._table
        event_id = text_at(one, table.event_id) or sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()
        message_id, key = text_at(one, table.id), text_at(one, table.key)
        if not message_id and not key:
            return None
        return event_of(self._name, table, table.statuses, one, message_id, event_id[:255], key[:200])


def event_of(
    name: str,
    read: Reading,
    words: Mapping[str, Mapped],
    document: Any,
    message_id: str,
    event_id: str,
    key: str = "",
) -> DeliveryEvent | None:
    """What a document says of a message; None where its word is not known."""
    meant = words.get(text_at(document, read.status))
    if meant is None:
        return None
    detail = clean(" ".join(text for text in (text_at(document, read.code), text_at(document, read.detail)) if text))
    return DeliveryEvent(
        name, event_id, message_id[:255], meant.type, _moment(text_at(document, read.timestamp)), meant.code, detail,
        meant.hard, key,
    )  # fmt: skip


def arrived(defined: Definition) -> bool:
    """Whether a table knows a word for arrival."""
    tables = [one.statuses for one in (defined.webhook, defined.status) if one]
    return any(meant.type in (EventType.DELIVERED, EventType.READ) for words in tables for meant in words.values())


def _document(request: WebhookRequest) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return dict(fields_of(request))


def _moment(text: str) -> datetime:
    """ISO 8601, or seconds or milliseconds since 1970; now where it is neither."""
    try:
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)
