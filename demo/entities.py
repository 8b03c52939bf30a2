"""Entities of a message: kept tidy, and found in plain text as Telegram finds them (links, commands, mentions)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo import utf16

OPAQUE = {"code", "pre"}
KINDS = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip
_DETECTED = [
    ("url", re.compile(r"(?<![\w@./])(?:https?://|www\.)[^\s<>\"']*[^\s<>\"'.,;:!?)\]}»”’]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[a-zA-Z]{2,24}(?![\w-])")),
    (
        "url",
        re.compile(
            r"(?<![\w@./-])(?:[a-zA-Z0-9-]+\.)+(?:com|org|net|io|dev|app|me|ai|co|eu|fr|es|de|uk|info)(?![\w-])"
            r"(?:/[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])?",
        ),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>@.:-])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w/@.])@[a-zA-Z][a-zA-Z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/&])#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d{7,15}(?!\w)")),
]


@dataclass(slots=True)
class Entity:
    """One MessageEntity; offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""
    user: dict[str, Any] | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length

    @property
    def span(self) -> tuple[int, int]:
        return self.offset, self.length

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"offset": self.offset, "length": self.length, "type": self.type}
        for name in ("url", "language", "custom_emoji_id", "user"):
            if value := getattr(self, name):
                found[name] = value
        return found


def tidy(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Cleans and trims the text as Telegram does; entities follow, those inside code are dropped."""
    text = re.sub(r"[\x00-\x09\x0b-\x1f]", " ", text)
    shift = utf16.length(text) - utf16.length(text.lstrip())
    text = text.strip()
    size = utf16.length(text)
    moved = [_clipped(entity, shift, size) for entity in entities]
    kept = sorted((entity for entity in moved if entity.length > 0), key=lambda entity: (entity.offset, -entity.length))
    opaque = [entity for entity in kept if entity.type in OPAQUE]
    return text, [entity for entity in kept if not _inside(entity, opaque)]


def _clipped(entity: Entity, shift: int, size: int) -> Entity:
    begin, end = max(entity.offset - shift, 0), min(entity.end - shift, size)
    entity.offset, entity.length = begin, end - begin
    return entity


def _inside(entity: Entity, opaque: list[Entity]) -> bool:
    if entity.type in {"blockquote", "expandable_blockquote"}:
        return False
    return any(
        other is not entity and other.offset <= entity.offset and entity.end <= other.end
        and (other.span != entity.span or entity.type not in OPAQUE)
        for other in opaque
    )  # fmt: skip


def detect(text: str, given: list[Entity]) -> list[Entity]:
    """`given` plus links, e-mail addresses, commands, mentions and tags that stand in the text."""
    taken = [entity for entity in given if entity.type in OPAQUE | {"text_link", "text_mention", "custom_emoji"}]
    found: list[Entity] = []
    for kind, pattern in _DETECTED:
        for match in pattern.finditer(text):
            entity = Entity(kind, utf16.length(text[: match.start()]), utf16.length(match[0]))
            if not any(entity.offset < other.end and other.offset < entity.end for other in taken + found):
                found.append(entity)
    return sorted(given + found, key=lambda entity: (entity.offset, -entity.length))


def from_json(items: Any) -> list[Entity]:
    """Entities a caller spelled out; unknown kinds and wrong shapes raise ValueError with the reason."""
    if not isinstance(items, list):
        raise ValueError("expected an Array of MessageEntity")
    entities = []
    for item in items:
        if not isinstance(item, dict):
            raise ValueError("expected an Object for MessageEntity")
        if item.get("type") not in KINDS:
            raise ValueError("wrong MessageEntity type specified")
        if not isinstance(item.get("offset"), int) or not isinstance(item.get("length"), int):
            raise ValueError("MessageEntity offset and length must be integers")
        extras = {name: item[name] for name in ("url", "language", "custom_emoji_id", "user") if item.get(name)}
        entities.append(Entity(item["type"], item["offset"], item["length"], **extras))
    return entities
