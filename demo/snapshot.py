"""The state as a JSON file, so that the chats outlive a restart of the demo."""

import asyncio
import base64
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from demo.files import StoredFile
from demo.mailbox import Mail, parsed
from demo.phones import PhoneMessage
from demo.state import Bot, Chat, Person, State
from demo.updates import Webhook

VERSION = 1
logger = logging.getLogger("postrider.demo")


def dump(state: State) -> dict[str, Any]:
    """Everything worth keeping (bytes as they are); faults, pressed buttons and the log of calls are not."""
    updates = state.updates
    return {
        "version": VERSION,
        "bot": asdict(state.bot),
        "people": [asdict(person) for person in state.people.values()],
        "chats": [{**_plain(chat), "messages": list(chat.messages.values())} for chat in state.chats.values()],
        "private_message_id": state.private_message_id,
        "updates": {"pending": list(updates.pending), "next_id": updates.next_id, "allowed": updates.allowed},
        "webhook": asdict(updates.webhook),
        "files": [_plain(stored) for stored in state.files.by_id.values()],
        "mails": [{name: getattr(mail, name) for name in MAIL_FIELDS} for mail in state.mailbox.mails.values()],
        "phones": [asdict(message) for messages in state.phones.by_number.values() for message in messages],
    }


MAIL_FIELDS = ("id", "at", "sender", "recipients", "raw", "via", "status")


def _plain(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, one level deep: messages are shared, not copied."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _without_bytes(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {**fields, name: base64.b64decode(fields[name])}


def restore(data: dict[str, Any]) -> State:
    """The state a dump describes."""
    state = State(bot=Bot(**data["bot"]), private_message_id=data["private_message_id"])
    state.people = {fields["id"]: Person(**fields) for fields in data["people"]}
    for fields in data["chats"]:
        messages = {message["message_id"]: message for message in fields["messages"]}
        state.chats[fields["id"]] = Chat(**{**fields, "messages": messages})
    state.updates.pending.extend(data["updates"]["pending"])
    state.updates.next_id, state.updates.allowed = data["updates"]["next_id"], data["updates"]["allowed"]
    state.updates.webhook = Webhook(**data["webhook"])
    for fields in data["files"]:
        state.files.keep(StoredFile(**_without_bytes(fields, "content")))
    for fields in data["mails"]:
        state.mailbox.keep(parsed(Mail(**_without_bytes(fields, "raw"))))
    state.mailbox.last_id = max(state.mailbox.mails, default=0)
    for fields in data["phones"]:
        state.phones.add(PhoneMessage(**fields))
    return state


async def save_state(state: State, path: Path) -> None:
    """Writes the file whole or not at all, readable by its owner only."""
    data = dump(state)
    await asyncio.to_thread(_write, path, data)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(data, file, default=_encoded)
    draft.replace(path)


def load_state(path: Path | None) -> State | None:
    """The saved state; None where there is none, or where it can't be read (then the file is set aside)."""
    if path is None or not path.exists():
        return None
    try:
        data = json.loads(path.read_text())
        return restore(data) if data.get("version") == VERSION else None
    except (ValueError, KeyError, TypeError, AttributeError):
        path.replace(path.with_suffix(path.suffix + ".unreadable"))
        logger.warning("the demo's saved state could not be read; it was set aside and the demo starts anew")
        return None
