"""What follows a draft: approved, posted, deleted, and each of them taken back. Every press is safe to repeat."""

from datetime import datetime

from core.delivery.outbox import notify
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Channel, Kind, Post, PostState, PostView
from core.ports import Clock, Database, UnitOfWork
from core.posts.posts import Move, change, find, mail_channels
from core.secrets import Keys
from core.timerules import local_date

APPROVE = Move(frozenset({PostState.DRAFT}), PostState.APPROVED)
UNAPPROVE = Move(frozenset({PostState.APPROVED}), PostState.DRAFT)
POST = Move(frozenset({PostState.APPROVED}), PostState.POSTED)
UNPOST = Move(frozenset({PostState.POSTED}), PostState.APPROVED)
DELETE = Move(frozenset(PostState) - {PostState.DELETED}, PostState.DELETED)
ABOUT_A_POST = (Kind.DRAFT, Kind.APPROVED, Kind.KEPT)


class Approvals:
    """Each method is one press: the post read with its owner, one change, and what it sends, in one transaction."""

    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    async def approve(self, account: Account, post_id: int, version: int) -> PostView:
        """Lock this version as the final text and mail it. Raises `Stale`, `NotFound`."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id, version)
            if APPROVE.is_done(view):
                return await find(uow, account, post_id)
            locked = {"approved_version": version, "approved_at": now}
            post = await change(uow, view, APPROVE.start, now, state=PostState.APPROVED, **locked)
            approved = PostView(post, view.version)
            if channels := mail_channels(account):
                await self._mail(uow, account, approved, f"approved:{now.timestamp():.6f}", now, channels)
            return approved

    async def unapprove(self, account: Account, post_id: int) -> PostView:
        """Make it a draft again; a final text still waiting to be mailed isn't, and it is kept for no date."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if UNAPPROVE.is_done(view):
                return view
            nothing = {"approved_version": None, "approved_at": None, "keep_until": None}
            post = await change(uow, view, UNAPPROVE.start, now, state=PostState.DRAFT, **nothing)
            await uow.posts.cancel_waiting(post_id, (Kind.APPROVED, Kind.KEPT), now)
            return PostView(post, view.version)

    async def mark_posted(self, account: Account, post_id: int) -> PostView:
        """It is on LinkedIn: today's reminder is skipped."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if POST.is_done(view):
                return view
            post = await change(uow, view, POST.start, now, state=PostState.POSTED, posted_at=now)
            await uow.posts.cancel_waiting(post_id, (Kind.KEPT,), now)  # nobody has to be told to post it
            today = local_date(now, account.preferences.timezone)
            await uow.users.prefer(account.user.id, {"last_posted_on": today}, now)
            await uow.users.cancel_reminders(account.user.id, now)  # snoozed, or held by quiet hours
            return PostView(post, view.version)

    async def unmark_posted(self, account: Account, post_id: int) -> PostView:
        """It isn't on LinkedIn after all: the day's reminder counts again, unless another post is."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if UNPOST.is_done(view):
                return view
            later = _date_still_to_come(view.post, now)
            post = await change(
                uow, view, UNPOST.start, now, state=PostState.APPROVED, posted_at=None, keep_until=later
            )
            last = await uow.posts.last_posted_at(account.user.id)
            day = last and local_date(last, account.preferences.timezone)
            await uow.users.prefer(account.user.id, {"last_posted_on": day}, now)
            return PostView(post, view.version)

    async def delete(self, account: Account, post_id: int) -> PostView:
        """Put it away, with what still waits to be sent about it. `restore` brings it back."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if DELETE.is_done(view):
                return view
            gone = {"state_before_delete": view.post.state, "deleted_at": now}
            post = await change(uow, view, {view.post.state}, now, state=PostState.DELETED, **gone)
            await uow.posts.cancel_waiting(post_id, ABOUT_A_POST, now)
            return PostView(post, view.version)

    async def restore(self, account: Account, post_id: int) -> PostView:
        """Bring a deleted post back as it was; a date it was kept for counts again if it is still to come."""
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if view.post.state is not PostState.DELETED:
                return view
            before = view.post.state_before_delete or PostState.DRAFT
            nothing = {"state_before_delete": None, "deleted_at": None}
            later = _date_still_to_come(view.post, now)
            post = await change(uow, view, {PostState.DELETED}, now, state=before, keep_until=later, **nothing)
            return PostView(post, view.version)

    async def resend(self, account: Account, post_id: int, channel: Channel, *, version: int, request: str) -> PostView:
        """Send this version once more; each `request` is a sending of its own. Raises `AppError` without an address."""
        if channel is Channel.EMAIL and not account.user.email:
            raise AppError(N_("I don't know your e-mail address yet. Example: /email me@example.org"))
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id, version)
            await self._mail(uow, account, view, f"{channel}:{request}", now, (channel,))
            return view

    async def _mail(
        self,
        uow: UnitOfWork,
        account: Account,
        view: PostView,
        request: str,
        now: datetime,
        channels: tuple[Channel, ...],
    ) -> None:
        is_final = view.post.approved_version == view.version.number
        await notify(
            uow,
            account,
            Kind.APPROVED if is_final else Kind.DRAFT,
            key=f"post:{view.post.id}:v{view.version.number}:{request}",
            now=now,
            keys=self._keys,
            post_id=view.post.id,
            content={"version": view.version.number},
            interactive=True,
            channels=channels,
        )


def _date_still_to_come(post: Post, now: datetime) -> datetime | None:
    return post.keep_until if post.keep_until and post.keep_until > now else None
