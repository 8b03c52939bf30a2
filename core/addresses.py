"""E-mail addresses and phone numbers: what people give, made sure of, and how one is shown where others may read it."""

from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from core.errors import AppError
from core.i18n import N_
from core.model import Channel
from core.timewords import shown

LONGEST = 320  # what the column holds


def parse_email(text: str) -> str:
    """The address in lower case; `AppError` where it can't be one. Nobody is asked over the network."""
    try:
        found = validate_email(text.strip().removeprefix("mailto:"), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise _not_an_address(text) from None
    address = found.normalized.lower()
    if len(address) > LONGEST:
        raise _not_an_address(text)
    return address


def _not_an_address(text: str) -> AppError:
    return AppError(
        N_("“{text}” is not an e-mail address I can write to. Example: me@example.org"), {"text": shown(text)}
    )


def parse_phone(text: str) -> str:
    """A number with its country code, with or without the plus before it, in E.164; `AppError` where no phone can have
    it. Nobody is asked over the network."""
    import phonenumbers  # half a megabyte that a process without phones does not need

    try:
        found = phonenumbers.parse("+" + text.strip().lstrip("+"))
    except phonenumbers.NumberParseException:
        raise _not_a_number() from None
    if not phonenumbers.is_possible_number(found):
        raise _not_a_number()
    number: str = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return number


def _not_a_number() -> AppError:
    return AppError(N_("No message can be sent to that number: it is not one that a phone network knows."))


def mask(address: str | None) -> str | None:
    """`ada@example.org` as `a…@example.org`."""
    if not address:
        return None
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked(channel: Channel, address: str) -> str:
    """An address as admins may see it: enough to know it again for whoever knows it, too little for anybody else. Empty
    for what is nothing but a secret: a chat's number, a device's token."""
    if channel is Channel.EMAIL:
        return mask(address) or ""
    if channel in (Channel.SMS, Channel.WHATSAPP):
        return f"{address[:3]}…{address[-2:]}" if len(address) > 7 else "…"
    return urlsplit(address).hostname or "" if channel is Channel.WEBHOOK else ""
