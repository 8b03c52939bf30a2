"""The engine with everything around it, as the settings ask for it."""

from functools import partial

from core.accounts.access import AccessPolicy
from core.batches.carrying import Carrier, Work
from core.batches.cleaning import Cleaning
from core.batches.mailing import Mailing
from core.batches.sources import USERS, Users
from core.delivery.aftermath import Aftermath
from core.delivery.attempts import Sender
from core.delivery.engine import Engine, Limits
from core.delivery.places import Places
from core.delivery.states import Policy
from core.delivery.sweeper import Sweeper
from core.metrics import observe_attempt
from core.model import BatchType
from core.parts import Parts
from core.ports import Providers
from core.rendering.renderer import Renderer
from core.routing.building import build_router

CALL_SHARE = 0.8  # of a lease: a call that takes longer counts as uncertain before anybody takes the delivery over


def build_engine(parts: Parts, providers: Providers) -> tuple[Engine, Sweeper]:
    """The engine, and the sweeper that puts right what engines leave behind."""
    settings, keys, database, clock = parts.settings, parts.keys, parts.database, parts.clock
    aftermath = Aftermath(keys, settings.admin_telegram_ids)
    policy = Policy(settings.retry_backoff, settings.unknown_resend_after)
    call_seconds = CALL_SHARE * settings.lease_seconds
    router, watch = build_router(parts, providers, call_seconds)
    renderer = Renderer(keys, settings.public_url, settings.sender_email, settings.sender_name, parts.book)
    engine = Engine(
        database=database,
        providers=providers,
        render=renderer.render,
        clock=clock,
        aftermath=aftermath,
        sender=Sender(parts.name, settings.lease_seconds),
        router=router,
        watch=watch,
        policy=policy,
        limits=Limits(call_seconds, settings.daily.mail_limit),
        places=Places(settings.worker_concurrency),
        extra=parts.extra,
        observe=observe_attempt,
        keep_fresh=partial(parts.book.keep_fresh, database),
    )
    return engine, Sweeper(database, clock, aftermath, policy)


def build_carrier(parts: Parts, policy: AccessPolicy) -> tuple[Carrier, Cleaning]:
    """Who looks after batches, and the one of them that removes what is old."""
    database, clock, keys, settings = parts.database, parts.clock, parts.keys, parts.settings
    mailing = Mailing(database, clock, keys, {USERS: Users(keys, policy)}, settings.admin_telegram_ids)
    cleaning = Cleaning(database, clock, settings.retention_days)
    works: dict[BatchType, Work] = dict.fromkeys(BatchType, mailing) | {BatchType.CLEANUP: cleaning}
    return Carrier(database, clock, parts.name, works), cleaning
