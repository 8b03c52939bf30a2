"""The audit log and the list of suppressions, as admins look at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.model.words import Channel


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Somebody did something. `user_id` is None, and so are name and public id, where it was the program itself."""

    id: int
    created_at: datetime
    action: str  # a topic and what was done, as in `provider.disabled`
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    user_id: int | None = None
    name: str | None = None
    public_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Rows that are meant: of one topic, such as `provider`, or one action, such as `provider.disabled`; of one user.
    None means any."""

    action: str | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that must not be used, known by its keyed hash alone, for everything (`all`) or for one kind."""

    id: int
    channel: Channel
    address_hash: str
    scope: str
    reason: str
    created_at: datetime
