"""Choosing and watching providers, as the settings ask for it."""

from core.model import Channel, ProviderRow
from core.parts import Parts
from core.ports import Providers
from core.routing.book import ProviderBook
from core.routing.checks import Checks
from core.routing.health import Breaker
from core.routing.ranking import Strategy
from core.routing.roster import Plan, Roster, shares_of
from core.routing.router import Router
from core.routing.spending import Spending, caps_of
from core.routing.watch import Watch
from core.routing.weights import Weigher
from core.settings import Settings

BY_SETTING = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH)  # channels with a strategy of their own


def build_router(parts: Parts, providers: Providers, call_seconds: float) -> tuple[Router, Watch]:
    """Who chooses providers, and who watches the calls. `call_seconds` is how long a call may take."""
    settings = parts.settings
    ours = settings.circuit
    breaker = Breaker(
        ours.failure_rate, ours.min_calls, ours.window, ours.probe_after, ours.close_after, lease=call_seconds
    )  # fmt: skip
    roster, spending = Roster(providers, parts.clock, plan_of(settings)), Spending(caps_of(settings.spend_caps))
    router = Router(parts.database, parts.clock, parts.keys, roster, parts.limiter, spending, breaker)
    return router, Watch(roster, parts.keys, breaker, spending, settings.admin_telegram_ids)


def plan_of(settings: Settings) -> Plan:
    """The strategies and the shares of a split."""
    strategies = {channel: Strategy(getattr(settings, f"{channel}_strategy")) for channel in BY_SETTING}
    shares = shares_of({channel: getattr(settings, f"{channel}_split") for channel in BY_SETTING})
    return Plan(strategies, shares, settings.currency)


def build_checks(parts: Parts, providers: Providers) -> Checks:
    """The active checks."""

    async def left(row: ProviderRow) -> int | None:
        return parts.limiter.left.get((row.provider_type, row.provider_name))

    return Checks(parts.database, providers, parts.clock, parts.settings.health_check_seconds, left)


def build_weigher(parts: Parts) -> Weigher:
    """What moves weights."""
    return Weigher(parts.database, parts.clock)


def build_provider_book(parts: Parts, providers: Providers) -> ProviderBook:
    """Providers in the hands of admins."""
    return ProviderBook(parts.database, parts.clock, build_checks(parts, providers), parts.settings.currency)
