"""What a webhook's reader gets: structured data that a program can act on, with the texts that a person would read."""

import json
from typing import Any

from core.i18n import current_language
from core.model import Delivery, Notification, PostView


def webhook_body(
    notification: Notification, delivery: Delivery, view: PostView | None, *, title: str, text: str
) -> str:
    """The JSON body of a webhook, in the shape that Standard Webhooks recommends: type, timestamp, data. It is the
    same however often it is sent."""
    data: dict[str, Any] = {
        "notification_id": notification.id,
        "delivery_id": delivery.id,
        "kind": notification.kind.value,
        "language": current_language(),
        "title": title,
        "text": text,
    }
    if view is not None:
        data["post"] = {"id": view.post.id, "version": view.version.number, "text": view.version.text}
    body = {
        "type": f"notification.{notification.kind}",
        "timestamp": notification.created_at.isoformat(),
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False)
