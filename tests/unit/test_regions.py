"""The country of a recipient."""

import pytest

from core.model import Channel
from core.routing.regions import region_of


@pytest.mark.parametrize(
    ("channel", "recipient", "region"),
    [
        (Channel.SMS, "+14155550123", "US"),
        (Channel.WHATSAPP, "+442079460123", "GB"),
        (Channel.SMS, "+33612345678", "FR"),
        (Channel.SMS, "+80012345678", None),  # free of charge, in no country
        (Channel.SMS, "not a number", None),
        (Channel.EMAIL, "ada@example.org", None),
    ],
)
def test_a_phone_number_tells_its_country(channel: Channel, recipient: str, region: str | None):
    """Nothing else does."""
    assert region_of(channel, recipient) == region
