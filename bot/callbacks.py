"""Typed callback data of the buttons that core puts on cards; a test holds them equal to `core.buttons`."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from core import buttons
from core.operations.figures import Period

RowId = Annotated[int, Field(ge=0, lt=2**63)]  # a forged number that no row can have is garbage, not a database error


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
    until: Annotated[int, Field(ge=0, lt=2**32)]  # the calendar ends before the column does


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
