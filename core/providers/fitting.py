"""What all push services share: a notification fits a small envelope, and a repeated one replaces the first."""

import json
from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable
from hashlib import sha256

KEPT_FOR = 24 * 3600  # seconds a push service holds a notification for a device that is off: yesterday's is no news
TAG = 32  # characters: as many as RFC 8030 allows a topic


def fitting(text: str, size: Callable[[str], int], room: int) -> str:
    """The text, or as much of its beginning as fits with an ellipsis. `size` tells how many bytes the whole envelope
    has with a text in it; empty where even the shortest does not fit."""
    if size(text) <= room:
        return text
    length = bisect_right(range(len(text)), room, key=lambda end: size(_cut(text, end))) - 1
    return _cut(text, length) if length > 0 else ""


def _cut(text: str, end: int) -> str:
    return f"{text[:end].rstrip()}…"


def packed(value: object) -> bytes:
    """JSON as it goes over the wire, every letter as it is."""
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def tag_of(key: str) -> str:
    """A name for a notification, the same for the same key, that gives nothing away of it."""
    return urlsafe_b64encode(sha256(key.encode()).digest()).decode()[:TAG]
