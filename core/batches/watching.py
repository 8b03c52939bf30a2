"""Watching batches: which messages show one, and which of them are out of date."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.accounts.access import AccessPolicy
from core.batches.batches import Batches, Watched
from core.model import Account, Batch, BatchCard
from core.ports import Clock, Database

AT_ONCE = 20  # cards


@dataclass(frozen=True, slots=True)
class Outdated:
    """A message that shows an older state of its batch, whose it is, and what it should show."""

    card: BatchCard
    chat_id: int
    account: Account
    watched: Watched


@dataclass(frozen=True, slots=True)
class Watching:
    """What is kept of it outlives a restart, so that the messages go on being right."""

    database: Database
    clock: Clock
    batches: Batches
    policy: AccessPolicy

    async def watch(self, account: Account, batch: Batch, message_id: int) -> None:
        """Keep a message of theirs up to date with the batch as long as something moves in it."""
        now = self.clock()
        async with self.database.begin() as uow:
            await uow.batch_cards.watch(batch.id, account.user.id, message_id, now, batch.updated_at or now)

    async def unwatch(self, account: Account, message_id: int) -> None:
        """It is to show something else."""
        async with self.database.begin() as uow:
            await uow.batch_cards.unwatch(account.user.id, message_id)

    async def outdated(self) -> Sequence[Outdated]:
        """Messages to be brought up to date. Those of people who are no admins any more are let go."""
        async with self.database.read() as uow:
            cards = await uow.batch_cards.outdated(AT_ONCE)
            accounts = [await uow.users.by_id(card.user_id) for card, _, _ in cards]
        found = []
        for (card, batch, chat_id), account in zip(cards, accounts, strict=True):
            if account is None or chat_id not in self.policy.admins:
                await self.drop(card)
                continue
            found.append(Outdated(card, chat_id, account, await self.batches.open(batch.id)))
        return found

    async def claim(self, one: Outdated) -> bool:
        """Whether this process is the one that brings it up to date."""
        async with self.database.begin() as uow:
            return await uow.batch_cards.shown(one.card, one.watched.batch.updated_at or self.clock())

    async def drop(self, card: BatchCard) -> None:
        """The message is gone."""
        async with self.database.begin() as uow:
            await uow.batch_cards.unwatch(card.user_id, card.message_id)
