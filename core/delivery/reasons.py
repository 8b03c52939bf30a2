"""What is said in plain words about deliveries: kinds, channels, states, and why something waits or failed.

One table for `/log`, `/posts`, the cards and the mails. What adapters and the engine call an `error_code` stands here
once; a code that is not listed reads as a fault of the provider.
"""

from core.i18n import N_
from core.i18n import gettext as _
from core.model import Channel, Delivery, DeliveryStatus, Kind

KINDS = {
    Kind.DRAFT: N_("a draft"),
    Kind.APPROVED: N_("the final text of a post"),
    Kind.KEPT: N_("a post you kept for a date"),
    Kind.REMINDER: N_("a reminder"),
    Kind.CODE: N_("a confirmation code"),
    Kind.EMAIL_CHANGED: N_("a notice about your address"),
    Kind.ACCOUNT_MOVED: N_("a notice about your account"),
    Kind.GAVE_UP: N_("a notice about a delivery"),
    Kind.ACCESS_REQUEST: N_("a request for access"),
    Kind.ACCESS_DECIDED: N_("an answer about access"),
    Kind.ALERT: N_("an alert"),
    Kind.MESSAGE: N_("a message"),
    Kind.ANNOUNCEMENT: N_("an announcement"),
}

CHANNELS = {
    Channel.EMAIL: N_("email"),
    Channel.SMS: N_("SMS"),
    Channel.WHATSAPP: N_("WhatsApp"),
    Channel.TELEGRAM: N_("Telegram"),
    Channel.PUSH: N_("push"),
    Channel.WEBHOOK: N_("webhook"),
    Channel.IN_APP: N_("the inbox"),
}

STATUSES = {
    DeliveryStatus.PENDING: ("🕓", N_("waiting")),
    DeliveryStatus.SENDING: ("📤", N_("on its way")),
    DeliveryStatus.SENT: ("✅", N_("sent")),
    DeliveryStatus.DELIVERED: ("✅", N_("delivered")),
    DeliveryStatus.READ: ("👀", N_("read")),
    DeliveryStatus.UNKNOWN: ("❔", N_("perhaps sent, checking")),
    DeliveryStatus.FAILED: ("❌", N_("failed")),
    DeliveryStatus.BOUNCED: ("❌", N_("came back")),
    DeliveryStatus.EXPIRED: ("⌛", N_("too late")),
    DeliveryStatus.SUPPRESSED: ("🚫", N_("not sent")),
    DeliveryStatus.CANCELLED: ("🚫", N_("cancelled")),
}

FAILURES = {DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.SUPPRESSED, DeliveryStatus.EXPIRED}

HOLDS = {
    "quiet_hours": N_("your quiet hours"),
    "scheduled": N_("its time has not come yet"),
    "daily_limit": N_("your daily limit is reached"),
    "frequency_cap": N_("you have had as many of these as you want for now"),
    "retry": N_("it failed and will be tried again"),
    "rate_limited": N_("the provider asked us to wait"),
    "circuit_open": N_("the provider is out of order; it goes out once it works again"),
    "spend_cap": N_("today's money for this channel is spent; it goes out tomorrow"),
    "batch_paused": N_("it is one of many that are paused"),
    "resend": N_("it may not have arrived and will be sent again"),
}

MISCONFIGURED = N_("this channel is not set up correctly; the admins know")
UNLISTED = N_("the provider reported a problem")
ERRORS = {
    "blocked": N_("you have blocked the bot"),
    "switched_off": N_("you switched this off in /preferences"),
    "chat_not_found": N_("the chat can't be found"),
    "invalid_address": N_("there is no such address"),
    "mailbox_full": N_("the mailbox is full"),
    "bounced": N_("the mail server sent it back"),
    "bounced_often": N_("the mail server sent it back three times in a week"),
    "complained": N_("it was marked as spam"),
    "stopped": N_("this number has answered STOP"),
    "suppressed": N_("this address asked for no more messages, or refused them before"),
    "unsubscribed": N_("you unsubscribed from these messages"),
    "rate_limited": N_("too many messages at once"),
    "own_pace": N_("too many messages at once"),
    "content_refused": N_("the provider refused its content"),
    "rejected": N_("the provider refused to send it"),
    "not_taken": N_("the recipient's mail server did not take it for hours"),
    "unavailable": N_("the provider is not answering"),
    "connect": N_("the provider can't be reached"),
    "timeout": N_("the provider did not answer in time"),
    "uncertain": N_("it may have arrived: the provider's answer was lost"),
    "misconfigured": MISCONFIGURED,
    "unauthorized": MISCONFIGURED,
    "sender_refused": MISCONFIGURED,
    "suspended": MISCONFIGURED,
    "bad_header": MISCONFIGURED,
    "tls": MISCONFIGURED,
    "no_provider": N_("this channel is not set up here"),
    "no_coverage": N_("no provider reaches this country"),
    "providers_blocked": N_("you have blocked every provider of this channel"),
    "render": N_("the message could not be written; the admins know"),
    "expired": N_("it was too late to send it"),
    "cancelled": N_("it was called off"),
    "unreachable": N_("this device or address no longer takes our messages"),
    "too_big": N_("the message was too long"),
    "forbidden_address": N_("this web address is not a public one"),
    "absent": N_("the phone was switched off or out of reach"),
    "landline": N_("this number gets no text messages"),
    "barred": N_("this number is barred from our messages"),
    "carrier_filtered": N_("the phone network filtered it out"),
    "outside_window": N_("WhatsApp takes a free text only within 24 hours of your last message there"),
    "template_not_approved": N_("WhatsApp has not approved this text"),
    "out_of_credit": N_("the account with the provider has no credit left; the admins know"),
}


def kind_name(kind: Kind | str) -> str:
    """What was to be delivered, in the current language."""
    return _(KINDS[Kind(kind)])


def channel_name(channel: Channel | str) -> str:
    """By which way, in the current language."""
    return _(CHANNELS[Channel(channel)])


def why_failed(error_code: str | None) -> str:
    """The reason behind an error code, a clause without a full stop. An unexpected answer (`http_400`) is our fault."""
    code = error_code or ""
    return _(MISCONFIGURED if code.startswith("http_") else ERRORS.get(code, UNLISTED))


def why_held(hold_reason: str | None) -> str:
    """The reason a pending delivery waits, as a clause; empty where it just waits its turn."""
    return _(HOLDS[hold_reason]) if hold_reason in HOLDS else ""


def status_line(delivery: Delivery) -> str:
    """How a delivery stands: an icon, a word, and why where there is a reason to tell."""
    icon, word = STATUSES[delivery.status]
    said = _(word)
    reason = why_held(delivery.hold_reason) if delivery.status is DeliveryStatus.PENDING else ""
    if delivery.status in FAILURES:
        reason = why_failed(delivery.error_code or delivery.status.value)
    state = f"{icon} {said}"
    return f"{state}: {reason}" if reason else state
