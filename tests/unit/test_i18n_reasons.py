"""Every state, kind, channel and reason has its plain words."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from core.delivery import planning, reasons, states
from core.i18n import speaking
from core.model import Channel, Delivery, DeliveryStatus, Kind
from core.model.batches import BATCH_PAUSED
from core.routing import selection
from tests.conftest import NOW

CORE = Path(reasons.__file__).parent
FAILURES = {"SendError", "Refused", "Unavailable", "Uncertain", "Misconfigured"}
DELIVERY = Delivery(1, Channel.EMAIL, "a@example.org", "email", NOW, NOW, "k")


def codes_in(path: Path) -> set[str]:
    """The literal codes that a file gives to its failures."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in FAILURES
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: path.name)
def test_every_code_of_a_failure_has_its_words(path: Path):
    """A user reads a reason, never a code."""
    unlisted = {code for code in codes_in(path) if reasons.why_failed(code) == reasons.UNLISTED}
    assert unlisted == set()


def test_every_reason_to_wait_has_its_words():
    """Those that planning and the life of a delivery know."""
    holds = {
        planning.QUIET_HOURS,
        planning.SCHEDULED,
        planning.DAILY_LIMIT,
        planning.FREQUENCY_CAP,
        states.RETRY,
        states.RATE_LIMITED,
        states.RESEND,
        selection.CIRCUIT_OPEN,
        selection.SPEND_CAP,
        BATCH_PAUSED,
    }
    assert holds == set(reasons.HOLDS)


def test_every_kind_channel_and_status_has_its_words():
    """Also those that come later."""
    assert set(reasons.KINDS) == set(Kind)
    assert set(reasons.CHANNELS) == set(Channel)
    assert set(reasons.STATUSES) == set(DeliveryStatus)


@pytest.mark.parametrize(
    ("delivery", "line"),
    [
        (DELIVERY, "🕓 waiting"),
        (replace(DELIVERY, hold_reason="quiet_hours"), "🕓 waiting: your quiet hours"),
        (replace(DELIVERY, status=DeliveryStatus.DELIVERED, error_code="timeout"), "✅ delivered"),
        (replace(DELIVERY, status=DeliveryStatus.FAILED, error_code="blocked"), "❌ failed: you have blocked the bot"),
        (replace(DELIVERY, status=DeliveryStatus.FAILED), "❌ failed: the provider reported a problem"),
        (replace(DELIVERY, status=DeliveryStatus.SENDING, error_code="timeout"), "📤 on its way"),
        (replace(DELIVERY, status=DeliveryStatus.BOUNCED), "❌ came back: the mail server sent it back"),
    ],
)
def test_a_delivery_is_told_in_one_line(delivery: Delivery, line: str):
    """Its state, and why where there is a reason; an earlier failure doesn't matter once it arrived."""
    assert reasons.status_line(delivery) == line


def test_reasons_are_told_in_the_readers_language():
    """They are looked up when they are shown."""
    with speaking("fr"):
        assert reasons.why_failed("blocked") == "vous avez bloqué le bot"
        assert reasons.why_held("quiet_hours") == "vos heures calmes"
        assert reasons.why_held(None) == ""
