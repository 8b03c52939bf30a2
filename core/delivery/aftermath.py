"""What else is written with an attempt's outcome, in the same transaction: the suppressed address, the other channel
that takes over, the word to the user, the alert to the admins, the reports that came before the receipt.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.delivery.attempts import Outcome
from core.delivery.choosing import fallbacks
from core.delivery.outbox import delivery_of, notify, queue
from core.delivery.planning import TOLD_ABOUT, Planned, addresses_of, at_all_addresses, start
from core.delivery.reports import apply_waiting
from core.delivery.states import ACCEPTED, BOUNCED, DEAD, FAILED
from core.i18n import gettext as _
from core.i18n import speaking
from core.model import Account, Channel, Delivery, Kind, Notification
from core.ports import UnitOfWork
from core.routing.selection import NO_COVERAGE
from core.secrets import Keys


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A delivery that has just failed for good."""

    delivery: Delivery
    notification: Notification
    account: Account | None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Draws the consequences of outcomes. `admins` are Telegram ids."""

    keys: Keys
    admins: Collection[int] = ()

    async def settle(self, uow: UnitOfWork, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Everything that follows from outcomes just written."""
        await self._suppress(uow, outcomes, now)
        await self._alert(uow, outcomes, now)
        await self.give_up(uow, [one for one in map(_given_up, outcomes) if one], now)
        taken = [one for one in outcomes if one.change.after.status in ACCEPTED]
        await self._chats_are_open(uow, taken, now)
        dead = await apply_waiting(uow, [one.change.after for one in taken], keys=self.keys, now=now)
        await self.give_up_ids(uow, dead, now)

    async def give_up_ids(self, uow: UnitOfWork, delivery_ids: Collection[int], now: datetime) -> None:
        """The same for deliveries of which only the ids are at hand."""
        if delivery_ids:
            batch = await uow.deliveries.load(delivery_ids)
            await self.give_up(uow, [GivenUp(one.delivery, one.notification, one.account) for one in batch], now)

    async def give_up(self, uow: UnitOfWork, dead: Iterable[GivenUp], now: datetime) -> None:
        """Another channel where there is one, and a word to the user."""
        for one in dead:
            if one.account is None:
                continue
            one = await self._with_fresh_account(uow, one)
            has_fallback = await self._fall_back(uow, one, now)
            await self._tell(uow, one, has_fallback, now)

    async def _with_fresh_account(self, uow: UnitOfWork, one: GivenUp) -> GivenUp:
        account = await uow.users.by_id(one.account.user.id) if one.account else None
        return replace(one, account=account)

    async def _fall_back(self, uow: UnitOfWork, one: GivenUp, now: datetime) -> bool:
        """Queue it on the next channel, unless another of its deliveries lives; whether one was queued."""
        if one.account is None:
            return False
        siblings = await uow.deliveries.of_notification(one.notification.id)
        if any(sibling.status not in DEAD for sibling in siblings):
            return False
        tried = {sibling.delivery_type for sibling in siblings}
        barred = await self._barred(uow, one, one.account)
        planned = self._planned(one, one.account, tried, barred, now)
        lost = one.delivery
        same = {"replaces_id": lost.id, "batch_id": lost.batch_id, "priority": lost.priority}
        deliveries = [delivery_of(each, one.notification, now=now, **same) for each in planned]
        return bool(await queue(uow, deliveries))

    def _planned(
        self,
        one: GivenUp,
        account: Account,
        tried: Collection[Channel],
        barred: Mapping[tuple[Channel, str], str],
        now: datetime,
    ) -> list[Planned]:
        """On the best channel that is left, at every address of it that may be used."""
        about, reach = one.notification, addresses_of(account)
        reach = {
            channel: tuple(address for address in found if (channel, address) not in barred)
            for channel, found in reach.items()
        }
        usable = [channel for channel, found in reach.items() if found]
        channel = next(iter(fallbacks(about.kind, account, usable, tried)), None)
        if channel is None:
            return []
        at, reason = start(about.kind, account, channel, now=now, interactive=about.interactive)
        return at_all_addresses(channel, reach, at, reason, {})

    async def _barred(self, uow: UnitOfWork, one: GivenUp, account: Account) -> dict[tuple[Channel, str], str]:
        hashes: dict[tuple[str, str], tuple[Channel, str]] = {
            (channel, self.keys.address_hash(channel, address)): (channel, address)
            for channel, found in addresses_of(account).items()
            for address in found
        }
        reasons = await uow.suppressions.reasons(hashes.keys(), one.notification.kind)
        return {hashes[key]: reason for key, reason in reasons.items()}

    async def _tell(self, uow: UnitOfWork, one: GivenUp, has_fallback: bool, now: datetime) -> None:
        delivery, about = one.delivery, one.notification
        if about.kind not in TOLD_ABOUT or one.account is None:
            return
        content = {
            "delivery_id": delivery.id,
            "channel": delivery.delivery_type.value,
            "error_code": delivery.error_code or delivery.status.value,
            "kind": about.kind.value,
        }
        await notify(
            uow, one.account, Kind.GAVE_UP, key=f"gave_up:{delivery.id}:{delivery.attempts}", now=now, keys=self.keys,
            post_id=about.post_id, content=content, channels=[Channel.IN_APP] if has_fallback else None,
        )  # fmt: skip

    async def _suppress(self, uow: UnitOfWork, outcomes: Iterable[Outcome], now: datetime) -> None:
        """A blocked chat is kept with its user, who can open it again; any other address by its keyed hash."""
        for one in outcomes:
            delivery, user = one.change.after, one.outgoing.account.user if one.outgoing.account else None
            if not (one.move and one.move.suppress):
                continue
            if user and _is_own_chat(delivery, one.outgoing.account):
                await uow.users.update(user.id, {"blocked_at": now}, now)
                continue
            address_hash = self.keys.address_hash(delivery.delivery_type, delivery.recipient)
            await uow.suppressions.add(delivery.delivery_type, address_hash, one.move.error_code[:50], now)
            if delivery.delivery_type is Channel.PUSH:  # a subscription that is over never comes back
                await uow.addresses.forget([(Channel.PUSH, address_hash)])

    async def _chats_are_open(self, uow: UnitOfWork, taken: Iterable[Outcome], now: datetime) -> None:
        """A message that went into a chat proves that the user let us in again."""
        for one in taken:
            account = one.outgoing.account
            if account and account.user.blocked_at and _is_own_chat(one.change.after, account):
                await uow.users.update(account.user.id, {"blocked_at": None}, now)

    async def _alert(self, uow: UnitOfWork, outcomes: Iterable[Outcome], now: datetime) -> None:
        """Each trouble once an hour to each admin. An alert that fails alerts nobody."""
        troubles = {
            (one.log.provider_name or "", one.log.channel, one.move.error_code)
            for one in outcomes
            if one.move and one.log and one.move.alert and one.outgoing.notification.kind is not Kind.ALERT
        }
        if not troubles:
            return
        for admin in await uow.users.by_telegrams(self.admins):
            for provider, channel, code in sorted(troubles):
                key = f"alert:{provider or channel}:{code}:{now:%Y%m%d%H}:{admin.user.id}"
                with speaking(admin.preferences.language):
                    text = _trouble(provider, channel, code)
                await notify(uow, admin, Kind.ALERT, key=key, now=now, keys=self.keys, content={"text": text})


def _trouble(provider: str, channel: Channel, code: str) -> str:
    if code == "render":
        text = _("A text for the channel {channel} could not be made from its template. The log names the delivery.")
        return text.format(channel=channel)
    if code == NO_COVERAGE:
        text = _("No provider of the channel {channel} serves a recipient's country; the delivery waits.")
        return text.format(channel=channel)
    if not provider:
        return _("No provider is set up for the channel {channel}; its deliveries wait.").format(channel=channel)
    return _("{provider} ({channel}) does not accept our requests: {code}. Check its settings.").format(
        provider=provider, channel=channel, code=code
    )


def _is_own_chat(delivery: Delivery, account: Account | None) -> bool:
    is_chat = delivery.delivery_type is Channel.TELEGRAM and account is not None
    return is_chat and account is not None and delivery.recipient == str(account.user.telegram_id)


def _given_up(outcome: Outcome) -> GivenUp | None:
    after = outcome.change.after
    if after.status not in (FAILED, BOUNCED):
        return None
    return GivenUp(after, outcome.outgoing.notification, outcome.outgoing.account)
