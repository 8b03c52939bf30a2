"""From an idea to a draft and its next versions: one writer at a time, and no transaction open while it writes."""

from datetime import datetime, timedelta

import structlog

from core.accounts.limits import check_drafts
from core.delivery.outbox import notify
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Kind, Post, PostState, PostView, Version
from core.ports import Clock, Database, UnitOfWork
from core.posts.briefs import Wish, brief_of
from core.posts.ideas import checked_idea, checked_instruction, checked_text
from core.posts.posts import OPEN, Stale, find, mail_channels, not_found
from core.posts.writing import Direction, OnRetry, Writer, WriterError, WriterErrorKind, Written
from core.secrets import Keys
from core.settings import Settings

BY_HAND, EDIT = "user", "edit"  # writer and direction of a text that the author wrote
TRIES = 2  # of a writer

GAVE_UP = {
    WriterErrorKind.BAD_KEY: N_("The writing model refused this bot's key. Whoever runs it must check LLM_API_KEY."),
    WriterErrorKind.QUOTA: N_("The writing model's quota is used up. Whoever runs this bot must top it up."),
    WriterErrorKind.BAD_MODEL: N_("The writing model isn't there. Whoever runs this bot must check LLM_MODEL."),
    WriterErrorKind.TIMEOUT: N_("The writing model took too long to answer, twice."),
    WriterErrorKind.UNAVAILABLE: N_("The writing model can't be reached just now."),
    WriterErrorKind.REFUSED: N_("The writing model didn't want to write this. Other words may help."),
    WriterErrorKind.EMPTY: N_("The writing model gave back an empty text."),
}

log = structlog.get_logger(__name__)


class Busy(AppError):
    """Another press is being worked on."""


class NotWritten(AppError):
    """The writer gave up. The post is as it was before: `view`."""

    def __init__(self, kind: WriterErrorKind, view: PostView) -> None:
        super().__init__(GAVE_UP[kind])
        self.kind = kind
        self.view = view


class Drafts:
    """Ideas, versions and edits."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, writer: Writer, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._writer = writer
        self._draft_limit = settings.daily.draft_limit
        # Both tries and the pause between them: nobody else may begin before the writer has given up.
        self._lease_time = timedelta(seconds=TRIES * settings.llm.timeout + 60)

    async def start(self, account: Account, idea: str, *, source_key: str, on_retry: OnRetry | None = None) -> PostView:
        """Keep the idea, write its first version and queue the card. The same `source_key` again finishes what was
        begun and makes nothing twice. Raises `AppError`, `Busy`, `NotWritten`."""
        post = await self._begin(account, checked_idea(idea), source_key)
        if post.state is not PostState.WRITING:
            return await self.view(account, post.id)
        return await self._write(account, post, Wish(in_place=False), source_key, on_retry)

    async def regenerate(
        self,
        account: Account,
        post_id: int,
        *,
        from_version: int,
        direction: Direction,
        instruction: str = "",
        source_key: str,
        seen: int | None = None,
        in_place: bool = True,
        on_start: OnRetry | None = None,
        on_retry: OnRetry | None = None,
    ) -> PostView:
        """Write another version from `from_version`. `seen` is how many versions there were when it was asked for;
        more than that make it `Stale`. Without `in_place` the new card is delivered, else the caller edits the old one.
        `on_start` is awaited once the writing is ours. Raises `Busy`, `NotWritten` and `AppError` too."""
        if direction is Direction.OWN:
            instruction = checked_instruction(instruction)
        latest = from_version if seen is None else seen
        post = await self._claim(account, post_id, from_version, latest, source_key)
        wish = Wish(direction, instruction, from_version, in_place)
        return await self._write(account, post, wish, source_key, on_retry, on_start)

    async def edit(self, account: Account, post_id: int, text: str) -> PostView:
        """Make the author's own text the next version, and queue its card. Raises `Stale` where it is locked, or where
        this is its text already."""
        text = checked_text(text)
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id)
            if view.post.state not in OPEN:
                raise Stale(view)
            if view.version.text == text and view.version.number:
                raise Stale(view, N_("That is its text already."))
            edited = Version(post_id, 0, text, EDIT, BY_HAND, now)
            added = await uow.posts.add_version(account.user.id, edited, latest=view.post.latest)
            if added is None:
                raise Stale(await find(uow, account, post_id))
            await self._announce(uow, account, added, now, in_place=False)
            return added

    async def view(self, account: Account, post_id: int, version: int | None = None) -> PostView:
        """A post with one of its versions. Raises `NotFound`."""
        async with self._database.read() as uow:
            return await find(uow, account, post_id, version)

    async def post_of_card(self, account: Account, message_id: int) -> int | None:
        """The post whose card was delivered as this Telegram message."""
        async with self._database.read() as uow:
            return await uow.posts.by_card(account.user.id, str(message_id))

    async def compare(self, account: Account, post_id: int, version: int) -> tuple[PostView, Version | None]:
        """A version and the one before it. Raises `NotFound`."""
        async with self._database.read() as uow:
            view = await find(uow, account, post_id, version)
            before = await uow.posts.view(account.user.id, post_id, version - 1) if version > 1 else None
            return view, before.version if before else None

    async def _begin(self, account: Account, idea: str, source_key: str) -> Post:
        now = self._clock()
        user, language = account.user.id, account.preferences.language
        new = Post(0, user, idea, PostState.WRITING, language, 0, now, now, source_key=source_key)
        async with self._database.begin() as uow:
            post = await uow.posts.add(new)
            if post:
                await check_drafts(uow, account, self._draft_limit, now)
            else:
                post = await uow.posts.by_source_key(user, source_key) or not_found()
                if post.state is not PostState.WRITING:
                    return post
            await self._lease(uow, post, source_key, now)
            return post

    async def _claim(self, account: Account, post_id: int, base: int, latest: int, key: str) -> Post:
        now = self._clock()
        async with self._database.begin() as uow:
            view = await find(uow, account, post_id, base or None)
            post = view.post
            if post.state not in OPEN or post.latest != latest:
                newer = N_("There is a newer version by now: here it is.") if post.state in OPEN else ""
                raise Stale(await find(uow, account, post_id), newer)
            if post.writing_key != key:  # else the same press, finishing what it began
                await check_drafts(uow, account, self._draft_limit, now)
            await self._lease(uow, post, key, now)
            return post

    async def _lease(self, uow: UnitOfWork, post: Post, key: str, now: datetime) -> None:
        until = now + self._lease_time
        if not await uow.posts.claim_writing(post.user_id, post.id, key=key, latest=post.latest, until=until, now=now):
            raise Busy(N_("I'm writing this one already. One moment, please."))

    async def _write(
        self,
        account: Account,
        post: Post,
        wish: Wish,
        key: str,
        on_retry: OnRetry | None,
        on_start: OnRetry | None = None,
    ) -> PostView:
        async with self._database.read() as uow:
            brief = await brief_of(uow, account, post, wish)
        try:
            if on_start:
                await on_start()
            written = await self._writer.write(brief, on_retry)
        except WriterError as error:
            log.warning("the writer gave up", kind=error.kind.value, post_id=post.id)
            raise NotWritten(error.kind, await self._give_back(account, post, key)) from error
        except Exception:
            await self._give_back(account, post, key)
            raise
        return await self._keep(account, post, wish, written, key)

    async def _give_back(self, account: Account, post: Post, key: str) -> PostView:
        async with self._database.begin() as uow:
            await uow.posts.release_writing(post.id, key)
            return await find(uow, account, post.id)

    async def _keep(self, account: Account, post: Post, wish: Wish, written: Written, key: str) -> PostView:
        now = self._clock()
        new = Version(post.id, 0, written.text, wish.direction, written.writer, now, wish.instruction)
        async with self._database.begin() as uow:
            added = await uow.posts.add_version(account.user.id, new, lease=key)
            if added is None:  # the lease ran out and somebody else wrote
                raise Stale(await find(uow, account, post.id), N_("There is a newer version by now: here it is."))
            if added.post.state is not PostState.DRAFT:  # approved or deleted meanwhile: the text is kept all the same
                return await find(uow, account, post.id)
            await self._announce(uow, account, added, now, in_place=wish.in_place)
            return added

    async def _announce(
        self, uow: UnitOfWork, account: Account, view: PostView, now: datetime, *, in_place: bool
    ) -> None:
        """Queue what tells of a new version: the mail, and the card where there is none to edit."""
        channels = mail_channels(account) if in_place else None
        if channels or not in_place:
            await notify(
                uow,
                account,
                Kind.DRAFT,
                key=f"post:{view.post.id}:v{view.version.number}",
                now=now,
                keys=self._keys,
                post_id=view.post.id,
                content={"version": view.version.number},
                interactive=True,
                channels=channels,
            )
