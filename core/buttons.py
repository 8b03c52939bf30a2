"""The plain callback strings on cards. `bot.callbacks` declares the same, typed; a test holds them equal.

At most 64 bytes each (Telegram's limit).
"""

DRAFT, DELIVERY, REMINDER, ACCESS = "d", "v", "r", "a"  # prefixes


def draft(action: str, post_id: int, version: int, argument: str = "") -> str:
    """A button of a draft card: approve, unapprove, directions, write (argument: direction), own, back, page, delete,
    restore, copy, email, posted, unposted, keep, unkeep."""
    return f"{DRAFT}:{action}:{post_id}:{version}:{argument}"


def delivery(action: str, delivery_id: int) -> str:
    """A button of a delivery: retry."""
    return f"{DELIVERY}:{action}:{delivery_id}"


def reminder(action: str, day: str) -> str:
    """A button of a reminder for the local date `day` (YYYYMMDD): draft, snooze, skip."""
    return f"{REMINDER}:{action}:{day}"


def access(action: str, user_id: int) -> str:
    """An admin's answer to an access request: allow, deny."""
    return f"{ACCESS}:{action}:{user_id}"
