"""Success, outcomes, stretches of time and days of costs: pure, counted by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import AppError
from core.model import Channel, DeliveryStatus
from core.model.figures import DayCost, Sendings, Taken, Timing, Volume
from core.operations.costs import day_costs, fuller, spent
from core.operations.figures import Outcome, Overview, Period, Success, outcomes, parse_period, success, timing, timings
from tests.conftest import NOW

S = DeliveryStatus
SMS = Channel.SMS
DAY = date(2026, 3, 2)
MIDNIGHT = NOW.replace(hour=0)


def some(status: DeliveryStatus, count: int, provider: str | None = "twilio", reports: bool = True) -> Volume:
    return Volume(NOW, SMS, provider, status, reports, count)


def test_success_is_what_arrived_of_what_could_be_told():
    """3 of 5; what waits is no failure yet, and who never reports can't be judged."""
    told = [some(S.DELIVERED, 2), some(S.READ, 1), some(S.BOUNCED, 1), some(S.SENT, 1)]
    waiting = [some(S.PENDING, 9), some(S.UNKNOWN, 9), some(S.SUPPRESSED, 9), some(S.FAILED, 9, provider=None)]
    untold = [some(S.SENT, 4, "smtp", reports=False), some(S.FAILED, 2, "smtp", reports=False)]
    found = success([*told, *waiting, *untold])
    assert found == Success(arrived=3, told=5, untold=6)
    assert found.rate == 0.6


def test_without_deliveries_there_is_no_rate():
    """Nothing is divided by zero, and nothing is a success of nothing."""
    assert success([]).rate is None
    assert success([some(S.SENT, 4, "smtp", reports=False)]).rate is None


def test_every_status_has_an_outcome():
    """A new status without one would vanish from the charts."""
    assert sum(outcomes([some(status, 1) for status in S]).values()) == len(S)
    assert outcomes([some(S.READ, 2), some(S.EXPIRED, 1)]) == {Outcome.ARRIVED: 2, Outcome.NOT_SENT: 1}


def test_half_and_nearly_all_of_the_times():
    """Of twenty that took 1 to 20 seconds half took no longer than 10, 95 in 100 no longer than 19."""
    twenty = [Taken(NOW, float(seconds), 1) for seconds in range(20, 0, -1)]
    assert timing(twenty, NOW) == Timing(NOW, 20, 10.0, 19.0)
    assert timing([Taken(NOW, 2.0, 1)], NOW) == Timing(NOW, 1, 2.0, 2.0)
    assert timing([Taken(NOW, 1.0, 94), Taken(NOW, 9.0, 6)], NOW) == Timing(NOW, 100, 1.0, 9.0)
    assert timing([], NOW) is None


def test_times_of_each_stretch():
    """One without deliveries has none."""
    later = NOW + timedelta(hours=3)
    found = timings([Taken(NOW, 1.0, 1), Taken(NOW, 5.0, 1), Taken(later, 2.0, 3)])
    assert found == (Timing(NOW, 2, 1.0, 5.0), Timing(later, 3, 2.0, 2.0))


@pytest.mark.parametrize(("period", "stretches", "last"), [
    (Period.TODAY, 24, MIDNIGHT + timedelta(hours=23)),
    (Period.WEEK, 7, MIDNIGHT),
    (Period.MONTH, 30, MIDNIGHT),
])  # fmt: skip
def test_a_period_ends_today(period: Period, stretches: int, last):
    """A day has its hours, a week and a month their days, today included."""
    overview = Overview(period, MIDNIGHT - timedelta(days=0 if period is Period.TODAY else stretches - 1), NOW)
    assert (len(overview.stretches), overview.stretches[-1]) == (stretches, last)


@pytest.mark.parametrize(
    ("text", "period"),
    [("", Period.TODAY), ("Today", Period.TODAY), (" 7D ", Period.WEEK), ("week", Period.WEEK), ("30d", Period.MONTH),
     ("día", Period.TODAY)],
)  # fmt: skip
def test_periods_as_people_write_them(text: str, period: Period):
    """In three languages."""
    assert parse_period(text) is period


def test_what_is_no_period_is_refused():
    """With what there is."""
    with pytest.raises(AppError, match="7d"):
        parse_period("a fortnight")


def test_a_day_of_costs():
    """Two messages cost 0.0158, one has no price; 2 of 3 arrived, so each arrival cost 0.0079."""
    sent = [
        Sendings(DAY, "twilio", SMS, "USD", 2, 2, Decimal("0.0158"), 1, True),
        Sendings(DAY, "twilio", SMS, None, 1, 0, Decimal(0), 1, True),
    ]
    assert day_costs(sent, "USD") == [
        DayCost(
            "twilio", SMS, DAY, "USD", 3, Decimal("0.0158"), Decimal("0.007900"), Decimal("66.67"), Decimal("0.007900")
        )
    ]


def test_what_can_t_be_known_is_not_guessed():
    """No price: no average. No reports: no success, and no cost of one. Nothing arrived: no cost of an arrival."""
    unpriced = Sendings(DAY, "smtp", Channel.EMAIL, None, 5, 0, Decimal(0), 0, False)
    assert day_costs([unpriced], "EUR") == [DayCost("smtp", Channel.EMAIL, DAY, "EUR", 5, Decimal(0))]
    lost = Sendings(DAY, "plivo", SMS, "USD", 4, 4, Decimal("0.02"), 0, True)
    (plivo,) = day_costs([lost], "USD")
    assert (plivo.delivery_success_rate, plivo.cost_per_successful_delivery) == (Decimal("0.00"), None)


def test_another_currency_is_another_row():
    """They are never added up."""
    sent = [Sendings(DAY, "plivo", SMS, one, 1, 1, Decimal(1), 1, True) for one in ("USD", "EUR")]
    assert [one.currency for one in day_costs(sent, "USD")] == ["EUR", "USD"]
    assert spent(day_costs(sent, "USD")) == {"EUR": Decimal(1), "USD": Decimal(1)}


def test_the_fuller_of_what_was_kept_and_what_is_counted():
    """Old deliveries are cleaned up, today's are not kept yet."""
    yesterday = DAY - timedelta(days=1)

    def cost(day: date, messages: int) -> DayCost:
        return DayCost("twilio", SMS, day, "USD", messages, Decimal(messages))

    found = fuller([cost(yesterday, 10), cost(DAY, 2)], [cost(yesterday, 1), cost(DAY, 5)])
    assert found == [cost(yesterday, 10), cost(DAY, 5)]
    assert spent(found) == {"USD": Decimal(15)}
