"""What admins write behind a command."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import AppError
from core.model import Channel
from core.model.dead_letters import Cause, Which
from core.operations.asking import delivery_number, parse_since, parse_which
from tests.conftest import NOW

CAUSES = [
    Cause("unavailable", Channel.SMS, "twilio", 3, NOW),
    Cause("30003", Channel.SMS, "twilio", 1, NOW),
    Cause("", Channel.TELEGRAM, "telegram", 1, NOW),
    Cause("unsubscribed", Channel.EMAIL, "", 1, NOW),
]


@pytest.mark.parametrize(
    ("word", "since"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("30min", NOW - timedelta(minutes=30)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-03-01", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("99999w", None),
        ("2026-13-01", None),
        ("soon", None),
    ],
)
def test_since_when(word: str, since: datetime | None):
    """A date begins where its reader lives."""
    assert parse_since(word, NOW, "Europe/Paris") == since


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("all", Which()),
        ("unavailable", Which("unavailable")),
        ("SMS", Which(channel=Channel.SMS)),
        ("telegram", Which(channel=Channel.TELEGRAM)),
        ("telegram telegram", Which(channel=Channel.TELEGRAM, provider="telegram")),
        ("twilio since 2h", Which(provider="twilio", since=NOW - timedelta(hours=2))),
        ("all by twilio, 30003", Which("30003", provider="twilio")),
    ],
)
def test_which_dead_letters(text: str, which: Which):
    """Those that have died by now."""
    found = parse_which(text, CAUSES, NOW, "UTC")
    assert (found.error_code, found.channel, found.provider, found.since) == (
        which.error_code, which.channel, which.provider, which.since,
    )  # fmt: skip
    assert found.until == NOW


@pytest.mark.parametrize("text", ["", "since", "sendgrid", "all of the bad ones", "sms email", "2h 3h", "''"])
def test_what_means_no_dead_letters_is_refused(text: str):
    """Rather than all of them being sent."""
    with pytest.raises(AppError, match="/retry all"):
        parse_which(text, CAUSES, NOW, "UTC")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" #12 ", 12),
        ("30003", None),
        ("#30003", 30003),
        ("x", None),
        ("-1", None),
        ("9" * 19, None),
        ("²", None),
    ],
)
def test_a_number_of_a_delivery(text: str, number: int | None):
    """Unless it is the code of a cause; with # it always is a delivery's."""
    assert delivery_number(text, but={"30003"}) == number


def test_a_cause_is_held_by_what_is_meant():
    """Any where nothing is said; an empty word means those without."""
    twilio = CAUSES[0]
    assert Which().holds(twilio)
    assert Which("unavailable", Channel.SMS, "twilio").holds(twilio)
    assert not Which(error_code="").holds(twilio)
    assert Which(error_code="").holds(CAUSES[2])
