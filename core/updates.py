"""What Telegram brings in, as it is kept: stored before it is acknowledged, so that no idea is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update as the Bot API wrote it. Those of one `chat_key` are handled in order; `tries` is how often handling
    has begun without coming to an end."""

    update_id: int
    chat_key: int
    payload: Mapping[str, Any]
    tries: int = 0


def incoming(payload: Any) -> Incoming:
    """Reads what is needed to keep it; raises `ValueError` for what is no update."""
    if not isinstance(payload, dict) or type(payload.get("update_id")) is not int:
        raise ValueError("an update is an object with an update_id")
    if not 0 <= payload["update_id"] < 2**63:
        raise ValueError("an update_id is a positive number")
    kept = storable(payload)
    return Incoming(kept["update_id"], _chat_key(kept), kept)


def _chat_key(payload: Mapping[str, Any]) -> int:
    """The chat, else the person, else the update itself."""
    for kind in (value for value in payload.values() if isinstance(value, dict)):
        nested = kind.get("message")
        places = (kind.get("chat"), nested.get("chat") if isinstance(nested, dict) else None, kind.get("from"))
        for place in places:
            if isinstance(place, dict) and _is_key(place.get("id")):
                return int(place["id"])
    return int(payload["update_id"])


def _is_key(value: Any) -> bool:
    """Whether the column holds it."""
    return type(value) is int and -(2**63) <= value < 2**63


def storable(value: Any) -> Any:
    """The same JSON without what PostgreSQL's jsonb refuses: NUL, lone halves of surrogate pairs, NaN and infinity. One
    such value would stop the polling for good."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
