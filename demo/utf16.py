"""Telegram counts text in UTF-16 code units; Python counts in code points."""


def length(text: str) -> int:
    """How many UTF-16 code units `text` takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, size: int) -> str:
    """The part of `text` that an entity with this offset and length covers."""
    data = text.encode("utf-16-le", "surrogatepass")
    return data[offset * 2 : (offset + size) * 2].decode("utf-16-le", "replace")


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` units, never through the middle of a character."""
    parts: list[str] = []
    current: list[str] = []
    used = 0
    for character in text:
        size = 2 if character > "\uffff" else 1
        if used + size > limit:
            parts.append("".join(current))
            current, used = [], 0
        current.append(character)
        used += size
    return [*parts, "".join(current)]
