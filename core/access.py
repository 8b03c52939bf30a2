"""Who may come in: ACCESS, the list, and the admins' answers."""

from dataclasses import dataclass
from typing import Literal

from core.model import Access, User

Mode = Literal["open", "approve", "list"]


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the settings say. `listed` holds ids as text and @names; names are compared without case."""

    mode: Mode = "open"
    listed: frozenset[str] = frozenset()
    admins: frozenset[int] = frozenset()

    @classmethod
    def made_of(cls, mode: Mode, listed: list[str], admins: list[int]) -> "AccessPolicy":
        """From ACCESS, ACCESS_LIST and ADMIN_TELEGRAM_IDS; a listed name may lack its @."""
        names = (entry.strip().removeprefix("@").casefold() for entry in listed)
        return cls(mode, frozenset(filter(None, names)), frozenset(admins))

    def is_named(self, telegram_id: int | None, username: str | None) -> bool:
        """Whether the operator has let this person in by name: as an admin or on the list."""
        return telegram_id in self.admins or bool({str(telegram_id), (username or "").casefold()} & self.listed)

    def at_first(self, telegram_id: int, username: str | None) -> Access:
        """What is stored for a new user. Nobody is stored as denied but by an admin's own decision, so that a
        change of ACCESS lets people in."""
        if self.mode == "open" or self.is_named(telegram_id, username):
            return Access.ALLOWED
        return Access.REQUESTED

    def of(self, user: User) -> Access:
        """Whether they may come in today, whatever ACCESS was when they first came."""
        if self.is_named(user.telegram_id, user.username):
            return Access.ALLOWED
        if self.mode == "list":
            return Access.DENIED
        if self.mode == "open" and user.access is Access.REQUESTED:
            return Access.ALLOWED
        return user.access
