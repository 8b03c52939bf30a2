"""An approved post kept for a date: at that local time its text is sent, ready to be posted."""

from datetime import datetime

from core.delivery.outbox import notify
from core.model import Account, Kind, Post, PostState, PostView
from core.ports import Clock, Database, UnitOfWork
from core.posts.moments import read_moment
from core.posts.posts import change, find, require
from core.secrets import Keys

BATCH = 100


class Keeping:
    """Keeps approved posts for their dates, and sends them when those have come."""

    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    async def keep(self, account: Account, post_id: int, local_when: str) -> PostView:
        """Keep it for what the user typed, in their timezone. Raises `AppError` with an example, `Stale`."""
        at = read_moment(local_when, account.preferences.timezone, self._clock())
        return await self._set(account, post_id, at)

    async def unkeep(self, account: Account, post_id: int) -> PostView:
        """Keep it for no date."""
        return await self._set(account, post_id, None)

    async def send_kept(self, now: datetime) -> int:
        """Queue every post whose date has come; how many. Each is taken and queued in one transaction, so two
        schedulers, or a crash between, send it once."""
        total = 0
        while True:
            async with self._database.begin() as uow:
                taken = await uow.posts.take_kept(now, BATCH)
                for post in taken:
                    total += await self._send(uow, post, now)
            if len(taken) < BATCH:
                return total

    async def _set(self, account: Account, post_id: int, at: datetime | None) -> PostView:
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            require(view, PostState.APPROVED)
            if view.post.keep_until == at:
                return view
            return PostView(await change(uow, view, {PostState.APPROVED}, now, keep_until=at), view.version)

    async def _send(self, uow: UnitOfWork, post: Post, now: datetime) -> bool:
        if post.state is not PostState.APPROVED or post.approved_version is None or post.keep_until is None:
            return False  # posted or deleted before its date
        account = await uow.users.by_id(post.user_id)
        if account is None:
            return False
        await notify(
            uow,
            account,
            Kind.KEPT,
            key=f"post:{post.id}:kept:{post.keep_until.timestamp():.0f}",
            now=now,
            keys=self._keys,
            post_id=post.id,
            content={"version": post.approved_version},
            interactive=True,  # the user chose the moment: quiet hours don't hold it
        )
        return True
