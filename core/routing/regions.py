"""In which country a recipient is, as far as the address tells."""

from functools import lru_cache

from core.model import Channel

BY_PHONE = frozenset({Channel.SMS, Channel.WHATSAPP})


def region_of(channel: Channel, recipient: str) -> str | None:
    """The ISO 3166 country of a phone number; None for other addresses, and for numbers of no country."""
    return _country(recipient) if channel in BY_PHONE else None


@lru_cache(maxsize=10_000)
def _country(number: str) -> str | None:
    import phonenumbers  # half a megabyte that a process without phones does not need

    try:
        found: str | None = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return found if found and found.isalpha() else None
