"""The chart of /stats: a PNG as wide as a phone is sharp, with what there is to show and nothing else."""

import struct
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.charts import LABELS, chart, draw
from core.i18n import speaking
from core.model import Channel, DeliveryStatus
from core.model.figures import DayCost, Timing, Volume
from core.operations.figures import Outcome, Overview, Period
from tests.conftest import NOW

MIDNIGHT = NOW.replace(hour=0)
EMPTY = Overview(Period.TODAY, MIDNIGHT, NOW)
VOLUMES = (
    Volume(MIDNIGHT, Channel.EMAIL, "mailgun", DeliveryStatus.DELIVERED, True, 8),
    Volume(MIDNIGHT, Channel.SMS, "twilio", DeliveryStatus.FAILED, True, 1),
)
COSTS = tuple(
    DayCost(name, Channel.SMS, MIDNIGHT.date(), "USD", 1, Decimal("0.0079")) for name in ("twilio", "a $dear$ one")
)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_an_empty_day_says_so():
    """A picture all the same: the message stays one that can be turned to another day."""
    width, height = size_of(draw(EMPTY))
    assert width == 1080
    assert height < 500


@pytest.mark.parametrize("period", Period)
def test_every_period_fits_a_phone(period: Period):
    """Upright, at most twice as high as wide, and light enough for a slow connection."""
    since = MIDNIGHT - timedelta(days={Period.TODAY: 0, Period.WEEK: 6, Period.MONTH: 29}[period])
    timings = (Timing(since, 8, 0.4, 31.0), Timing(MIDNIGHT, 1, 90_000.0, 90_000.0))
    volumes = tuple(replace(VOLUMES[0], channel=channel) for channel in Channel) + VOLUMES
    png = draw(Overview(period, since, NOW, volumes, timings[0], timings, COSTS))
    width, height = size_of(png)
    assert width == 1080
    assert width <= height <= 2 * width
    assert len(png) < 300_000


def test_a_panel_without_anything_to_show_is_left_out():
    """No costs, no panel of costs; no times, no panel of times."""
    heights = [
        size_of(draw(overview))[1]
        for overview in (
            replace(EMPTY, volumes=VOLUMES),
            replace(EMPTY, volumes=VOLUMES, costs=COSTS),
            replace(EMPTY, volumes=VOLUMES, costs=COSTS, timings=(Timing(MIDNIGHT, 1, 0.0, 0.0),)),
        )
    ]
    assert heights == sorted(set(heights))


def test_every_outcome_has_a_word():
    """A bar without one could not be read."""
    assert set(LABELS) == set(Outcome)


async def test_it_is_drawn_in_the_readers_language():
    """In a thread, which knows the language of whoever asked."""
    english = await chart(replace(EMPTY, volumes=VOLUMES))
    with speaking("fr"):
        assert await chart(replace(EMPTY, volumes=VOLUMES)) != english
