"""The reasons of core.delivery.reasons as admins read them: there the reader is "you", here they are somebody else."""

from core.delivery.reasons import HOLDS, channel_name, why_failed, why_held
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Channel

FAILURES = {
    "blocked": N_("the reader has blocked the bot"),
    "switched_off": N_("the reader has switched this off"),
    "unsubscribed": N_("the reader has unsubscribed"),
    "misconfigured": N_("the provider does not accept our requests"),
    "unauthorized": N_("the provider does not accept our key"),
    "sender_refused": N_("the provider does not accept our sender"),
    "no_provider": N_("no provider is set up for this channel"),
    "no_coverage": N_("no provider covers this country"),
    "render": N_("the text could not be made from its template"),
}
WAITS = {
    "quiet_hours": N_("quiet hours of the reader"),
    "daily_limit": N_("the reader's mails of the day are used up"),
    "frequency_cap": N_("the reader has had as many of these as they want for now"),
    "circuit_open": N_("every provider is left alone after failures"),
    "spend_cap": N_("the day's money for this channel is spent"),
}


def why_dead(error_code: str) -> str:
    """What a delivery died of, a clause with the code in brackets."""
    if not error_code:
        return _("nobody said why")
    words = _(FAILURES[error_code]) if error_code in FAILURES else why_failed(error_code)
    return f"{words} ({error_code})"


def why_waiting(reason: str) -> str:
    """What a delivery waits or waited for, as a clause; a reason nobody has words for speaks for itself."""
    if reason in WAITS:
        return _(WAITS[reason])
    return why_held(reason) if reason in HOLDS else reason.replace("_", " ")


def route_name(channel: Channel, provider: str | None) -> str:
    """`SMS by twilio`; the channel alone where no provider was picked."""
    name = channel_name(channel)
    return _("{channel} by {provider}").format(channel=name, provider=provider) if provider else name
