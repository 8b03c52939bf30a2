"""Typed callback data of the buttons that core puts on cards; a test holds them equal to `core.buttons`."""

from hashlib import sha256
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from core import buttons
from core.model import Channel
from core.operations.figures import Period

RowId = Annotated[int, Field(ge=0, lt=2**63)]  # a forged number that no row can have is garbage, not a database error
UnixTime = Annotated[int, Field(ge=0, lt=2**32)]  # the calendar ends before the column does
FINGERPRINT = 6  # hex digits: enough to tell a few dozen words apart


def fingerprint(word: str) -> str:
    """A word that would take too much of a button's 64 bytes, as a few digits."""
    return sha256(word.encode()).hexdigest()[:FINGERPRINT]


class DraftButton(CallbackData, prefix=buttons.DRAFT):
    """A button of a draft card: see `core.buttons.draft` for the actions."""

    action: str
    post_id: RowId
    version: RowId
    argument: str = ""


class DeliveryButton(CallbackData, prefix=buttons.DELIVERY):
    """A button of a delivery: retry."""

    action: str
    delivery_id: RowId


class ReminderButton(CallbackData, prefix=buttons.REMINDER):
    """A button of a reminder for the local date `day` (YYYYMMDD): draft, snooze, skip."""

    action: str
    day: str


class AccessButton(CallbackData, prefix=buttons.ACCESS):
    """An admin's answer to an access request: allow, deny."""

    action: str
    user_id: RowId


class HelpButton(CallbackData, prefix="h"):
    """A topic of /help; an empty one is the list of topics."""

    topic: str = ""


class SettingsButton(CallbackData, prefix="s"):
    """A press on the settings panel: set `name` to `value` where one is given, then show `panel`."""

    panel: str
    name: str = ""
    value: str = ""


class TimezoneButton(CallbackData, prefix="t"):
    """A timezone by its name; `origin` says which card it stood on: start, settings, or nothing."""

    name: str
    origin: str = ""


class ForgetButton(CallbackData, prefix="f"):
    """The answer to whether everything is to be erased: erase or keep, valid until `until` (Unix time)."""

    action: str
    until: UnixTime


class PostsButton(CallbackData, prefix="p", sep="|"):
    """The shelf of posts: `list` page `number` of a shelf, or `open` the post `number`. A word searched for may hold
    a colon, so the parts are set apart by something that is taken out of it."""

    action: str
    number: RowId
    shelf: str = "all"
    word: str = ""


class LogButton(CallbackData, prefix="l"):
    """A page of the delivery `log` or of the `inbox`."""

    action: str
    page: RowId


class VoiceButton(CallbackData, prefix="y"):
    """Samples of one's voice: show, forget, ask_all, forget_all, list, add."""

    action: str
    sample_id: RowId = 0


class StatsButton(CallbackData, prefix="st"):
    """The figures of another period."""

    period: Period


class FailedButton(CallbackData, prefix="fa"):
    """Dead letters: `page` of the list of causes, or of the dead letters of one `cause`, named as in `RetryButton`."""

    action: str
    page: RowId = 1
    code: str = ""
    channel: Channel | None = None
    provider: str = ""


class RetryButton(CallbackData, prefix="rt"):
    """Try many dead letters again: `ask`, then `go`. A code or a provider is named by its `fingerprint`, an empty one
    means any; `since` and `until` are Unix times, 0 where there is none."""

    action: str
    code: str = ""
    channel: Channel | None = None
    provider: str = ""
    since: UnixTime = 0
    until: UnixTime = 0


class RetryOneButton(CallbackData, prefix="ro"):
    """Try one dead letter again: `ask`, then `go`."""

    action: str
    delivery_id: RowId


class WhyButton(CallbackData, prefix="wy"):
    """A page of a delivery's story."""

    delivery_id: RowId
    page: RowId = 1


class TemplatesButton(CallbackData, prefix="tp"):
    """The texts of messages: `kinds`, the `kind` with a key, `open` one text, and what is done to it or to one of its
    parts. `mark` tells what was proposed on this card from what was proposed later."""

    action: str
    key: str = ""
    channel: str = ""
    language: str = ""
    part: str = ""
    mark: str = ""


class SuppressionButton(CallbackData, prefix="su"):
    """A suppression: `lift` asks for a reason, `go` lifts it for the one that was given; `list` shows the counts."""

    action: str
    suppression_id: RowId = 0


class AuditButton(CallbackData, prefix="au"):
    """A page of the audit log: of a topic or an action, an empty one means all; of a user, 0 means all."""

    page: RowId = 1
    topic: str = ""
    user_id: RowId = 0


class BroadcastButton(CallbackData, prefix="bc", sep="|"):
    """The plan of a broadcast: what is chosen or asked for. `mark` tells the cards of one broadcast from those of
    another. The name of a segment may hold a colon, so the parts are set apart by something else."""

    action: str
    mark: str
    value: str = ""


class BatchButton(CallbackData, prefix="ba"):
    """Batches: a page of the `list`, `open` one, `pause` it; `ask_resume` and `ask_cancel`, then `resume`, `cancel`."""

    action: str
    batch_id: RowId = 0
    page: RowId = 1


class PushButton(CallbackData, prefix="pu"):
    """A browser or phone that gets notifications: `test` it, `remove` it."""

    action: str
    device_id: RowId


class PreferenceButton(CallbackData, prefix="pr"):
    """A press on a card of /preferences: set `topic` (a `core.accounts.rulewords.Topic`, or undo, own) to `value` where
    one is given, then show `panel`. `channel` is empty for what holds for the type as a whole."""

    panel: str
    type: str = ""
    channel: str = ""
    topic: str = ""
    value: str = ""


class PhoneButton(CallbackData, prefix="ph"):
    """A press on the card of /phone: on or off for a channel, share, remove."""

    action: str
    channel: str = ""


class ProviderButton(CallbackData, prefix="pv"):
    """A provider by its row: `open`, `ask` and `go` (to switch it `on` or `off`, or to the priority in `value`),
    `probe`, `edit` asks for a change in words and `save` makes it; `list` shows page `value` of all of them."""

    action: str
    provider_id: RowId = 0
    value: str = ""
