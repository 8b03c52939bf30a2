"""Files that went through a chat, kept in memory up to a total size; the oldest go first."""

import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass

TOTAL_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `path` is what getFile names."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    content: bytes


class FileStore:
    """Files by id and by path."""

    def __init__(self) -> None:
        self.by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._total = 0
        self._counters: dict[str, int] = {}

    def add(self, kind: str, name: str, mime_type: str, content: bytes) -> StoredFile:
        """Stores bytes; `kind` names the folder, as in Telegram's own paths (documents/file_3.pdf)."""
        number = self._counters.get(kind, -1) + 1
        suffix = name.rsplit(".", 1)[-1].lower() if "." in name else "bin"
        suffix = suffix if suffix.isalnum() and suffix.isascii() and len(suffix) <= 8 else "bin"
        file_id, unique = "AgAD" + secrets.token_urlsafe(40), secrets.token_urlsafe(11)
        return self.keep(StoredFile(file_id, unique, f"{kind}/file_{number}.{suffix}", name, mime_type, content))

    def keep(self, stored: StoredFile) -> StoredFile:
        """Keeps a file that already has its ids, and lets the oldest go when there are too many bytes."""
        kind, number = re.split(r"/file_|\.", stored.path)[:2]
        self.by_id[stored.file_id] = stored
        self._counters[kind] = max(self._counters.get(kind, -1), int(number))
        self._total += len(stored.content)
        while self._total > TOTAL_BYTES and len(self.by_id) > 1:
            _, oldest = self.by_id.popitem(last=False)
            self._total -= len(oldest.content)
        return stored

    def at_path(self, path: str) -> StoredFile | None:
        """The file that getFile calls `path`."""
        return next((stored for stored in self.by_id.values() if stored.path == path), None)
