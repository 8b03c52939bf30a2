"""Which providers, in which order, and why: every factor, every strategy, and what holds a delivery."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Channel, Circuit, ProviderRow
from core.routing.ranking import Strategy, picked, scoring
from core.routing.selection import Asked, Route, route
from core.routing.terms import Candidate, Terms, terms_of

SMS = Channel.SMS
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER, MIDNIGHT = NOW + timedelta(minutes=30), datetime(2026, 3, 3, tzinfo=UTC)
TWILIO = Terms("twilio", SMS, 1, price=Decimal("0.0079"), success=0.992, mean_ms=230)
VONAGE = Terms("vonage", SMS, 2, price=Decimal("0.0065"), success=0.95, mean_ms=150)
PLIVO = Terms("plivo", SMS, 3)
ALL = (PLIVO, TWILIO, VONAGE)


def chosen(*candidates: Terms, by: Strategy = Strategy.PRIORITY, **asked: Any) -> Route:
    return route(candidates or ALL, Asked(NOW, **asked), by)


def names(found: Route) -> list[str]:
    return [one.name for one in found.order]


# Strategies


def test_priority_takes_the_smallest_number_first():
    """However they are listed."""
    assert names(chosen()) == ["twilio", "vonage", "plivo"]


def test_priority_prefers_the_next_one_to_a_light_one():
    """And says so."""
    found = chosen(replace(TWILIO, weight=0.49), VONAGE)
    assert names(found) == ["vonage", "twilio"]
    assert "its weight is low" in found.reasons[1]
    assert names(chosen(replace(TWILIO, weight=0.5), VONAGE)) == ["twilio", "vonage"]


def test_cheapest_takes_the_price_in_the_recipients_country():
    """A price that nobody knows comes last."""
    far = replace(TWILIO, prices={"FR": Decimal("0.001")})
    assert names(chosen(far, VONAGE, PLIVO, by=Strategy.CHEAPEST)) == ["vonage", "twilio", "plivo"]
    assert names(chosen(far, VONAGE, PLIVO, by=Strategy.CHEAPEST, region="FR")) == ["twilio", "vonage", "plivo"]


def test_best_weighs_success_price_and_speed():
    """A cheap and quick one wins from a dear one that succeeds as often, not from one that succeeds far more often."""
    assert names(chosen(TWILIO, VONAGE, by=Strategy.BEST))[0] == "vonage"
    assert names(chosen(TWILIO, replace(VONAGE, success=0.7), by=Strategy.BEST))[0] == "twilio"
    assert names(chosen(TWILIO, replace(VONAGE, weight=0.6), by=Strategy.BEST))[0] == "twilio"


def test_split_gives_each_its_share_and_falls_over_in_order():
    """Who is not the picked one follows by priority."""
    shared = (replace(TWILIO, share=70), replace(VONAGE, share=30), PLIVO)
    assert names(chosen(*shared, by=Strategy.SPLIT, point=0.69)) == ["twilio", "vonage", "plivo"]
    assert names(chosen(*shared, by=Strategy.SPLIT, point=0.71)) == ["vonage", "twilio", "plivo"]
    assert "share 30 %" in chosen(*shared, by=Strategy.SPLIT, point=0.71).reasons[0]


SHARES = st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=6)


@given(SHARES, st.floats(0, 1, exclude_max=True))
def test_a_recipients_provider_does_not_depend_on_who_is_usable(shares: list[int | None], point: float):
    """One that is away for a while moves nobody but its own recipients."""
    those = [Terms(f"p{number}", SMS, number, share=share) for number, share in enumerate(shares, 1)]
    winner = picked(those, point)
    assert winner is not None
    for away in those:
        order = names(chosen(*(replace(one, is_enabled=one != away) for one in those), by=Strategy.SPLIT, point=point))
        assert away.name == winner or order[0] == winner


@given(SHARES)
def test_the_shares_of_a_split_are_kept(shares: list[int | None]):
    """To within one of a thousand recipients; equal ones where none is set."""
    those = [Terms(f"p{number}", SMS, number, share=share) for number, share in enumerate(shares)]
    total = sum(share or 0 for share in shares)
    hits = [picked(those, point / 1000) for point in range(1000)]
    for one in those:
        expected = 1000 * (one.share or 0) / total if total else 1000 / len(those)
        assert abs(hits.count(one.name) - expected) <= 1.01


# What the reader and the admins want


def test_a_preferred_provider_goes_first_but_not_when_it_fails():
    """The reader's wish doesn't make a sick provider well."""
    assert names(chosen(preferred=("plivo", "vonage"))) == ["plivo", "vonage", "twilio"]
    assert names(chosen(replace(PLIVO, is_healthy=False), TWILIO, preferred=("plivo",))) == ["twilio", "plivo"]


def test_a_failed_check_puts_a_provider_last_and_does_not_exclude_it():
    """A check is not a delivery."""
    found = chosen(replace(TWILIO, is_healthy=False), VONAGE)
    assert names(found) == ["vonage", "twilio"]
    assert "its check failed" in found.reasons[1]


def test_a_pinned_provider_is_the_only_one():
    """The others are named with the reason why not."""
    found = chosen(TWILIO, VONAGE, pinned="vonage", why_pinned="perhaps already sent by")
    assert names(found) == ["vonage"]
    assert "twilio: skipped, perhaps already sent by vonage" in found.reasons


def test_a_pinned_provider_that_is_not_set_up_is_said_to_be_missing():
    """Nobody else steps in for it."""
    found = chosen(TWILIO, pinned="mailgun")
    assert (found.order, found.code) == ((), "no_provider")
    assert "mailgun: asked for, but not set up" in found.reasons


# Who is passed over

PASSED: list[tuple[str, dict[str, Any], dict[str, Any], datetime | None, str | None]] = [
    ("switched off", {"is_enabled": False}, {}, None, None),
    ("blocked by the reader", {}, {"blocked": frozenset({"twilio"})}, None, None),
    ("can't use this address", {}, {"unusable": frozenset({"twilio"})}, None, None),
    ("does not cover FR", {"coverage": frozenset({"US"})}, {"region": "FR"}, None, None),
    ("circuit open until 12:30 UTC", {"circuit": Circuit.OPEN, "probe_at": LATER}, {}, LATER, "circuit_open"),
    ("paused until 12:30 UTC", {"paused_until": LATER}, {}, LATER, "rate_limited"),
    ("rate limit reached until 12:30 UTC", {}, {"limited": {"twilio": LATER}}, LATER, "rate_limited"),
    ("today's spend cap is reached", {}, {"budget": Decimal("0.005"), "budget_until": MIDNIGHT}, MIDNIGHT, "spend_cap"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "terms", "asked", "until", "held"), PASSED, ids=[one[0] for one in PASSED])
def test_who_is_passed_over_and_until_when(
    words: str, terms: dict[str, Any], asked: dict[str, Any], until: datetime | None, held: str | None
):
    """Another one takes it; where there is no other, it waits for whoever comes back first."""
    found = chosen(replace(TWILIO, **terms), PLIVO, **asked)
    assert names(found) == ["plivo"]
    assert found.reasons[1] == f"twilio: skipped, {words}"
    assert found.factors["providers"]["twilio"]["skipped"] == words
    alone = chosen(replace(TWILIO, **terms), **asked)
    assert (alone.order, alone.until, alone.hold_reason) == ((), until, held)


def test_it_waits_for_the_first_that_comes_back():
    """Not for the one that takes longest."""
    sooner = NOW + timedelta(minutes=1)
    found = chosen(replace(TWILIO, paused_until=LATER), replace(VONAGE, circuit=Circuit.OPEN, probe_at=sooner))
    assert (found.until, found.hold_reason) == (sooner, "circuit_open")


def test_an_open_circuit_whose_time_has_come_may_be_tried():
    """One that another call is trying just now is looked at again soon."""
    assert names(chosen(replace(TWILIO, circuit=Circuit.OPEN, probe_at=NOW))) == ["twilio"]
    tried = chosen(replace(TWILIO, circuit=Circuit.HALF_OPEN, probe_at=LATER))
    assert tried.until == NOW + timedelta(seconds=5)


def test_what_costs_nothing_goes_beyond_the_cap():
    """And what nobody knows the price of."""
    free = replace(VONAGE, price=Decimal(0))
    assert names(chosen(TWILIO, free, PLIVO, budget=Decimal(0), budget_until=MIDNIGHT)) == ["vonage", "plivo"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ([], "no_provider"),
        ([replace(TWILIO, is_enabled=False)], "no_provider"),
        ([replace(TWILIO, is_enabled=False), replace(VONAGE, coverage=frozenset({"US"}))], "no_coverage"),
        ([replace(PLIVO, coverage=frozenset({"US"})), Terms("blocked", SMS)], "providers_blocked"),
    ],
)
def test_what_is_missing_is_named(terms: list[Terms], code: str):
    """So that whoever can help hears the right thing."""
    found = route(terms, Asked(NOW, region="FR", blocked=frozenset({"blocked"})))
    assert (found.order, found.until, found.code) == ((), None, code)
    assert found.reasons


# Why


def test_every_figure_that_decided_is_told():
    """Once in words, once for programs."""
    found = chosen(TWILIO, PLIVO, left={"twilio": 12})
    assert found.reasons == (
        "twilio: priority 1, weight 1.00, price 0.0079 USD, success 99.2 %, 230 ms, 12 calls left",
        "plivo: priority 3, weight 1.00",
    )
    assert found.factors == {
        "strategy": "priority", "region": None,
        "providers": {
            "twilio": {
                "priority": 1, "healthy": True, "circuit": "closed", "weight": 1.0, "price": "0.0079", "success": 0.992,
                "ms": 230, "left": 12,
            },
            "plivo": {"priority": 3, "healthy": True, "circuit": "closed", "weight": 1.0},
        },
    }  # fmt: skip


ANY_TERMS = st.builds(
    Terms,
    name=st.sampled_from("abcdef"),
    channel=st.just(SMS),
    priority=st.integers(1, 3),
    is_enabled=st.booleans(),
    is_healthy=st.booleans(),
    circuit=st.sampled_from(Circuit),
    probe_at=st.sampled_from([None, NOW, LATER]),
    paused_until=st.sampled_from([None, NOW, LATER]),
    weight=st.floats(0, 1),
    price=st.sampled_from([None, Decimal(0), Decimal("0.0079")]),
    coverage=st.sampled_from([frozenset(), frozenset({"FR"}), frozenset({"US"})]),
    share=st.one_of(st.none(), st.integers(0, 100)),
    success=st.one_of(st.none(), st.floats(0, 1)),
    mean_ms=st.one_of(st.none(), st.integers(0, 5000)),
)
ANY_FIELD = st.lists(ANY_TERMS, max_size=6, unique_by=lambda one: one.name)


@given(ANY_FIELD, st.sampled_from(Strategy), st.floats(0, 1, exclude_max=True), st.sampled_from([None, Decimal(0)]))
def test_everybody_is_either_in_the_route_or_told_why_not(
    those: list[Terms], by: Strategy, point: float, budget: Decimal | None
):
    """And an empty route either names a time or what is missing; the order of the list decides nothing."""
    found = chosen(*those, by=by, region="FR", point=point, budget=budget, budget_until=MIDNIGHT) if those else chosen()
    if not those:
        return
    assert [reason.partition(":")[0] for reason in found.reasons[: len(found.order)]] == names(found)
    assert sorted(reason.partition(":")[0] for reason in found.reasons) == sorted(one.name for one in those)
    assert bool(found.order) or bool(found.until) or found.code in ("no_provider", "no_coverage")
    assert route(those[::-1], Asked(NOW, "FR", point, budget=budget, budget_until=MIDNIGHT), by) == found


@given(ANY_FIELD)
def test_a_score_lies_between_nothing_and_one(those: list[Terms]):
    """So that figures of different days can be compared."""
    score = scoring(those, None)
    assert all(0 <= score(one) <= 1 for one in those)


# Terms


def test_what_an_admin_says_goes_before_the_settings():
    """Each for itself; what nobody has said is as the settings have it."""
    row = ProviderRow("twilio", SMS, priority=5, weight=Decimal("0.7"), success_rate=Decimal("99.25"), latency_ms=230,
                      rate_limit_per_hour=100, prices={"FR": "0.065"}, geographic_coverage=["FR"])  # fmt: skip
    settings = terms_of(Candidate("twilio", 2), SMS, row, currency="EUR", share=70)
    assert (settings.priority, settings.share, settings.currency, settings.price) == (2, 70, "EUR", None)
    assert (settings.weight, settings.success, settings.mean_ms, settings.limits.hour) == (0.7, 0.9925, 230, 100)
    assert (settings.price_in("FR"), settings.price_in("BE"), settings.covers("BE")) == (Decimal("0.065"), None, False)
    said = replace(row, priority_override=9, configuration={"share": 0})
    overridden = terms_of(Candidate("twilio", 2), SMS, said, currency="EUR", share=70)
    assert (overridden.priority, overridden.share) == (9, 0)
    assert terms_of(Candidate("twilio", 2), SMS, None, currency="USD", share=None) == Terms("twilio", SMS, 2)
