"""The four views against data that was counted by hand, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.model import Account, Channel, DeliveryStatus
from core.model.analytics import FunnelStep, InvitationSummary, NotificationAnalytics, ProviderPerformance
from storage import tables
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW
from tests.records import Records

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def records(any_database: Database) -> Records:
    return Records(any_database)


async def history(records: Records, user: Account, invitation_id: int, *actions: str) -> None:
    """What a user did with an invitation; accepting comes last."""
    for action in actions:
        await records.insert(
            tables.user_invitation_history, user_id=user.user.id, invitation_id=invitation_id, action=action,
            action_timestamp=LATER if action == "accepted" else NOW,
        )  # fmt: skip


async def test_an_invitation_counts_once_for_each_action(records: Records):
    """Two invitations, one of them opened three times: two sent, one viewed, one accepted."""
    ada, bob = await saved(records.database, an_account()), await saved(records.database, somebody_else())
    opened, ignored = await records.invitation(ada), await records.invitation(ada)
    await history(records, ada, opened, "sent")
    await history(records, ada, ignored, "sent", "expired")
    await history(records, bob, opened, "received", "viewed", "viewed", "viewed", "accepted")
    async with records.database.read() as uow:
        assert await uow.views.conversion_funnel() == [
            FunnelStep("story_collaboration", "neutral", 2, 2, 1, 1, Decimal("50.00"), Decimal("100.00"))
        ]
        assert await uow.views.invitation_summary(ada.user.id) == InvitationSummary(
            ada.user.id, "ada@example.org", 2, 0, 0, 0, 1, None, NOW
        )
        assert await uow.views.invitation_summary(bob.user.id) == InvitationSummary(
            bob.user.id, None, 0, 1, 1, 0, 0, Decimal("100.00"), LATER
        )


def somebody_else() -> Account:
    return an_account(public_id="bob-public", telegram_id=1002, name="Bob", email=None)


async def test_the_funnel_tells_types_and_styles_apart(records: Records):
    """And an invitation that nobody has touched divides nothing by zero."""
    ada = await saved(records.database, an_account())
    await records.invitation(ada, invitation_type="event", conversation_style="jovial")
    news = await records.invitation(ada, invitation_type="news_feed", conversation_style="business")
    await history(records, ada, news, "sent")
    async with records.database.read() as uow:
        assert await uow.views.conversion_funnel() == [
            FunnelStep("event", "jovial", 1, 0, 0, 0, None, None),
            FunnelStep("news_feed", "business", 1, 1, 0, 0, Decimal("0.00"), None),
        ]


async def test_a_newcomer_has_a_summary_of_zeros(records: Records):
    """And whoever is not there has none."""
    ada = await saved(records.database, an_account())
    async with records.database.read() as uow:
        found = await uow.views.invitation_summary(ada.user.id)
        assert found == InvitationSummary(ada.user.id, "ada@example.org", 0, 0, 0, 0, 0, None, None)
        assert await uow.views.invitation_summary(ada.user.id + 1) is None


async def test_success_is_counted_over_providers_that_can_report(records: Records):
    """Mailgun: 3 of 4 arrived. SMTP never says: its one mail is sent, and neither a success nor none."""
    ada = await saved(records.database, an_account())
    await records.provider("mailgun", Channel.EMAIL, "reports_arrival", "can_poll")
    await records.provider("smtp", Channel.EMAIL, "can_ask")
    mine = {"invitation_id": await records.invitation(ada)}
    for status in ("delivered", "delivered", "read", "bounced"):
        await records.delivery("mailgun", Channel.EMAIL, DeliveryStatus(status), **mine)
    await records.delivery("smtp", Channel.EMAIL, DeliveryStatus.SENT, **mine)
    for waiting in ("pending", "sending", "unknown", "suppressed", "cancelled", "expired"):
        await records.delivery("mailgun", Channel.EMAIL, DeliveryStatus(waiting), **mine)
    async with records.database.read() as uow:
        assert await uow.views.notification_analytics(ada.user.id) == [
            NotificationAnalytics(ada.user.id, Channel.EMAIL, 5, 3, 1, Decimal("75.00"))
        ]
        rates = {one.provider_name: one.success_rate for one in await uow.views.provider_performance()}
    assert rates == {"mailgun": Decimal("75.00"), "smtp": None}


async def test_what_a_provider_did_and_what_it_took(records: Records):
    """Three cents for three messages of which one failed; the same name on another channel is another provider."""
    await records.provider("twilio", Channel.SMS, "reports_arrival")
    await records.provider("twilio", Channel.WHATSAPP)
    paid = {"cost_per_message": Decimal("0.015"), "currency": "USD"}
    await records.delivery("twilio", Channel.SMS, DeliveryStatus.DELIVERED, sent_at=LATER, **paid)
    await records.delivery("twilio", Channel.SMS, DeliveryStatus.READ, sent_at=NOW, **paid)
    await records.delivery("twilio", Channel.SMS, DeliveryStatus.FAILED)
    await records.delivery("twilio", Channel.WHATSAPP, DeliveryStatus.SENT, sent_at=NOW)
    await records.delivery(None, Channel.SMS, DeliveryStatus.FAILED)
    cents, times = (Decimal("0.015"), Decimal("0.03")), (NOW, LATER)
    async with records.database.read() as uow:
        assert await uow.views.provider_performance() == [
            ProviderPerformance("twilio", Channel.SMS, 3, 2, 1, Decimal("66.67"), "USD", *cents, *times),
            ProviderPerformance("twilio", Channel.WHATSAPP, 1, 0, 0, None, None, None, None, NOW, NOW),
        ]


async def test_two_currencies_are_never_added_up(records: Records):
    """No sum is better than a wrong one."""
    await records.provider("plivo", Channel.SMS, "reports_arrival")
    for currency in ("USD", "EUR"):
        cost = {"cost_per_message": Decimal("0.01"), "currency": currency}
        await records.delivery("plivo", Channel.SMS, DeliveryStatus.DELIVERED, sent_at=NOW, **cost)
    async with records.database.read() as uow:
        (plivo,) = await uow.views.provider_performance()
    assert (plivo.total_deliveries, plivo.total_cost, plivo.avg_cost_per_message) == (2, None, None)
