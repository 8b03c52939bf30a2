"""The texts of messages as they are kept where an admin has changed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.model.words import Channel


@dataclass(frozen=True, slots=True)
class TemplateId:
    """One text: what it says (a `Kind`, or `rsvp_invitation`), by which channel, in which language."""

    key: str
    channel: Channel
    language: str

    def __str__(self) -> str:
        return f"{self.key}/{self.channel}/{self.language}"


@dataclass(frozen=True, slots=True)
class Texts:
    """The parts of a text, as Jinja templates. None: this part is the product's own."""

    text: str | None = None
    subject: str | None = None  # of a mail, of a push
    html: str | None = None  # of a mail: what stands inside the layout


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A row of `notification_templates`. `version` counts the changes, of its approval too."""

    id: TemplateId
    texts: Texts
    is_active: bool = True
    version: int = 0
    display_name: str = ""
    description: str | None = None
    invitation_type: str = ""
    provider_template_id: str | None = None
    is_approved: bool = False
    approval_status: str | None = None  # unsubmitted, pending, approved, rejected, paused ...: the provider's word
    approval_reason: str | None = None
    approval_checked_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """What was done to a text, as the audit log has it."""

    action: str  # template.saved, template.reset, template.restored, template.submitted
    at: datetime
    by: str | None  # who did it, by name; None where they have left
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
